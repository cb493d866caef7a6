"""The hosts that a kernel is booted on, for no host makes every kind of guest, and those kinds."""

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from smccc_filter.kvm.arm import HCR_EL2, HCR_EL2_TSC, KvmMode, VcpuFeature
from smccc_filter.kvm.profiles import NestedSupport, Profile, ProtectedSupport
from tests.programs.live.compare import CALLS
from tests.programs.live.machine import CPU
from tests.programs.live.policies import Policy, random_policy

VM_TYPE_PROTECTED = 0x8000_0000
"""KVM_VM_TYPE_ARM_PROTECTED."""
HCR_EL2_E2H_RW = 1 << 34 | 1 << 31
"""What vm.c gives a guest with EL2: that works with E2H alone on most hosts, and its EL1 is AArch64."""


class Host(NamedTuple):
    """QEMU's CPU, the mode that the kernel is booted in, and the QEMU that it needs, if not any."""

    cpu: str = CPU
    mode: KvmMode = KvmMode.DEFAULT
    needs_qemu: tuple[int, ...] = ()

    def __str__(self) -> str:
        """Name it as a log does."""
        return f"{self.cpu.partition(',')[0]} {self.arguments}".rstrip()

    @property
    def arguments(self) -> str:
        """What the kernel's command line says of the mode."""
        return "" if self.mode is KvmMode.DEFAULT else f"kvm-arm.mode={self.mode}"


USUAL = Host()
WITH_AARCH32 = Host("cortex-a57")
"""A CPU whose EL1 can be AArch32, and that has no VHE."""
NESTED = Host("max,pauth-impdef=on", KvmMode.NESTED, (9, 0))
"""FEAT_NV2 is in no other CPU, and not in older releases of QEMU."""
PROTECTED = Host(mode=KvmMode.PROTECTED)


class GuestKind(NamedTuple):
    """A kind of guest, and how its vCPU is initialised beside ``KVM_ARM_VCPU_PSCI_0_2``, which most get."""

    name: str
    host: Host
    features: VcpuFeature = VcpuFeature(0)
    psci_0_2: bool = True
    vm_type: int = 0

    def made_by(self, known: Profile) -> bool:
        """Tell whether a kernel makes such guests at all."""
        match self.host.mode:
            case KvmMode.NESTED:
                return known.nested.value is NestedSupport.OFFERED
            case KvmMode.PROTECTED:
                return known.protected.value is not ProtectedSupport.NOT_OFFERED
            case _:
                return True

    def policy(self, seed: int, known: list[int]) -> Policy:
        """Put the policy of a seed to such a guest, which makes some of its calls the other way if it has one."""
        label, (fresh, *operations) = random_policy(seed, known)
        random = Random(seed)  # noqa: S311 - reproducible, not secret
        if VcpuFeature.HAS_EL2 in self.features and random.random() < TRAPPING:
            operations.insert(0, f"R {HCR_EL2:x} {HCR_EL2_E2H_RW | HCR_EL2_TSC:x}")
        if self.features:
            operations = [_either_way(random, operation) for operation in operations]
        psci_0_2 = self.psci_0_2 and fresh == "V"
        features = self.features | (VcpuFeature.PSCI_0_2 if psci_0_2 else VcpuFeature(0))
        return Policy(f"{self.name} guest, {label}", (f"V {features:x} {self.vm_type:x}", *operations))


TRAPPING = 0.3
"""How often a guest's EL2 traps the SMCs of its EL1."""

GUESTS = (
    GuestKind("PSCI 0.1", USUAL, psci_0_2=False),
    GuestKind("AArch32", WITH_AARCH32, VcpuFeature.EL1_32BIT),
    GuestKind("nested", NESTED, VcpuFeature.HAS_EL2),
    GuestKind("protected", PROTECTED, vm_type=VM_TYPE_PROTECTED),
)


def calls_of(policies: Sequence[Policy]) -> int:
    """Count the calls that guests make."""
    return sum(operation[0] in CALLS for policy in policies for operation in policy.operations)


def _either_way(random: Random, operation: str) -> str:
    if operation[0] not in CALLS or random.random() < 0.5:
        return operation
    return operation[0].lower() + operation[1:]
