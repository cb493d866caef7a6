"""Pieces of a text and what to write in their place."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple


class TextEdit(NamedTuple):
    """Write ``text`` in place of the half-open stretch from ``start`` to ``end``, in characters."""

    start: int
    end: int
    text: str


def collide(one: TextEdit, other: TextEdit) -> bool:
    """Tell whether two edits are about the same text; an insertion also with what it touches."""
    if one.start == one.end or other.start == other.end:
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end


def is_apart(edits: Sequence[TextEdit]) -> bool:
    """Tell whether edits, in order, can be made all at once with one possible result."""
    return all(one.end <= other.start and one[:2] != other[:2] for one, other in pairwise(edits))


def apply(text: str, edits: Iterable[TextEdit]) -> str:
    """Return ``text`` after edits that are apart, in any order."""
    pieces = []
    at = 0
    for start, end, new in sorted(edits):
        pieces += [text[at:start], new]
        at = end
    return "".join((*pieces, text[at:]))
