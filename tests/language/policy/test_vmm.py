"""What a rule says of its VMM: what is read of it, and what is said of what can't be read."""

import pytest

from smccc_filter.language.layout import layout
from smccc_filter.language.policy.load import load
from smccc_filter.language.policy.selector import SelectorKind
from smccc_filter.language.policy.vmm_part import VmmPart
from smccc_filter.language.source import read
from smccc_filter.smccc import registry

HEAD = "version: 1\nname: a\nrules:\n"
RULE = "  - action: forward\n    calls: [PSCI_VERSION, PSCI_CPU_ON/64]\n"


def part(vmm: str, rule: str = RULE) -> VmmPart:
    policy, faults, _ = load(read(f"{HEAD}{rule}    vmm: {vmm}\n".encode()))
    assert policy is not None
    assert not faults
    found = policy.rules[0].vmm
    assert found is not None
    return found


def said(vmm: str, rule: str = RULE) -> list[tuple[str, str, str]]:
    """Return code, place and message of each fault."""
    _, faults, kept = load(read(f"{HEAD}{rule}    vmm: {vmm}\n".encode()))
    return [(each.code, kept.text.text[slice(*kept.offsets(each.place))], each.message) for each in faults]


def test_everything_that_a_rule_may_say_is_read_with_its_place() -> None:
    found = part('{version: {psci: "1.1"}, implements: [PSCI_CPU_ON], features: {PSCI_CPU_SUSPEND: 0x2}}')
    path = ("rules", 0, "vmm")
    assert found.path == path
    (implemented,) = found.implements
    assert implemented == (
        SelectorKind.CALL,
        "PSCI_CPU_ON",
        (*path, "implements", 0),
        registry.by_name("PSCI_CPU_ON"),
        None,
    )
    assert found.versions == (("psci", "1.1", (*path, "version", "psci")),)
    (flags,) = found.features
    assert (flags.text, flags.flags, flags.path) == ("PSCI_CPU_SUSPEND", 2, (*path, "features", "PSCI_CPU_SUSPEND"))


def test_one_version_is_that_of_every_service() -> None:
    assert part('{version: "1.1", implements: all}').versions == ((None, "1.1", ("rules", 0, "vmm", "version")),)


def test_all_is_what_calls_names_and_no_more() -> None:
    rule = "  - action: forward\n    services: [trng]\n    calls: [PSCI_VERSION, PSCI_CPU_ON/64]\n"
    found = part("{implements: all}", rule)
    assert [(each.text, each.path) for each in found.implements] == [
        ("PSCI_VERSION", ("rules", 0, "vmm", "implements")),
        ("PSCI_CPU_ON/64", ("rules", 0, "vmm", "implements")),
    ]


@pytest.mark.parametrize(
    ("written", "flags"), [("0x2", 2), ("2", 2), ('"0X1f"', 31), ("0xFFFFFFFFFFFFFFFF", 2**64 - 1)]
)
def test_flags_are_read_in_either_base(written: str, flags: int) -> None:
    (found,) = part(f"{{implements: all, features: {{PSCI_VERSION: {written}}}}}").features
    assert found.flags == flags


@pytest.mark.parametrize("action", ["deny", "handle"])
def test_only_a_rule_that_forwards_has_a_vmm(action: str) -> None:
    rule = RULE.replace("forward", action)
    assert [each[:2] for each in said("{implements: all}", rule)] == [("P103", "vmm")]


@pytest.mark.parametrize(
    ("vmm", "code", "place"),
    [
        ("{implements: []}", "P103", "[]"),
        ("{}", "P103", "{}"),
        ("[PSCI_VERSION]", "P103", "[PSCI_VERSION]"),
        ("{implements: PSCI_VERSION}", "P103", "PSCI_VERSION"),
        ("{implements: [all]}", "P104", "all"),
        ("{implements: [psci]}", "P104", "psci"),
        ("{implements: [5]}", "P103", "5"),
        ("{implements: [PSCI_CPU_OFF/64]}", "P104", "PSCI_CPU_OFF/64"),
        ("{implements: all, version: 1.1}", "P103", "1.1"),
        ("{implements: all, version: {}}", "P103", "{}"),
        ("{implements: all, version: {psci: 1.1}}", "P103", "1.1"),
        ('{implements: all, version: {pcsi: "1.1"}}', "P104", "pcsi"),
        ("{implements: all, features: {}}", "P103", "{}"),
        ("{implements: all, features: [0x2]}", "P103", "[0x2]"),
        ("{implements: all, features: {PSCI_CPU_ONN: 0x2}}", "P104", "PSCI_CPU_ONN"),
        ("{implements: all, features: {PSCI_VERSION: -1}}", "P103", "-1"),
        ("{implements: all, features: {PSCI_VERSION: true}}", "P103", "true"),
        ("{implements: all, features: {PSCI_VERSION: 0x10000000000000000}}", "P103", "0x10000000000000000"),
        ("{implements: all, features: {PSCI_VERSION: 2.0}}", "P103", "2.0"),
        ("{implements: all, verison: x}", "P102", "verison"),
    ],
)
def test_what_is_wrong_is_one_fault_at_its_place(vmm: str, code: str, place: str) -> None:
    assert [each[:2] for each in said(vmm)] == [(code, place)]


def test_all_of_no_call_is_a_fault() -> None:
    rule = "  - action: forward\n    services: [psci]\n"
    assert [each[:2] for each in said("{implements: all}", rule)] == [("P103", "all")]


def test_an_unquoted_version_is_offered_in_quotes() -> None:
    _, faults, _ = load(read(f"{HEAD}{RULE}    vmm: {{implements: all, version: 1.1}}\n".encode()))
    assert [each.instead for each in faults] == ['"1.1"']


def test_a_service_among_the_calls_moves_nowhere() -> None:
    _, faults, _ = load(read(f"{HEAD}{RULE}    vmm: {{implements: [trng]}}\n".encode()))
    assert [(each.under, each.instead) for each in faults] == [(None, None)]


def test_the_rest_of_a_rule_with_a_wrong_action_is_looked_into() -> None:
    found = said("{implements: [PSCI_VERSIONN]}", RULE.replace("forward", "forwrd"))
    assert [each[1] for each in found] == ["forwrd", "PSCI_VERSIONN"]


def test_it_is_laid_out_a_key_a_line_with_flags_in_hexadecimal() -> None:
    text = (
        f"{HEAD}{RULE}    vmm: {{features: {{PSCI_CPU_SUSPEND: 0X02}}, implements: [PSCI_VERSION], version: '1.1'}}\n"
    )
    assert layout(read(text.encode())).splitlines()[5:] == [
        "    vmm:",
        '      version: "1.1"',
        "      implements: [PSCI_VERSION]",
        "      features: {PSCI_CPU_SUSPEND: 0x2}",
    ]
