"""How function IDs are written: ``first-last``, ``base+count`` or one ID, in hexadecimal.

Whatever else a text holds is no range; ``language.policy.malformed`` says why, and what was meant.
"""

import re
from typing import NamedTuple

from smccc_filter.smccc.function_id import SPACE
from smccc_filter.smccc.intervals import Intervals

HEX = r"0[xX][0-9A-Fa-f]+(?:_[0-9A-Fa-f]+)*"
DECIMAL = r"[0-9]+(?:_[0-9]+)*"
RANGE_PATTERN = f"^{HEX}(-{HEX}|\\+({HEX}|{DECIMAL}))?$"
ID_PATTERN = f"^{HEX}$"

_RANGE = f"({HEX})(?:-({HEX})|\\+({HEX}|{DECIMAL}))?"


class RangeParts(NamedTuple):
    """The numbers of a range as they are written: the first ID, then the last one, or a count, or neither."""

    first: str
    last: str | None
    nr_functions: str | None


class WrittenRange(NamedTuple):
    """A range as written: ``size``, in IDs, is 0 for an empty one and negative where the last ID is below the first."""

    base: int
    size: int

    @property
    def ids(self) -> Intervals:
        """The IDs it selects; none if a kernel would refuse it as empty or wrapping."""
        return ((self.base, self.base + self.size),) if 0 < self.size <= SPACE - self.base else ()


def is_number(text: str) -> bool:
    """Tell whether a text is meant as function IDs rather than as a name, which begins with a letter."""
    return text[:1].isdigit()


def is_several(written: str) -> bool:
    """Tell whether a range is written as one, rather than as one ID."""
    return "-" in written or "+" in written


def parts(text: str) -> RangeParts | None:
    """Take a range apart; ``None`` for a text that is not written as one."""
    match = re.fullmatch(_RANGE, text)
    return RangeParts(*match.groups()) if match else None


def number(text: str) -> int:
    """Read a number as ``parts`` gives it, 2**32 for any that is larger: ``int`` refuses thousands of digits."""
    prefixed = text[:2].lower() == "0x"
    if len(text) <= len(str(SPACE)):
        return min(int(text, 16 if prefixed else 10), SPACE)
    digits = (text[2:] if prefixed else text).replace("_", "").lstrip("0") or "0"
    return min(int(digits, 16 if prefixed else 10), SPACE) if len(digits) <= len(str(SPACE)) else SPACE


def parse(text: str) -> WrittenRange | None:
    """Read a range; ``None`` for a text that is none, or that has a number of more than 32 bits."""
    written = parts(text)
    return read_parts(written) if written else None


def read_parts(written: RangeParts) -> WrittenRange | None:
    """Read the parts of a range; ``None`` where a number has more than 32 bits."""
    first, last, count = (number(part) if part else 1 for part in written)
    if max(first, last, count) >= SPACE:
        return None
    return WrittenRange(first, last - first + 1 if written.last else count)
