"""What KVM takes of a VMM beside the filter: the laws. ``test_recordings`` has what kernels were seen to take."""

from itertools import combinations

import pytest

from smccc_filter.kvm.arm import (
    HCR_EL2,
    HCR_EL2_TSC,
    KVM_CAP_ARM_SYSTEM_SUSPEND,
    ArmVm,
    KvmMode,
    VcpuFeature,
    kvm_arch_init_vm,
)
from smccc_filter.kvm.machine import Call, Conduit, Outcome
from smccc_filter.kvm.profiles import NEWEST, Profile, all_profiles, profile
from smccc_filter.kvm.uapi import Errno

KINDS = {"protected": VcpuFeature(0), "nested": VcpuFeature.HAS_EL2, "aarch32": VcpuFeature.EL1_32BIT}
PSCI_0_2, EL1_32BIT, OFF = VcpuFeature.PSCI_0_2, VcpuFeature.EL1_32BIT, VcpuFeature.POWER_OFF


def refusals(known: Profile, *kinds: str) -> set[Errno | None]:
    """Return how each mode of the host ends a VM of these kinds: at its making, its vCPU's or its first run."""
    return {refusal(known, mode, kinds) for mode in KvmMode}


def refusal(known: Profile, mode: KvmMode, kinds: tuple[str, ...]) -> Errno | None:
    protected = "protected" in kinds
    features = PSCI_0_2
    for kind in kinds:
        features |= KINDS[kind]
    if errno := kvm_arch_init_vm(known, mode, protected=protected):
        return errno
    vm = ArmVm(known, mode, protected=protected)
    assert vm.kvm_arch_vcpu_create(0) is None
    return vm.kvm_arch_vcpu_ioctl_vcpu_init(0, features) or vm.kvm_arch_vcpu_ioctl_run(0)


@pytest.mark.parametrize("kind", KINDS)
def test_some_mode_of_the_newest_kernel_makes_each_kind_of_vm(kind: str) -> None:
    assert None in refusals(NEWEST, kind)


@pytest.mark.parametrize("kinds", [*combinations(KINDS, 2), tuple(KINDS)])
@pytest.mark.parametrize("known", all_profiles(), ids=lambda known: known.name)
def test_no_mode_makes_two_kinds_at_once(known: Profile, kinds: tuple[str, ...]) -> None:
    """K408 says so of the kernels that have both kinds."""
    assert None not in refusals(known, *kinds)


def test_a_kernel_without_el2_for_guests_does_not_know_the_feature() -> None:
    before, since = profile("6.15"), profile("6.16")
    assert before is not None
    assert since is not None
    assert refusals(before, "nested") == {Errno.ENOENT}
    assert refusals(since, "nested") == {Errno.EINVAL, None}


def test_a_kernel_without_protected_vms_does_not_know_their_type() -> None:
    before, since = profile("7.0"), profile("7.2")
    assert before is not None
    assert since is not None
    assert refusals(before, "protected") == {Errno.EINVAL}
    assert refusals(since, "protected") == {Errno.EINVAL, None}


@pytest.mark.parametrize(("name", "psci", "width"), [("6.4", None, Errno.EINVAL), ("6.5", Errno.EINVAL, Errno.EINVAL)])
def test_which_features_the_vcpus_of_a_vm_share(name: str, psci: Errno | None, width: Errno | None) -> None:
    known = profile(name)
    assert known is not None
    for other, errno in ((VcpuFeature(0), psci), (PSCI_0_2 | EL1_32BIT, width), (PSCI_0_2 | OFF, None)):
        vm = ArmVm(known)
        assert (vm.kvm_arch_vcpu_create(0), vm.kvm_arch_vcpu_create(1)) == (None, None)
        for number, features, expected in ((0, PSCI_0_2, None), (1, other, errno)):
            assert vm.kvm_arch_vcpu_ioctl_vcpu_init(number, features) is expected


@pytest.mark.parametrize("name", ["6.4", "7.3"])
def test_a_vcpu_may_be_initialised_again_with_the_same_features(name: str) -> None:
    known = profile(name)
    assert known is not None
    vm = ArmVm(known)
    assert vm.kvm_arch_vcpu_create(0) is None
    assert vm.kvm_arch_vcpu_create(0) is Errno.EEXIST
    assert vm.kvm_arch_vcpu_ioctl_vcpu_init(0, PSCI_0_2) is None
    assert vm.kvm_arch_vcpu_ioctl_vcpu_init(0, PSCI_0_2 | OFF) is None
    assert vm.kvm_arch_vcpu_ioctl_vcpu_init(0, VcpuFeature(0)) is Errno.EINVAL


def test_what_is_taken_once() -> None:
    vm = ArmVm(NEWEST)
    assert vm.kvm_arch_vcpu_create(0) is None
    assert (vm.kvm_arm_pvtime_set_attr(0), vm.kvm_arm_pvtime_set_attr(0)) == (None, Errno.EEXIST)
    assert (vm.kvm_vgic_create(), vm.kvm_vgic_create()) == (None, Errno.EEXIST)
    assert vm.kvm_vm_ioctl_enable_cap(KVM_CAP_ARM_SYSTEM_SUSPEND + 1) is Errno.EINVAL
    assert not vm.machine(0).system_suspend
    assert vm.kvm_vm_ioctl_enable_cap(KVM_CAP_ARM_SYSTEM_SUSPEND) is None
    assert vm.machine(0).system_suspend


def test_registers_that_a_kernel_has_not() -> None:
    old = profile("6.14")
    assert old is not None
    vm = ArmVm(old)
    assert vm.kvm_arch_vcpu_create(0) is None
    assert vm.kvm_arm_get_reg(0, 0x6030_0000_0016_0003) is Errno.ENOEXEC
    assert vm.kvm_arch_vcpu_ioctl_vcpu_init(0, PSCI_0_2) is None
    assert vm.kvm_arm_get_reg(0, 0x6030_0000_0016_0003) is Errno.ENOENT
    assert vm.kvm_arm_get_reg(0, 0x6030_0000_0016_0002) == 3
    assert vm.kvm_arm_get_reg(0, 0x6030_0000_0017_0000) is Errno.ENOENT
    assert vm.kvm_arm_set_reg(0, HCR_EL2, HCR_EL2_TSC) is Errno.ENOENT


@pytest.mark.parametrize("cpu_on", [0xC400_0003, 0x8400_0003])
def test_cpu_on_and_off_are_seen_by_the_other_vcpus(cpu_on: int) -> None:
    """VCPU 17 has affinity 0x101: KVM puts 16 of them into a cluster. SMC32 forms have 32 bits of it."""
    vm = ArmVm(NEWEST)
    for number in (0, 17):
        assert vm.kvm_arch_vcpu_create(number) is None
        assert vm.kvm_arch_vcpu_ioctl_vcpu_init(number, PSCI_0_2 | (OFF if number else 0)) is None

    def x0(func_id: int, x1: int = 0, x2: int = 0, *, number: int = 0) -> int | None:
        reply = vm.call(number, Conduit.HVC, Call(func_id, x1, x2))
        assert reply.outcome is Outcome.ANSWERED
        return None if reply.registers is None else reply.registers[0]

    garbage = 0 if cpu_on & 1 << 30 else 0xBAD << 32
    assert (x0(0xC400_0004, 0x101), x0(0xC400_0004, 0x100, 1), x0(0xC400_0004, 0x200, 1)) == (1, 1, (1 << 64) - 2)
    assert x0(cpu_on, garbage | 0x101) == 0
    assert (x0(cpu_on, garbage | 0x101), x0(0xC400_0004, 0x101)) == ((1 << 64) - 4, 0)
    assert vm.call(17, Conduit.HVC, Call(0x95C1_BA5F)).outcome is Outcome.NOT_SUPPORTED  # CPU_OFF of PSCI 0.1
    assert x0(0xC400_0004, 0x101) == 0
    assert x0(0x8400_0002, number=17) is None
    assert (x0(0xC400_0004, 0x101), x0(cpu_on, garbage | 0x11)) == (1, (1 << 64) - 2)


def test_cpu_on_and_off_of_psci_0_1() -> None:
    vm = ArmVm(NEWEST)
    for number in (0, 1):
        assert vm.kvm_arch_vcpu_create(number) is None
        assert vm.kvm_arch_vcpu_ioctl_vcpu_init(number, VcpuFeature(0)) is None

    def others(number: int) -> tuple[tuple[int, bool], ...] | None:
        return vm.machine(number).others

    assert vm.call(1, Conduit.HVC, Call(0x95C1_BA5F)).registers is None
    assert (others(0), others(1)) == (((1, False),), ((0, True),))
    wide = vm.call(0, Conduit.HVC, Call(0x95C1_BA60, 1 << 32 | 1))
    assert wide.registers == ((1 << 64) - 2, 0, 0, 0)
    assert others(0) == ((1, False),)
    assert vm.call(0, Conduit.HVC, Call(0x95C1_BA60, 1)).registers == (0, 0, 0, 0)
    assert others(0) == ((1, True),)


def test_a_vcpu_that_is_not_initialised_is_on_and_has_affinity_0() -> None:
    """`kvm_arch_vcpu_create()` sets neither its state nor MPIDR_EL1."""
    vm = ArmVm(NEWEST)
    assert (vm.kvm_arch_vcpu_create(1), vm.kvm_arch_vcpu_create(2)) == (None, None)
    assert vm.kvm_arch_vcpu_ioctl_vcpu_init(1, PSCI_0_2) is None

    def told(affinity: int) -> int:
        reply = vm.call(1, Conduit.HVC, Call(0xC400_0004, affinity))
        assert reply.registers is not None
        return reply.registers[0]

    assert (told(0), told(2)) == (0, (1 << 64) - 2)
    assert vm.kvm_arch_vcpu_ioctl_vcpu_init(2, PSCI_0_2 | OFF) is None
    assert (told(0), told(2)) == ((1 << 64) - 2, 1)
    runnable, stopped = 0, 5  # include/uapi/linux/kvm.h
    assert vm.kvm_arch_vcpu_ioctl_set_mpstate(2, runnable) is None
    assert told(2) == 0
    assert vm.kvm_arch_vcpu_ioctl_set_mpstate(2, stopped) is None
    assert {vm.kvm_arch_vcpu_ioctl_set_mpstate(2, state) for state in (1, 2, 3, 4, 6)} == {Errno.EINVAL}
    assert told(2) == 1


def test_a_call_is_made_by_the_guests_kernel_with_immediate_0() -> None:
    vm = ArmVm(NEWEST, KvmMode.NESTED)
    assert vm.kvm_arch_vcpu_create(0) is None
    assert vm.kvm_arch_vcpu_ioctl_vcpu_init(0, PSCI_0_2 | VcpuFeature.HAS_EL2) is None
    call = Call(0x8400_0000)
    assert vm.call(0, Conduit.SMC, call).outcome is Outcome.ANSWERED
    assert vm.call(0, Conduit.SMC, call, immediate=1).outcome is Outcome.NOT_SUPPORTED
    assert vm.kvm_arm_set_reg(0, HCR_EL2, HCR_EL2_TSC) is None
    assert vm.call(0, Conduit.SMC, call).outcome is Outcome.GUEST_EL2
    assert vm.call(0, Conduit.SMC, call, el2=True).outcome is Outcome.ANSWERED
