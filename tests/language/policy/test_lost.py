"""One fault hides no other in the same rule or expectation."""

import itertools

import pytest

from smccc_filter.language.policy.load import load
from smccc_filter.language.source import read

WRONG = {
    "action": "action: Deny",
    "services": "services: [PSCI, vendor_hyp, foo]",
    "calls": "calls: [PSCI_CPU_ONN, psci]",
    "ranges": "ranges: [84000003, 0x84000000-]",
    "except": "except: {calls: [qqq], services: [zzz]}",
    "name": "name: 5",
    "unknown": "raeson: x",
    "allow": "allow: [{code: f505, reason: x}]",
}
FAULTS = {"action": 1, "services": 3, "calls": 2, "ranges": 2, "except": 2, "name": 1, "unknown": 1, "allow": 1}
"""How many parts of each are wrong."""


def spans(rule: str, *, under: str = "rules") -> set[tuple[str, str]]:
    document = read(f"version: 1\nname: a\n{under}: [{{{rule}}}]\n".encode())
    _, faults, kept = load(document)
    found = [(fault.code, kept.text.text[slice(*kept.offsets(fault.place))]) for fault in faults]
    assert len(set(found)) == len(found)
    return set(found)


def test_every_fault_of_a_rule_is_reported() -> None:
    found = spans(f"{WRONG['action']}, {WRONG['services']}")
    assert found == {("P103", "Deny"), ("P104", "PSCI"), ("P104", "vendor_hyp"), ("P104", "foo")}


@pytest.mark.parametrize("parts", list(itertools.combinations(WRONG, 3)), ids=" ".join)
def test_the_faults_of_parts_are_those_of_the_whole(parts: tuple[str, ...]) -> None:
    rule = ", ".join(WRONG[part] for part in parts)
    right = "" if "action" in parts else "action: deny, "
    selecting = "" if {"calls", "services", "ranges"} & set(parts) else ", calls: [TRNG_RND]"
    assert len(spans(f"{right}{rule}{selecting}")) == sum(FAULTS[part] for part in parts)


def test_every_fault_of_an_expectation_is_reported() -> None:
    found = spans("call: PSCI_CPU_ONN, expect: Deny", under="tests")
    assert found == {("P103", "Deny"), ("P104", "PSCI_CPU_ONN")}
    assert spans("call: 84000003-, expekt: deny", under="tests") >= {("P103", "84000003-"), ("P102", "expekt")}
