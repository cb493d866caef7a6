"""Lines of a report broken between words where a terminal would break them inside one.

Source lines and the carets under them stay as they are: they are cut to a width that nearly every terminal has.
"""

import re
from collections.abc import Iterable, Iterator

from smccc_filter.reports.paper.excerpt import columns
from smccc_filter.reports.paper.styles import Piece, Style

MARGIN = 2
"""Blanks before what continues a line without a gutter."""
_END: Piece = ("\n", Style.PLAIN)
Cluster = list[Piece]
"""Pieces without a blank between them, of which none may go to another line than the others."""


def wrapped(pieces: Iterable[Piece], width: int) -> Iterator[Piece]:
    """Yield the pieces with their lines broken at blanks so that they fit, wherever a blank is in time."""
    line: list[Piece] = []
    for text, style in pieces:
        if text.endswith("\n"):
            if text != "\n":
                line.append((text[:-1], style))
            yield from _broken(line, width)
            yield _END
            line = []
        else:
            line.append((text, style))
    yield from _broken(line, width)


def _broken(line: list[Piece], width: int) -> Iterator[Piece]:
    if sum(columns(text) for text, _ in line) <= width or any(style is Style.CODE for _, style in line):
        yield from line
        return
    margin, rest = MARGIN, line
    if line[0][1] is Style.GUTTER:
        yield line[0]
        margin, rest = columns(line[0][0]), line[1:]
    at = margin if rest is not line else 0
    is_begun = False
    for blanks, cluster in _clusters(rest):
        size = sum(columns(text) for text, _ in cluster)
        if is_begun and at + len(blanks[0]) + size > width:
            yield _END
            yield " " * margin, Style.PLAIN
            at = margin
        elif blanks[0]:
            yield blanks
            at += len(blanks[0])
        yield from cluster
        at, is_begun = at + size, True


def _clusters(line: Iterable[Piece]) -> Iterator[tuple[Piece, Cluster]]:
    """Yield what holds together, each with the blanks before it."""
    blanks: Piece = ("", Style.PLAIN)
    cluster: Cluster = []
    for text, style in line:
        for part in re.findall(" +|[^ ]+", text):
            if part[0] != " ":
                cluster.append((part, style))
                continue
            if cluster:
                yield blanks, cluster
                cluster = []
            blanks = (part, style)
    if cluster:
        yield blanks, cluster
