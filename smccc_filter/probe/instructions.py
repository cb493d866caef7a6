"""The guest: it makes the call that its registers hold, then stores to where nothing is, which ends KVM_RUN.

Nothing but registers goes in and out. A guest without an MMU goes past the caches, so memory that it shared with the
VMM would show each of them something else on most hardware; instructions are cleaned to memory by KVM before the first
fetch.

An SMC on a CPU without EL3 may be undefined, whatever KVM does; the exception then ends in a store to another address.

Source: Arm DDI 0487, chapter C6; D1.3 for the vector table.
"""

import struct

from smccc_filter.kvm.machine import Conduit

GUEST_BASE = 0
"""Guest address of the only memory, and of the vector table: KVM resets VBAR_EL1 to 0."""
CURRENT_EL_SYNC = 0x200
"""Offset of the vector for an exception taken from EL1, on its own stack pointer."""

CONDUIT_REGISTER = 5
CONDUITS = {Conduit.HVC: 0, Conduit.SMC: 1}
"""What X5 holds."""
DONE_REGISTER = 6
UNDEFINED_REGISTER = 7
DONE = 0x1000_0000
"""Guest address, which X6 holds, of the store after a call."""
UNDEFINED = 0x1001_0000
"""Guest address, which X7 holds, of the store after an exception."""

LOOP = (
    0xB500_0065,  # 0x000  cbnz x5, 0x00c
    0xD400_0002,  # 0x004  hvc  #0
    0x1400_0002,  # 0x008  b    0x010
    0xD400_0003,  # 0x00c  smc  #0
    0xF900_00DF,  # 0x010  str  xzr, [x6]
    0x17FF_FFFB,  # 0x014  b    0x000
)
VECTOR = (
    0xF900_00FF,  # 0x200  str  xzr, [x7]
    0x1400_0000,  # 0x204  b    0x204
)


def image() -> bytes:
    """Return what lies at ``GUEST_BASE``: code with the vector behind it, 520 bytes, little endian."""
    loop, vector = (struct.pack(f"<{len(words)}I", *words) for words in (LOOP, VECTOR))
    return loop.ljust(CURRENT_EL_SYNC, b"\0") + vector
