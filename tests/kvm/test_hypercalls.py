"""What the recorded calls leave open: precedence as a law, gates one by one, register errnos, the EL2 paths."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smccc_filter.kvm.filter import RESERVED, FilteredVm
from smccc_filter.kvm.handle_exit import call_of, conduit_of
from smccc_filter.kvm.hypercalls import (
    GATES,
    SMCCC_ARCH_WORKAROUNDS,
    kvm_arm_set_fw_reg,
    kvm_smccc_default_allowed,
    kvm_smccc_get_action,
    kvm_smccc_test_fw_bmap,
)
from smccc_filter.kvm.machine import Call, Conduit, Machine, Outcome, Reply, SmcccFeatures, Why, signed
from smccc_filter.kvm.outcomes import SERVICED
from smccc_filter.kvm.pkvm import PKVM_CALLS, kvm_pkvm_ioctl_allowed
from smccc_filter.kvm.profiles import NEWEST, Profile, all_profiles, profile
from smccc_filter.kvm.uapi import FIRMWARE_REGISTERS, KVM_REG_ARM_PSCI_VERSION, PSCI_VERSIONS, Errno, SmcccFilterAction
from smccc_filter.smccc.function_id import SPACE

DENY, HANDLE, FORWARD = SmcccFilterAction.DENY, SmcccFilterAction.HANDLE, SmcccFilterAction.FWD_TO_USER
REFUSED = (signed(-1), 0, 0, 0)
HVC, SMC = Conduit.HVC, Conduit.SMC


def kernel(name: str) -> Profile:
    known = profile(name)
    assert known is not None
    return known


features = st.builds(SmcccFeatures, *(st.integers(0, (1 << len(r.bits)) - 1) for r in FIRMWARE_REGISTERS))
psci_versions = st.sampled_from([0, *PSCI_VERSIONS.values()])
machines = st.builds(
    lambda known, bits, psci, flags: Machine(
        known,
        features=bits,
        psci_0_2=psci != PSCI_VERSIONS["0.1"],
        psci_version=psci,
        system_suspend=flags[0],
        stolen_time=flags[1],
    ),
    st.sampled_from(all_profiles()),
    features,
    psci_versions,
    st.tuples(st.booleans(), st.booleans()),
)
func_ids = st.one_of(
    st.sampled_from(SERVICED),
    st.builds(lambda fid, bits: fid ^ bits, st.sampled_from(SERVICED), st.sampled_from([1, 1 << 16, 1 << 30, 1 << 31])),
    st.integers(0, SPACE - 1),
)
args = st.one_of(st.sampled_from([0, 1, 2, *SERVICED]), st.integers(0, (1 << 64) - 1))
calls = st.builds(Call, func_ids, args, args, args)
conduits = st.sampled_from(Conduit)


def reserved(fid: int) -> bool:
    return any(start <= fid < stop for start, stop in RESERVED)


@settings(deadline=None)
@given(machines, calls, conduits)
def test_deny_and_forward_win_over_everything_outside_the_reserved_ranges(
    machine: Machine, call: Call, conduit: Conduit
) -> None:
    for action, outcome, registers in ((DENY, Outcome.NOT_SUPPORTED, REFUSED), (FORWARD, Outcome.FORWARDED, None)):
        vm = FilteredVm(machine.profile)
        errno = vm.kvm_smccc_set_filter(call.func_id, 1, action)
        reply = call_of(machine._replace(filter=vm.kvm_smccc_filter_get_action), conduit, call)
        if reserved(call.func_id):
            assert errno is Errno.EEXIST
            assert reply == call_of(machine, conduit, call)
        else:
            assert errno is None
            assert reply == Reply(outcome, Why.FILTER, registers)


@settings(deadline=None)
@given(machines, calls, conduits)
def test_an_explicit_handle_says_nothing(machine: Machine, call: Call, conduit: Conduit) -> None:
    vm = FilteredVm(machine.profile)
    vm.kvm_smccc_set_filter(call.func_id, 1, HANDLE)
    assert call_of(machine._replace(filter=vm.kvm_smccc_filter_get_action), conduit, call) == call_of(
        machine, conduit, call
    )


@settings(deadline=None)
@given(machines, calls, conduits)
def test_not_supported_is_minus_one_and_no_register_is_wider_than_64_bits(
    machine: Machine, call: Call, conduit: Conduit
) -> None:
    reply = call_of(machine, conduit, call)
    assert reply.outcome in {Outcome.ANSWERED, Outcome.NOT_SUPPORTED}
    if reply.outcome is Outcome.NOT_SUPPORTED:
        assert reply.registers == REFUSED
    for value in reply.registers or ():
        assert 0 <= value < 1 << 64


@settings(deadline=None)
@given(machines, func_ids, st.lists(st.tuples(args, args, args), max_size=4), conduits)
def test_the_outcome_does_not_hang_on_arguments(
    machine: Machine, fid: int, arguments: list[tuple[int, int, int]], conduit: Conduit
) -> None:
    replies = [call_of(machine, conduit, Call(fid, *values)) for values in [(0, 0, 0), *arguments]]
    assert len({(reply.outcome, reply.why) for reply in replies}) == 1


@settings(deadline=None)
@given(machines, calls)
def test_conduits_differ_in_the_workarounds_alone(machine: Machine, call: Call) -> None:
    differ = call_of(machine, HVC, call) != call_of(machine, SMC, call)
    assert differ is (call.func_id in SMCCC_ARCH_WORKAROUNDS)


@pytest.mark.parametrize("fid", SMCCC_ARCH_WORKAROUNDS)
@pytest.mark.parametrize("known", all_profiles(), ids=lambda known: known.name)
def test_the_vector_answers_workarounds_by_hvc_before_any_filter(known: Profile, fid: int) -> None:
    for machine in (Machine(known), Machine(known, filter=lambda _: FORWARD), Machine(known, nested=True)):
        assert call_of(machine, HVC, Call(fid, 5, 6, 7)) == Reply(Outcome.ANSWERED, Why.EL2_FAST_PATH, (0, 0, 6, 7))
    assert call_of(Machine(known), SMC, Call(fid, 5, 6, 7)) == Reply(Outcome.NOT_SUPPORTED, Why.RESERVED, REFUSED)


@pytest.mark.parametrize("fid", [0x0400_0000, 0x4400_001F, 0x8400_0000, 0xC400_001F, 0x84FF_001F, 0x04A5_0003])
def test_owner_4_is_let_through_whatever_its_other_bits(fid: int) -> None:
    assert kvm_smccc_default_allowed(fid)


@pytest.mark.parametrize("fid", [0x95C1_BA5E, 0x95C1_BA5F, 0x95C1_BA60, 0x95C1_BA61, 0x8000_0000, 0x8000_0001])
def test_the_others_that_are_let_through(fid: int) -> None:
    assert kvm_smccc_default_allowed(fid)


@pytest.mark.parametrize(
    "fid", [0x8400_0020, 0x84FF_0020, 0x8500_0000, 0x8300_0000, 0x95C1_BA5D, 0x95C1_BA62, 0x8000_0002, 0xC000_0000, 0]
)
def test_what_is_not_let_through(fid: int) -> None:
    assert not kvm_smccc_default_allowed(fid)


@pytest.mark.parametrize("fid", GATES)
def test_a_register_bit_gates_its_calls_and_no_others(fid: int) -> None:
    key, bit = GATES[fid]
    everything = Machine(NEWEST)
    without = everything._replace(features=everything.features._replace(**{key: ~bit & 3}))
    alone = everything._replace(features=SmcccFeatures(0, 0, 0, 0)._replace(**{key: bit}))
    assert kvm_smccc_test_fw_bmap(everything, fid)
    assert kvm_smccc_test_fw_bmap(alone, fid)
    assert not kvm_smccc_test_fw_bmap(without, fid)
    assert kvm_smccc_get_action(everything, fid) == (HANDLE, Why.REGISTER)
    assert kvm_smccc_get_action(without, fid) == (DENY, Why.REGISTER)


@pytest.mark.parametrize("fid", [0xC600_0040, 0xC600_0041])
def test_no_bit_of_the_second_vendor_register_gates_a_call(fid: int) -> None:
    machine = Machine(NEWEST, features=SmcccFeatures(vendor_hyp_2=3))
    assert call_of(machine, HVC, Call(fid)) == Reply(Outcome.NOT_SUPPORTED, Why.NOT_ALLOWED, REFUSED)
    assert call_of(machine, HVC, Call(0x8600_0000)).registers == (3, 0, 3, 0)


def test_why_follows_what_decided() -> None:
    machine = Machine(kernel("6.12"))
    whys = {
        0x8000_0000: Why.RESERVED,
        0x8000_0002: Why.RESERVED,
        0xC000_FFFF: Why.RESERVED,
        0x8400_0003: Why.DEFAULT_ALLOWED,
        0x8400_0005: Why.NOT_IMPLEMENTED,
        0x8401_0003: Why.NOT_IMPLEMENTED,
        0x95C1_BA5E: Why.NOT_IMPLEMENTED,
        0x95C1_BA60: Why.PSCI_VERSION,
        0x8400_0015: Why.NOT_IMPLEMENTED,
        0x8400_000E: Why.CAPABILITY,
        0x8400_0050: Why.REGISTER,
        0xC500_0021: Why.STOLEN_TIME,
        0x8600_FF03: Why.NOT_ALLOWED,
    }
    assert {fid: call_of(machine, HVC, Call(fid)).why for fid in whys} == whys
    assert call_of(machine._replace(profile=NEWEST, psci_version=0x1_0001), HVC, Call(0x8400_0015)).why is (
        Why.PSCI_VERSION
    )


# Which PSCI versions `KVM_REG_ARM_PSCI_VERSION` takes of a vCPU with the PSCI 0.2 feature.
WITH_FEATURE = [("6.4", "1.1"), ("6.12", "1.1"), ("6.13", "1.3"), ("6.14", "1.3"), ("7.3", "1.3")]


@pytest.mark.parametrize(("name", "newest"), WITH_FEATURE)
def test_psci_versions_that_a_release_takes(name: str, newest: str) -> None:
    machine = Machine(kernel(name))
    assert machine.kvm_psci_version() == PSCI_VERSIONS[newest]
    for version, value in PSCI_VERSIONS.items():
        after = kvm_arm_set_fw_reg(machine, KVM_REG_ARM_PSCI_VERSION, value)
        if "0.2" <= version <= newest:
            assert isinstance(after, Machine)
            assert after.kvm_psci_version() == value
        else:
            assert after is Errno.EINVAL
    for value in (0, 3, 0x1_0004, 0x2_0000, 1 << 32 | 0x1_0001):
        assert kvm_arm_set_fw_reg(machine, KVM_REG_ARM_PSCI_VERSION, value) is Errno.EINVAL


def test_psci_0_1_is_for_vcpus_without_the_feature() -> None:
    machine = Machine(NEWEST, psci_0_2=False)
    assert machine.kvm_psci_version() == PSCI_VERSIONS["0.1"]
    assert isinstance(kvm_arm_set_fw_reg(machine, KVM_REG_ARM_PSCI_VERSION, 1), Machine)
    assert kvm_arm_set_fw_reg(machine, KVM_REG_ARM_PSCI_VERSION, 2) is Errno.EINVAL


@pytest.mark.parametrize("known", all_profiles(), ids=lambda known: known.name)
def test_bitmap_registers_take_the_bits_that_have_a_name(known: Profile) -> None:
    for register in FIRMWARE_REGISTERS:
        there = register.key in known.firmware.value
        for value in range(1 << len(register.bits)):
            after = kvm_arm_set_fw_reg(Machine(known), register.id, value)
            assert (getattr(after.features, register.key) if isinstance(after, Machine) else after) == (
                value if there else Errno.ENOENT
            )
        beyond = kvm_arm_set_fw_reg(Machine(known), register.id, 1 << len(register.bits))
        assert beyond is (Errno.EINVAL if there else Errno.ENOENT)


def test_after_a_vcpu_ran_a_bitmap_register_keeps_its_value() -> None:
    machine = Machine(NEWEST, has_ran_once=True)
    std = FIRMWARE_REGISTERS[0].id
    assert kvm_arm_set_fw_reg(machine, std, 0) is Errno.EBUSY
    assert kvm_arm_set_fw_reg(machine, std, 1) == machine
    assert kvm_arm_set_fw_reg(machine, std, 2) is Errno.EINVAL
    assert isinstance(kvm_arm_set_fw_reg(machine, KVM_REG_ARM_PSCI_VERSION, 2), Machine)


def test_registers_that_nobody_has() -> None:
    machine = Machine(NEWEST)
    assert kvm_arm_set_fw_reg(machine, 0x6030_0000_0016_0004, 0) is Errno.ENOENT
    assert kvm_arm_set_fw_reg(machine, 0x6020_0000_0016_0000, 0) is Errno.ENOENT
    with pytest.raises(ValueError, match="depends on the host's CPUs"):
        kvm_arm_set_fw_reg(machine, 0x6030_0000_0014_0001, 0)


@pytest.mark.parametrize("fid", PKVM_CALLS)
def test_a_protected_vms_hypervisor_answers_first_and_only_hvc(fid: int) -> None:
    forwarding = Machine(NEWEST, filter=lambda _: FORWARD, protected=True)
    reply = call_of(forwarding, HVC, Call(fid))
    assert (reply.outcome, reply.why) == (Outcome.ANSWERED, Why.PROTECTED)
    assert call_of(forwarding, SMC, Call(fid)).outcome is Outcome.FORWARDED
    before = forwarding._replace(profile=kernel("7.0"))
    assert call_of(before, HVC, Call(fid)).outcome is Outcome.FORWARDED
    assert not kvm_pkvm_ioctl_allowed(forwarding)
    assert kvm_pkvm_ioctl_allowed(before)


def test_what_a_protected_vms_hypervisor_says() -> None:
    machine = Machine(NEWEST, protected=True)
    invalid = (signed(-3), 0, 0, 0)
    assert call_of(machine, HVC, Call(0x8600_0000)).registers == (0x1D, 0, 0, 0)
    assert call_of(machine, SMC, Call(0x8600_0000)).registers == (3, 0, 0, 0)
    assert call_of(machine, HVC, Call(0xC600_0002)).registers is None
    assert call_of(machine, HVC, Call(0xC600_0002, x1=1)).registers == invalid
    for fid in (0xC600_0003, 0xC600_0004):
        assert call_of(machine, HVC, Call(fid, x1=0x1000)).registers is None
        assert call_of(machine, HVC, Call(fid, x2=1)).registers == invalid
        assert call_of(machine, HVC, Call(fid, x3=1)).registers == invalid
    assert call_of(machine, HVC, Call(0xC600_0007)).why is Why.NOT_ALLOWED


def test_a_nested_guests_hvc_goes_to_its_own_el2() -> None:
    nested = Machine(NEWEST, nested=True)
    assert call_of(nested, HVC, Call(0x8400_0000)) == Reply(Outcome.GUEST_EL2, Why.NESTED, None)
    assert call_of(nested, SMC, Call(0x8400_0000)).registers == (0x1_0003, 0, 0, 0)
    assert conduit_of(nested) is SMC
    before = nested._replace(profile=kernel("6.15"))
    assert conduit_of(before) is HVC
    assert call_of(before, HVC, Call(0x8400_0000)).outcome is Outcome.ANSWERED


def test_only_a_guest_with_el2_has_smcs_trapped_by_it() -> None:
    nested = Machine(NEWEST, nested=True, hcr_el2_tsc=True)
    assert call_of(nested, SMC, Call(0x8400_0000)) == Reply(Outcome.GUEST_EL2, Why.NESTED, None)
    for machine in (nested._replace(nested=False), nested._replace(profile=kernel("6.15"))):
        assert call_of(machine, SMC, Call(0x8400_0000)).outcome is Outcome.ANSWERED
    assert call_of(nested, SMC, Call(0x8400_0000), el2=True).outcome is Outcome.ANSWERED


@pytest.mark.parametrize(
    ("call", "registers"),
    [
        (Call(0x8400_0052), (0x00E0_210D, 0xEB11_8443, 0x4452_7080, 0x4C5A_4E55)),
        (Call(0x8400_0051, 0x8400_0050), (0, 0, 0, 0)),
        (Call(0x8400_0051, 1 << 32 | 0x8400_0050), REFUSED),
        (Call(0x8400_0053, 96), None),
        (Call(0x8400_0053, 97), (signed(-2), 0, 0, 0)),
        (Call(0xC400_0053, 192), None),
        (Call(0xC400_0053, 193), (signed(-2), 0, 0, 0)),
        (Call(0xC400_0053, 1 << 32), (0, 0, 0, 0)),
        (Call(0x8600_FF01), (0xB66F_B428, 0xE911_C52E, 0x564B_CAA9, 0x743A_004D)),
        (Call(0x8600_0001, 0), None),
        (Call(0x8600_0001, 1), None),
        (Call(0x8600_0001, 2), REFUSED),
        (Call(0x8000_0001, 0x8000_8000), None),
        (Call(0x8000_0001, 0x8000_0004), REFUSED),
        (Call(0x8000_0001, 1 << 32 | 0xC500_0020), (0, 0, 0, 0)),
        (Call(0xC500_0020, 0xC500_0021), REFUSED),
        (Call(0x8000_0000), (0x1_0001, 0, 0, 0)),
    ],
)
def test_constants(call: Call, registers: tuple[int, int, int, int] | None) -> None:
    reply = call_of(Machine(NEWEST), HVC, call)
    assert (reply.outcome, reply.registers) == (Outcome.ANSWERED, registers)


def test_stolen_time_needs_a_page_and_the_register() -> None:
    page = Machine(NEWEST, stolen_time=True)
    assert call_of(page, HVC, Call(0xC500_0020, 0xC500_0021)).registers == (0, 0, 0, 0)
    assert call_of(page, HVC, Call(0xC500_0020, 0xC500_0022)).registers == REFUSED
    assert call_of(page, HVC, Call(0xC500_0021)) == Reply(Outcome.ANSWERED, Why.REGISTER, None)
    unknown = page._replace(stolen_time=None)
    assert call_of(unknown, HVC, Call(0xC500_0020, 0xC500_0021)) == Reply(Outcome.ANSWERED, Why.REGISTER, None)
    assert call_of(unknown, HVC, Call(0xC500_0020, 0xC500_0022)).registers == REFUSED
    assert call_of(unknown, HVC, Call(0xC500_0021)) == Reply(Outcome.ANSWERED, Why.STOLEN_TIME, None)
    off = page._replace(features=SmcccFeatures(std_hyp=0))
    assert call_of(off, HVC, Call(0xC500_0021)) == Reply(Outcome.NOT_SUPPORTED, Why.REGISTER, REFUSED)
    assert call_of(off, HVC, Call(0x8000_0001, 0xC500_0020)).registers == REFUSED


def test_registers_are_constant_where_neither_the_host_nor_the_vmm_chooses_them() -> None:
    assert Reply(Outcome.NOT_SUPPORTED, Why.FILTER, REFUSED).constant == REFUSED
    with pytest.raises(ValueError, match="has no registers"):
        _ = Reply(Outcome.FORWARDED, Why.FILTER, None).constant
