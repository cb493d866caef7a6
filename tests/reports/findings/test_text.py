import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.analysis.diagnostics import FileReport, Severity
from smccc_filter.analysis.fixes import Fix
from smccc_filter.reports.findings.text import FixOffer, render
from smccc_filter.reports.paper.excerpt import excerpt
from smccc_filter.reports.paper.styles import Style, plain
from tests.reports.findings import strategies
from tests.reports.findings.cases import OVERLAP, finding, span


@given(strategies.reports, st.booleans())
def test_nothing_that_steers_a_terminal_gets_through(reports: list[FileReport], notes: bool) -> None:  # noqa: FBT001 - drawn
    for text, style in render(reports, notes=notes):
        assert text.rstrip("\n").isprintable()
        assert style is Style.PLAIN or "\n" not in text


@given(strategies.reports, st.booleans())
def test_every_finding_that_is_due_has_a_heading(reports: list[FileReport], notes: bool) -> None:  # noqa: FBT001 - drawn
    due = [
        f"{kind.severity}[{kind.code}]"
        for report in reports
        for kind in (*(each.kind for each in report.diagnostics), *(left.kind for left in report.left_out))
        if not kind.allowed and (notes or kind.severity is not Severity.NOTE)
    ]
    pieces = list(render(reports, notes=notes))
    assert [text for text, _ in pieces if text in {f"{style}[{code}]" for style in Style for code in _CODES}] == due
    last = plain(pieces).splitlines()[-1]
    assert last.startswith("Found " if due else "All clear: ")


_CODES = ("P101", "R201", "R204", "R205", "A302")


@given(
    st.text(st.sampled_from("ab \t漢e\u0301😀\x1b\u202e"), min_size=1, max_size=40), st.integers(1, 99999), st.data()
)
def test_the_caret_line_is_aligned_with_the_source_line(line: str, number: int, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(line) - 1))
    stop = data.draw(st.integers(start, len(line)))
    place = span(number, start + 1, number, stop + 1)
    report = FileReport("p.yaml", "\n" * (number - 1) + line, (finding("R201", place, "m"),))
    _, _, _, source, carets, *_ = plain(render([report], notes=False)).split("\n")
    shown = excerpt(line, start, stop)
    assert source == f"{number} | {shown.line}".rstrip()
    assert carets == f"{' ' * len(str(number))} | {' ' * shown.indent}{'^' * shown.width}"


@pytest.mark.parametrize(
    ("found", "notes", "expected"),
    [
        ([""], False, "All clear: 1 file."),
        (["", "", ""], False, "All clear: 3 files."),
        ([], False, "All clear: 0 files."),
        (["e"], False, "Found 1 error in 1 file."),
        (["eew", "", ""], False, "Found 2 errors, 1 warning in 3 files."),
        (["eewnn", "", ""], False, "Found 2 errors, 1 warning in 3 files (2 notes: show with --notes)."),
        (["eewnn", "", ""], True, "Found 2 errors, 1 warning, 2 notes in 3 files."),
        (["ww", "w"], False, "Found 3 warnings in 2 files."),
        (["n"], False, "All clear: 1 file (1 note: show with --notes)."),
        (["n"], True, "Found 1 note in 1 file."),
        (["EWN"], True, "All clear: 1 file (3 allowed)."),
        (["wnE"], False, "Found 1 warning in 1 file (1 note: show with --notes; 1 allowed)."),
    ],
)
def test_summary(found: list[str], notes: bool, expected: str) -> None:  # noqa: FBT001 - a column of the table
    codes = {"e": "R201", "w": "A302", "n": "R205"}
    reports = [
        FileReport(
            "p.yaml",
            "a\n",
            tuple(
                finding(codes[kind.lower()], span(1, 1, 1, 2), "m", suppressed="so" if kind.isupper() else None)
                for kind in kinds
            ),
        )
        for kinds in found
    ]
    assert plain(render(reports, notes=notes)).splitlines()[-1] == expected


def test_the_first_finding_does_not_wait_for_the_last_file() -> None:
    def files() -> Iterator[FileReport]:
        yield OVERLAP
        raise AssertionError

    assert next(render(files(), notes=False)) == ("error[R201]", Style.ERROR)


def test_plain_text_needs_neither_rich_nor_the_tables_of_unicode() -> None:
    program = """
import sys
from smccc_filter.analysis.diagnostics import FileReport
from smccc_filter.reports.paper.excerpt import excerpt
from smccc_filter.reports.findings.text import render
from smccc_filter.reports.paper.styles import plain
assert plain(render([FileReport("p", "a", ())], notes=False)) == "All clear: 1 file.\\n"
print(sorted({"rich", "unicodedata", "json", "hashlib"} & set(sys.modules)))
"""
    unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=unmeasured)
    assert result.stdout == "[]\n"


@pytest.mark.parametrize(
    ("offer", "safe", "unsafe", "expected"),
    [
        (FixOffer.NONE, 1, 1, "Found 2 errors in 1 file."),
        (FixOffer.SAFE, 0, 0, "All clear: 1 file."),
        (FixOffer.SAFE, 2, 0, "Found 2 errors in 1 file (2 fixable with --fix)."),
        (FixOffer.SAFE, 1, 2, "Found 3 errors in 1 file (1 fixable with --fix, 2 more with --unsafe-fixes)."),
        (FixOffer.SAFE, 0, 2, "Found 2 errors in 1 file (2 fixable with --fix --unsafe-fixes)."),
        (FixOffer.ALL, 1, 2, "Found 3 errors in 1 file (3 fixable with --fix --unsafe-fixes)."),
    ],
)
def test_the_summary_counts_what_can_be_fixed(offer: FixOffer, safe: int, unsafe: int, expected: str) -> None:
    kinds = [True] * safe + [False] * unsafe
    found = tuple(finding("R201", span(1, 1, 1, 2), "m", fix=Fix("f", kind, ())) for kind in kinds)
    pieces = render([FileReport("p", "x", found)], notes=False, offer=offer)
    assert plain(pieces).splitlines()[-1] == expected
