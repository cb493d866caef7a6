"""A source line as it looks on a terminal, and the columns that a span of it takes there.

Characters and columns part ways at tabs, wide and combining characters and escapes; a caret is only worth printing when
it stands under what it means.
"""

from typing import NamedTuple

from smccc_filter.words import visible

TAB = "    "
ELLIPSIS = "..."
WINDOW = 160
"""Characters of a longer line that are shown."""
LEAD = 40
"""Characters of a longer line that are shown before the span, at least where there are any."""


class Excerpt(NamedTuple):
    """A line fit to print, and where its span is: ``indent`` columns from its start, ``width`` columns (1 or more)."""

    line: str
    indent: int
    width: int


def split_lines(text: str) -> list[str]:
    """Split where ``source`` does, at LF, CRLF and CR; what follows the last line end is a line unless it is empty."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not lines[-1]:
        lines.pop()
    return lines


def excerpt(line: str, start: int, stop: int) -> Excerpt:
    """Show the characters ``[start, stop)`` of ``line`` in their line, or in a window of it where it is long.

    ``0 <= start <= len(line)``; a span that is empty takes one column, and one that leaves the window ends with it.
    """
    first, last = _window(len(line), start)
    lead = ELLIPSIS * (first > 0) + _show(line[first:start])
    span = _show(line[start : min(stop, last)])
    rest = _show(line[max(start, min(stop, last)) : last]) + ELLIPSIS * (last < len(line))
    return Excerpt((lead + span + rest).rstrip(" "), columns(lead), max(columns(span), 1))


def columns(text: str) -> int:
    """Count the terminal columns of a printable text: none for a combining mark, two for an East Asian wide character.

    Source: Unicode Standard Annex 11, and its general categories Mn and Me.
    """
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    def width(character: str) -> int:
        if category(character) in {"Mn", "Me"} or _joins(character):
            return 0
        return 2 if east_asian_width(character) in {"W", "F"} else 1

    return sum(map(width, text))


def _joins(character: str) -> bool:
    """Tell whether a Hangul vowel or final consonant is drawn inside the syllable before it."""
    return "\u1160" <= character <= "\u11ff" or "\ud7b0" <= character <= "\ud7ff"


def _window(length: int, start: int) -> tuple[int, int]:
    if length <= WINDOW:
        return 0, length
    first = max(0, min(start - LEAD, length - WINDOW))
    return first, first + WINDOW


def _show(text: str) -> str:
    return visible(text.replace("\t", TAB))
