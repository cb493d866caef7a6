"""Registers out of a register file: pairs of little-endian u64, register ID and value.

Any number is read; which of them are registers that a policy can set is for whoever makes one of them.
"""

from smccc_filter.artefacts.readers.reading import Reading, ReadingFault, ReadRegister
from smccc_filter.kvm.uapi import ONE_REG

PAIR_BYTES = ONE_REG.size


def read(data: bytes) -> Reading:
    """Cut the bytes into pairs of 16 bytes."""
    whole = len(data) - len(data) % PAIR_BYTES
    registers = tuple(
        ReadRegister(reg_id, value, _place(i)) for i, (reg_id, value) in enumerate(ONE_REG.iter_unpack(data[:whole]))
    )
    faults: tuple[ReadingFault, ...] = ()
    if len(data) > whole:
        message = (
            f"the file has {len(data):,} bytes, no multiple of {PAIR_BYTES}: "
            f"the last register has {len(data) - whole} of its bytes"
        )
        hint = "name another file, or its --format where it holds no registers"
        faults = (ReadingFault(_place(whole // PAIR_BYTES), message, hint),)
    return Reading("regs", None, None, registers, faults)


def _place(index: int) -> str:
    return f"register {index + 1} at byte {index * PAIR_BYTES}"
