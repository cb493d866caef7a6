"""What a guest is told is compared: each difference counts, has its answers, and there are no others."""

import pytest
from hypothesis import given, settings

from smccc_filter.analysis import api
from smccc_filter.analysis.comparison import told
from smccc_filter.analysis.comparison.comparison import Comparison, compare
from smccc_filter.analysis.comparison.told import NOT_ASKED, ToldAnswer, ToldDifference
from smccc_filter.analysis.comparison.verdict import ComparisonVerdict
from smccc_filter.guests.discovery import DiscoveryAnswer, answers
from smccc_filter.guests.relations import relations
from smccc_filter.guests.setup import VmSetup
from smccc_filter.kvm.handle_exit import call_of
from smccc_filter.kvm.hypercalls import SMCCC_ARCH_FEATURES, VENDOR_HYP_KVM_FEATURES
from smccc_filter.kvm.machine import Call
from smccc_filter.kvm.profiles import NEWEST, profile
from smccc_filter.kvm.psci import PSCI_FEATURES, PSCI_VERSION, SMCCC_VERSION
from smccc_filter.kvm.trng import TRNG_VERSION
from smccc_filter.smccc.function_id import show
from tests.analysis.comparison.inputs import HEAD, MIRRORED, compared, policies, side
from tests.policies.shipped import NAMES, path

PV_TIME_FEATURES, PTP, SUSPEND = 0xC5000020, 0x86000001, 0x8400000E
NO_PV_TIME = "rules: [{action: deny, services: [pv-time]}]\n"
IMPLEMENTATION = (
    "rules: [{action: forward, calls: [VENDOR_HYP_KVM_DISCOVER_IMPL_VER, VENDOR_HYP_KVM_DISCOVER_IMPL_CPUS]}]\n"
)
NO_UID = "rules: [{action: deny, calls: [VENDOR_HYP_CALL_UID]}]\n"
NO_BITMAP = "rules: [{action: deny, calls: [VENDOR_HYP_KVM_FEATURES]}]\n"

TOLD_ONLY = {
    "a-denied-call-and-its-register": (
        NO_PV_TIME,
        NO_PV_TIME + "firmware: {std_hyp: []}\n",
        (SMCCC_ARCH_FEATURES, (PV_TIME_FEATURES,), (), (PV_TIME_FEATURES,)),
        ComparisonVerdict.NARROWER,
    ),
    "a-version-without-calls-of-its-own": (
        'target: {psci: "1.1"}\n',
        'target: {psci: "1.2"}\n',
        (PSCI_VERSION, (), (), ()),
        ComparisonVerdict.WIDER,
    ),
    "forwarded-calls-and-their-register": (
        IMPLEMENTATION,
        IMPLEMENTATION + "firmware: {vendor_hyp_2: [discover_impl_ver, discover_impl_cpus]}\n",
        (VENDOR_HYP_KVM_FEATURES, (), (0xC6000040, 0xC6000041), ()),
        ComparisonVerdict.WIDER,
    ),
}
"""Policies under which a guest gets the same for every call: OLD, NEW, the one difference, and the verdict."""


def shape(found: ToldDifference) -> tuple[int, tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    return found.discovery, found.arguments, found.gained, found.lost


@pytest.mark.parametrize(("old", "new", "difference", "verdict"), TOLD_ONLY.values(), ids=TOLD_ONLY)
def test_what_is_told_counts_where_every_call_gets_what_it_got(
    old: str, new: str, difference: object, verdict: ComparisonVerdict
) -> None:
    comparison = compared(old, new)
    assert comparison.changes == ()
    (found,) = comparison.told
    assert shape(found) == difference
    assert (found.verdict, comparison.verdict) == (verdict, verdict)


def test_a_difference_is_on_the_kernels_on_which_all_of_it_holds() -> None:
    kernels = 'target: {kernels: ["6.12", "7.3"]}\n'
    (found,) = compared(kernels + IMPLEMENTATION, kernels + TOLD_ONLY["forwarded-calls-and-their-register"][1]).told
    assert found.kernels == ("7.3",)
    versions = compared('target: {kernels: ["6.12", "7.3"], psci: "1.0"}\n', kernels).told
    assert {each.kernels for each in versions if each.discovery == PSCI_VERSION} == {("6.12", "7.3")}


def test_a_call_that_its_discovery_call_hides_is_not_asked_about() -> None:
    comparison = compared("", NO_UID)
    hidden = next(each for each in comparison.told if each.discovery == VENDOR_HYP_KVM_FEATURES)
    assert PTP in hidden.lost
    assert (hidden.new, comparison.verdict) == ((NOT_ASKED,), ComparisonVerdict.NARROWER)


def test_a_bitmap_that_cannot_say_no_tells_of_everything() -> None:
    comparison = compared("", NO_BITMAP)
    assert [change.verdict for change in comparison.in_guest] == [ComparisonVerdict.NARROWER]
    (found,) = comparison.told
    assert found.gained
    assert comparison.verdict is ComparisonVerdict.INCOMPARABLE


def test_what_the_vmm_answers_is_not_compared() -> None:
    forward = "rules: [{action: forward, calls: [PSCI_FEATURES, PSCI_VERSION]}]\n"
    comparison = compared("", forward)
    assert comparison.in_guest
    assert comparison.told == ()


def test_arguments_about_which_the_answers_are_alike_are_one_difference() -> None:
    found = compared("", "rules: [{action: deny, calls: [PSCI_FEATURES]}]\n").told
    assert {each.discovery for each in found} == {PSCI_FEATURES}
    assert all(each.arguments == each.lost for each in found)
    assert len({(each.old, each.new) for each in found}) == len(found) < sum(len(each.arguments) for each in found)


@pytest.mark.parametrize(
    ("discovery", "old", "new", "verdict"),
    [
        (PSCI_VERSION, 0x10001, 0x10003, ComparisonVerdict.WIDER),
        (PSCI_VERSION, 0x10001, 0x10000, ComparisonVerdict.NARROWER),
        (PSCI_VERSION, (1 << 64) - 1, 0x2, ComparisonVerdict.WIDER),
        (PSCI_VERSION, 0x2, (1 << 32) - 1, ComparisonVerdict.NARROWER),
        (PSCI_VERSION, (1 << 32) - 1, 0, ComparisonVerdict.WIDER),
        (SMCCC_VERSION, 0x10000, 0x10001, ComparisonVerdict.WIDER),
        (TRNG_VERSION, 0x10000, (1 << 32) - 1, ComparisonVerdict.NARROWER),
        (PSCI_FEATURES, 0, 1, ComparisonVerdict.INCOMPARABLE),
    ],
)
def test_a_higher_version_is_wider_and_another_value_incomparable(
    discovery: int, old: int, new: int, verdict: ComparisonVerdict
) -> None:
    before, after = ((ToldAnswer(None, (value, 0, 0, 0)),) for value in (old, new))
    assert ToldDifference(discovery, (), (), (), ("7.3",), before, after).verdict is verdict


@pytest.mark.parametrize(
    ("discovery", "gained", "lost", "verdict"),
    [
        (PSCI_FEATURES, (PTP, SUSPEND), (), ComparisonVerdict.WIDER),
        (PSCI_FEATURES, (), (PTP, SUSPEND), ComparisonVerdict.NARROWER),
        (PSCI_FEATURES, (PTP,), (SUSPEND,), ComparisonVerdict.INCOMPARABLE),
        (PSCI_VERSION, (PTP,), (), ComparisonVerdict.WIDER),
    ],
)
@pytest.mark.parametrize("values", [(None, 0x10001), (0x10001, None), (None, None)])
def test_more_calls_are_wider_and_an_unknown_version_is_neither(
    values: tuple[int | None, int | None],
    discovery: int,
    gained: tuple[int, ...],
    lost: tuple[int, ...],
    verdict: ComparisonVerdict,
) -> None:
    before, after = ((ToldAnswer(None, None if value is None else (value, 0, 0, 0)),) for value in values)
    assert ToldDifference(discovery, (), gained, lost, ("7.3",), before, after).verdict is verdict


def test_nothing_is_asked_where_two_vms_answer_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[VmSetup] = []

    def counting(setup: VmSetup) -> tuple[DiscoveryAnswer, ...]:
        asked.append(setup)
        return answers(setup)

    monkeypatch.setattr(told, "answers", counting)
    compared("", "rules: [{action: deny, calls: [PSCI_CPU_ON]}]\n")
    for name in NAMES:
        compare(side(path(name).read_bytes()), side(path(name).read_bytes()))
    for old, new in ((VMM, VMM), (VMM, SILENT), (SILENT, VMM)):
        compared(old, new)
    assert not asked
    both = 'target: {kernels: ["6.12", "7.3"]}\n'
    compared(both, both + "firmware: {vendor_hyp_2: [discover_impl_ver]}\n")
    assert {setup.machine.profile.name for setup in asked} == {"7.3"}


def advertised(setup: VmSetup) -> dict[tuple[int, int], bool | None]:
    return {(answer.discovery, answer.asked): answer.advertised for answer in answers(setup)}


def check_witnesses(comparison: Comparison) -> None:
    """Ask every difference of the two guests again, one by one, as ``guest`` and ``query`` do."""
    for found in comparison.told:
        for number, kernel in enumerate(found.kernels):
            at = comparison.kernels.index(kernel)
            for setup, answer, only, other in (
                (comparison.old_setups[at], found.old[number], found.lost, found.gained),
                (comparison.new_setups[at], found.new[number], found.gained, found.lost),
            ):
                said = advertised(setup)
                assert all(said.get((found.discovery, call)) is True for call in only)
                assert not any(said.get((found.discovery, call)) for call in other)
                for x1 in found.arguments or (0,):
                    reply = call_of(setup.machine, setup.conduit, Call(found.discovery, x1))
                    assert answer in {NOT_ASKED, ToldAnswer(reply.outcome, reply.registers)}


@settings(max_examples=25)
@given(policies(), policies())
def test_every_difference_has_its_answers_and_there_is_no_other(old: bytes, new: bytes) -> None:
    profiles = [NEWEST, profile("6.12") or NEWEST]
    comparison = compare(side(old), side(new), profiles)
    check_witnesses(comparison)
    back = compare(side(new), side(old), profiles)
    assert back.verdict is MIRRORED[comparison.verdict]
    assert set(back.told) == {
        found._replace(gained=found.lost, lost=found.gained, old=found.new, new=found.old) for found in comparison.told
    }
    check_complete(comparison)


def check_complete(comparison: Comparison) -> None:
    """Ask both guests about everything: what is answered otherwise for sure is among the differences."""
    without_argument = {relation.discovery for relation in relations() if not relation.argument}
    for kernel, *setups in zip(comparison.kernels, comparison.old_setups, comparison.new_setups, strict=True):
        here = [found for found in comparison.told if kernel in found.kernels]
        calls = {(found.discovery, call) for found in here for call in (*found.gained, *found.lost)}
        pairs = {found.discovery: {*zip(found.kernels, found.old, found.new, strict=True)} for found in here}
        revalued = {call for call, rows in pairs.items() if any(at == kernel and a != b for at, a, b in rows)}
        before, after = ({(row.discovery, row.asked): row for row in answers(setup)} for setup in setups)
        for question in {*before, *after}:
            pair = {before[question].advertised if question in before else False}
            pair |= {after[question].advertised if question in after else False}
            assert (question in calls) is (pair == {True, False}), (show(question[0]), show(question[1]))
            if question[0] in without_argument and question in before and question in after:
                told_by = {rows[question].told_by for rows in (before, after)}
                values = {rows[question].told.registers for rows in (before, after)}
                if told_by == {question[0]} and None not in values:
                    assert (len(values) == 2) is (question[0] in revalued)


@pytest.mark.parametrize(("old", "new"), [row[:2] for row in TOLD_ONLY.values()], ids=TOLD_ONLY)
def test_the_public_comparison_tells_the_two_apart(old: str, new: str) -> None:
    left, right = (api.examine((HEAD + text).encode()) for text in (old, new))
    comparison = api.compare(left, right)
    assert len(comparison.told) == 1
    check_witnesses(comparison)
    assert api.compare(left, left).told == ()
    (row,) = comparison.told
    (call,) = (row.gained + row.lost)[:1] or (None,)
    for examination, is_told in ((left, call in row.lost), (right, call in row.gained)):
        told_of = {(each.discovery, each.asked): each.advertised for each in api.guest(examination).answers}
        assert call is None or told_of[row.discovery, call] is is_told


VMM = """rules:
  - action: forward
    services: [psci]
    vmm:
      version: "1.1"
      implements: [PSCI_VERSION, PSCI_FEATURES, PSCI_CPU_ON, PSCI_CPU_OFF, PSCI_CPU_SUSPEND]
"""
SILENT = VMM[: VMM.index("    vmm:")]
BY_VMM = {
    "another-version": (
        VMM.replace("1.1", "1.2"),
        {(PSCI_VERSION, (), (), ())},
        ComparisonVerdict.WIDER,
    ),
    "other-flags": (
        VMM + "      features: {PSCI_CPU_SUSPEND: 0x2}\n",
        {(PSCI_FEATURES, (0x84000001, 0xC4000001), (), ())},
        ComparisonVerdict.INCOMPARABLE,
    ),
    "one-call-less": (
        VMM.replace("PSCI_CPU_OFF, ", ""),
        {(PSCI_FEATURES, (0x84000002,), (), (0x84000002,))},
        ComparisonVerdict.NARROWER,
    ),
    "one-call-more": (
        VMM.replace("PSCI_CPU_OFF", "PSCI_CPU_OFF, PSCI_SYSTEM_OFF"),
        {(PSCI_FEATURES, (0x84000008,), (0x84000008,), ())},
        ComparisonVerdict.WIDER,
    ),
    "nothing-is-said": (SILENT, set(), ComparisonVerdict.EQUIVALENT),
    "the-same": (VMM, set(), ComparisonVerdict.EQUIVALENT),
}
"""What the VMM makes of calls in NEW, what a guest is told differently, and the verdict; OLD is ``VMM``."""


@pytest.mark.parametrize(
    "implements", ["[PSCI_VERSION]", "[PSCI_FEATURES]", "[PSCI_CPU_ON]", "[PSCI_VERSION, PSCI_FEATURES]"]
)
@pytest.mark.parametrize("version", ["0.2", "1.1"])
def test_of_a_vmm_that_says_nothing_nothing_is_known_to_differ(version: str, implements: str) -> None:
    said = f'{SILENT}    vmm: {{version: "{version}", implements: {implements}}}\n'
    for old, new in ((said, SILENT), (SILENT, said)):
        comparison = compared(old, new)
        assert comparison.told == ()
        check_complete(comparison)


@pytest.mark.parametrize(("new", "differences", "verdict"), BY_VMM.values(), ids=BY_VMM)
def test_what_the_vmm_answers_is_compared(new: str, differences: set[object], verdict: ComparisonVerdict) -> None:
    found = compared(VMM, new)
    assert {shape(each) for each in found.told} == differences
    assert found.verdict is verdict
    by_features = {call for each in found.told for call in (*each.gained, *each.lost)}
    assert {each.start for each in found.in_guest} == by_features


def test_a_call_that_the_vmm_refuses_is_as_good_as_denied() -> None:
    denied = VMM.replace("services: [psci]", "services: [psci]\n    except: {calls: [PSCI_MIGRATE]}")
    found = compared(VMM, denied + "  - {action: deny, calls: [PSCI_MIGRATE]}\n")
    assert not found.in_guest
    assert [each.start for each in found.in_words] == [0x84000005, 0xC4000005]
