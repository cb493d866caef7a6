"""Several files as one text: a reader counts offsets in the whole, and people are told the file, line and column.

The output of a C preprocessor says by line markers where its lines come from; then that is what people are told.
"""

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from smccc_filter.language.places import Offsets, Position, Span
from smccc_filter.language.source import SourceText


class SourceFile(NamedTuple):
    """One file: its path as people call it, and what it holds."""

    path: str
    data: bytes


class SourcePlace(NamedTuple):
    """Where something stands: in words, by lines and columns, and the file, ``None`` where only one is read."""

    words: str
    span: Span
    file: str | None


class _LineMarker(NamedTuple):
    """From ``offset`` on, which is in line ``line`` of what is read, lines are those of ``file`` from ``original``."""

    offset: int
    line: int
    original: int
    file: str | None


class SourcePlaces:
    """The text of all files, one behind the other; ``starts`` has the offset at which each begins."""

    def __init__(self, files: Sequence[SourceFile]) -> None:
        self.files = files
        self.texts = [file.data.decode(errors="replace").removeprefix("\ufeff") for file in files]
        self.text = "\n".join(self.texts)
        self.starts = [0]
        for text in self.texts[:-1]:
            self.starts.append(self.starts[-1] + len(text) + 1)
        self._markers: list[_LineMarker] = []

    @cached_property
    def _numbered(self) -> list[SourceText]:
        """The texts, which know their lines once somebody asks."""
        return [SourceText(text) for text in self.texts]

    @cached_property
    def _marked(self) -> list[int]:
        return [marker.offset for marker in self._markers]

    def file_at(self, offset: int) -> int:
        """Return the number of the file in which an offset is."""
        return bisect_right(self.starts, max(offset, 0)) - 1

    def mark(self, offset: int, original: int, file: str | None) -> None:
        """Note that the line behind the one at ``offset`` is line ``original`` of ``file``, by default the same.

        Markers are noted in the order of the text, and before anybody asks for a place.
        """
        number = self.file_at(offset)
        before = self._markers[-1].file if self._markers and self._markers[-1].offset >= self.starts[number] else None
        line = self._numbered[number].position(offset - self.starts[number]).line + 1
        self._markers.append(_LineMarker(offset, line, original, before if file is None else file))

    def at(self, start: int, end: int) -> SourcePlace:
        """Return the place of a stretch of the whole text."""
        number = self.file_at(start)
        first = self.starts[number]
        stop = max(start, min(end, first + len(self.texts[number])))
        span = self._numbered[number].span(Offsets(start - first, stop - first))
        file = self.files[number].path if len(self.files) > 1 else None
        i = bisect_right(self._marked, start) - 1
        if i >= 0 and self._markers[i].offset >= first:
            marker = self._markers[i]
            file = marker.file or file
            moved = marker.original - marker.line
            span = Span(*(Position(max(1, position.line + moved), position.column) for position in span))
        line = span.start.line
        return SourcePlace(f"line {line}" if file is None else f"{file}:{line}", span, file)
