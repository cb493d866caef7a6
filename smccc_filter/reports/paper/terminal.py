"""The text report in colour.

Only what prints to a terminal imports this module: rich takes longer to load than a policy takes to check.
"""

import os
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TextIO

from rich.console import Console
from rich.segment import Segment, Segments
from rich.style import Style as Colour

from smccc_filter.reports.paper import hyperlinks
from smccc_filter.reports.paper.styles import Piece, Style, plain
from smccc_filter.version import page_of

_COLOURS = {
    Style.PLAIN: None,
    Style.ERROR: Colour(color="red", bold=True),
    Style.WARNING: Colour(color="yellow", bold=True),
    Style.NOTE: Colour(color="cyan", bold=True),
    Style.MESSAGE: Colour(bold=True),
    Style.PATH: None,
    Style.GUTTER: Colour(color="blue"),
    Style.CODE: None,
    Style.RELATED: Colour(color="blue", bold=True),
    Style.HINT: Colour(color="green"),
    Style.CLEAR: Colour(color="green", bold=True),
}

_SEVERITIES = {Style.ERROR, Style.WARNING, Style.NOTE}
_CODE = re.compile(r"\w+\[([A-Z][0-9]{3})\]$")
"""What ends the piece that begins a finding: its severity and its code, which leads to the page of the code."""

_BATCH = 512
"""Pieces written at once: few calls for a long report, and its first findings soon."""


def write(pieces: Iterable[Piece], stream: TextIO) -> None:
    """Write a report, in colour where rich finds that ``stream`` can show it, and never wrapped or cut.

    Rich looks at the stream, TERM, COLORTERM and FORCE_COLOR. With NO_COLOR there is no escape sequence at all, where
    rich alone would keep bold. Where the terminal shows links, each code leads to its page. OSError of the stream, a
    closed pipe among them, reaches the caller.
    """
    console = Console(file=stream, markup=False, highlight=False, emoji=False)
    colourful = console.color_system is not None and not console.no_color
    linking = colourful and hyperlinks.are_shown(os.environ, on_terminal=stream.isatty())
    remaining = iter(pieces)
    while batch := list(islice(remaining, _BATCH)):
        stream.write("".join(_coloured(batch, console, linking=linking)) if colourful else plain(batch))


def _coloured(pieces: list[Piece], console: Console, *, linking: bool) -> Iterator[str]:
    """Yield the pieces in colour, those that begin a finding each by itself where they are links."""
    start = 0
    for number, (text, style) in enumerate(pieces if linking else ()):
        if style in _SEVERITIES and (code := _CODE.search(text)):
            yield _rendered(pieces[start:number], console)
            yield hyperlinks.linked(_rendered(pieces[number : number + 1], console), page_of(code[1]))
            start = number + 1
    yield _rendered(pieces[start:], console)


def _rendered(pieces: list[Piece], console: Console) -> str:
    segments = Segments(Segment(text, _COLOURS[style]) for text, style in pieces)
    with console.capture() as capture:
        console.print(segments, end="", soft_wrap=True)
    return capture.get()
