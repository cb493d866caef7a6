from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.comparison.compared import (
    NOTHING,
    ComparedSide,
    no_entry,
    side_of_policy,
    side_of_reading,
    side_without_filter,
    troubles,
)
from smccc_filter.analysis.comparison.comparison import PERMISSIVENESS, Comparison, compare, reasons
from smccc_filter.analysis.comparison.pairing import CompletedSide, VmSetting, differing_settings
from smccc_filter.analysis.comparison.verdict import ComparisonVerdict
from smccc_filter.analysis.decision import decide
from smccc_filter.analysis.understanding import Understood
from smccc_filter.artefacts import readers
from smccc_filter.artefacts.backends import FORMATS, backend
from smccc_filter.artefacts.backends.program import CompiledPolicy, WrittenRegister, canonical
from smccc_filter.artefacts.readers import ReadEntry, Reading, ReadRegister
from smccc_filter.guests.setup import registers_of, set_up
from smccc_filter.kvm.filter import RESERVED
from smccc_filter.kvm.machine import Outcome, Why
from smccc_filter.kvm.outcomes import SERVICED
from smccc_filter.kvm.profiles import NEWEST, profile
from smccc_filter.kvm.uapi import KVM_REG_ARM_PSCI_VERSION, WRITABLE_REGISTERS, Action
from smccc_filter.language.policy.model import Target
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SPACE
from tests.analysis.comparison.inputs import HEAD, MIRRORED, compared, policies, side, understood
from tests.policies.shipped import NAMES, path

DENY = "rules: [{{action: deny, ranges: [{}]}}]\n"
FORWARD = "rules: [{{action: forward, ranges: [{}]}}]\n"
ON = "0x84000003"
ALL = "default: deny\n"

VERDICTS = {
    "itself": ("", "", ComparisonVerdict.EQUIVALENT),
    "deny": ("", DENY.format(ON), ComparisonVerdict.NARROWER),
    "allow": (DENY.format(ON), "", ComparisonVerdict.WIDER),
    "forward": ("", FORWARD.format(ON), ComparisonVerdict.NARROWER),
    "forward-what-was-denied": (DENY.format(ON), FORWARD.format(ON), ComparisonVerdict.WIDER),
    "forward-what-nobody-answers": ("", FORWARD.format("0x82000000"), ComparisonVerdict.WIDER),
    "deny-what-nobody-answers": ("", DENY.format("0x82000000"), ComparisonVerdict.EQUIVALENT),
    "one-for-another": (DENY.format(ON), DENY.format("0x84000002"), ComparisonVerdict.INCOMPARABLE),
    "register": ("", "firmware: {std: []}\n", ComparisonVerdict.NARROWER),
    "register-as-it-is-anyway": ("", "firmware: {std: [trng]}\n", ComparisonVerdict.EQUIVALENT),
    "psci": ("", 'target: {psci: "1.1"}\n', ComparisonVerdict.NARROWER),
    "capability": ("", "target: {capabilities: [system_suspend]}\n", ComparisonVerdict.WIDER),
    "default-around-what-is-answered": (
        "firmware: {std: [], std_hyp: [], vendor_hyp: []}\nrules: [{action: handle, services: [psci, psci-0-1]}]\n",
        "firmware: {std: [], std_hyp: [], vendor_hyp: []}\nrules: [{action: handle, services: [psci, psci-0-1]}]\n"
        + ALL,
        ComparisonVerdict.EQUIVALENT,
    ),
    "wider-on-one-kernel-only": (
        'target: {kernels: ["6.12", "7.3"], psci: "1.1"}\n',
        'target: {kernels: ["6.12", "7.3"]}\n',
        ComparisonVerdict.WIDER,
    ),
}


@pytest.mark.parametrize(("old", "new", "verdict"), VERDICTS.values(), ids=VERDICTS)
def test_the_verdict(old: str, new: str, verdict: ComparisonVerdict) -> None:
    comparison = compared(old, new)
    assert comparison.verdict is verdict
    assert compared(new, old).verdict is MIRRORED[verdict]
    assert sorted((*comparison.in_guest, *comparison.in_words)) == list(comparison.changes)
    assert all(change.verdict is ComparisonVerdict.EQUIVALENT for change in comparison.in_words)


@pytest.mark.parametrize(
    ("order", "verdict"),
    [
        (PERMISSIVENESS, ComparisonVerdict.NARROWER),
        ((Action.DENY, Action.HANDLE, Action.FORWARD), ComparisonVerdict.WIDER),
        ((Action.HANDLE, Action.DENY, Action.FORWARD), ComparisonVerdict.WIDER),
        ((Action.FORWARD, Action.DENY, Action.HANDLE), ComparisonVerdict.NARROWER),
    ],
)
def test_the_order_decides_what_is_wider(order: tuple[Action, ...], verdict: ComparisonVerdict) -> None:
    comparison = compared("", FORWARD.format(ON), order=order)
    assert (comparison.verdict, comparison.order) == (verdict, order)


def test_one_kernel_may_widen_what_another_narrows() -> None:
    old = 'target: {kernels: ["6.12", "7.3"], psci: "1.0"}\nrules: [{action: forward, calls: [PSCI_SYSTEM_OFF2]}]\n'
    new = 'target: {kernels: ["6.12", "7.3"]}\n'
    comparison = compared(old, new)
    off2 = next(change for change in comparison.changes if change.start == 0x84000015)
    assert off2.old.outcomes == (Outcome.FORWARDED, Outcome.FORWARDED)
    assert off2.new.outcomes == (Outcome.NOT_SUPPORTED, Outcome.ANSWERED)
    assert (off2.verdict, comparison.verdict) == (ComparisonVerdict.INCOMPARABLE, ComparisonVerdict.INCOMPARABLE)


def test_another_default_is_one_range_where_nobody_answers() -> None:
    rest = "rules: [{action: handle, ranges: [0x80000000-0xFFFFFFFF], except: {services: [arch]}}]\n"
    comparison = compared(rest, ALL + rest)
    (change,) = comparison.changes
    assert (change.start, change.stop, change.verdict) == (0, 0x80000000, ComparisonVerdict.EQUIVALENT)
    assert (comparison.verdict, comparison.in_guest) == (ComparisonVerdict.EQUIVALENT, ())


def test_neighbours_that_change_alike_are_one_range_whatever_selects_them() -> None:
    comparison = compared("", "rules: [{name: x, action: deny, ranges: [0x84000001, 0x84000002, 0x84000003+2]}]\n")
    (change,) = comparison.changes
    assert (change.start, change.stop, change.size) == (0x84000001, 0x84000005, 4)
    assert change.new.by.text == "ranges: 0x84000001"
    assert change.new.by.place == "3:42"


def test_neighbours_by_two_rules_are_two_ranges() -> None:
    two = "rules: [{action: deny, ranges: [0x84000001]}, {action: deny, ranges: [0x84000002]}]\n"
    assert [change.new.by.label for change in compared("", two).changes] == ["rule 1", "rule 2"]


@pytest.mark.parametrize(
    ("ranges", "is_named"),
    [
        ("0x86000000-0x8600003F", True),
        ("0x82000200+5", False),
        ("0x83FFFF00-0x83FFFFFF", False),  # 0x84000000 is known, and beside it
        ("0x87000000+0x10", False),
        ("0x87000000+0x11", True),
        ("0x87000010+0x20", True),  # one name each for sixteen IDs
        ("0x87000013+0x40", True),  # begins amid them
        ("0x8700004F+0x20", True),  # begins with the last of them
        ("0x87000050+0x20", False),  # begins behind them
    ],
)
def test_the_witness_is_the_first_with_a_name_or_else_the_first(ranges: str, *, is_named: bool) -> None:
    changes = compared("", FORWARD.format(ranges)).changes
    for change in changes:
        named = (func_id for func_id in range(change.start, change.stop) if registry.by_id(func_id))
        assert change.witness == next(named, change.start)
    assert any(registry.by_id(change.witness) for change in changes) is is_named


def test_settings_are_listed_where_they_differ() -> None:
    old = 'target: {psci: "1.1", stolen_time: true}\nfirmware: {std: [trng], vendor_hyp: []}\n'
    new = 'target: {capabilities: [system_suspend], kernels: ["7.3"]}\nfirmware: {vendor_hyp: [ptp, func_feat]}\n'
    assert compared(old, new).settings == (
        VmSetting("kernels", (), ("7.3",)),
        VmSetting("psci", ("1.1",), None),
        VmSetting("capabilities", (), ("system_suspend",)),
        VmSetting("stolen_time", ("true",), ("unknown",)),
        VmSetting("std", ("trng",), None),
        VmSetting("vendor_hyp", (), ("func_feat", "ptp")),
    )


def test_the_kernels_are_those_of_both_oldest_first() -> None:
    old, new = ('target: {kernels: ["6.18", "6.4"]}\n', 'target: {kernels: ["6.12.112", "6.4"]}\n')
    assert compared(old, new).kernels == compared(new, old).kernels == ("6.4", "6.12.112", "6.18")
    assert compared(old, "").kernels == ("6.4", "6.18", NEWEST.name)
    assert compared(old, new, "7.2", "6.6").kernels == ("7.2", "6.6")


def test_a_protected_vm_has_no_filter_to_differ_in() -> None:
    protected = 'target: {kernels: ["7.3"], protected: true}\n'
    comparison = compared(protected, protected + DENY.format(ON))
    assert comparison.verdict is ComparisonVerdict.EQUIVALENT
    assert [change.new.action for change in comparison.changes] == [Action.DENY]
    assert [row.key for setup in comparison.new_setups for row in setup.refusals] == ["filter"]


def test_a_guest_with_el2_is_compared_by_the_calls_that_reach_kvm() -> None:
    nested = 'target: {kernels: ["7.3"], nested: true}\n'
    comparison = compared(nested, nested + DENY.format(ON))
    assert comparison.verdict is ComparisonVerdict.NARROWER
    assert Outcome.GUEST_EL2 not in {got for change in comparison.changes for got in change.old.outcomes}


def test_an_empty_side_handles_everything_on_the_others_kernels() -> None:
    policy = side(HEAD + 'target: {kernels: ["6.12"]}\nfirmware: {std: []}\n' + DENY.format(ON))
    comparison = compare(side_without_filter("/dev/null"), policy)
    assert comparison.kernels == ("6.12",)
    assert comparison.settings == (VmSetting("std", None, ()),)
    assert comparison.verdict is ComparisonVerdict.NARROWER
    assert comparison.assumed == ("/dev/null is empty: no filter and no register, so KVM handles every call",)
    assert {change.old.by.label for change in comparison.changes} == {"no filter"}


def artefact(entries: tuple[ReadEntry, ...] | None, registers: tuple[ReadRegister, ...] | None = None) -> ComparedSide:
    return side_of_reading("x", Reading("c", None, entries, registers))


def test_what_an_artefact_lacks_is_the_other_sides() -> None:
    policy = side(HEAD + 'target: {kernels: ["6.12"], psci: "1.1"}\nfirmware: {std: []}\n', "p.yaml")
    blob = side_of_reading("p.bin", Reading("blob", None, (), None))
    comparison = compare(policy, blob)
    assert (comparison.verdict, comparison.settings, comparison.kernels) == (
        ComparisonVerdict.EQUIVALENT,
        (),
        ("6.12",),
    )
    assert comparison.assumed == ("p.bin (blob) has no registers and no target: taken from p.yaml",)
    assert compare(blob, blob).assumed == ()
    regs = side_of_reading("p.regs", Reading("regs", None, None, ()))
    assert compare(policy, regs).settings == (VmSetting("psci", ("1.1",), None), VmSetting("std", (), None))
    assert compare(regs, regs).verdict is ComparisonVerdict.EQUIVALENT


def test_an_entry_says_where_it_stands() -> None:
    entries = (
        ReadEntry(0x84000003, 1, Action.DENY, "line 9", "PSCI_ON"),
        ReadEntry(0x84000001, 1, Action.DENY, "entry 2 at byte 24"),
    )
    changes = compare(side(HEAD), artefact(entries)).changes
    assert [(change.new.by.text, change.new.by.place) for change in changes] == [
        ("0x84000001", "entry 2 at byte 24"),
        ("PSCI_ON", "line 9"),
    ]


@pytest.mark.parametrize(
    ("register", "value", "words"),
    [
        (KVM_REG_ARM_PSCI_VERSION, 0x10001, VmSetting("psci", None, ("1.1",))),
        (KVM_REG_ARM_PSCI_VERSION, 0x70000, VmSetting("psci", None, ("0x70000",))),
        (0x6030000000160002, 3, VmSetting("vendor_hyp", None, ("func_feat", "ptp"))),
        (0x6030000000160002, 7, VmSetting("vendor_hyp", None, ("0x7",))),
        (0x6030000000140001, 1, VmSetting("0x6030000000140001", None, ("0x1",))),
        (0x6030000000990000, 1, VmSetting("0x6030000000990000", None, ("0x1",))),
        (0x6030000000990000, 0, VmSetting("0x6030000000990000", None, ())),
        (0x6030000000160002, 0, VmSetting("vendor_hyp", None, ())),
        (KVM_REG_ARM_PSCI_VERSION, 0, VmSetting("psci", None, ("0x0",))),
    ],
)
def test_any_register_of_an_artefact_is_told(register: int, value: int, words: VmSetting) -> None:
    comparison = compare(side(HEAD), artefact((), (ReadRegister(register, value, "line 1"),)))
    assert comparison.settings == (words,)


def test_settings_are_in_the_order_of_the_language_and_unknown_registers_last() -> None:
    ours = Target(("7.3",), "1.1", ("system_suspend",), stolen_time=True, protected=True, nested=True, aarch32=True)
    keys = [*(register.key for register in WRITABLE_REGISTERS), "0x6030000000990000"]
    writes = tuple((key, number, 1) for number, key in enumerate(keys))[::-1]
    one, other = (
        CompletedSide(NOTHING, no_entry, registers, target, None)
        for registers, target in ((writes, ours), ((), Target()))
    )
    order = ["kernels", "psci", "capabilities", "stolen_time", "protected", "nested", "aarch32"]
    order += [key for key in keys if key != "psci"]
    assert [setting.key for setting in differing_settings(one, other)] == order
    assert [setting.key for setting in differing_settings(other, one)] == order


def test_an_artefact_is_compared_with_the_policys_vmm() -> None:
    """The VMM refuses CPU_OFF, unless the filter leaves it to KVM, which answers it; its PSCI_FEATURES says so."""
    text = HEAD + "rules:\n  - {action: forward, services: [psci], vmm: {implements: [PSCI_FEATURES]}}\n"
    policy, other = understood(text), understood(text.replace("vmm:", "except: {calls: [PSCI_CPU_OFF]}, vmm:"))
    left, right = side_of_policy("p.yaml", policy), compiled(other, "c")
    by_policy = compare(left, side_of_policy("p.yaml", other))
    assert by_policy.told
    assert (compare(left, right).told, compare(left, right).verdict) == (by_policy.told, by_policy.verdict)
    assert compare(right, left).told


def test_entries_that_kvm_refuses_are_troubles() -> None:
    found = ReadEntry(0x84000000, 4, Action.DENY, "line 1")
    assert troubles(Reading("c", None, (found,), None)) == ()
    (trouble,) = troubles(Reading("c", None, (found, found._replace(base=0x84000003, place="line 2")), None))
    assert trouble.place == "line 2"


def compiled(policy: Understood, artefact_format: str) -> ComparedSide:
    """Return the side of what ``compile`` would write, also where it would refuse to."""
    registers = tuple(WrittenRegister(reg_id, value) for _, reg_id, value in registers_of(policy.policy))
    program = CompiledPolicy(policy.policy.name, canonical(policy.resolution.actions), registers)
    emitter = backend(artefact_format)
    reading = readers.read(f"p{emitter.SUFFIXES[0]}", emitter.emit(program))
    assert troubles(reading) == ()
    return side_of_reading("p", reading)


@pytest.mark.parametrize("artefact_format", FORMATS)
@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_policy_is_equivalent_to_its_artefacts(name: str, artefact_format: str) -> None:
    policy = understood(path(name).read_bytes())
    comparison = compare(side_of_policy("p.yaml", policy), compiled(policy, artefact_format))
    assert (comparison.verdict, comparison.changes, comparison.settings) == (ComparisonVerdict.EQUIVALENT, (), ())


@settings(max_examples=30)
@given(policies(), st.sampled_from(FORMATS))
def test_any_policy_is_equivalent_to_its_artefacts(data: bytes, artefact_format: str) -> None:
    policy = understood(data)
    left, right = side_of_policy("p.yaml", policy), compiled(policy, artefact_format)
    for comparison in (compare(left, right), compare(right, left)):
        assert (comparison.verdict, comparison.changes, comparison.settings) == (ComparisonVerdict.EQUIVALENT, (), ())


@settings(max_examples=30)
@given(policies())
def test_any_policy_is_equivalent_to_itself(data: bytes) -> None:
    comparison = compare(side(data), side(data))
    assert (comparison.verdict, comparison.changes, comparison.settings) == (ComparisonVerdict.EQUIVALENT, (), ())
    assert comparison.told == ()


@settings(max_examples=50)
@given(policies(), policies())
def test_backwards_is_the_mirror(old: bytes, new: bytes) -> None:
    there, back = compare(side(old), side(new)), compare(side(new), side(old))
    assert back.verdict is MIRRORED[there.verdict]
    assert back.changes == tuple(
        change._replace(old=change.new, new=change.old, verdict=MIRRORED[change.verdict]) for change in there.changes
    )


def listed(comparison: Comparison, func_id: int) -> bool:
    return any(change.start <= func_id < change.stop for change in comparison.changes)


@settings(max_examples=40)
@given(policies(), policies(), st.lists(st.integers(0, SPACE - 1), min_size=20, max_size=20))
def test_what_is_listed_is_what_query_tells_apart(old: bytes, new: bytes, ids: list[int]) -> None:
    profiles = [NEWEST, profile("6.12") or NEWEST]
    comparison = compare(side(old), side(new), profiles)
    assert all(left.stop <= right.start for left, right in pairwise(comparison.changes))
    bounds = {0, SPACE - 1, *SERVICED, *ids}
    for each in (comparison.old, comparison.new):
        assert each.decisions
        bounds |= {max(edge + step, 0) for edge in each.decisions.starts for step in (-1, 0)}
    asked = []
    for data in (old, new):
        examination = pipeline.examine("p.yaml", data)
        assert examination.policy
        actions = examination.resolution.actions
        asked.append((examination, [set_up(examination.policy, kernel, actions) for kernel in profiles]))
    for func_id in bounds:
        was, is_now = (decide(examination, setups, func_id) for examination, setups in asked)
        outcomes = [tuple(reply.outcome for _, reply in decision.replies) for decision in (was, is_now)]
        assert listed(comparison, func_id) is (was.action is not is_now.action or outcomes[0] != outcomes[1])
        for change in comparison.changes:
            if change.start <= func_id < change.stop:
                halves = ((change.old.action, change.old.outcomes), (change.new.action, change.new.outcomes))
                assert halves == ((was.action, outcomes[0]), (is_now.action, outcomes[1]))
                if func_id == change.start:
                    for half, decision in ((change.old, was), (change.new, is_now)):
                        assert decision.rule is None or half.by.span == decision.span


def test_reasons_are_those_of_query() -> None:
    comparison = compared("", "firmware: {std: []}\n", "7.3", "6.12")
    assert reasons(comparison.new_setups, 0x84000050) == (Why.REGISTER, Why.REGISTER)


def test_nothing_reserved_is_said_to_be_anybodys() -> None:
    comparison = compared("", 'target: {kernels: ["7.3"], nested: true}\n')
    reserved = [change for change in comparison.changes if any(a <= change.start < b for a, b in RESERVED)]
    assert reserved
    assert {change.new.by.label for change in reserved} == {"KVM, which reserves the Arm Architecture calls"}


def test_without_a_policy_the_newest_kernel_is_looked_at() -> None:
    comparison = compare(artefact(()), artefact((ReadEntry(0x84000003, 1, Action.DENY, "line 1"),)))
    assert comparison.kernels == (NEWEST.name,)
    assert comparison.verdict is ComparisonVerdict.NARROWER
