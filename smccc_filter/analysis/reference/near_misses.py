"""Which known call was meant by an ID that none has: what a slip of the hand or of one bit away is worth telling."""

from collections.abc import Iterator
from typing import NamedTuple

from smccc_filter.analysis.reference.forms import other_form, other_hint
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import NUMBER_MASK, show

MOST = 4
"""Near misses that are told of one ID."""
_DIGITS = 8
_BITS = 32
_NUMBER_BITS = NUMBER_MASK.bit_length()


class NearMiss(NamedTuple):
    """A known call's ID, and how it differs from the one that was asked for."""

    fid: int
    difference: str


def near_misses(fid: int) -> tuple[NearMiss, ...]:
    """Return the known calls that an ID was likely meant to be; none where its other form or its hint tells that."""
    hint = other_hint(fid)
    told = other_form(fid) is not None or (hint is not None and registry.by_id(hint))
    return () if told else resembling(fid)


def resembling(fid: int) -> tuple[NearMiss, ...]:
    """Return the known calls' IDs that ``fid`` was likely meant to be, the likeliest first; none if it is one itself.

    A function number that differs in a bit or a digit is another call of the same service rather than a slip, so only
    the bits above it count.
    """
    if registry.by_id(fid):
        return ()
    found: dict[int, NearMiss] = {}
    for one in (*_digit_missing(fid), *_digits_exchanged(fid), *_bit_wrong(fid), *_digit_wrong(fid)):
        if registry.by_id(one.fid):
            found.setdefault(one.fid, one)
    return tuple(found.values())[:MOST]


def _digit_missing(fid: int) -> Iterator[NearMiss]:
    """Yield IDs of eight digits that are one short where two were the same, as 0x8400003 is for 0x84000003."""
    digits = show(fid)[3:]
    if fid < 1 << _BITS - 4:
        yield from (NearMiss(int(digits[:i] + digits[i - 1 :], 16), "a digit is missing") for i in range(1, _DIGITS))


def _digits_exchanged(fid: int) -> Iterator[NearMiss]:
    digits = show(fid)[2:]
    for i in range(_DIGITS - 1):
        exchanged = digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :]
        yield NearMiss(int(exchanged, 16), "two digits are exchanged")


def _bit_wrong(fid: int) -> Iterator[NearMiss]:
    yield from (NearMiss(fid ^ 1 << bit, f"bit {bit} differs") for bit in reversed(range(_NUMBER_BITS, _BITS)))


def _digit_wrong(fid: int) -> Iterator[NearMiss]:
    for shift in reversed(range(_NUMBER_BITS, _BITS, 4)):
        rest = fid & ~(0xF << shift)
        yield from (NearMiss(rest | digit << shift, "one digit differs") for digit in range(0x10))
