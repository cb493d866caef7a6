"""Places in a document: by path from its root, by offset in its text, by line and column."""

from typing import NamedTuple

Path = tuple[str | int, ...]
"""Keys and indices from the root of the document, such as ``("rules", 0, "calls", 2)``."""


class Offsets(NamedTuple):
    """A half-open stretch of the text, in characters."""

    start: int
    end: int


class KeyOf(NamedTuple):
    """The key of a mapping, not its value."""

    path: Path


Place = Path | Offsets | KeyOf


class Position(NamedTuple):
    """A line and a column, both from 1; columns count characters."""

    line: int
    column: int


class Span(NamedTuple):
    """From ``start`` to ``end``, which is one past the last character."""

    start: Position
    end: Position
