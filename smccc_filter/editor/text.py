"""A text as an editor has it open: its characters, and the editor's own positions in them.

The protocol counts a line in units of UTF-16, or where client and server agree so, in bytes of UTF-8 or in characters.
A position that a line does not have is at its end, as the protocol has it.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Final

from lsprotocol import types

from smccc_filter.language.places import Offsets, Span
from smccc_filter.language.source import SourceText
from smccc_filter.language.source.text import LINE_END

MARK = "\ufeff"
"""A byte order mark, which reading a policy leaves out and most editors do not send."""
Change = types.TextDocumentContentChangePartial | types.TextDocumentContentChangeWholeDocument


class EditorText:
    """A text that never changes, and its positions in units of ``encoding``. Offsets count characters behind a mark."""

    def __init__(self, written: str, encoding: str = types.PositionEncodingKind.Utf16) -> None:
        self._mark: Final = MARK if written.startswith(MARK) else ""
        self.text: Final = written.removeprefix(MARK)
        self.encoding: Final = encoding
        self._source: Final = SourceText(self.text)

    @property
    def written(self) -> str:
        """The text with its byte order mark."""
        return self._mark + self.text

    @cached_property
    def data(self) -> bytes:
        """What a file with this text holds. A lone surrogate, which JSON can carry, becomes bytes that are no UTF-8."""
        return self.written.encode(errors="surrogatepass")

    @property
    def lines(self) -> list[str]:
        """The lines as the protocol counts them, without their ends."""
        return LINE_END.split(self.text)

    def offset(self, position: types.Position) -> int:
        """Return the character at a position, or the nearest that there is before it."""
        start = self._source.start_of(position.line + 1)
        line = self.text[start : self._source.line_end(start)]
        units = position.character - (0 if position.line else self._units(self._mark))
        if line.isascii():
            return start + min(max(units, 0), len(line))
        for number, character in enumerate(line):
            units -= self._units(character)
            if units < 0:
                return start + number
        return start + len(line)

    def position(self, offset: int) -> types.Position:
        """Return the position of a character."""
        line, _ = self._source.position(offset)
        before = self.text[self._source.start_of(line) : offset]
        return types.Position(line - 1, self._units(before if line > 1 else self._mark + before))

    def range(self, at: Offsets) -> types.Range:
        """Return where a stretch of the text is."""
        return types.Range(self.position(at.start), self.position(at.end))

    def range_of(self, span: Span) -> types.Range:
        """Return where lines and columns of a report are."""
        start, end = (self._source.start_of(line) + column - 1 for line, column in span)
        return self.range(Offsets(start, end))

    def after(self, changes: Sequence[Change]) -> "EditorText":
        """Return the text after changes, each of the text that the one before it left."""
        found = self
        for change in changes:
            written = change.text
            if isinstance(change, types.TextDocumentContentChangePartial):
                start, end = found.offset(change.range.start), found.offset(change.range.end)
                written = f"{found._mark}{found.text[:start]}{written}{found.text[max(start, end) :]}"
            found = EditorText(written, self.encoding)
        return found

    def replacing(self, new: str) -> list[types.TextEdit]:
        """Return the edit that makes the text ``new``, no lines of it longer than needed; none for the same text."""
        if new == self.text:
            return []
        old_lines, new_lines = self.text.splitlines(keepends=True), new.splitlines(keepends=True)
        shorter = min(len(old_lines), len(new_lines))
        head = next((n for n in range(shorter) if old_lines[n] != new_lines[n]), shorter)
        rest = shorter - head
        tail = next((n for n in range(rest) if old_lines[-1 - n] != new_lines[-1 - n]), rest)
        start = sum(map(len, old_lines[:head]))
        end = len(self.text) - sum(map(len, old_lines[len(old_lines) - tail :]))
        written = "".join(new_lines[head : len(new_lines) - tail])
        return [types.TextEdit(self.range(Offsets(start, end)), written)]

    def _units(self, text: str) -> int:
        """Count the units that a part of a line takes."""
        if text.isascii() or self.encoding == types.PositionEncodingKind.Utf32:
            return len(text)
        if self.encoding == types.PositionEncodingKind.Utf8:
            return len(text.encode(errors="surrogatepass"))
        return sum(1 + (character > "\uffff") for character in text)
