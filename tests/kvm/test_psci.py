import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smccc_filter.kvm.handle_exit import call_of
from smccc_filter.kvm.machine import Call, Conduit, Machine, Outcome, SystemEvent, Why, signed
from smccc_filter.kvm.profiles import NEWEST, Profile, all_profiles, profile
from smccc_filter.kvm.psci import PSCI_0_1_CALLS, SINCE
from smccc_filter.kvm.uapi import PSCI_VERSIONS

INVALID, ALREADY_ON, FAILURE, REFUSED = signed(-2), signed(-4), signed(-6), signed(-1)
FEATURES = 0x8400_000A
V0_2 = {
    *(0x8400_0000, 0x8400_0001, 0xC400_0001, 0x8400_0002, 0x8400_0003, 0xC400_0003, 0x8400_0004, 0xC400_0004),
    *(0x8400_0006, 0x8400_0008, 0x8400_0009),
}
V1_0 = V0_2 | {FEATURES}
SUSPEND = {0x8400_000E, 0xC400_000E}
V1_1 = V1_0 | {0x8400_0012, 0xC400_0012}
V1_3 = V1_1 | {0x8400_0015, 0xC400_0015}
ANSWERED = [
    ("0.1", {0x95C1_BA5F, 0x95C1_BA60}),
    ("0.2", V0_2),
    ("1.0", V1_0),
    ("1.1", V1_1),
    ("1.2", V1_1),
    ("1.3", V1_3),
]
RANGES = [*range(0x8400_0000, 0x8400_0020), *range(0xC400_0000, 0xC400_0020), *range(0x95C1_BA5E, 0x95C1_BA62)]


def machine(version: str, *, system_suspend: bool = False, known: Profile = NEWEST) -> Machine:
    value = PSCI_VERSIONS[version]
    return Machine(known, psci_0_2=version != "0.1", psci_version=value, system_suspend=system_suspend)


def x0(vm: Machine, *arguments: int) -> int | None:
    reply = call_of(vm, Conduit.HVC, Call(*arguments))
    assert reply.registers is None or reply.event is not None or reply.registers[1:] == (0, 0, 0)
    return None if reply.registers is None else reply.registers[0]


@pytest.mark.parametrize(("version", "answered"), ANSWERED)
@pytest.mark.parametrize("system_suspend", [False, True])
def test_calls_of_each_version(version: str, answered: set[int], *, system_suspend: bool) -> None:
    vm = machine(version, system_suspend=system_suspend)
    expected = answered | (SUSPEND if system_suspend and version >= "1.0" else set())
    outcomes = {fid: call_of(vm, Conduit.HVC, Call(fid)).outcome for fid in RANGES}
    assert {fid for fid, outcome in outcomes.items() if outcome is Outcome.ANSWERED} == expected
    assert set(outcomes.values()) == {Outcome.ANSWERED, Outcome.NOT_SUPPORTED}


@pytest.mark.parametrize(("version", "answered"), ANSWERED[2:])
@pytest.mark.parametrize("system_suspend", [False, True])
def test_features_tells_of_what_is_answered_and_of_smccc_version(
    version: str, answered: set[int], *, system_suspend: bool
) -> None:
    vm = machine(version, system_suspend=system_suspend)
    told = {fid for fid in [*RANGES, 0x8000_0000, 0x8000_0001, 0x8400_0050] if x0(vm, FEATURES, fid) != REFUSED}
    assert told == answered | {0x8000_0000} | (SUSPEND if system_suspend else set())
    assert {x0(vm, FEATURES, fid) for fid in told} == ({0, 1} if version == "1.3" else {0})


@pytest.mark.parametrize("version", PSCI_VERSIONS)
def test_psci_version_is_the_one_that_was_set(version: str) -> None:
    expected = REFUSED if version == "0.1" else PSCI_VERSIONS[version]
    assert x0(machine(version), 0x8400_0000) == expected


@pytest.mark.parametrize("known", all_profiles(), ids=lambda known: known.name)
def test_a_releases_own_version_is_its_newest(known: Profile) -> None:
    major, minor = known.psci.value[-1].split(".")
    assert x0(Machine(known), 0x8400_0000) == int(major) << 16 | int(minor)
    has_off2 = known.psci.value[-1] >= "1.3"
    assert (x0(Machine(known), FEATURES, 0xC400_0015) == 1) is has_off2


def test_6_12_has_no_system_off2() -> None:
    known = profile("6.12.117")
    assert known is not None
    assert call_of(Machine(known), Conduit.HVC, Call(0x8400_0015)).outcome is Outcome.NOT_SUPPORTED


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((0x8400_0004, 0, 0), 0),
        ((0x8400_0004, 0, 3), 0),
        ((0x8400_0004, 0, 4), INVALID),
        ((0x8400_0004, 0xFF, 1), 0),
        ((0x8400_0004, 0x0100_0000, 0), INVALID),
        ((0x8400_0004, 1 << 32, 0), 0),
        ((0xC400_0004, 1 << 32, 0), None),
        ((0xC400_0004, 1 << 32, 3), None),
        ((0xC400_0004, 1 << 40, 0), INVALID),
        ((0xC400_0004, 0, 1 << 32), INVALID),
        ((0x8400_0004, 0, 1 << 32), 0),
        ((0x8400_0004, 1, 0), None),
        ((0x8400_0003, 0), ALREADY_ON),
        ((0x8400_0003, 1 << 40), ALREADY_ON),
        ((0xC400_0003, 1 << 40), INVALID),
        ((0xC400_0003, 1), None),
        ((0x8400_0001,), 0),
        ((0x8400_0002,), None),
        ((0x8400_0006,), 2),
    ],
)
def test_values(arguments: tuple[int, ...], expected: int | None) -> None:
    assert x0(machine("1.1"), *arguments) == expected


def test_psci_0_1_cpu_on() -> None:
    assert x0(machine("0.1"), 0x95C1_BA60, 0) == INVALID
    assert x0(machine("0.1"), 0x95C1_BA60, 1 << 40) == INVALID
    assert x0(machine("0.1"), 0x95C1_BA60, 1) is None
    assert x0(machine("0.1"), 0x95C1_BA5F) is None


def test_the_calling_vcpu_may_have_another_affinity() -> None:
    vm = machine("1.1")._replace(mpidr=0x0102)
    assert x0(vm, 0x8400_0004, 0x0102, 0) == 0
    assert x0(vm, 0x8400_0004, 0x0100, 1) == 0
    assert x0(vm, 0x8400_0004, 0, 0) is None


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((0x8400_0003, 0x0101), 0),
        ((0x8400_0003, 0x0102), ALREADY_ON),
        ((0x8400_0003, 0x0103), INVALID),
        ((0x8400_0003, 0x0100), INVALID),
        ((0x8400_0004, 0x0101, 0), 1),
        ((0x8400_0004, 0x0102, 0), 0),
        ((0x8400_0004, 0x0103, 0), INVALID),
        ((0x8400_0004, 0x0100, 1), 0),
        ((0x8400_0004, 0x01FF, 1), 0),  # the kernel ignores the affinity below the level
        ((0x8400_0004, 0x0200, 1), 1),
        ((0x8400_0004, 0x02FF, 1), 1),
        ((0x8400_0004, 0x0300, 1), INVALID),
        ((0x8400_0004, 0x03_0000, 2), INVALID),
        ((0x8400_0004, 0xFF_FFFF, 3), 0),
        ((0xC400_0004, 1 << 32, 3), INVALID),
    ],
)
def test_affinities_of_other_vcpus(arguments: tuple[int, ...], expected: int) -> None:
    """`kvm_psci_vcpu_affinity_info()` and `kvm_psci_vcpu_on()` where it is known which vCPUs the VM has, and are on."""
    vm = machine("1.1")._replace(others=((0x0101, False), (0x0102, True), (0x0201, False)))
    assert x0(vm, *arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "event", "flag", "registers"),
    [
        ((0x8400_0008, 1, 2, 3), SystemEvent.SHUTDOWN, False, (FAILURE, 0, 0, 0)),
        ((0x8400_0009, 1, 2, 3), SystemEvent.RESET, False, (FAILURE, 0, 0, 0)),
        ((0x8400_0012, 0, 1 << 32 | 2, 3), SystemEvent.RESET, True, (FAILURE, 0, 2, 3)),
        ((0xC400_0012, 0, 1 << 32, 3), SystemEvent.RESET, True, (FAILURE, 0, 1 << 32, 3)),
        ((0xC400_0012, 0x8000_0000, 0, 0), SystemEvent.RESET, True, (FAILURE, 0x8000_0000, 0, 0)),
        ((0xC400_0012, 1, 0, 0), None, False, (INVALID, 0, 0, 0)),
        ((0xC400_0012, 0x7FFF_FFFF, 0, 0), None, False, (INVALID, 0, 0, 0)),
        ((0xC400_0015, 0, 0, 0), SystemEvent.SHUTDOWN, True, (FAILURE, 0, 0, 0)),
        ((0xC400_0015, 1 << 32 | 1, 0, 0), SystemEvent.SHUTDOWN, True, (FAILURE, 0, 0, 0)),
        ((0xC400_0015, 2, 0, 0), None, False, (INVALID, 0, 0, 0)),
        ((0xC400_0015, 0, 1 << 32, 0), None, False, (INVALID, 0, 0, 0)),
        ((0x8400_0015, 0, 1 << 32, 0), SystemEvent.SHUTDOWN, True, (FAILURE, 0, 0, 0)),
        ((0xC400_000E, 1, 2, 3), SystemEvent.SUSPEND, False, None),
    ],
)
def test_system_events(
    arguments: tuple[int, ...],
    event: SystemEvent | None,
    registers: tuple[int, int, int, int] | None,
    *,
    flag: bool,
) -> None:
    reply = call_of(machine("1.3", system_suspend=True), Conduit.SMC, Call(*arguments))
    assert (reply.outcome, reply.event, reply.flag, reply.registers) == (Outcome.ANSWERED, event, flag, registers)


@settings(deadline=None)
@given(
    version=st.sampled_from(list(PSCI_VERSIONS)), fid=st.sampled_from([*SINCE, *PSCI_0_1_CALLS]), suspend=st.booleans()
)
def test_features_and_calls_never_disagree_within_psci(version: str, fid: int, *, suspend: bool) -> None:
    """KVM's PSCI is truthful as long as nobody filters it."""
    vm = machine(version, system_suspend=suspend)
    if version >= "1.0":
        told = x0(vm, FEATURES, fid) != REFUSED
        assert told is (call_of(vm, Conduit.HVC, Call(fid)).outcome is Outcome.ANSWERED)


@pytest.mark.parametrize(("version", "answered"), ANSWERED)
@pytest.mark.parametrize("conduit", list(Conduit))
def test_psci_has_no_smc64_call_for_an_aarch32_guest(version: str, answered: set[int], conduit: Conduit) -> None:
    """`kvm_psci_check_allowed_function()` comes before the version and the capability; other services do not ask it."""
    vm = machine(version, system_suspend=True)._replace(aarch32=True)
    suspend = SUSPEND if version >= "1.0" else set()
    replies = {fid: call_of(vm, conduit, Call(fid)) for fid in RANGES}
    got = {fid for fid, reply in replies.items() if reply.outcome is Outcome.ANSWERED}
    assert got == {fid for fid in answered | suspend if not fid & 1 << 30}
    smc64 = {fid for fid in SINCE if fid & 1 << 30}
    assert {fid for fid, reply in replies.items() if reply.why is Why.AARCH32} == smc64
    if FEATURES in answered:
        told = {fid for fid in RANGES if x0(vm, FEATURES, fid) != REFUSED}
        assert told == got
    for fid in (0xC400_0053, 0xC500_0020, 0x8400_0053, 0x8000_0000, 0x8600_0000):
        assert call_of(vm, conduit, Call(fid)) == call_of(machine(version), conduit, Call(fid))


def test_an_aarch32_guests_arguments_are_32_bits() -> None:
    vm = machine("1.3")._replace(aarch32=True)
    wide = 0x1_0000_0000
    assert x0(vm, 0x8400_0050 + 1, wide + 0x8400_0050) == 0
    assert x0(machine("1.3"), 0x8400_0050 + 1, wide + 0x8400_0050) == REFUSED
    reset = call_of(vm, Conduit.SMC, Call(0x8400_0012, wide, wide + 1, wide + 2))
    assert reset.registers == (FAILURE, 0, 1, 2)
    workaround = call_of(vm, Conduit.HVC, Call(0x8000_8000, wide + 1, wide + 2, wide + 3))
    assert workaround.registers == (0, 0, 2, 3)
