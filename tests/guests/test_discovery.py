import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smccc_filter.guests.discovery import DiscoveryAnswer, answers
from smccc_filter.guests.relations import relations
from smccc_filter.guests.setup import VmSetup
from smccc_filter.kvm.handle_exit import call_of
from smccc_filter.kvm.machine import NOT_SUPPORTED, Call, Outcome, Why
from smccc_filter.kvm.outcomes import SERVICED
from smccc_filter.kvm.profiles import all_profiles
from smccc_filter.kvm.uapi import FIRMWARE_REGISTERS, PSCI_VERSIONS, Action
from smccc_filter.language.policy.model import Target
from tests.guests.policies import DENY, FORWARD, HANDLE, deny, forward, vm

PSCI_VERSION, PSCI_FEATURES, ARCH_FEATURES, KVM_FEATURES = 0x8400_0000, 0x8400_000A, 0x8000_0001, 0x8600_0000
CPU_ON, SMCCC_VERSION, TRNG_VERSION, TRNG_FEATURES, TRNG_RND64 = (
    *(0x8400_0003, 0x8000_0000, 0x8400_0050, 0x8400_0051),
    0xC400_0053,
)
PV_TIME_FEATURES, PV_TIME_ST, UID, PTP, IMPL_VER = 0xC500_0020, 0xC500_0021, 0x8600_FF01, 0x8600_0001, 0xC600_0040
ANSWERED, REFUSED, FORWARDED = Outcome.ANSWERED, Outcome.NOT_SUPPORTED, Outcome.FORWARDED
KERNELS_OWN = {(ARCH_FEATURES, SMCCC_VERSION), (ARCH_FEATURES, ARCH_FEATURES), (PV_TIME_FEATURES, PV_TIME_FEATURES)}
"""What KVM answers and does not tell of, by itself: without a stolen-time page it denies PV time's FEATURES as well."""


def lies(setup: VmSetup) -> set[tuple[int, int]]:
    return {(a.discovery, a.asked) for a in answers(setup) if not a.consistent and not a.kernels_own}


def one(setup: VmSetup, discovery: int, asked: int) -> tuple[bool | None, Outcome, bool]:
    (found,) = [a for a in answers(setup) if (a.discovery, a.asked) == (discovery, asked)]
    return found.advertised, found.call, found.consistent


@pytest.mark.parametrize("name", [known.name for known in all_profiles()])
@pytest.mark.parametrize("stolen_time", [False, True])
@pytest.mark.parametrize("capabilities", [(), ("system_suspend",)])
def test_kvm_by_itself_tells_the_truth_but_for_three_questions(
    name: str, capabilities: tuple[str, ...], *, stolen_time: bool
) -> None:
    setup = vm(name, target=Target(stolen_time=stolen_time, capabilities=capabilities))
    assert lies(setup) == set()
    own = {(a.discovery, a.asked) for a in answers(setup) if a.kernels_own}
    assert own == {pair for pair in KERNELS_OWN if not stolen_time or pair[0] != PV_TIME_FEATURES}


def test_nobody_is_told_for_sure_of_stolen_time_unless_it_is_known_of_a_page() -> None:
    unknown = vm()
    assert one(unknown, PV_TIME_FEATURES, PV_TIME_ST) == (None, ANSWERED, True)
    assert one(unknown, ARCH_FEATURES, PV_TIME_FEATURES) == (True, ANSWERED, True)
    assert one(vm(target=Target(stolen_time=False)), PV_TIME_FEATURES, PV_TIME_ST) == (False, REFUSED, True)
    differ = [
        (a.discovery, a.asked)
        for a, b in zip(answers(unknown), answers(vm(target=Target(stolen_time=True))), strict=True)
        if a != b
    ]
    assert {asked for _, asked in differ} <= {PV_TIME_FEATURES, PV_TIME_ST}


@pytest.mark.parametrize("key", [register.key for register in FIRMWARE_REGISTERS])
def test_firmware_registers_hide_consistently(key: str) -> None:
    assert lies(vm(firmware={key: ()}, target=Target(stolen_time=True))) == set()


@pytest.mark.parametrize(("psci", "asked"), [("0.2", {SMCCC_VERSION}), ("1.0", None), ("1.1", None)])
def test_a_guest_asks_features_from_psci_1_0_on(psci: str, asked: set[int] | None) -> None:
    found = {answer.asked for answer in answers(vm(target=Target(psci=psci))) if answer.discovery == PSCI_FEATURES}
    (every,) = (relation.asked for relation in relations() if relation.discovery == PSCI_FEATURES)
    assert found == (asked or set(every))


def test_a_call_is_made_with_zeros() -> None:
    setup = vm()
    for answer in answers(setup):
        assert answer.got == call_of(setup.machine, setup.conduit, Call(answer.asked, 0, 0, 0))


def test_a_denied_call_is_still_advertised() -> None:
    setup = vm(ranges=deny(CPU_ON))
    assert one(setup, PSCI_FEATURES, CPU_ON) == (True, REFUSED, False)
    assert lies(setup) == {(PSCI_VERSION, CPU_ON), (PSCI_FEATURES, CPU_ON)}


def test_a_forwarded_call_that_is_advertised_is_the_truth() -> None:
    setup = vm(ranges=forward(CPU_ON))
    assert one(setup, PSCI_FEATURES, CPU_ON) == (True, FORWARDED, True)
    assert lies(setup) == set()


def test_a_forwarded_call_that_is_hidden_is_not() -> None:
    setup = vm(ranges=forward(IMPL_VER))
    assert one(setup, KVM_FEATURES, IMPL_VER) == (False, FORWARDED, False)
    told = vm(ranges=forward(IMPL_VER), firmware={"vendor_hyp_2": ("discover_impl_ver",)})
    assert one(told, KVM_FEATURES, IMPL_VER) == (True, FORWARDED, True)
    alone = vm(firmware={"vendor_hyp_2": ("discover_impl_ver",)})
    assert one(alone, KVM_FEATURES, IMPL_VER) == (True, REFUSED, False)


def test_the_vmm_answers_where_discovery_is_forwarded() -> None:
    setup = vm(ranges=[*forward(PSCI_FEATURES), *deny(0x8400_0012)])
    assert one(setup, PSCI_FEATURES, 0x8400_0012) == (None, REFUSED, True)
    assert one(setup, PSCI_FEATURES, CPU_ON) == (None, ANSWERED, True)


def test_denied_discovery_hides_what_works() -> None:
    setup = vm(ranges=deny(PSCI_FEATURES))
    assert one(setup, PSCI_FEATURES, SMCCC_VERSION) == (False, ANSWERED, False)
    assert one(setup, PSCI_FEATURES, 0x8400_0005) == (False, REFUSED, True)
    assert (PSCI_VERSION, PSCI_FEATURES) in lies(setup)


def test_a_denied_psci_version_announces_nothing() -> None:
    setup = vm(ranges=deny(PSCI_VERSION, CPU_ON))
    assert one(setup, PSCI_VERSION, CPU_ON) == (False, REFUSED, True)
    assert one(setup, PSCI_VERSION, 0x8400_0002) == (False, ANSWERED, False)


def test_trng_denied_by_the_filter_and_by_the_register() -> None:
    ranges = [(0x8400_0050, 0x8400_005F, DENY), (0xC400_0050, 0xC400_005F, DENY)]
    assert lies(vm(ranges=ranges)) == set()
    rnd = vm(ranges=deny(TRNG_RND64))
    assert lies(rnd) == {(TRNG_VERSION, TRNG_RND64), (TRNG_FEATURES, TRNG_RND64)}
    assert one(vm(firmware={"std": ()}), TRNG_FEATURES, TRNG_RND64) == (False, REFUSED, True)


def test_arch_features_answers_for_pv_time_in_another_range() -> None:
    setup = vm(ranges=deny(PV_TIME_FEATURES, PV_TIME_ST), target=Target(stolen_time=True))
    assert one(setup, ARCH_FEATURES, PV_TIME_FEATURES) == (True, REFUSED, False)
    assert one(setup, PV_TIME_FEATURES, PV_TIME_ST) == (False, REFUSED, True)
    assert lies(vm(firmware={"std_hyp": ()}, ranges=deny(PV_TIME_FEATURES, PV_TIME_ST))) == set()


def test_the_host_decides_about_workarounds() -> None:
    for fid in (0x8000_8000, 0x8000_7FFF, 0x8000_3FFF):
        assert one(vm(), ARCH_FEATURES, fid) == (None, ANSWERED, True)
        assert one(vm(target=Target(nested=True)), ARCH_FEATURES, fid) == (None, REFUSED, True)
    assert one(vm(), ARCH_FEATURES, 0x8000_0004) == (False, REFUSED, True)


def test_a_denied_bitmap_reads_as_every_service_up_to_31() -> None:
    setup = vm(ranges=deny(KVM_FEATURES))
    assert one(setup, KVM_FEATURES, PTP) == (True, ANSWERED, True)
    assert one(setup, KVM_FEATURES, 0xC600_0003) == (True, REFUSED, False)
    assert one(setup, KVM_FEATURES, IMPL_VER) == (False, REFUSED, True)


def test_a_guest_that_is_not_on_kvm_is_told_of_no_service() -> None:
    for setup in (vm(ranges=deny(UID, KVM_FEATURES)), vm(firmware={"vendor_hyp": ()})):
        assert {one(setup, KVM_FEATURES, fid) for fid in (PTP, 0xC600_0003)} <= {
            (False, REFUSED, True),
            (False, ANSWERED, False),
        }
    assert lies(vm(firmware={"vendor_hyp": ()})) == set()
    assert one(vm(ranges=deny(UID)), KVM_FEATURES, PTP) == (False, ANSWERED, False)
    assert (KVM_FEATURES, PTP) in lies(vm(ranges=deny(UID)))


def test_another_hypervisor_is_the_vmms_to_name() -> None:
    setup = vm(ranges=[*forward(UID, 0x4600_0001), *deny(KVM_FEATURES, PTP)])
    assert one(setup, UID, 0x4600_0001) == (None, FORWARDED, True)
    assert one(setup, KVM_FEATURES, PTP) == (None, REFUSED, True)
    assert lies(setup) == set()
    kvm = vm(ranges=forward(UID))
    assert one(kvm, KVM_FEATURES, PTP) == (True, ANSWERED, True)
    hidden = vm(ranges=forward(0x4600_0001))
    assert one(hidden, UID, 0x4600_0001) == (False, FORWARDED, False)


def test_psci_0_2_has_no_features_call() -> None:
    asked = [a for a in answers(vm(target=Target(psci="0.2"))) if a.discovery == PSCI_FEATURES]
    assert [(a.asked, a.advertised, a.call) for a in asked] == [(SMCCC_VERSION, False, ANSWERED)]
    assert one(vm(target=Target(psci="0.2")), PSCI_VERSION, CPU_ON) == (True, ANSWERED, True)
    assert one(vm(target=Target(psci="0.2")), PSCI_VERSION, PSCI_FEATURES) == (False, REFUSED, True)


def test_psci_0_1_is_not_discovered() -> None:
    assert not {PSCI_VERSION, PSCI_FEATURES} & {a.discovery for a in answers(vm(target=Target(psci="0.1")))}


@pytest.mark.parametrize("version", ["0.2", "1.0", "1.1"])
def test_a_guest_in_aarch32_is_promised_no_smc64_call_of_psci(version: str) -> None:
    setup = vm(target=Target(aarch32=True, psci=version, capabilities=("system_suspend",)))
    psci = [row for row in answers(setup) if row.discovery in {0x8400_0000, 0x8400_000A} and row.asked >> 30 == 3]
    assert {row.asked for row in psci} >= {0xC400_0001, 0xC400_0003, 0xC400_0004}
    assert {(row.advertised, row.call, row.consistent) for row in psci} == {(False, Outcome.NOT_SUPPORTED, True)}


def test_a_guest_in_aarch32_is_told_of_all_other_calls_as_any() -> None:
    setup = vm(target=Target(aarch32=True))
    assert one(setup, PSCI_VERSION, CPU_ON) == (True, ANSWERED, True)
    assert one(setup, TRNG_VERSION, TRNG_RND64) == one(setup, TRNG_FEATURES, TRNG_RND64) == (True, ANSWERED, True)


def test_a_protected_guest_is_told_by_its_hypervisor() -> None:
    setup = vm(target=Target(protected=True))
    assert one(setup, KVM_FEATURES, 0xC600_0003) == (True, ANSWERED, True)
    assert one(setup, KVM_FEATURES, PTP) == (False, ANSWERED, False)
    assert {a.told.why for a in answers(setup) if a.discovery == KVM_FEATURES} == {Why.PROTECTED}


IDS = sorted({fid for relation in relations() for fid in (relation.discovery, *relation.asked)} | set(SERVICED))
policies = st.builds(
    vm,
    st.sampled_from([known.name for known in all_profiles()]),
    st.dictionaries(
        st.sampled_from([fid for fid in IDS if fid >> 24 not in {0x80, 0xC0}]), st.sampled_from(Action), max_size=30
    ).map(lambda chosen: [(fid, fid, action) for fid, action in chosen.items()]),
    default=st.sampled_from([HANDLE, HANDLE, DENY, FORWARD]),
    target=st.builds(
        Target, psci=st.sampled_from([None, *PSCI_VERSIONS]), stolen_time=st.booleans(), nested=st.booleans()
    ),
    firmware=st.dictionaries(st.sampled_from(["std", "std_hyp", "vendor_hyp"]), st.just(())),
)


@settings(deadline=None)
@given(policies)
def test_answers_are_the_models(setup: VmSetup) -> None:
    everything = setup.outcomes()
    pairs = set()
    for answer in answers(setup):
        assert answer.call is everything[answer.asked] is answer.got.outcome
        truth = answer.call is not Outcome.NOT_SUPPORTED
        assert answer.consistent is (answer.advertised is None or answer.advertised is truth)
        if answer.told.outcome is Outcome.FORWARDED:
            assert answer.advertised is None
        if answer.told.outcome is Outcome.NOT_SUPPORTED and answer.discovery != KVM_FEATURES:
            assert answer.advertised is False
        pairs.add((answer.discovery, answer.asked))
    assert len(pairs) == len(answers(setup))


@settings(deadline=None)
@given(policies)
def test_psci_features_is_read_off_its_reply(setup: VmSetup) -> None:
    asked = [answer for answer in answers(setup) if answer.discovery == PSCI_FEATURES]
    for answer in asked:
        reply = call_of(setup.machine, setup.conduit, Call(PSCI_FEATURES, answer.asked))
        said = None if reply.registers is None else reply.registers[0] != NOT_SUPPORTED
        assert answer.advertised is said


def test_an_answer_is_what_json_carries() -> None:
    found = next(a for a in answers(vm(ranges=forward(CPU_ON))) if (a.discovery, a.asked) == (PSCI_FEATURES, CPU_ON))
    assert isinstance(found, DiscoveryAnswer)
    assert found[:5] == (0x8400_000A, 0x8400_0003, True, "forwarded", True)
