"""What the bits of one function ID say, field by field.

Source: Arm DEN0028 (SMC Calling Convention), table 2-1; Linux include/linux/arm-smccc.h.
"""

from typing import NamedTuple

from smccc_filter.smccc.function_id import (
    FAST_CALL,
    MUST_BE_ZERO,
    NUMBER_MASK,
    OWNER_MASK,
    OWNER_SHIFT,
    SMC64,
    SVE_HINT,
)


class FunctionId(NamedTuple):
    """The fields of one function ID; every one but the call type is ``None`` for a yielding call."""

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
