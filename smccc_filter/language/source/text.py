"""A text and its lines: which line and column a character offset is in, and where that line begins and ends."""

import re
from bisect import bisect_right
from functools import cached_property
from itertools import accumulate

from smccc_filter.language.places import Offsets, Position, Span

LINE_END = re.compile(r"\r\n|\r(?!\n)|\n")


class SourceText:
    """What a file holds, byte order mark removed. Offsets count characters from 0."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _starts(self) -> list[int]:
        lines = self.text.replace("\r\n", " \n").replace("\r", "\n").split("\n")
        ends = accumulate(map(len, lines[:-1]))
        return [0, *[at + number for number, at in enumerate(ends, 1)]]

    @cached_property
    def _indents(self) -> dict[int, int]:
        """Where lines that were asked about begin, and where the spaces end that begin them."""
        return {}

    @cached_property
    def newline(self) -> str:
        """The characters that end the first line; a line feed where no line is ended."""
        found = LINE_END.search(self.text)
        return found.group() if found else "\n"

    def position(self, offset: int) -> Position:
        """Return the line and column, from 1, of a character offset."""
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)

    def span(self, offsets: Offsets) -> Span:
        """Return the lines and columns of a stretch."""
        return Span(self.position(offsets.start), self.position(offsets.end))

    def start_of(self, line: int) -> int:
        """Return where a line, counted from 1, begins; the end of the text for one that it does not have."""
        return self._starts[line - 1] if line <= len(self._starts) else len(self.text)

    def line_start(self, offset: int) -> int:
        """Return where the line of ``offset`` begins."""
        return self._starts[bisect_right(self._starts, offset) - 1]

    def line_end(self, offset: int) -> int:
        """Return where the line of ``offset`` ends, before the characters that end it."""
        after = self.next_line(offset)
        if after == len(self.text) and not self.text.endswith(("\n", "\r"), offset):
            return after
        return max(offset, after - (2 if self.text.startswith("\r\n", after - 2) else 1))

    def next_line(self, offset: int) -> int:
        """Return where the line after that of ``offset`` begins; the end of the text where there is none."""
        line = bisect_right(self._starts, offset)
        return self._starts[line] if line < len(self._starts) else len(self.text)

    def column(self, offset: int) -> int:
        """Count the characters before ``offset`` in its line."""
        return offset - self.line_start(offset)

    def margin(self, offset: int) -> str:
        """Return as many spaces as there are characters before ``offset`` in its line."""
        return " " * self.column(offset)

    def begins_line(self, offset: int) -> bool:
        """Tell whether nothing but spaces stands before ``offset`` in its line. O(log n), once the line is known."""
        start = self.line_start(offset)
        if start not in self._indents:
            self._indents[start] = re.compile(r"[ \t]*").match(self.text, start).end()  # type: ignore[union-attr]
        return offset <= self._indents[start]

    def is_blank(self, start: int, end: int) -> bool:
        """Tell whether nothing but white space stands there."""
        return not self.text[start:end].strip()
