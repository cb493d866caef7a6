"""The C ABI through which a VMM gives KVM its filter: layouts, numbers and names as in Linux's headers.

Sources: Linux 7.3.4 include/uapi/linux/kvm.h and arch/arm64/include/uapi/asm/kvm.h. All multi-byte fields are little
endian, as arm64 KVM hosts are.
"""

import struct
from collections.abc import Iterable
from enum import IntEnum, StrEnum
from typing import NamedTuple


class Action(StrEnum):
    """What the filter says of a call."""

    HANDLE = "handle"
    DENY = "deny"
    FORWARD = "forward"


class Errno(StrEnum):
    """The error number with which a kernel refuses an ioctl, an entry of a filter above all."""

    EBUSY = "EBUSY"
    EEXIST = "EEXIST"
    EFAULT = "EFAULT"
    EINTR = "EINTR"
    EINVAL = "EINVAL"
    ENOENT = "ENOENT"
    ENOEXEC = "ENOEXEC"
    ENXIO = "ENXIO"


class SmcccFilterAction(IntEnum):
    """``enum kvm_smccc_filter_action``."""

    HANDLE = 0
    DENY = 1
    FWD_TO_USER = 2


KVM_ACTION = {
    Action.HANDLE: SmcccFilterAction.HANDLE,
    Action.DENY: SmcccFilterAction.DENY,
    Action.FORWARD: SmcccFilterAction.FWD_TO_USER,
}
ACTION_OF_KVM = {number: action for action, number in KVM_ACTION.items()}

KVM_SMCCC_FILTER = struct.Struct("<IIB15s")
"""``struct kvm_smccc_filter``: base, nr_functions, action, pad (15 bytes, all zero). 24 bytes."""

KVM_ARM_VM_SMCCC_CTRL = 0
KVM_ARM_VM_SMCCC_FILTER = 0
KVM_SET_DEVICE_ATTR = 0x4018_AEE1
KVM_HAS_DEVICE_ATTR = 0x4018_AEE3
KVM_SET_ONE_REG = 0x4010_AEAC

ONE_REG = struct.Struct("<QQ")
"""A register ID and its value, the two halves of what ``KVM_SET_ONE_REG`` sets. 16 bytes."""

KVM_REG_ARM_PSCI_VERSION = 0x6030_0000_0014_0000
HOST_CPU_REGISTERS = range(KVM_REG_ARM_PSCI_VERSION + 1, KVM_REG_ARM_PSCI_VERSION + 4)
"""KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1 to 3, whose values the host's CPUs decide, so that no policy has them."""

PSCI_VERSIONS = {"0.1": 0x1, "0.2": 0x2, "1.0": 0x1_0000, "1.1": 0x1_0001, "1.2": 0x1_0002, "1.3": 0x1_0003}
"""Values of ``KVM_REG_ARM_PSCI_VERSION``, Linux include/kvm/arm_psci.h."""
PSCI_VERSION_NAMES = {value: name for name, value in PSCI_VERSIONS.items()}


class FirmwareRegister(NamedTuple):
    """One register that a policy can set: its name in the policy language, Linux's macro, and its 64-bit ID.

    A value is made of words of the policy language. ``bits[i]`` is the word for bit ``i`` of a hypercall bitmap. A
    register without bits is that of the PSCI version.
    """

    key: str
    macro: str
    id: int
    bits: tuple[str, ...] = ()

    def value_of(self, words: Iterable[str]) -> int:
        """Return the value that some bits, or one PSCI version, make. Raises KeyError for a word it does not have."""
        numbers = {bit: 1 << i for i, bit in enumerate(self.bits)} or PSCI_VERSIONS
        return sum(numbers[word] for word in set(words))

    def words_of(self, value: int) -> tuple[str, ...] | None:
        """Return the bits that are set, or the PSCI version; ``None`` for a value that KVM does not know."""
        if not self.bits:
            return (PSCI_VERSION_NAMES[value],) if value in PSCI_VERSION_NAMES else None
        if value >> len(self.bits):
            return None
        return tuple(bit for i, bit in enumerate(self.bits) if value >> i & 1)


PSCI_REGISTER = FirmwareRegister("psci", "KVM_REG_ARM_PSCI_VERSION", KVM_REG_ARM_PSCI_VERSION)
FIRMWARE_REGISTERS = (
    FirmwareRegister("std", "KVM_REG_ARM_STD_BMAP", 0x6030_0000_0016_0000, ("trng",)),
    FirmwareRegister("std_hyp", "KVM_REG_ARM_STD_HYP_BMAP", 0x6030_0000_0016_0001, ("pv_time",)),
    FirmwareRegister("vendor_hyp", "KVM_REG_ARM_VENDOR_HYP_BMAP", 0x6030_0000_0016_0002, ("func_feat", "ptp")),
    FirmwareRegister(
        "vendor_hyp_2",
        "KVM_REG_ARM_VENDOR_HYP_BMAP_2",
        0x6030_0000_0016_0003,
        ("discover_impl_ver", "discover_impl_cpus"),
    ),
)
"""The hypercall bitmaps, which a policy has below ``firmware``."""
WRITABLE_REGISTERS = (PSCI_REGISTER, *FIRMWARE_REGISTERS)
"""Every register that a policy can set, in the order in which its VMM writes them."""
REGISTER_OF_ID = {register.id: register for register in WRITABLE_REGISTERS}
REGISTER_OF_KEY = {register.key: register for register in WRITABLE_REGISTERS}
