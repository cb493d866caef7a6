"""Text in styled pieces, so that one report goes to a terminal in colour and to a file without.

A file must not wait for rich to be imported, so only ``paper.terminal`` knows the colours.
"""

from collections.abc import Iterable
from enum import StrEnum


class Style(StrEnum):
    """What a piece of text is, for whoever colours it; a finding and its carets have the style of its severity."""

    PLAIN = "plain"
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    MESSAGE = "message"
    PATH = "path"
    GUTTER = "gutter"
    CODE = "code"
    RELATED = "related"
    HINT = "hint"
    CLEAR = "clear"


Piece = tuple[str, Style]
"""Printable text and its style; only a plain piece ends a line, and none has another line end in it."""


def plain(pieces: Iterable[Piece]) -> str:
    """Join the pieces without their styles."""
    return "".join(text for text, _ in pieces)
