"""A text that turns character offsets into lines and columns, and bytes into such a text."""

import re
from bisect import bisect_right
from functools import cached_property

from smccc_filter.language.places import Offsets, Position, Span

_LINE_END = re.compile("\r\n|\r|\n")


class Text:
    """What a file holds, byte order mark removed."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    def position(self, offset: int) -> Position:
        """Return the line and column, from 1, of a character offset."""
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)

    def span(self, offsets: Offsets) -> Span:
        """Return the lines and columns of a stretch."""
        return Span(self.position(offsets.start), self.position(offsets.end))
