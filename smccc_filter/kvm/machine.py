"""A VM as its guest's calls find it, and the replies that a call can have.

Everything that decides an answer is in one frozen value: KVM's functions take it and return, so that a prediction
depends on nothing else and two machines can be compared. What depends on the host (its CPUs, its clock, its entropy) is
not in it, and a reply says so by having no registers.

Source: Linux 7.3.4 arch/arm64/include/asm/kvm_host.h, struct kvm_arch and struct kvm_smccc_features.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from smccc_filter.kvm.profiles import Profile
from smccc_filter.kvm.uapi import FIRMWARE_REGISTERS, PSCI_VERSIONS, SmcccFilterAction

U32_MAX = 0xFFFF_FFFF
U64_MAX = 0xFFFF_FFFF_FFFF_FFFF

Registers = tuple[int, int, int, int]
"""X0 to X3, unsigned, 64 bits each."""


def signed(value: int) -> int:
    """Return the 64 bits in which ``value``, negative or not, comes back in a register."""
    return value & U64_MAX


SUCCESS = 0
NOT_SUPPORTED = signed(-1)
"""SMCCC_RET_NOT_SUPPORTED, PSCI_RET_NOT_SUPPORTED and TRNG_NOT_SUPPORTED alike."""


class Conduit(StrEnum):
    """The instruction with which a guest calls."""

    HVC = "hvc"
    SMC = "smc"


class Outcome(StrEnum):
    """How a call ends, whatever its arguments."""

    ANSWERED = "answered"
    """KVM services the call, if only to say that it found the arguments wrong."""
    NOT_SUPPORTED = "not_supported"
    """The guest gets -1 in X0 and zeros in X1 to X3."""
    FORWARDED = "forwarded"
    """The vCPU leaves with KVM_EXIT_HYPERCALL, and the VMM writes the answer."""
    GUEST_EL2 = "guest_el2"
    """The HVC of a guest with EL2 goes to the guest's own EL2. No SMC ends so, unless the guest's EL2 traps it."""


class Why(StrEnum):
    """What decided the outcome."""

    FILTER = "filter"
    """An entry of the filter denies or forwards the call."""
    REGISTER = "register"
    """The bit of a firmware register that gates the call: answered where it is set, not supported where it is clear."""
    DEFAULT_ALLOWED = "default-allowed set"
    """KVM lets the call through without a register, and a service answers it."""
    NOT_ALLOWED = "not in the default-allowed set"
    """No register gates the call and KVM lets it through to no service."""
    NOT_IMPLEMENTED = "not implemented"
    """KVM lets the call through, but none of its services knows it."""
    RESERVED = "reserved"
    """The call is in an Arm Architecture range, which no filter may touch."""
    PSCI_VERSION = "PSCI version"
    """The kernel has the call, in another PSCI version than the VM's."""
    CAPABILITY = "capability"
    """The VMM has not enabled the VM capability that the call needs."""
    STOLEN_TIME = "stolen-time page"
    """The VMM has given the vCPU no stolen-time page; with ``answered``, nobody knows whether it has."""
    EL2_FAST_PATH = "EL2 fast path"
    """KVM's exception vector answers before anything else looks."""
    PROTECTED = "protected VM"
    """The hypervisor of a protected VM answers before the host's KVM sees the call."""
    NESTED = "nested guest"
    """The guest has EL2, where its HVCs go."""
    SMC_IMMEDIATE = "SMC immediate"
    """The immediate of the SMC is not 0, which KVM refuses before it looks at the function ID."""
    AARCH32 = "AArch32 guest"
    """The guest's EL1 is AArch32, for which KVM's PSCI has no SMC64 call."""
    VMM_IMPLEMENTS = "the VMM implements it"
    """The filter forwards the call, and the policy says that the VMM implements it."""
    VMM_REFUSES = "the VMM does not implement it"
    """The filter forwards the call, and the policy says what the VMM implements: not this call."""


class SystemEvent(StrEnum):
    """Type of the KVM_EXIT_SYSTEM_EVENT with which the vCPU leaves, its registers already set."""

    SHUTDOWN = "shutdown"
    RESET = "reset"
    SUSPEND = "suspend"


class Reply(NamedTuple):
    """What a guest gets for one call.

    ``registers`` are those it finds when it goes on, an AArch32 guest their low 32 bits; ``None`` where they are the
    host's or the VMM's to choose (a clock, entropy, the CPUs' mitigations, other vCPUs, an address or whether there is
    one) or where the vCPU does not go on. ``event`` is set where the VMM is asked to act first; ``flag`` then is the
    event's flag bit, set for SYSTEM_RESET2 and SYSTEM_OFF2.
    """

    outcome: Outcome
    why: Why
    registers: Registers | None
    event: SystemEvent | None = None
    flag: bool = False

    @property
    def constant(self) -> Registers:
        """The registers of an answer that is neither the host's nor the VMM's. Raises ValueError for any other."""
        if self.registers is None:
            raise ValueError(f"{self} has no registers")
        return self.registers

    @property
    def for_guest(self) -> Outcome:
        """The outcome as the guest finds it: a forwarded call is answered or refused where that is known of the VMM."""
        return _OF_VMM.get(self.why, self.outcome)

    @property
    def by_vmm(self) -> bool:
        """Whether it is known what the VMM makes of the call."""
        return self.why in _OF_VMM


_OF_VMM = {Why.VMM_IMPLEMENTS: Outcome.ANSWERED, Why.VMM_REFUSES: Outcome.NOT_SUPPORTED}
"""What the VMM makes of a call, which is forwarded as far as KVM knows."""


class Call(NamedTuple):
    """A call's function ID (W0, 32 bits) and its first arguments (64 bits each)."""

    func_id: int
    x1: int = 0
    x2: int = 0
    x3: int = 0


def _no_filter(_: int) -> SmcccFilterAction:
    return SmcccFilterAction.HANDLE


FIRMWARE_BITS = {register.key: (1 << len(register.bits)) - 1 for register in FIRMWARE_REGISTERS}
"""Every bit of each firmware register, by the policy language's name: ``KVM_ARM_SMCCC_STD_FEATURES`` and so on."""


class SmcccFeatures(NamedTuple):
    """``struct kvm_smccc_features``: the firmware bitmap registers, as ``kvm_arm_init_hypercalls()`` sets them."""

    std: int = FIRMWARE_BITS["std"]
    std_hyp: int = FIRMWARE_BITS["std_hyp"]
    vendor_hyp: int = FIRMWARE_BITS["vendor_hyp"]
    vendor_hyp_2: int = 0


class Machine(NamedTuple):
    """One VM of one kernel, and the vCPU that calls.

    ``filter`` gives the action for an ID: ``Vm.kvm_smccc_filter_get_action`` for one, or that of a policy. ``psci_0_2``
    is the vCPU feature KVM_ARM_VCPU_PSCI_0_2, ``psci_version`` what was written to its register, 0 for nothing.
    ``system_suspend`` is the VM capability, ``stolen_time`` whether the vCPU has a stolen-time page, ``None`` where
    nobody knows, ``protected`` a pKVM protected VM, ``nested`` a guest with EL2, ``aarch32`` one whose EL1 is AArch32
    (KVM_ARM_VCPU_EL1_32BIT), ``hcr_el2_tsc`` whether the guest's EL2 traps the SMCs of its EL1, ``has_ran_once``
    whether a vCPU of the VM has run, ``mpidr`` the affinity of the vCPU that calls, and ``others`` that of every other
    and whether it is on, ``None`` where nobody knows.
    """

    profile: Profile
    filter: Callable[[int], SmcccFilterAction] = _no_filter
    features: SmcccFeatures = SmcccFeatures()
    psci_0_2: bool = True
    psci_version: int = 0
    system_suspend: bool = False
    stolen_time: bool | None = False
    protected: bool = False
    nested: bool = False
    aarch32: bool = False
    hcr_el2_tsc: bool = False
    has_ran_once: bool = False
    mpidr: int = 0
    others: tuple[tuple[int, bool], ...] | None = None

    def kvm_psci_version(self) -> int:
        """Return the PSCI version that the guest is given, as ``KVM_REG_ARM_PSCI_VERSION`` holds it."""
        if not self.psci_0_2:
            return PSCI_VERSIONS["0.1"]
        return self.psci_version or PSCI_VERSIONS[self.profile.psci.value[-1]]
