"""What KVM takes of a VMM beside the filter: VMs, vCPUs, attributes, capabilities, registers and runs, in their order.

Lay it beside arch/arm64/kvm/arm.c and guest.c. ``Machine`` is how one call finds a VM; ``ArmVm`` is how the VM came to
be so, and which ioctl was refused on the way.

Source: Linux 6.12.117 and 7.3.4, the files above; commit 2251e9ff1573.
"""

from enum import IntFlag, StrEnum

from smccc_filter.kvm.filter import FilteredVm
from smccc_filter.kvm.handle_exit import call_of
from smccc_filter.kvm.hypercalls import kvm_arm_set_fw_reg
from smccc_filter.kvm.machine import SUCCESS, Call, Conduit, Machine, Outcome, Reply, SmcccFeatures
from smccc_filter.kvm.profiles import NestedSupport, Profile, ProtectedSupport, VcpuFeatures
from smccc_filter.kvm.psci import (
    CPU_OFF,
    CPU_ON,
    KVM_PSCI_FN_CPU_OFF,
    KVM_PSCI_FN_CPU_ON,
    kvm_psci_narrow_to_32bit,
)
from smccc_filter.kvm.uapi import (
    KVM_ARM_VM_SMCCC_CTRL,
    KVM_ARM_VM_SMCCC_FILTER,
    KVM_REG_ARM_PSCI_VERSION,
    REGISTER_OF_ID,
    Errno,
)

KVM_CAP_ARM_SYSTEM_SUSPEND = 216
KVM_MP_STATE_RUNNABLE = 0
KVM_MP_STATE_STOPPED = 5
HCR_EL2 = 0x6030_0000_0013_E088
"""The ID of a guest's HCR_EL2 for ``KVM_SET_ONE_REG``."""
HCR_EL2_TSC = 1 << 19
"""The bit by which a guest's EL2 traps the SMCs of its EL1."""
MPIDR_AFF0_BITS = 4
"""KVM puts at most 16 vCPUs into a cluster: ``reset_mpidr()`` of arch/arm64/kvm/sys_regs.c."""


class KvmMode(StrEnum):
    """How the host was booted, as ``kvm-arm.mode`` says it; ``DEFAULT`` is VHE or nVHE."""

    DEFAULT = "default"
    NESTED = "nested"
    PROTECTED = "protected"


class VcpuFeature(IntFlag):
    """A bit of ``features[0]`` of ``struct kvm_vcpu_init``: KVM_ARM_VCPU_POWER_OFF and so on."""

    POWER_OFF = 1 << 0
    EL1_32BIT = 1 << 1
    PSCI_0_2 = 1 << 2
    HAS_EL2 = 1 << 7


FilterEntry = tuple[int, int, int, int]
"""Base, number of functions, action and pad of a ``struct kvm_smccc_filter``."""


def kvm_arch_init_vm(profile: Profile, mode: KvmMode, *, protected: bool) -> Errno | None:
    """Return with what KVM_CREATE_VM refuses a VM, of type KVM_VM_TYPE_ARM_PROTECTED if ``protected``."""
    offered = mode is KvmMode.PROTECTED and profile.protected.value is not ProtectedSupport.NOT_OFFERED
    return Errno.EINVAL if protected and not offered else None


def kvm_vcpu_init_check_features(profile: Profile, mode: KvmMode, features: VcpuFeature) -> Errno | None:
    """Return with what KVM_ARM_VCPU_INIT refuses the features of a VM's first vCPU, on CPUs that have them."""
    if VcpuFeature.HAS_EL2 not in features:
        return None
    if profile.nested.value is NestedSupport.NOT_OFFERED:
        return Errno.ENOENT
    return Errno.EINVAL if mode is not KvmMode.NESTED or VcpuFeature.EL1_32BIT in features else None


class ModelledVcpu:
    """A vCPU of a VM: its features, affinity, whether it is on, and what its guest's EL2 traps.

    Until it is initialised it has no features, and others find it on, with affinity 0: ``kvm_arch_vcpu_create()`` sets
    neither its state nor MPIDR_EL1, and 0 is KVM_MP_STATE_RUNNABLE.
    """

    __slots__ = ("features", "hcr_el2_tsc", "mpidr", "on", "stolen_time")

    def __init__(self) -> None:
        self.features: VcpuFeature | None = None
        self.mpidr = 0
        self.on = True
        self.stolen_time = False
        self.hcr_el2_tsc = False


class ArmVm:
    """A VM of one kernel under its VMM's ioctls, by vCPU number; each returns its errno, ``None`` for success."""

    __slots__ = ("_features", "_filter", "_mode", "_protected", "_psci_version", "_suspend", "_vcpus", "_vgic")

    def __init__(self, profile: Profile, mode: KvmMode = KvmMode.DEFAULT, *, protected: bool = False) -> None:
        """Make a VM that ``kvm_arch_init_vm()`` does not refuse."""
        self._filter = FilteredVm(profile)
        self._mode = mode
        self._protected = protected
        self._features = SmcccFeatures()
        self._psci_version = 0
        self._suspend = False
        self._vgic = False
        self._vcpus: dict[int, ModelledVcpu] = {}

    def kvm_vm_ioctl_has_device_attr(self, group: int, attr: int) -> Errno | None:
        """Tell whether the VM has the attribute: ENXIO where not, EINVAL for all of a protected VM."""
        if self._protected:
            return Errno.EINVAL
        return None if (group, attr) == (KVM_ARM_VM_SMCCC_CTRL, KVM_ARM_VM_SMCCC_FILTER) else Errno.ENXIO

    def kvm_vm_ioctl_set_device_attr(self, group: int, attr: int, entry: FilterEntry | None) -> Errno | None:
        """Set an attribute, ``entry`` being ``None`` where its address cannot be read. ``flags`` counts for nothing."""
        if errno := self.kvm_vm_ioctl_has_device_attr(group, attr):
            return errno
        return Errno.EFAULT if entry is None else self._filter.kvm_smccc_set_filter(*entry)

    def kvm_vm_ioctl_enable_cap(self, cap: int) -> Errno | None:
        """Enable a capability of the VM; the model knows one."""
        if self._protected or cap != KVM_CAP_ARM_SYSTEM_SUSPEND:
            return Errno.EINVAL
        self._suspend = True
        return None

    def kvm_vgic_create(self) -> Errno | None:
        """Create and initialise an in-kernel GICv3."""
        if self._vgic:
            return Errno.EEXIST
        self._vgic = True
        return None

    def kvm_arch_vcpu_create(self, number: int) -> Errno | None:
        """Create a vCPU, which is not initialised yet."""
        if number in self._vcpus:
            return Errno.EEXIST
        self._vcpus[number] = ModelledVcpu()
        return None

    def kvm_arch_vcpu_ioctl_vcpu_init(self, number: int, features: VcpuFeature) -> Errno | None:
        """Initialise a vCPU: all of a VM alike, but that each may be off and that 6.4 tells them apart."""
        profile = self._filter.profile
        if errno := kvm_vcpu_init_check_features(profile, self._mode, features):
            return errno
        alike = ~VcpuFeature.POWER_OFF
        if profile.vcpu_features.value is VcpuFeatures.EACH_VCPU:
            alike &= ~VcpuFeature.PSCI_0_2
        vcpu = self._vcpus[number]
        if vcpu.features is not None and (vcpu.features ^ features) & ~VcpuFeature.POWER_OFF:
            return Errno.EINVAL
        before = [other.features for other in self._vcpus.values() if other.features is not None]
        if any((other ^ features) & alike for other in before):
            return Errno.EINVAL
        vcpu.features = features
        vcpu.mpidr = reset_mpidr(number)
        vcpu.on = VcpuFeature.POWER_OFF not in features
        return None

    def kvm_arch_vcpu_ioctl_set_mpstate(self, number: int, state: int) -> Errno | None:
        """Turn a vCPU on or off; the model knows of no other state."""
        if state not in {KVM_MP_STATE_RUNNABLE, KVM_MP_STATE_STOPPED}:
            return Errno.EINVAL
        self._vcpus[number].on = state == KVM_MP_STATE_RUNNABLE
        return None

    def kvm_arm_pvtime_set_attr(self, number: int) -> Errno | None:
        """Give a vCPU a stolen-time page."""
        if self._vcpus[number].stolen_time:
            return Errno.EEXIST
        self._vcpus[number].stolen_time = True
        return None

    def kvm_arm_set_reg(self, number: int, reg_id: int, value: int) -> Errno | None:
        """Write a register of the VM, firmware registers and HCR_EL2, through a vCPU."""
        vcpu = self._vcpus[number]
        if vcpu.features is None:
            return Errno.ENOEXEC
        if reg_id == HCR_EL2 and VcpuFeature.HAS_EL2 in vcpu.features:
            vcpu.hcr_el2_tsc = bool(value & HCR_EL2_TSC)
            return None
        after = kvm_arm_set_fw_reg(self.machine(number), reg_id, value)
        if not isinstance(after, Machine):
            return after
        self._features, self._psci_version = after.features, after.psci_version
        return None

    def kvm_arm_get_reg(self, number: int, reg_id: int) -> int | Errno:
        """Read a firmware register through a vCPU."""
        if self._vcpus[number].features is None:
            return Errno.ENOEXEC
        if reg_id == KVM_REG_ARM_PSCI_VERSION:
            return self.machine(number).kvm_psci_version()
        register = REGISTER_OF_ID.get(reg_id)
        if register is None or register.key not in self._filter.profile.firmware.value:
            return Errno.ENOENT
        value: int = getattr(self._features, register.key)
        return value

    def kvm_arch_vcpu_ioctl_run(self, number: int) -> Errno | None:
        """Run a vCPU until it leaves, which ``immediate_exit`` makes it do at once: either is the VM's first run."""
        features = self._vcpus[number].features
        if features is None:
            return Errno.ENOEXEC
        self._filter.has_ran_once = True
        return Errno.EINVAL if self._protected and VcpuFeature.EL1_32BIT in features else None

    def call(self, number: int, conduit: Conduit, call: Call, *, immediate: int = 0, el2: bool = False) -> Reply:
        """Let the guest of a vCPU that runs make a call, and turn on or off whom it says."""
        reply = call_of(self.machine(number), conduit, call, immediate=immediate, el2=el2)
        if reply.outcome is not Outcome.ANSWERED:
            return reply
        if call.func_id in {CPU_OFF, KVM_PSCI_FN_CPU_OFF}:
            self._vcpus[number].on = False
        elif call.func_id in {*CPU_ON, KVM_PSCI_FN_CPU_ON} and reply.registers == (SUCCESS, 0, 0, 0):
            # PSCI 0.1 narrows nothing, but says SUCCESS of nothing wider.
            mpidr = kvm_psci_narrow_to_32bit(call).x1
            {vcpu.mpidr: vcpu for vcpu in self._vcpus.values()}[mpidr].on = True
        return reply

    def machine(self, number: int) -> Machine:
        """Return the VM as the calls of an initialised vCPU find it."""
        vcpu = self._vcpus[number]
        features = vcpu.features or VcpuFeature(0)
        return Machine(
            self._filter.profile,
            filter=self._filter.kvm_smccc_filter_get_action,
            features=self._features,
            psci_0_2=VcpuFeature.PSCI_0_2 in features,
            psci_version=self._psci_version,
            system_suspend=self._suspend,
            stolen_time=vcpu.stolen_time,
            protected=self._protected,
            nested=VcpuFeature.HAS_EL2 in features,
            aarch32=VcpuFeature.EL1_32BIT in features,
            hcr_el2_tsc=vcpu.hcr_el2_tsc,
            has_ran_once=self._filter.has_ran_once,
            mpidr=vcpu.mpidr,
            others=tuple((other.mpidr, other.on) for other in self._vcpus.values() if other is not vcpu),
        )


def reset_mpidr(number: int) -> int:
    """Return the affinity that KVM gives a vCPU, for the numbers below 4,096."""
    return number & (1 << MPIDR_AFF0_BITS) - 1 | number >> MPIDR_AFF0_BITS << 8
