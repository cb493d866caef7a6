"""Words in messages: the nearest known ones to a mistyped one, lists of them, and the beginning of a long one."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

QUOTE = 60
"""Characters of a value that a message repeats at most."""
MAX_WORD = 100
"""A longer word resembles nothing, and comparing it would only cost time."""


class Suggestion(NamedTuple):
    """A hint, and the one choice that was certainly meant, if there is such."""

    hint: str
    meant: str | None


def cut(text: str) -> str:
    """Return ``text`` as a message repeats it: of a long one the beginning, with an ellipsis."""
    return text if len(text) <= QUOTE else text[: QUOTE - 3] + "..."


def nearest(word: str, choices: Iterable[str]) -> list[str]:
    """Return up to three of ``choices`` that resemble ``word``, best first; case does not count."""
    if len(word) > MAX_WORD:
        return []
    from difflib import get_close_matches

    by_folded = {choice.casefold(): choice for choice in choices}
    return [by_folded[match] for match in get_close_matches(word.casefold(), by_folded, n=3, cutoff=0.6)]


def _meant(word: str, near: Sequence[str]) -> str | None:
    slips = [choice for choice in near if _is_a_slip(word, choice.casefold())]
    same = [choice for choice in slips if choice.casefold() == word]
    return (same or slips)[0] if len(same or slips) == 1 else None


def _is_a_slip(word: str, other: str) -> bool:
    """Tell whether two words are alike but for one letter, put in, left out, mistaken or exchanged with the next."""
    start = next((i for i, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other)))
    rest, wanted = word[start:], other[start:]
    exchanged = rest[1::-1] + rest[2:] if len(rest) > 1 else rest
    return rest[1:] == wanted[1:] or rest[1:] == wanted or rest == wanted[1:] or exchanged == wanted


def listed(words: Sequence[str], last: str = "or") -> str:
    """Join words as in a sentence: ``a, b or c``, each in backquotes."""
    quoted = [f"`{word}`" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"


def did_you_mean(word: str, choices: Iterable[str], otherwise: str) -> str:
    """Return a hint that offers the nearest choices, or ``otherwise`` when none is near."""
    return suggest(word, choices, otherwise).hint


def suggest(word: str, choices: Iterable[str], otherwise: str) -> Suggestion:
    """Return that hint, and the choice that ``word`` is one slip away from, if that is one."""
    near = nearest(word, choices)
    return Suggestion(f"did you mean {listed(near)}?" if near else otherwise, _meant(word.casefold(), near))
