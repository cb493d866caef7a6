"""Reports to render: what the goldens show, and how."""

from collections.abc import Callable, Iterable
from pathlib import Path
from unittest import mock

from smccc_filter.analysis.diagnostics import (
    Diagnostic,
    FileReport,
    FindingKind,
    LeftOutFindings,
    RelatedPlace,
    Remedy,
    Severity,
)
from smccc_filter.analysis.fixes import Fix, Replacement
from smccc_filter.kvm.uapi import Errno
from smccc_filter.language.places import Offsets, Position, Span
from smccc_filter.reports.findings import github, gitlab, json, junit, sarif, text
from smccc_filter.reports.findings.identity import SourceTree
from smccc_filter.reports.paper.styles import plain
from smccc_filter.smccc.intervals import Intervals

GOLDEN = Path(__file__).parent / "golden"
ROOT = "/home/user/vmm"
TREE = SourceTree(ROOT, ROOT)

NAMES = {
    "P101": ("syntax", Severity.ERROR),
    "R201": ("overlap", Severity.ERROR),
    "R204": ("range-wraps", Severity.ERROR),
    "R205": ("redundant-rule", Severity.NOTE),
    "A302": ("nonzero-reserved-bits", Severity.WARNING),
}

RULES = {
    code: sarif.SarifRule(
        code,
        name,
        severity,
        f"What {name} finds.",
        f"What {name} finds.\n\nWhy {{it}} matters: [see](https://example.org).\n\nInstead: write something else.",
    )
    for code, (name, severity) in NAMES.items()
}


def span(line: int, column: int, end_line: int, end_column: int) -> Span:
    return Span(Position(line, column), Position(end_line, end_column))


def finding(
    code: str,
    place: Span,
    message: str,
    hint: str = "",
    *,
    errno: Errno | None = None,
    kernels: tuple[str, ...] = ("7.3",),
    ids: Intervals = (),
    related: tuple[RelatedPlace, ...] = (),
    suppressed: str | None = None,
    fix: Fix | None = None,
) -> Diagnostic:
    name, severity = NAMES[code]
    return Diagnostic(
        span=place,
        code=code,
        name=name,
        severity=severity,
        message=message,
        hint=hint,
        errno=errno,
        kernels=kernels,
        ids=ids,
        related=related,
        suppressed=suppressed,
        remedy=fix and Remedy(fix.message, fix.safe, ()),
        fix=fix,
    )


def at(line: str, part: str, number: int = 1) -> Span:
    column = line.index(part) + 1
    return span(number, column, number, column + len(part))


OVERLAP_TEXT = """\
version: 1
name: psci
target:
  kernels: ["6.12", "7.3"]
rules:
  - name: power-control
    action: forward
    ranges: [0x84000000+0x20]
  # vCPU hotplug
  - name: hotplug
    action: deny
    calls: [PSCI_CPU_ON]
"""

OVERLAP = FileReport(
    "policy.yaml",
    OVERLAP_TEXT,
    (
        finding(
            "R201",
            span(12, 13, 12, 24),
            "0x84000003 (PSCI_CPU_ON/32) is already selected by rule `power-control`",
            "narrow one of the two, or add an `except`",
            errno=Errno.EEXIST,
            kernels=("6.12", "7.3"),
            ids=((0x84000003, 0x84000004),),
            related=(RelatedPlace(span(8, 14, 8, 29), "first selected here"),),
        ),
    ),
)

_MIXED_TEXT = "rules:\n  - {action: handle, calls: [TRNG_RND]}\n  - {action: deny, ranges: [0x84FE0000+2, 0x85+1]}\n"

MIXED = (
    OVERLAP,
    FileReport(
        "policies/ünïcode & co.yaml",
        _MIXED_TEXT,
        (
            finding(
                "R205", span(2, 5, 2, 41), "the rule repeats the default", "remove the rule", ids=((7, 9), (11, 12))
            ),
            finding(
                "A302",
                span(3, 29, 3, 41),
                "bits 23:17 of 0x84FE0000-0x84FE0001 are set",
                "no conforming call has such an ID",
                ids=((0x84FE0000, 0x84FE0002),),
            ),
            finding("A302", span(3, 29, 3, 41), "bits are set", suppressed="the guest is known not to probe"),
        ),
    ),
    FileReport("/opt/clean.yaml", "version: 1\n", ()),
    FileReport(
        "-",
        "rules: [{ranges: [0xFFFFFFFF+2]}]\r\n\r\n\tx\r\n",
        (
            finding(
                "R204",
                span(1, 19, 1, 31),
                "the range ends past 0xFFFFFFFF",
                errno=Errno.EINVAL,
                kernels=(),
                ids=((0xFFFFFFFF, 0x100000000),),
            ),
            finding("P101", span(3, 1, 3, 2), "a tab can't indent", "use spaces"),
        ),
    ),
)

_ESCAPES = "- {name: \x1b[31mred\x07, 'a\u202eb': 1, tag: \U000e0001}"
_WIDE = "- {name: 漢字 e\u0301 😀 한글\t- 終わり, x: 'é'}"
_LONG = "[" + "0x84000000, " * 20000 + "oops" + ", 0x84000001" * 20000 + "]"

HOSTILE = (
    FileReport(
        "evil\n::error file=x,line=1::%0A\x1b[2J, %\udc80.yaml",
        f"{_ESCAPES}\n{_WIDE}\n{_LONG}\n\n- a:\n    b\nlast",
        (
            finding(
                "P101", at(_ESCAPES, "'a\u202eb'"), "no `\x1b[31mred\x07\r\n::error::forged` in\u2066 here", "do\nnot"
            ),
            finding(
                "P101",
                at(_WIDE, "終わり", 2),
                "[bold]wide[/bold] 漢字",
                related=(RelatedPlace(at(_WIDE, "é", 2), "{0} [x](y)"),),
            ),
            finding("P101", at(_LONG, "oops", 3), "a long line"),
            finding("P101", span(3, 1, 3, 9000), "a long span"),
            finding("P101", span(4, 1, 4, 1), "an empty span in an empty line"),
            finding("P101", span(5, 3, 6, 6), "two lines"),
            finding("P101", span(6, 5, 7, 1), "to the start of the next line"),
            finding("P101", span(7, 5, 7, 5), "the end of the file"),
            finding("P101", span(7, 6, 7, 7), "past the end of the line"),
            finding(
                "R204",
                span(9, 1, 9, 1),
                "past the end",
                errno=Errno.EINVAL,
                related=(RelatedPlace(span(10, 2, 10, 2), "here"),),
            ),
        ),
    ),
    FileReport("empty.yaml", "", (finding("P101", span(1, 1, 1, 1), "the file is empty", "write a policy"),)),
)

CLEAR = tuple(FileReport(f"{name}.yaml", "version: 1\n", ()) for name in "abc")

QUIET = (
    FileReport(
        "a.yaml",
        "rules: []\n",
        (
            finding("R205", span(1, 1, 1, 6), "it repeats the default"),
            finding("R201", span(1, 1, 1, 6), "it overlaps", suppressed="by design"),
        ),
    ),
)

_FIXABLE_TEXT = "rules:\n- {action: handle, calls: [TRNG_RND]}  # é\n- {action: deny, ranges: [0x84+2]}\n"

FIXABLE = (
    FileReport(
        "fixable.yaml",
        _FIXABLE_TEXT,
        (
            finding(
                "R205",
                span(2, 4, 2, 18),
                "rule 1 repeats the default",
                fix=Fix(
                    "take {rule} 1 [out](x)",
                    safe=True,
                    replacements=(Replacement(Offsets(7, 50), span(2, 1, 3, 1), "# é\n"),),
                ),
            ),
            finding(
                "R201",
                span(3, 26, 3, 32),
                "it overlaps",
                fix=Fix(
                    "cut it out",
                    safe=False,
                    replacements=(
                        Replacement(Offsets(75, 81), span(3, 26, 3, 32), "0x85"),
                        Replacement(Offsets(83, 83), span(3, 34, 3, 34), "\n- {}"),
                        Replacement(Offsets(83, 84), span(3, 34, 4, 1), ""),
                    ),
                ),
            ),
            finding("A302", span(3, 26, 3, 32), "bits are set"),
        ),
    ),
)

MANY = (
    FIXABLE[0]._replace(
        left_out=(
            LeftOutFindings(FindingKind("R201", *NAMES["R201"], allowed=False), 4812),
            LeftOutFindings(FindingKind("R201", *NAMES["R201"], allowed=True), 7),
            LeftOutFindings(FindingKind("R205", *NAMES["R205"], allowed=False), 1),
        )
    ),
)

REPORTS: dict[str, tuple[FileReport, ...]] = {
    "overlap": (OVERLAP,),
    "mixed": MIXED,
    "hostile": HOSTILE,
    "clear": CLEAR,
    "quiet": QUIET,
    "fixable": FIXABLE,
    "many": MANY,
}


def _text(reports: Iterable[FileReport]) -> str:
    return plain(text.render(reports, notes=False, offer=text.FixOffer.SAFE))


def _notes(reports: Iterable[FileReport]) -> str:
    return plain(text.render(reports, notes=True, offer=text.FixOffer.ALL))


def render_sarif(reports: Iterable[FileReport]) -> str:
    """Render with a version that no release changes."""
    with mock.patch.object(sarif, "__version__", "0.0.0"):
        return sarif.render(reports, RULES, TREE)


FORMATS: dict[str, Callable[[Iterable[FileReport]], str]] = {
    "txt": _text,
    "notes.txt": _notes,
    "json": json.render,
    "sarif": render_sarif,
    "github": github.render,
    "gitlab": lambda reports: gitlab.render(reports, TREE),
    "junit": lambda reports: junit.render(reports, Severity.ERROR),
}
