"""Findings are told apart by what they say, not by where they stand."""

import pytest
from hypothesis import given, settings

from smccc_filter.analysis import api
from smccc_filter.analysis.comparison.comparison import compare
from smccc_filter.analysis.comparison.findings import FindingChange
from tests.analysis.comparison.inputs import HEAD, policies, side

LYING = "rules:\n  - {name: clock, action: deny, services: [pv-time]}\n"
TRUE = "firmware: {std_hyp: []}\n"
NOBODYS = "  - {action: forward, ranges: [0x90000000]}\n"
ALLOWED = LYING.replace("pv-time]", "pv-time], allow: [{code: F501, reason: measured}]")


def changes(old: str, new: str) -> tuple[FindingChange, ...]:
    left, right = (side(HEAD + text, findings=True) for text in (old, new))
    return compare(left, right).findings


def told(old: str, new: str) -> list[tuple[bool, str, str | None, str | None]]:
    return [(each.is_new, each.finding.code, each.rule, each.finding.suppressed) for each in changes(old, new)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (LYING + TRUE, LYING, [(True, "F501", "clock", None)]),
        (LYING, LYING + TRUE, [(False, "F501", "clock", None)]),
        (LYING, ALLOWED, [(True, "F501", "clock", "measured"), (False, "F501", "clock", None)]),
        (LYING, "description: another\n\n\n" + LYING, []),
        (LYING, LYING.replace("{name", "{reason: nobody reads it, name"), []),
    ],
    ids=["new", "gone", "allowed", "lower", "further-right"],
)
def test_a_finding_that_only_one_side_has_is_listed(old: str, new: str, expected: object) -> None:
    assert told(old, new) == expected


def test_a_rule_without_a_name_is_no_other_by_its_number() -> None:
    before = "rules:\n  - {action: deny, services: [pv-time]}\n"
    after = before.replace("rules:\n", "rules:\n  - {name: first, action: forward, ranges: [0x82000000]}\n")
    assert "F501" not in {each.finding.code for each in changes(before, after)}


def test_findings_that_are_alike_are_counted() -> None:
    once, twice = LYING + NOBODYS, LYING + NOBODYS + NOBODYS.replace("0x90000000", "0x91000000")
    assert [code for _, code, _, _ in told(once, twice)].count("A301") == 1
    assert all(is_new for is_new, *_ in told(once, twice))


@pytest.mark.parametrize("more", [1, 2])
def test_of_findings_that_say_the_same_each_counts(more: int) -> None:
    one = "  - {action: deny, services: [pci], except: {calls: [TRNG_RND]}}\n"
    other = "  - {action: deny, services: [errata], except: {calls: [TRNG_RND]}}\n"
    third = "  - {action: deny, services: [sdei], except: {calls: [TRNG_RND]}}\n"
    rules = [f"rules:\n{one}", f"rules:\n{one}{other}", f"rules:\n{one}{other}{third}"]
    found = told(rules[0], rules[more])
    assert [row for row in found if row[1] == "R206"] == [(True, "R206", None, None)] * more
    assert [row for row in told(rules[more], rules[0]) if row[1] == "R206"] == [(False, "R206", None, None)] * more


def test_what_stands_behind_the_last_rule_is_in_none() -> None:
    unmet = "tests: [{call: PSCI_VERSION, expect: deny}]\n"
    rule = "rules:\n  - {name: pci, action: deny, services: [pci]}\n"
    for before, after in ((unmet, rule), (rule, unmet)):
        assert (True, "P106", None, None) in told(rule, before + after)


def test_nothing_is_said_where_the_checks_of_one_side_were_not_asked() -> None:
    asked, unasked = side(HEAD + LYING, findings=True), side(HEAD + LYING + TRUE)
    assert compare(asked, unasked).findings == compare(unasked, asked).findings == ()


@settings(max_examples=10)
@given(policies(), policies())
def test_backwards_what_was_new_is_gone(old: bytes, new: bytes) -> None:
    left, right = (side(data, findings=True) for data in (old, new))
    assert compare(left, left).findings == ()
    there, back = compare(left, right).findings, compare(right, left).findings
    assert {each._replace(is_new=not each.is_new) for each in back} == set(there)


def test_the_public_comparison_has_the_findings_of_both() -> None:
    old, new = (api.examine((HEAD + text).encode()) for text in (LYING + TRUE, LYING))
    (change,) = api.compare(old, new).findings
    assert change.is_new
    assert change.finding in new.diagnostics
