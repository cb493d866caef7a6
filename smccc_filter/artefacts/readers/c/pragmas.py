"""Pragmas of C, as directives and as operators: a few are known to change nothing of what the rest means."""

from typing import NamedTuple

from smccc_filter.artefacts.readers.c.language import HARMLESS_PRAGMAS
from smccc_filter.artefacts.readers.source.tokens import NAME, Token, Tokens


class Oddity(NamedTuple):
    """Something that no compiler would take, or that changes what the rest means: where, what, and what to do."""

    start: int
    end: int
    message: str
    hint: str


def odd_pragmas(tokens: Tokens) -> list[Oddity]:
    """Find the operators ``_Pragma`` that may change what the rest means."""
    odd = []
    for i, token in enumerate(tokens):
        if token.kind == NAME and token.text in {"_Pragma", "__pragma"}:
            words = tokens[i + 2].text.strip('L"').split() if i + 2 < len(tokens) else []
            if not is_harmless_pragma(words):
                odd.append(odd_pragma(token))
    return odd


def is_harmless_pragma(words: list[str]) -> bool:
    """Tell whether a pragma of these words changes nothing."""
    return any(words[: len(known)] == list(known) for known in HARMLESS_PRAGMAS)


def odd_pragma(place: Token) -> Oddity:
    """Say that a pragma is not known."""
    message = "this pragma may change what the rest of the file means"
    return Oddity(place.start, place.end, message, "import a copy without it")
