"""Words in messages: the nearest known ones to a mistyped one, lists of them, and the beginning of a long one."""

from collections.abc import Iterable, Sequence

QUOTE = 60
"""Characters of a value that a message repeats at most."""
MAX_WORD = 100
"""A longer word resembles nothing, and comparing it would only cost time."""


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


def listed(words: Sequence[str], last: str = "or") -> str:
    """Join words as in a sentence: ``a, b or c``, each in backquotes."""
    quoted = [f"`{word}`" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"


def did_you_mean(word: str, choices: Iterable[str], otherwise: str) -> str:
    """Return a hint that offers the nearest choices, or ``otherwise`` when none is near."""
    near = nearest(word, choices)
    return f"did you mean {listed(near)}?" if near else otherwise
