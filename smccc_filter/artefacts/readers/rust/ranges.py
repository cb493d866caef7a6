"""Ranges of function IDs in Rust: ``Range`` and ``RangeInclusive``, their types and their ends."""

from typing import NamedTuple

from smccc_filter.artefacts.readers.rust.expressions import U64_MAX, RustValue
from smccc_filter.artefacts.readers.rust.text import RustTokens
from smccc_filter.artefacts.readers.rust.tree import Stretch
from smccc_filter.artefacts.readers.source.tokens import NAME

RANGE_TYPES = {"Range": False, "RangeInclusive": True}
"""The types of the standard library that have two ends, and whether the last is one of them."""
_DOTS = frozenset(("..", "..="))


class RustRange(NamedTuple):
    """The two ends of a range; ``inclusive`` where the second is in it."""

    start: RustValue
    end: RustValue
    inclusive: bool

    def part(self, name: str, *, called: bool) -> RustValue | None:
        """Return a field, or what a method without arguments gives; ``None`` where a range of this kind has none."""
        if name in {"start", "end"}:
            return (self.start if name == "start" else self.end) if called == self.inclusive else None
        if name in {"len", "count"} and called:
            length = self.end.number - self.start.number + self.inclusive
            return RustValue(max(0, length), U64_MAX, flexible=False)
        return None


def dots_in(source: RustTokens, expression: Stretch) -> int:
    """Return where ``..`` or ``..=`` stands outside of brackets; the end of the expression where none does."""
    at, stop = expression
    while at < stop and source.text(at) not in _DOTS:
        at = source.close(at) + 1
    return min(at, stop)


def range_type(source: RustTokens, type_: Stretch) -> tuple[str, Stretch] | None:
    """Return ``Range`` or ``RangeInclusive`` and the type of its ends; ``None`` where another type is written."""
    start, stop = type_
    while source.text(start) == "&" or source.tokens[start].kind == "lifetime":
        start += 1
    while source.tokens[start].kind == NAME and source.text(start + 1) == "::":
        start += 2
    if source.text(start) not in RANGE_TYPES or source.text(start + 1) != "<" or source.text(stop - 1) != ">":
        return None
    return source.text(start), Stretch(start + 2, stop - 1)
