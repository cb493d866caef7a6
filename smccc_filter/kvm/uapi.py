"""The C ABI through which a VMM gives KVM its filter: layouts, numbers and names as in Linux's headers.

Sources: Linux 7.3.4 include/uapi/linux/kvm.h and arch/arm64/include/uapi/asm/kvm.h. All multi-byte fields are little
endian, as arm64 KVM hosts are.
"""

import struct
from enum import IntEnum, StrEnum
from typing import NamedTuple


class Action(StrEnum):
    """What the filter says of a call."""

    HANDLE = "handle"
    DENY = "deny"
    FORWARD = "forward"


class Errno(StrEnum):
    """The error number with which a kernel refuses an entry."""

    EBUSY = "EBUSY"
    EEXIST = "EEXIST"
    EINVAL = "EINVAL"
    ENOENT = "ENOENT"


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


class FirmwareRegister(NamedTuple):
    """One hypercall bitmap register; ``bits[i]`` is the policy language's name of bit ``i``."""

    key: str
    macro: str
    id: int
    bits: tuple[str, ...]


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

PSCI_VERSIONS = {"0.1": 0x1, "0.2": 0x2, "1.0": 0x1_0000, "1.1": 0x1_0001, "1.2": 0x1_0002, "1.3": 0x1_0003}
"""Values of ``KVM_REG_ARM_PSCI_VERSION``, Linux include/kvm/arm_psci.h."""
