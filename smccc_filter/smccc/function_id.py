"""Which bits an SMCCC function ID has, and how it is written.

Fast and yielding calls share 32 bits but not a layout: only a fast call (bit 31) has an owner, a calling convention
and a function number. Below bit 31 a yielding call is one number in a service range.

Source: Arm DEN0028 (SMC Calling Convention), table 2-1; Linux include/linux/arm-smccc.h.
"""

SPACE = 1 << 32
"""How many function IDs there are; also the exclusive end of the ID space."""

FAST_CALL = 1 << 31
SMC64 = 1 << 30
OWNER_SHIFT = 24
OWNER_MASK = 0x3F
MUST_BE_ZERO = 0x00FE_0000
"""Bits 23:17, zero in every fast call since SMCCC 1.3 (bits 23:16 before)."""
SVE_HINT = 1 << 16
"""Bit 16, set by a caller that has no live SVE state (SMCCC 1.3). It does not name another function."""
NUMBER_MASK = 0xFFFF
OWNER_BLOCK = 1 << OWNER_SHIFT
"""IDs that share bit 31, bit 30 and the owner."""
FUNCTIONS = 1 << 16
"""Function numbers of one owner in one calling convention."""
GENERAL_QUERIES = 0xFF00
"""First number of the block that every owner keeps for call count, UID, revision and their successors."""


def show(fid: int) -> str:
    """Write ``fid`` as the kernel's documents do: ``0x84000003``."""
    return f"0x{fid:08X}"


def show_range(start: int, stop: int) -> str:
    """Write the half-open ``[start, stop)`` as people do: inclusive, or one ID."""
    return show(start) if stop - start == 1 else f"{show(start)}-{show(stop - 1)}"


def is_smc64(fid: int) -> bool:
    """Tell whether the call is one of SMC64, which a caller in AArch32 does not make (Arm DEN0028, section 2.3)."""
    return fid & (FAST_CALL | SMC64) == FAST_CALL | SMC64
