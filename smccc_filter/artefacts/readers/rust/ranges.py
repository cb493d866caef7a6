"""Ranges of function IDs in Rust, ``Range`` and ``RangeInclusive``, and the literal lists over which a ``for`` goes."""

from typing import NamedTuple

from smccc_filter.artefacts.readers.rust.expressions import U64_MAX, RustValue
from smccc_filter.artefacts.readers.rust.text import RustTokens
from smccc_filter.artefacts.readers.rust.tree import Stretch
from smccc_filter.artefacts.readers.source.tokens import NAME

RANGE_TYPES = {"Range": False, "RangeInclusive": True}
"""The types of the standard library that have two ends, and whether the last is one of them."""
_SAME = frozenset(("clone", "into_iter", "iter"))
"""Methods that give what they are called on, element by element or whole."""
_LEAVING = frozenset(("break", "continue", "&&", "then", "then_some", "filter", "retain", "=>", "==", "!=", "<=", ">="))
"""What may make a loop leave out an element, whatever the element is."""
_ASKING = frozenset(("if", "while", "match"))
_BLOCK = frozenset("{")
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


def without_brackets(source: RustTokens, expression: Stretch) -> Stretch:
    """Return an expression without references, brackets around it and methods behind it that change nothing."""
    start, stop = expression
    while start < stop:
        if source.text(start) in {"&", "&&"}:
            start += 1
        elif source.text(start) == "(" and source.close(start) == stop - 1:
            start, stop = start + 1, stop - 1
        elif source.text(stop - 2) == "(" and source.text(stop - 3) in _SAME and source.text(stop - 4) == ".":
            stop -= 4
        else:
            break
    return Stretch(start, stop)


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


def leaves_out(source: RustTokens, pattern: Stretch, body: Stretch) -> int | None:
    """Return where the body of a loop may do otherwise for one element than for another; ``None`` where it does not.

    A condition that has nothing of what the loop binds holds for all elements or for none.
    """
    bound = {source.text(at) for at in source.names(*pattern)}
    for at in range(*body):
        if source.text(at) == "let":
            end = source.find(at + 1, body.stop, frozenset(("=", ";")))
            bound |= {source.text(name) for name in source.names(at + 1, end)}
    for at in range(*body):
        text = source.text(at)
        if text in _LEAVING or (text == "return" and source.text(at + 1) != "Err"):
            return at
        if text == "||" and (source.is_name(at - 1) or source.text(at - 1) in {")", "]"}):
            return at
        if text in _ASKING:
            end = source.find(at + 1, body.stop, _BLOCK)
            if any(source.text(name) in bound for name in source.names(at + 1, end)):
                return at
    return None


def listed(source: RustTokens, value: Stretch) -> tuple[Stretch, ...] | None:
    """Return the elements of ``[a, b]``; ``None`` where something else is written, or one several times."""
    start, stop = value
    if source.text(start) != "[" or source.close(start) != stop - 1:
        return None
    at = start + 1
    while at < stop - 1:
        if source.text(at) == ";":
            return None
        at = source.close(at) + 1
    return tuple(source.pieces(start + 1, stop - 1))
