"""What the bits of an SMCCC function ID mean.

Fast and yielding calls share 32 bits but not a layout: only a fast call (bit 31) has an owner, a calling convention
and a function number. Below bit 31 a yielding call is one number in a service range, so every field but the call type
is ``None`` for it.

Source: Arm DEN0028 (SMC Calling Convention), table 2-1; Linux include/linux/arm-smccc.h.
"""

from typing import NamedTuple

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


class FunctionId(NamedTuple):
    """The fields of one function ID."""

    fast: bool
    smc64: bool | None
    owner: int | None
    must_be_zero: int | None
    sve_hint: bool | None
    number: int | None


def decode(fid: int) -> FunctionId:
    """Split ``fid`` (0 to 0xFFFFFFFF) into its fields; a yielding ID has the call type only."""
    if not fid & FAST_CALL:
        return FunctionId(fast=False, smc64=None, owner=None, must_be_zero=None, sve_hint=None, number=None)
    return FunctionId(
        fast=True,
        smc64=bool(fid & SMC64),
        owner=fid >> OWNER_SHIFT & OWNER_MASK,
        must_be_zero=(fid & MUST_BE_ZERO) >> 17,
        sve_hint=bool(fid & SVE_HINT),
        number=fid & NUMBER_MASK,
    )


def show(fid: int) -> str:
    """Write ``fid`` as the kernel's documents do: ``0x84000003``."""
    return f"0x{fid:08X}"


def show_range(start: int, stop: int) -> str:
    """Write the half-open ``[start, stop)`` as people do: inclusive, or one ID."""
    return show(start) if stop - start == 1 else f"{show(start)}-{show(stop - 1)}"
