"""Tables and lists of labelled lines: complete and one row a line in a pipe, wrapped in their columns on a terminal.

A pipe leads to grep and awk, which need whole lines; a terminal breaks a long line in the middle of a word and under
the wrong column, so there every cell is broken first.
"""

import os
import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple, TextIO

GAP = "  "
"""Between columns. No cell holds two blanks in a row, so ``awk -F '  +'`` finds every column."""


class LabelledLine(NamedTuple):
    """One line of a list; without a label it continues the line above, and without a text too it is empty."""

    label: str = ""
    text: str = ""


def width_of(stream: TextIO | None) -> int | None:
    """Return how many columns a terminal has, ``None`` for a stream that is none, does not know, or is closed."""
    return os.get_terminal_size(stream.fileno()).columns or None if stream and stream.isatty() else None


def table(rows: Sequence[Sequence[str]], width: int | None) -> str:
    """Align cells, the header being the first row, in columns that ``width`` makes narrower where it must."""
    columns = list(zip(*rows, strict=True))
    sizes = [max(map(len, column)) for column in columns]
    if width is not None:
        sizes = _fitted(columns, sizes, width - len(GAP) * (len(sizes) - 1))
    return "".join(f"{line}\n" for row in rows for line in _lines(row, sizes))


def listing(lines: Sequence[LabelledLine], width: int | None) -> str:
    """Write labelled lines, indented, their texts aligned and wrapped at ``width``."""
    labels = max(len(line.label) for line in lines)
    texts = max(len(line.text) for line in lines)
    if width is not None:
        texts = min(texts, max(width - labels - len(GAP) * 2, 1))
    written = (piece for line in lines for piece in _lines(line, [labels, texts]))
    return "".join(f"{GAP}{piece}".rstrip() + "\n" for piece in written)


def prose(text: str, width: int | None) -> str:
    """Write paragraphs as they stand, or filled to ``width`` where a line would not fit."""
    if width is None or all(len(line) <= width for line in text.splitlines()):
        return f"{text}\n"
    return "\n\n".join("\n".join(_wrapped(paragraph, width)) for paragraph in text.split("\n\n")) + "\n"


def _fitted(columns: Sequence[Sequence[str]], sizes: list[int], available: int) -> list[int]:
    """Take from the widest column that can give, until all fit or none can; the last one gets what wrapping leaves."""
    least = [max(map(_longest, column)) for column in columns]
    while sum(sizes) > available and (givers := [i for i, size in enumerate(sizes) if size > least[i]]):
        sizes[max(givers, key=sizes.__getitem__)] -= 1
    used = [
        max(len(piece) for cell in column for piece in _wrapped(cell, size))
        for column, size in zip(columns, sizes, strict=True)
    ]
    return [*used[:-1], max(used[-1], available - sum(used[:-1]))]


def _lines(cells: Sequence[str], sizes: Sequence[int]) -> Iterator[str]:
    """Yield one row as the lines that its longest cell needs."""
    wrapped = [_wrapped(cell, size) for cell, size in zip(cells, sizes, strict=True)]
    for pieces in zip_longest(*wrapped, fillvalue=""):
        yield GAP.join(piece.ljust(size) for piece, size in zip(pieces, sizes, strict=True)).rstrip()


def _wrapped(text: str, width: int) -> list[str]:
    """Break a text, where it is too long, at blanks, and a list without blanks after its commas: an ID stays whole."""
    if len(text) <= width:
        return [text]
    blank, *words = _words(text)
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + len(blank) + len(word) <= width:
            lines[-1] += blank + word
        else:
            lines.append(word)
    return lines


def _words(text: str) -> list[str]:
    """Return what joins the pieces of a text, then its pieces."""
    words = text.split()
    return [" ", *words] if len(words) > 1 else ["", *re.split("(?<=,)(?=.)", text)]


def _longest(text: str) -> int:
    return max(map(len, _words(text)))
