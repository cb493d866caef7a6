"""Places in a document: by path from its root, by offset in its text, by line and column; and what to change at one."""

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


class Replace(NamedTuple):
    """Write something else where a scalar or a key stands; an item of a list may become several."""

    place: Place
    texts: tuple[str, ...]


class Remove(NamedTuple):
    """Take an item out of its list, or a key with its value out of its mapping."""

    path: Path


class Append(NamedTuple):
    """Add items at the end of a list."""

    path: Path
    texts: tuple[str, ...]


class SetKeys(NamedTuple):
    """Give keys of a mapping their values.

    New ones, and a mapping that is not there yet, come behind the last of ``after``, or at the end where there is none.
    """

    path: Path
    values: tuple[tuple[str, str], ...]
    after: tuple[str, ...] = ()


Change = Replace | Remove | Append | SetKeys
"""What to do to a document, whatever its layout. Texts are YAML that is good in brackets too, in one line."""
