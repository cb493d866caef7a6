"""Tokens of C and of Rust: their brackets, the pieces between separators, and the conditions under which they count.

A token knows where in the file it stands. One that a macro put there stands where the macro's name does.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

NAME, NUMBER, STRING, PUNCTUATION = "name", "number", "string", "punctuation"
INCLUDE = "include"
"""Stands where another file is included."""
UNSURE = "unsure"
"""The name of a macro that is defined, or not, as a condition has it which the file does not decide."""
OPAQUE = "opaque"
"""The name of a macro that quotes or pastes its arguments, so that nothing here can expand it."""
UNREADABLE = "unreadable"
"""Stands for an argument that can't be known; the text says why."""
TYPE = "type"
"""The type of a parameter, which a reader puts before an argument as a cast."""

CLOSING = {"(": ")", "[": "]", "{": "}"}
MOST_TOKENS = 800_000
"""Tokens of a source: what a preprocessor makes of a VMM's file has half as many."""


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
Truth = Literal[True, False] | None
"""Whether a condition holds; ``None`` where the file does not decide it."""


class LexedSource(NamedTuple):
    """The tokens of a file; ``unfinished`` is the offset of a comment that has no end, ``None`` where all have one."""

    tokens: Tokens
    unfinished: int | None


def either(truths: Sequence[Truth]) -> Truth:
    """Tell whether any of these conditions holds."""
    return True if True in truths else None if None in truths else False


def both(truths: Sequence[Truth]) -> Truth:
    """Tell whether all of these conditions hold."""
    return False if False in truths else None if None in truths else True


def bracket_pairs(tokens: Tokens) -> Mapping[int, int]:
    """Map the index of each opening bracket to that of the one that closes it.

    A bracket that nothing closes, or a bracket of another kind, has no pair.
    """
    result: dict[int, int] = {}
    waiting: list[int] = []
    for i, token in enumerate(tokens):
        if token.kind != PUNCTUATION:
            continue
        if token.text in CLOSING:
            waiting.append(i)
        elif token.text in {")", "]", "}"} and waiting and CLOSING[tokens[waiting[-1]].text] == token.text:
            result[waiting.pop()] = i
    return result


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


def as_one_token(tokens: Tokens) -> Token:
    """Return one token that stands for all of these, with the first condition that is on any of them."""
    gate = next((token.gate for token in tokens if token.gate), None)
    return Token(PUNCTUATION, tokens[0].text, tokens[0].start, max(token.end for token in tokens), gate)
