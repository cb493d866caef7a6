"""Findings that are fixed: what becomes of a policy, with the safe fixes and with all, and what is left."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.diagnostics import Diagnostic, FileReport, Problem
from smccc_filter.analysis.findings import AskedFinding
from smccc_filter.artefacts.backends.proof import ProofError
from smccc_filter.authoring import fixing
from smccc_filter.authoring.fix_proof import prove_same
from smccc_filter.language.source.writing import TextEdit, apply
from smccc_filter.reports.findings import text
from smccc_filter.reports.paper.styles import plain
from tests.conftest import Golden

HERE = Path(__file__).parent / "fixes"
CASES = sorted(path.name for path in HERE.iterdir())
KINDS = {"safe": False, "unsafe": True}

SAFE = {"P103", "P107", "R201", "R205", "R206", "R207"}
UNSAFE = {
    *("P102", "P103", "P104", "R201", "R202", "A302", "K402", "K403", "K404", "K405"),
    *("F501", "F502", "F505", "F507", "F508", "F509", "G602", "G603", "V703", "V704", "V705"),
}
"""The codes of which some finding has a fix."""


def before(case: str) -> bytes:
    return (HERE / case / "before.yaml").read_bytes()


def fix(case: str, *, unsafe: bool) -> fixing.FixedPolicy:
    return fixing.fix(f"{case}.yaml", before(case), unsafe=unsafe)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", CASES)
def test_what_becomes_of_a_policy(case: str, kind: str, golden: Golden) -> None:
    fixed = fix(case, unsafe=KINDS[kind])
    golden(HERE / case / f"{kind}.yaml", fixed.data)
    left = "".join(f"{finding.code} is left, as {why}: {finding.message}\n" for finding, why in fixed.left)
    remains = plain(text.render([fixed.report], notes=False, offer=text.FixOffer.SAFE))
    golden(HERE / case / f"{kind}.out", f"{fixed.fixed} fixed\n{left}\n{remains}")


def test_every_file_belongs_to_a_case() -> None:
    found = {path.relative_to(HERE).as_posix() for path in HERE.rglob("*") if path.is_file()}
    names = ("before.yaml", "safe.yaml", "unsafe.yaml", "safe.out", "unsafe.out")
    assert found == {f"{case}/{name}" for case in CASES for name in names}


@pytest.mark.parametrize("unsafe", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_there_is_nothing_to_do_a_second_time(case: str, *, unsafe: bool) -> None:
    once = fix(case, unsafe=unsafe)
    again = fixing.fix(f"{case}.yaml", once.data, unsafe=unsafe)
    assert (again.fixed, again.data, again.report) == (0, once.data, once.report)


@pytest.mark.parametrize("safe", [False, True])
def test_the_cases_show_every_fix(*, safe: bool) -> None:
    offered: set[str] = set()
    repaired: set[str] = set()
    for case in CASES:
        examination = pipeline.examine("p", before(case))
        remaining = keys(fix(case, unsafe=not safe).report)
        for finding in pipeline.with_fixes(examination).diagnostics:
            if finding.fix and finding.fix.safe is safe:
                offered.add(finding.code)
                repaired |= {finding.code} if (finding.code, finding.message) not in remaining else set()
    assert repaired == offered == (SAFE if safe else UNSAFE)


def fixes() -> Iterator[tuple[pipeline.Examination, Diagnostic, str]]:
    """Yield every fix of every case: what it is examined as, the finding, and the text after that fix alone."""
    for case in CASES:
        examination = pipeline.examine("p", before(case))
        for finding in pipeline.with_fixes(examination).diagnostics:
            if finding.fix:
                edits = [TextEdit(*one.at, one.text) for one in finding.fix.replacements]
                yield examination, finding, apply(examination.report.text, edits)


def keys(report: FileReport) -> Counter[tuple[str, str]]:
    return Counter((finding.code, finding.message) for finding in report.diagnostics)


def test_a_fix_alone_removes_its_finding() -> None:
    for examination, finding, text_after in fixes():
        after = pipeline.examine("p", text_after.encode())
        key = finding.code, finding.message
        assert keys(after.report)[key] < keys(examination.report)[key], text_after


def test_spans_of_replacements_are_where_they_apply() -> None:
    for examination, finding, _ in fixes():
        assert finding.fix
        for one in finding.fix.replacements:
            assert one.span == examination.document.text.span(one.at)


def test_what_is_allowed_has_no_fix() -> None:
    report = pipeline.with_fixes(pipeline.examine("p", before("allowed")))
    assert [(d.code, d.fix) for d in report.diagnostics if d.suppressed] == [("R206", None), ("P107", None)]


def as_if_safe(asked: AskedFinding) -> Problem:
    problem = asked.problem
    assert isinstance(problem, Problem)
    return problem._replace(remedy=problem.remedy and problem.remedy._replace(safe=True))


def test_a_safe_fix_that_changes_the_policy_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AskedFinding, "said", as_if_safe)
    with pytest.raises(fixing.FixError, match=r"F505: .*: 0x84000001: the policy says handle, the artefact forward"):
        fix("twins-by-name", unsafe=False)


NAME = "version: 1\nname: {}\n{}"
OTHER = "default: deny\n"


@pytest.mark.parametrize(
    ("before_it", "after_it"),
    [
        (NAME.format("a", ""), NAME.format("b", "")),
        (NAME.format("a", ""), NAME.format("a", OTHER)),
        (NAME.format("a", ""), NAME.format("a", "target: {nested: true}\n")),
        (NAME.format("a", ""), NAME.format("a", "firmware: {std: []}\n")),
        (NAME.format("a", ""), NAME.format("a", "tests: [{call: TRNG_RND, expect: handle}]\n")),
        (NAME.format("a", ""), NAME.format("a", "rules: [{action: deny, calls: [TRNG_RND]}]\n")),
        (NAME.format("a", OTHER), NAME.format("a", OTHER + "rules: [{action: handle, calls: [TRNG_RND]}]\n")),
    ],
)
def test_a_policy_that_says_something_else_is_not_the_same(before_it: str, after_it: str) -> None:
    examined = [pipeline.examine("p", one.encode()) for one in (before_it, after_it)]
    with pytest.raises(ProofError):
        prove_same(examined[0], examined[1], [])
    prove_same(examined[0], examined[0], [])


def test_a_fixed_number_must_be_the_same() -> None:
    texts = [NAME.format("a", f"rules: [{{action: deny, ranges: [{fid}]}}]\n") for fid in ("2214592515", "0x84000003")]
    examined = [pipeline.examine("p", one.encode()) for one in texts]
    at = texts[0].index("2214592515")
    prove_same(examined[0], examined[1], [TextEdit(at, at + 10, "0x84000003")])
    with pytest.raises(ProofError):
        prove_same(examined[0], examined[1], [TextEdit(at, at + 10, "0x84000004")])
