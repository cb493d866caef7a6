"""Registers out of a register file: pairs of little-endian u64, register ID and value.

Any register of arm64 is read; which of them a policy can set is for whoever makes one of them. What has another ID may
be the bytes of any file, and so none of them is repeated.
"""

from smccc_filter.artefacts.readers.reading import Reading, ReadingFault, ReadRegister
from smccc_filter.kvm.uapi import ONE_REG

PAIR_BYTES = ONE_REG.size

KVM_REG_ARM64 = 0x6000
"""Top half-word of the ID of every arm64 register, less its size: Linux include/uapi/linux/kvm.h KVM_REG_ARM64."""
KVM_REG_SIZE_MASK = 0xF0


def read(data: bytes) -> Reading:
    """Cut the bytes into pairs of 16 bytes."""
    whole = len(data) - len(data) % PAIR_BYTES
    pairs = list(enumerate(ONE_REG.iter_unpack(data[:whole])))
    registers = tuple(ReadRegister(reg_id, value, _place(i)) for i, (reg_id, value) in pairs if is_arm64(reg_id))
    hint = "name another file, or its --format where it holds no registers"
    message = "its first 8 bytes are the ID of no arm64 register"
    faults = [ReadingFault(_place(i), message, hint) for i, (reg_id, _) in pairs if not is_arm64(reg_id)]
    if len(data) > whole:
        message = (
            f"the file has {len(data):,} bytes, no multiple of {PAIR_BYTES}: "
            f"the last register has {len(data) - whole} of its bytes"
        )
        faults.append(ReadingFault(_place(whole // PAIR_BYTES), message, hint))
    return Reading("regs", None, None, registers, tuple(faults))


def is_arm64(reg_id: int) -> bool:
    """Tell whether a register is one of an arm64 vCPU, by its ID."""
    return reg_id >> 48 & ~KVM_REG_SIZE_MASK == KVM_REG_ARM64


def _place(index: int) -> str:
    return f"register {index + 1} at byte {index * PAIR_BYTES}"
