"""The part of KVM's ioctl interface with which a VMM makes a VM of one vCPU and runs it.

What belongs to filters and registers is in ``kvm.uapi``. Structures without pointers to other structures are packed and
unpacked whole; of ``struct kvm_run``, which KVM and the VMM share, only the offsets count.

Source: Linux 7.3.4 include/uapi/linux/kvm.h and arch/arm64/include/uapi/asm/kvm.h.
"""

import struct
from enum import IntEnum

from smccc_filter.kvm.machine import SystemEvent

KVM_CREATE_VM = 0xAE01
KVM_CHECK_EXTENSION = 0xAE03
KVM_GET_VCPU_MMAP_SIZE = 0xAE04
KVM_CREATE_VCPU = 0xAE41
KVM_SET_USER_MEMORY_REGION = 0x4020_AE46
KVM_RUN = 0xAE80
KVM_GET_MP_STATE = 0x8004_AE98
KVM_ENABLE_CAP = 0x4068_AEA3
KVM_GET_ONE_REG = 0x4010_AEAB
KVM_ARM_VCPU_INIT = 0x4020_AEAE
KVM_ARM_PREFERRED_TARGET = 0x8020_AEAF

KVM_CAP_ARM_VM_IPA_SIZE = 165

MEMORY_REGION = struct.Struct("<IIQQQ")
"""``struct kvm_userspace_memory_region``: slot, flags, guest_phys_addr, memory_size, userspace_addr. 32 bytes."""
VCPU_INIT = struct.Struct("<I7I")
"""``struct kvm_vcpu_init``: target, then seven words of features. 32 bytes."""
DEVICE_ATTR = struct.Struct("<IIQQ")
"""``struct kvm_device_attr``: flags, group, attr, addr. 24 bytes."""
ONE_REG = struct.Struct("<QQ")
"""``struct kvm_one_reg``: id, addr. 16 bytes."""
ENABLE_CAP = struct.Struct("<II4Q64s")
"""``struct kvm_enable_cap``: cap, flags, args, pad. 104 bytes."""
MP_STATE = struct.Struct("<I")
"""``struct kvm_mp_state``. 4 bytes."""

KVM_ARM_VCPU_PVTIME_CTRL = 2
KVM_ARM_VCPU_PVTIME_IPA = 0

EXIT_REASON = struct.Struct("<8xI")
HYPERCALL_EXIT = struct.Struct("<32xQ56xQ")
"""``hypercall.nr`` and ``hypercall.flags``."""
MMIO_EXIT = struct.Struct("<32xQ")
"""``mmio.phys_addr``."""
SYSTEM_EVENT_EXIT = struct.Struct("<32xI4xQ")
"""``system_event.type`` and ``system_event.flags``."""

KVM_HYPERCALL_EXIT_SMC = 1 << 0
KVM_SYSTEM_EVENT_FLAG = 1 << 0
"""``KVM_SYSTEM_EVENT_RESET_FLAG_PSCI_RESET2`` and ``KVM_SYSTEM_EVENT_SHUTDOWN_FLAG_PSCI_OFF2`` alike."""
SYSTEM_EVENTS = {1: SystemEvent.SHUTDOWN, 2: SystemEvent.RESET, 5: SystemEvent.SUSPEND}
"""By ``KVM_SYSTEM_EVENT_*``."""


class KvmExit(IntEnum):
    """``KVM_EXIT_*``, of the exits that the guest here can cause."""

    HYPERCALL = 3
    MMIO = 6
    SYSTEM_EVENT = 24


def core_x(number: int) -> int:
    """Return the register ID of X0 to X30: ``KVM_REG_ARM_CORE_REG(regs.regs[number])``, 64 bits."""
    return 0x6030_0000_0010_0000 | 2 * number
