"""Tokens of C and of Rust, and what both kinds of reader do with lists of them.

A token knows where in the file it stands, or, where a macro put it there, where the macro's name does.
"""

from collections.abc import Sequence
from typing import NamedTuple

NAME, NUMBER, STRING, PUNCTUATION = "name", "number", "string", "punctuation"
INCLUDE = "include"
"""Stands where another file is included."""
UNSURE = "unsure"
"""The name of a macro that is defined, or not, as a condition has it which the file does not decide."""
OPAQUE = "opaque"
"""The name of a macro that quotes or pastes its arguments, so that nothing here can expand it."""

CLOSING = {"(": ")", "[": "]", "{": "}"}


class OpenCondition(NamedTuple):
    """A condition that the file does not decide: ``#ifdef CONFIG_ARM64``; offsets of its text."""

    text: str
    start: int
    end: int


class Token(NamedTuple):
    """One token: its text, its offsets in the file, and the condition under which it counts, if any."""

    kind: str
    text: str
    start: int
    end: int
    gate: OpenCondition | None = None


Tokens = Sequence[Token]


def matching(tokens: Tokens, at: int) -> int:
    """Return the index of what closes the bracket at ``at``, or ``len(tokens)`` where nothing does."""
    open_brackets = []
    for i in range(at, len(tokens)):
        text = tokens[i].text
        if tokens[i].kind != PUNCTUATION:
            continue
        if text in CLOSING:
            open_brackets.append(CLOSING[text])
        elif text in ")]}":
            if open_brackets.pop() != text:
                break
            if not open_brackets:
                return i
    return len(tokens)


def pieces(tokens: Tokens, separator: str = ",") -> list[Tokens]:
    """Cut at the separators outside all brackets; an empty last piece, as after a trailing comma, is left out."""
    result = []
    depth = start = 0
    for i, token in enumerate(tokens):
        if token.kind != PUNCTUATION:
            continue
        if token.text in CLOSING:
            depth += 1
        elif token.text in ")]}":
            depth -= 1
        elif token.text == separator and not depth:
            result.append(tokens[start:i])
            start = i + 1
    if start < len(tokens):
        result.append(tokens[start:])
    return result


def is_punctuation(token: Token, text: str) -> bool:
    """Tell whether a token is this punctuation, and not a string of the same letters."""
    return token.kind == PUNCTUATION and token.text == text
