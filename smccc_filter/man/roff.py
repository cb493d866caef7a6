"""Text as a man page has it, in man(7): every character stands for itself, whatever roff would make of it."""

import re
from collections.abc import Iterable

_SPECIAL = {"\\": r"\e", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti", '"': r"\(dq"}
_LITERAL = re.compile(r"`([^`]+)`")
_WORDS = re.compile(r"(?<![\w-])(--?[A-Za-z][\w-]*)")
_SENTENCE_END = re.compile(r"(?<=[.?!]) +(?=[A-Z])")


def escape(text: str) -> str:
    """Return text that roff sets letter by letter, hyphens so that they can be copied."""
    return "".join(_SPECIAL.get(character, character) for character in text)


def bold(text: str) -> str:
    """Set text as it is to be typed."""
    return rf"\fB{escape(text)}\fR"


def italic(text: str) -> str:
    """Set text that stands for something else."""
    return rf"\fI{escape(text)}\fR"


def prose(text: str) -> str:
    """Return running text, a sentence a line, with what is in backquotes and what is an option to be typed."""
    return "\n".join(_guarded(_prose_line(line)) for line in _SENTENCE_END.split(" ".join(text.split())))


def literal(lines: Iterable[str]) -> str:
    """Return lines that keep their breaks and their blanks."""
    return "\n".join((".nf", *(_guarded(escape(line)) for line in lines), ".fi"))


def tagged(tag: str, body: str) -> str:
    """Return an item of a list: a tag that is roff already, and below it its body, roff too."""
    return f".TP\n{_guarded(tag)}\n{body}"


def _prose_line(line: str) -> str:
    pieces = _LITERAL.split(line)
    return "".join(bold(piece) if number % 2 else _options(piece) for number, piece in enumerate(pieces))


def _options(text: str) -> str:
    pieces = _WORDS.split(text)
    return "".join(bold(piece) if number % 2 else escape(piece) for number, piece in enumerate(pieces))


def _guarded(line: str) -> str:
    """Return a line that is no request, as it would be with a dot at its beginning."""
    return rf"\&{line}" if line.startswith((".", "'")) else line
