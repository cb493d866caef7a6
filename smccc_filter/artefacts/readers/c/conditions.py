"""Whether a condition of the C preprocessor holds: yes, no, or not decided by the file.

What a build defines on its command line, or another file defines, is not known; that arm64 is compiled for is.
"""

from collections.abc import Callable

from smccc_filter.artefacts.readers.source.expression import NO_CONSTANTS, UnreadableError, evaluate
from smccc_filter.artefacts.readers.source.linux import DEFINED
from smccc_filter.artefacts.readers.source.tokens import (
    NAME,
    NUMBER,
    Token,
    Tokens,
    Truth,
    both,
    either,
    is_punctuation,
    matching,
)

DEEPEST = 64
"""Brackets of a condition; one with more is not decided."""

Definition = Callable[[str], Tokens | Truth]
"""Maps a name to the body of its macro, to False where it is not defined, to None where the file does not tell."""


def truth(word: str, tokens: Tokens, definition: Definition) -> Truth:
    """Decide ``#if``, ``#ifdef`` or ``#ifndef`` with ``tokens`` behind it."""
    if word == "if":
        return _either(tokens, definition) if sum(is_punctuation(token, "(") for token in tokens) <= DEEPEST else None
    if not tokens:
        return None
    found = _is_defined(tokens[0].text, definition)
    return found if word == "ifdef" or found is None else not found


def _either(tokens: Tokens, definition: Definition) -> Truth:
    """Decide an alternative of conjunctions."""
    return either([_both(part, definition) for part in _split(tokens, "||")])


def _both(tokens: Tokens, definition: Definition) -> Truth:
    return both([_one(part, definition) for part in _split(tokens, "&&")])


def _one(tokens: Tokens, definition: Definition) -> Truth:
    """Decide ``!X``, ``(X)``, ``defined(X)``, or a number."""
    first = next((i for i, token in enumerate(tokens) if not is_punctuation(token, "!")), len(tokens))
    negated = first % 2 == 1
    tokens = tokens[first:]
    found: Truth = None
    if len(tokens) > 1 and tokens[0].text == "defined":
        names = [token.text for token in tokens[1:] if token.kind == NAME]
        found = _is_defined(names[0], definition) if len(names) == 1 and len(tokens) in {2, 4} else None
    elif tokens and is_punctuation(tokens[0], "(") and matching(tokens, 0) == len(tokens) - 1:
        found = _either(tokens[1:-1], definition)
    elif len(tokens) == 1:
        found = _number(tokens[0], definition)
    return found if found is None else found is not negated


def _number(token: Token, definition: Definition) -> Truth:
    if token.kind == NAME:
        body = definition(token.text)
        if body is False:
            return False
        if body is None or body is True or len(body) != 1:
            return None
        token = body[0]
    if token.kind != NUMBER:
        return None
    try:
        return evaluate([token], NO_CONSTANTS, token) != 0
    except UnreadableError:
        return None


def _is_defined(name: str, definition: Definition) -> Truth:
    body = definition(name)
    if body is None and name in DEFINED:
        return True
    return body if body is None or isinstance(body, bool) else True


def _split(tokens: Tokens, operator: str) -> list[Tokens]:
    """Cut at an operator outside brackets."""
    parts: list[Tokens] = []
    depth = start = 0
    for i, token in enumerate(tokens):
        if is_punctuation(token, "("):
            depth += 1
        elif is_punctuation(token, ")"):
            depth -= 1
        elif not depth and is_punctuation(token, operator):
            parts.append(tokens[start:i])
            start = i + 1
    return [*parts, tokens[start:]]
