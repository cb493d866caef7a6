"""Every shipped policy is clean, explains itself, and pins everything that it decides."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from smccc_filter.analysis.diagnostics import Severity
from smccc_filter.analysis.resolve import resolve
from smccc_filter.authoring.formatting import format_policy
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.policy.model import Policy
from smccc_filter.reports.findings import text
from smccc_filter.reports.paper.styles import plain
from tests.conftest import Golden
from tests.paths import POLICIES
from tests.policies.shipped import NAMES, each_policy, examine, path, policy, unmet

FINDINGS = Path(__file__).parent / "findings"
MODELINE = "# yaml-language-server: $schema=../schemas/policy.schema.json"
WIDTH = 120
MAX_BYTES = 8 << 10
"""A policy that nobody reads to its end protects nobody."""


def test_there_are_at_least_ten() -> None:
    assert len(NAMES) >= 10


def test_the_folder_holds_policies_and_their_readme() -> None:
    assert sorted(file.name for file in POLICIES.iterdir()) == sorted(
        ["README.md", *(path(name).name for name in NAMES)]
    )


@each_policy
def test_clean_at_fail_level_warning(name: str) -> None:
    report = examine(name).report
    loud = [
        finding for finding in report.diagnostics if finding.severity is not Severity.NOTE and not finding.suppressed
    ]
    assert loud == []


@each_policy
def test_what_all_checks_together_say(name: str, golden: Golden) -> None:
    said = plain(text.render([examine(name).report], notes=True, offer=text.FixOffer.SAFE))
    golden(FINDINGS / f"{name}.out", said)


def test_every_output_has_its_policy() -> None:
    assert {output.stem for output in FINDINGS.iterdir()} == set(NAMES)


@each_policy
def test_described_and_aimed(name: str) -> None:
    found = policy(name)
    assert found.name == name
    assert found.description
    assert found.target.kernels


@each_policy
def test_every_rule_has_a_name_and_a_reason(name: str) -> None:
    for rule in policy(name).rules:
        assert rule.name, rule.label
        assert rule.reason, rule.label


@each_policy
def test_the_header_says_what_it_is_for_and_what_the_vmm_must_do(name: str) -> None:
    lines = path(name).read_text(encoding="ascii").splitlines()
    assert lines[:2] == [MODELINE, "#"]
    header = lines[2 : lines.index("version: 1")]
    assert all(line.startswith("# ") for line in header)
    labels = [match[1].strip() for line in header if (match := re.match(r"# (\S.{6}  ?)(?=\S)", line))]
    assert labels[0] == "Need"
    assert labels[1] in {"Used by", "For"}
    assert labels[-1] == "The VMM"


@each_policy
def test_small_enough_to_read(name: str) -> None:
    data = path(name).read_bytes()
    assert len(data) <= MAX_BYTES
    assert data.endswith(b"\n")
    assert b"\r" not in data
    assert b"\t" not in data
    assert [line for line in data.decode().splitlines() if len(line) > WIDTH or line != line.rstrip()] == []


@each_policy
def test_in_canonical_layout(name: str) -> None:
    assert format_policy(path(name).name, path(name).read_bytes()).changed is False


@each_policy
def test_expectations_hold_and_say_what_stays_with_kvm(name: str) -> None:
    found = policy(name)
    assert unmet(found, examine(name).resolution) == []
    assert Action.HANDLE in {test.expect for test in found.tests}


def _weakened() -> Iterator[tuple[str, str, Policy]]:
    """Yield every policy less one selector, and every policy with the other default."""
    for name in NAMES:
        found = policy(name)
        for number, rule in enumerate(found.rules):
            for selector in rule.selectors:
                kept = tuple(other for other in rule.selectors if other is not selector)
                rules = (*found.rules[:number], rule._replace(selectors=kept), *found.rules[number + 1 :])
                yield name, f"without {selector.text}", found._replace(rules=rules)
        for default in Action:
            if default is not found.default:
                yield name, f"default {default}", found._replace(default=default)


@pytest.mark.parametrize(
    ("name", "change", "weakened"), [pytest.param(*case, id=" ".join(case[:2])) for case in _weakened()]
)
def test_no_part_can_go_unnoticed(name: str, change: str, weakened: Policy) -> None:
    assert unmet(weakened, resolve(weakened)), f"no expectation of {name} fails {change}"
