import pytest
from hypothesis import given, settings

from smccc_filter.kvm.uapi import Action
from smccc_filter.language.places import KeyOf
from smccc_filter.language.policy.load import load
from smccc_filter.language.policy.model import Allowance, Expectation, Policy, Target
from smccc_filter.language.policy.ranges import WrittenRange
from smccc_filter.language.policy.selector import Selector, SelectorKind
from smccc_filter.language.source import DocumentFault, read
from smccc_filter.smccc import registry
from smccc_filter.smccc.intervals import union
from smccc_filter.words import MAX_COMPARED
from tests.language.policy.documents import Data, documents, minimal, with_rule, written


def load_data(data: Data) -> tuple[Policy, tuple[DocumentFault, ...]]:
    policy, faults, _ = load(read(written(data)))
    assert policy is not None
    return policy, tuple(faults)


FULL = b"""\
version: 1
name: psci-to-userspace
description: Power control belongs to the VMM.
target:
  kernels: ["6.12", "7.3"]
  psci: "1.1"
  capabilities: [system_suspend]
  stolen_time: false
  protected: true
  nested: true
firmware: {std: [trng], std_hyp: [], vendor_hyp: [func_feat, ptp]}
default: deny
rules:
  - name: power-control
    action: forward
    calls: [PSCI_CPU_ON, PSCI_AFFINITY_INFO/64]
    reason: vCPU hotplug
  - action: handle
    services: [trng]
    ranges: [0xC6000040+2, 0x0+0]
    except: {ranges: [0xC6000041], calls: [TRNG_RND/64]}
    allow: [{code: A305, reason: known}]
allow: [{code: F501, reason: known too}]
tests:
  - {call: PSCI_CPU_ON, expect: forward}
  - {call: 0xC600_0040, expect: handle}
"""


def test_everything_in_a_document_is_in_the_policy() -> None:
    policy, faults, _ = load(read(FULL))
    assert not faults
    assert policy is not None
    assert policy.name == "psci-to-userspace"
    assert policy.description == "Power control belongs to the VMM."
    assert policy.target == Target(("6.12", "7.3"), "1.1", ("system_suspend",), False, True, True)  # noqa: FBT003
    assert policy.firmware == {"std": ("trng",), "std_hyp": (), "vendor_hyp": ("func_feat", "ptp")}
    assert policy.default is Action.DENY
    assert policy.allow == (Allowance("F501", "known too", ("allow", 0)),)
    assert policy.tests == (
        Expectation("PSCI_CPU_ON", ((0x84000003, 0x84000004), (0xC4000003, 0xC4000004)), Action.FORWARD, ("tests", 0)),
        Expectation("0xC600_0040", ((0xC6000040, 0xC6000041),), Action.HANDLE, ("tests", 1)),
    )
    power, trng = policy.rules
    assert (power.number, power.ordinal, power.name, power.action) == (0, 1, "power-control", Action.FORWARD)
    assert (power.reason, power.exceptions, power.allow) == ("vCPU hotplug", (), ())
    assert (power.label, trng.label) == ("rule `power-control`", "rule 2")
    assert power.path == ("rules", 0)
    assert trng.allow == (Allowance("A305", "known", ("rules", 1, "allow", 0)),)
    assert trng.selectors == (
        Selector(
            SelectorKind.SERVICE,
            "trng",
            ("rules", 1, "services", 0),
            ((0x84000050, 0x84000060), (0xC4000050, 0xC4000060)),
        ),
        Selector(
            SelectorKind.RANGE,
            "0xC6000040+2",
            ("rules", 1, "ranges", 0),
            ((0xC6000040, 0xC6000042),),
            WrittenRange(0xC6000040, 2),
        ),
        Selector(SelectorKind.RANGE, "0x0+0", ("rules", 1, "ranges", 1), (), WrittenRange(0, 0)),
    )
    assert [selector.path for selector in trng.exceptions] == [
        ("rules", 1, "except", "ranges", 0),
        ("rules", 1, "except", "calls", 0),
    ]


def test_what_is_left_out_has_its_default() -> None:
    policy, faults = load_data(minimal())
    assert faults == ()
    assert policy == Policy("a", None, Target(), {}, Action.HANDLE, (), (), ())
    assert policy.target == Target((), None, (), stolen_time=None, protected=False, nested=False, aarch32=False)


@settings(deadline=None)
@given(documents())
def test_selectors_come_in_the_order_of_the_document(data: Data) -> None:
    policy, faults = load_data(data)
    assert faults == ()
    for rule, source in zip(policy.rules, data.get("rules", ()), strict=True):
        for selectors, where in ((rule.selectors, source), (rule.exceptions, source.get("except", {}))):
            assert [(selector.kind, selector.text) for selector in selectors] == [
                (key, text) for key in where if key in list(SelectorKind) for text in where[key]
            ]


@pytest.mark.parametrize(
    ("rule", "message", "hint"),
    [
        ({"calls": ["PSCI_CPU_ONN"]}, "no call is called `PSCI_CPU_ONN`", "did you mean `PSCI_CPU_ON`"),
        ({"calls": ["psci_cpu_off"]}, "no call is called `psci_cpu_off`", "did you mean `PSCI_CPU_OFF`"),
        ({"calls": ["qqqqqq"]}, "no call is called `qqqqqq`", "see `smccc-filter list calls`"),
        ({"calls": [""]}, "no call is called ``", "see `smccc-filter list calls`"),
        ({"calls": ["x" * 10**6]}, f"no call is called `{'x' * 57}...`", "see `smccc-filter list calls`"),
        (
            {"calls": ["PSCI_CPU_OFF/64"]},
            "`PSCI_CPU_OFF` has no form `/64`",
            "write `PSCI_CPU_OFF`, which is 0x84000002",
        ),
        (
            {"calls": ["PSCI_CPU_ON/16"]},
            "`PSCI_CPU_ON` has no form `/16`",
            "write `PSCI_CPU_ON/32`, `PSCI_CPU_ON/64` or `PSCI_CPU_ON`: it has 0x84000003 and 0xC4000003",
        ),
        (
            {"calls": ["PSCI_0_2_FN64_CPU_ON/64"]},
            "`PSCI_0_2_FN64_CPU_ON` has no form `/64`",
            "write `PSCI_0_2_FN64_CPU_ON`, which is 0xC4000003",
        ),
        (
            {"calls": ["0x84000003"]},
            "`0x84000003` is an ID, not a name",
            "did you mean `PSCI_CPU_ON/32`, which is 0x84000003?",
        ),
        (
            {"calls": ["VENDOR_HYP_KVM_FEATURES_2"]},
            "`VENDOR_HYP_KVM_FEATURES_2` has no function ID of its own",
            "write its IDs under `ranges`",
        ),
        ({"services": ["pcsi"]}, "no service is called `pcsi`", "did you mean `pci` or `psci`?"),
        ({"services": ["qqqqqq"]}, "no service is called `qqqqqq`", "see `smccc-filter list services`"),
    ],
)
def test_an_unknown_name_is_one_fault_with_what_is_near(rule: Data, message: str, hint: str) -> None:
    policy, (fault,) = load_data(with_rule(**rule))
    assert (fault.code, fault.message) == ("P104", message)
    assert fault.hint.startswith(hint)
    assert fault.place == ("rules", 0, *rule, 0)
    assert policy.rules[0].selectors == ()


@pytest.mark.parametrize(
    ("call", "code", "message"),
    [
        ("PSCI_CPU_ONN", "P104", "no call is called `PSCI_CPU_ONN`"),
        ("0x84000003-0x84000004", "P103", "`0x84000003-0x84000004` is a range"),
        ("0x84000003+1", "P103", "`0x84000003+1` is a range"),
        ("0x184000003", "P103", "0x184000003 has more than 32 bits"),
        ("0xG", "P103", "`0xG` is not a function ID"),
    ],
)
def test_an_expectation_is_of_a_call_or_of_one_id(call: str, code: str, message: str) -> None:
    policy, (fault,) = load_data(minimal(tests=[{"call": call, "expect": "deny"}]))
    assert (fault.code, fault.message, fault.place) == (code, message, ("tests", 0, "call"))
    assert policy.tests == ()


def test_a_bad_name_hides_nothing_beside_it() -> None:
    data = with_rule(
        calls=["PSCI_CPU_ONN", "TRNG_RND", "0x1"], ranges=["5", "0x1", "x"], services=["psci", "x"], reason="r"
    )
    data["tests"] = [{"call": "x", "expect": "deny"}, {"call": "TRNG_RND", "expect": "deny"}]
    policy, faults = load_data(data)
    assert [fault.place for fault in faults] == [
        ("rules", 0, "calls", 0),
        ("rules", 0, "calls", 2),
        ("rules", 0, "ranges", 0),
        ("rules", 0, "ranges", 2),
        ("rules", 0, "services", 1),
        ("tests", 0, "call"),
    ]
    assert [selector.text for selector in policy.rules[0].selectors] == ["TRNG_RND", "0x1", "psci"]
    assert [selector.path[-1] for selector in policy.rules[0].selectors] == [1, 1, 0]
    assert [test.path for test in policy.tests] == [("tests", 1)]


def test_of_very_many_names_only_slips_get_suggestions() -> None:
    names = [f"PSCI_CPU_ONN{number}" for number in range(MAX_COMPARED)]
    _, faults = load_data(with_rule(calls=[*names, "PSCI_CPU_FFN", "PSCI_CPU_ONNN", "psci_cup_on", "X" * 500]))
    assert all("did you mean" in fault.hint for fault in faults[:MAX_COMPARED])
    known = "see `smccc-filter list calls`"
    assert [(fault.hint, fault.instead) for fault in faults[MAX_COMPARED:]] == [
        (known, None),
        (known, None),
        ("did you mean `PSCI_CPU_ON`?", "PSCI_CPU_ON"),
        (known, None),
    ]


def test_names_of_rules_are_unique() -> None:
    rules = [{"name": name, "action": "deny", "calls": ["TRNG_RND"]} for name in ("a", "b", "a", "a", "b")]
    rules.append({"action": "deny", "calls": ["TRNG_RND"]})
    rules.append({"action": "deny", "calls": ["TRNG_RND"]})
    policy, faults = load_data(minimal(rules=rules))
    assert len(policy.rules) == 7
    assert [(fault.code, fault.message, fault.place, fault.related) for fault in faults] == [
        (
            "P103",
            f"a second rule is called `{name}`",
            ("rules", number, "name"),
            (((*first, "name"), "first used here"),),
        )
        for number, name, first in ((2, "a", ("rules", 0)), (3, "a", ("rules", 0)), (4, "b", ("rules", 1)))
    ]


@pytest.mark.parametrize("data", [b"", b"[]", b"a", b"\x00", b"- version: 1"])
def test_of_what_is_no_mapping_nothing_can_be_made(data: bytes) -> None:
    document = read(data)
    policy, faults, _ = load(document)
    assert policy is None
    assert faults
    assert tuple(faults)[: len(document.faults)] == document.faults


def test_faults_of_the_text_come_with_those_of_the_policy() -> None:
    document = read(b"version: 1\nversion: 2\nname: B\nrules: [{action: deny, calls: [&x NO_CALL]}]")
    _, faults, _ = load(document)
    assert [fault.code for fault in faults] == ["P101", "P101", "P103", "P104"]


def test_ordinals_count_the_rules_of_the_file() -> None:
    rule = {"action": "deny", "calls": ["TRNG_RND"]}
    policy, _ = load_data(minimal(rules=[5, rule, {"action": "drop"}, rule]))
    assert [(known.number, known.ordinal, known.label) for known in policy.rules] == [
        (0, 2, "rule 2"),
        (1, 4, "rule 4"),
    ]


def test_every_service_and_every_call_can_be_selected() -> None:
    names = [name for name in registry.all_names() if registry.by_name(name)]
    services = [service.name for service in registry.services()]
    policy, faults = load_data(with_rule(calls=names, services=services))
    assert faults == ()
    assert len(policy.rules[0].selectors) == len(names) + len(services)
    assert all(selector.ids == union(selector.ids) != () for selector in policy.rules[0].selectors)


def test_places_of_faults_survive_the_pruning() -> None:
    _, faults, document = load(read(b"version: 1\nname: a\nrules: [5, {action: deny, calls: [6, NO_CALL], foo: 1}]"))
    texts = [document.offsets(fault.place) for fault in faults]
    assert [document.text.text[start:end] for start, end in texts] == ["5", "6", "foo", "NO_CALL"]
    assert not any(isinstance(fault.place, KeyOf) for fault in faults)
