"""What a check says of each of its fixtures, word by word; what other checks say of them is their own affair."""

from difflib import unified_diff

import pytest

from smccc_filter.analysis import checks
from smccc_filter.analysis.diagnostics import FileReport
from smccc_filter.analysis.pipeline import examine, with_fixes
from smccc_filter.kvm.profiles import parse
from smccc_filter.language.source.writing import TextEdit, apply
from smccc_filter.reports.findings import json, text
from smccc_filter.reports.paper.styles import plain
from tests.analysis.checks.cases import HERE, POLICIES, check_of, examined, fires
from tests.conftest import Golden

NAMES = [check.NAME for check in checks.ALL]
FIRING = [policy for policy in POLICIES if fires(policy)]
AS_JSON = [
    "advertised-but-denied/fires/several-kernels.yaml",
    "answers-differ/fires/count.yaml",
    "answers-differ/fires/no-target.yaml",
    "answers-differ/fires/psci-left-to-kvm.yaml",
    "empty-range/fires/at-zero-on-several-kernels.yaml",
    "failed-expectation/fires/allowed.yaml",
    "firmware-refused/fires/before-6-15.yaml",
    "hint-alias/fires/alias-alone.yaml",
    "kernels-disagree/fires/psci-left-alone.yaml",
    "no-filter/fires/old-and-new.yaml",
    "no-such-answer/fires/versions.yaml",
    "not-forwarded/fires/four.yaml",
    "overlap/fires/two-rules.yaml",
    "protected-range/fires/entries.yaml",
    "ragged-range/fires/one-before.yaml",
    "ragged-range/fires/one-past.yaml",
    "ragged-range/fires/one-short.yaml",
    "reserved-range/fires/several-selectors.yaml",
    "split-twins/fires/several-calls.yaml",
    "stolen-time/fires/where-a-filter-is-taken.yaml",
    "syntax/fires/not-yaml.yaml",
    "unimplemented-twin/fires/smc64-alone.yaml",
]


def own(policy: str) -> FileReport:
    """Return what the check says of its own fixture."""
    report = examined(policy)
    mine = tuple(finding for finding in report.diagnostics if finding.name == check_of(policy))
    return FileReport(report.path, report.text, mine)


@pytest.mark.parametrize("policy", FIRING)
def test_what_is_said(policy: str, golden: Golden) -> None:
    said = plain(text.render([own(policy)], notes=True, offer=text.FixOffer.SAFE))
    golden((HERE / policy).with_suffix(".out"), said)


def proposed(policy: str) -> str:
    """Return what the check proposes for its own fixture: each remedy, and the text after it as a diff."""
    report = with_fixes(examine(policy, (HERE / policy).read_bytes()))
    said = []
    for finding in report.diagnostics:
        if finding.name == check_of(policy) and finding.remedy:
            said.append(f"{'safe' if finding.remedy.safe else 'unsafe'}: {finding.remedy.message}")
            edits = [TextEdit(*one.at, one.text) for one in finding.fix.replacements] if finding.fix else []
            after = apply(report.text, edits)
            said += [*unified_diff(report.text.splitlines(), after.splitlines(), lineterm="", n=0)][2:]
    return "".join(f"{line}\n" for line in said)


@pytest.mark.parametrize("policy", FIRING)
def test_what_is_proposed(policy: str, golden: Golden) -> None:
    file = (HERE / policy).with_suffix(".fix")
    if fixes := proposed(policy):
        golden(file, fixes)
    assert file.exists() is bool(fixes)


@pytest.mark.parametrize("policy", AS_JSON)
def test_what_programs_are_told(policy: str, golden: Golden) -> None:
    golden((HERE / policy).with_suffix(".json"), json.render([own(policy)]))


@pytest.mark.parametrize("policy", POLICIES)
def test_the_check_speaks_or_is_silent(policy: str) -> None:
    assert bool(own(policy).diagnostics) is fires(policy)


@pytest.mark.parametrize("policy", POLICIES)
def test_findings_name_kernels_each_once(policy: str) -> None:
    for finding in examined(policy).diagnostics:
        assert isinstance(finding.kernels, tuple)
        assert all(parse(name) for name in finding.kernels)
        assert len(set(finding.kernels)) == len(finding.kernels)


@pytest.mark.parametrize("name", NAMES)
def test_every_check_has_both_kinds(name: str) -> None:
    assert {fires(policy) for policy in POLICIES if check_of(policy) == name} == {True, False}


@pytest.mark.parametrize("check", checks.ALL, ids=NAMES)
def test_every_check_is_seen_in_a_report(check: "checks.Check") -> None:
    heading = f"{check.SEVERITY}[{check.CODE}] {check.NAME}: "
    outs = [(HERE / policy).with_suffix(".out") for policy in FIRING if check_of(policy) == check.NAME]
    assert any(heading in out.read_text(encoding="utf-8") for out in outs)


def test_fixtures_belong_to_checks_and_outputs_to_fixtures() -> None:
    assert {check_of(policy) for policy in POLICIES} == set(NAMES)
    expected = {(HERE / policy).with_suffix(".out") for policy in FIRING}
    expected |= {(HERE / policy).with_suffix(".json") for policy in AS_JSON}
    expected |= {(HERE / policy).with_suffix(".fix") for policy in FIRING if proposed(policy)}
    expected |= {path for path in HERE.glob("*/*/*.calls") if path.with_suffix(".yaml").exists()}
    assert {path for path in HERE.glob("*/*/*") if path.suffix != ".yaml"} == expected
