"""How function IDs are written: ``first-last``, ``base+count`` or one ID, in hexadecimal."""

import re
from typing import NamedTuple

from smccc_filter.smccc.function_id import SPACE, show
from smccc_filter.smccc.intervals import Intervals
from smccc_filter.words import cut

_HEX = r"0[xX][0-9A-Fa-f]+(?:_[0-9A-Fa-f]+)*"
_DECIMAL = r"[0-9]+(?:_[0-9]+)*"
RANGE_PATTERN = f"^{_HEX}(-{_HEX}|\\+({_HEX}|{_DECIMAL}))?$"
ID_PATTERN = f"^{_HEX}$"

_RANGE = f"(?P<first>{_HEX})(?:-(?P<last>{_HEX})|\\+(?P<count>{_HEX}|{_DECIMAL}))?"
_DECIMALS = f"(?:{_HEX}|(?P<first>{_DECIMAL}))(?:-(?:{_HEX}|(?P<last>{_DECIMAL}))|\\+[0-9A-Fa-fxX_]+)?"


class WrittenRange(NamedTuple):
    """A range as written: ``size``, in IDs, is 0 for an empty one and negative where the last ID is below the first."""

    base: int
    size: int

    @property
    def ids(self) -> Intervals:
        """The IDs it selects; none if a kernel would refuse it as empty or wrapping."""
        return ((self.base, self.base + self.size),) if 0 < self.size <= SPACE - self.base else ()


class MalformedRangeError(ValueError):
    """The text is no range; ``args`` are the message and the hint. ``instead`` says the same as it should be."""

    def __init__(self, message: str, hint: str, instead: str | None = None) -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint
        self.instead = instead


def parse(text: str) -> WrittenRange:
    """Read a range; raises MalformedRangeError."""
    match = re.fullmatch(_RANGE, text)
    if not match:
        raise _malformed(text)
    base = _number(match["first"], text)
    if match["last"]:
        return WrittenRange(base, _number(match["last"], text) - base + 1)
    return WrittenRange(base, _number(match["count"], text) if match["count"] else 1)


def decimal(number: int, whole: str = "") -> MalformedRangeError:
    """Say what is wrong with an ID written as a plain number; ``whole`` is the range that it stands in."""
    if number < 0:
        return MalformedRangeError(f"a function ID is never negative: {number}", "write 0x00000000 to 0xFFFFFFFF")
    if number >= SPACE:
        return MalformedRangeError(f"{number} has more than 32 bits", "write 0x00000000 to 0xFFFFFFFF")
    return MalformedRangeError(
        f"decimal function ID {number}",
        f"write it in hexadecimal: {show(number)}",
        _hexadecimal(whole or str(number)),
    )


def _hexadecimal(text: str) -> str | None:
    """Write the decimal IDs of a range in hexadecimal; ``None`` where one may lack nothing but its ``0x``."""
    base, sign, rest = re.fullmatch("([^-+]*)([-+]?)(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr] # any text
    ends = [base, rest] if sign == "-" else [base]
    decimals = [end for end in ends if end[:2].lower() != "0x"]
    if any(_decimal(end) >= SPACE or _lacks_prefix(end) for end in decimals):
        return None
    shown = [show(_decimal(end)) if end in decimals else end for end in ends]
    written = sign.join(shown) if sign == "-" else f"{shown[0]}{sign}{rest}"
    return written if re.fullmatch(_RANGE, written) else None


def _lacks_prefix(text: str) -> bool:
    """Tell whether decimal digits are those of a fast call's ID in hexadecimal, as in 84000003."""
    digits = text.replace("_", "")
    return len(digits) == len("84000003") and digits[0] in "89"


def _number(text: str, whole: str) -> int:
    value = int(text, 0) if text[:2].lower() == "0x" else _decimal(text)
    if value >= SPACE:
        raise MalformedRangeError(
            f"{cut(text)}{'' if text == whole else f' in `{cut(whole)}`'} has more than 32 bits",
            "a function ID, and the kernel's count of them, has 32 bits: write 0x00000000 to 0xFFFFFFFF",
        )
    return value


def _decimal(text: str) -> int:
    """Read a decimal number, 2**32 for any that is larger: ``int`` refuses what has thousands of digits."""
    digits = text.replace("_", "").lstrip("0")
    return min(int(digits or "0"), SPACE) if len(digits) <= len(str(SPACE)) else SPACE


def _malformed(text: str) -> MalformedRangeError:
    match = re.fullmatch(_DECIMALS, text)
    if match and (written := match["first"] or match["last"]):
        value = _decimal(written)
        if value < SPACE:
            return decimal(value, text)
        return MalformedRangeError(f"{cut(written)} has more than 32 bits", "write 0x00000000 to 0xFFFFFFFF")
    return MalformedRangeError(
        f"`{cut(text)}` is not a range of function IDs",
        "write first-last, base+count or one ID, as in 0x84000000-0x8400001F",
    )
