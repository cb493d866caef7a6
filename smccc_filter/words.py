"""How names and numbers are said: made fit to print, cut, listed, counted, and the nearest known one to a mistyped one.

Policies and file names, and so messages, can hold anything; a report must not let them move a cursor, reverse a line or
forge a line of a log. What Python calls printable passes, the rest is written as the escape that names it.
"""

from collections.abc import Iterable, Sequence

DASH = "-"
"""The path of standard input and of standard output, as the command line spells both."""
QUOTE = 60
"""Characters of a value that a message repeats at most."""
MAX_COMPARED = 20
"""Unknown words of one file that are compared with every known one."""
MAX_WORD = 100
"""A longer word resembles nothing, and comparing it would only cost time."""


def visible(text: str, keep: str = "") -> str:
    r"""Write every character that does not print (control, bidi, invisible, odd space) as ``\x1b`` or ``\u202e``.

    A printable text comes back as it is; so do the characters of ``keep``. The result encodes as UTF-8: surrogates,
    such as those of a file name that is not UTF-8, are escaped too.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else _escape(c) for c in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def cut(text: str) -> str:
    """Return ``text`` as a message repeats it: of a long one the beginning, with an ellipsis."""
    return text if len(text) <= QUOTE else text[: QUOTE - 3] + "..."


def source_name(path: str) -> str:
    """Write the path of a file that was read, standard input as ``<stdin>``."""
    return "<stdin>" if path == DASH else visible(path)


def output_name(path: str) -> str:
    """Write the path of a file that was written."""
    return "standard output" if path == DASH else visible(path)


def enumerated(words: Sequence[str], last: str = "and") -> str:
    """Join one word or more as in a sentence: ``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def listed(words: Sequence[str], last: str = "or") -> str:
    """Join one word or more as in a sentence, each in backquotes."""
    return enumerated([f"`{word}`" for word in words], last)


def plural(number: int, noun: str) -> str:
    """Return the form of a regular noun that stands behind ``number``: ``0 IDs``, ``1 ID``, ``2 IDs``."""
    return noun if number == 1 else f"{noun}s"


def counted(number: int, noun: str) -> str:
    """Write a number, in groups of three digits, and its noun: ``1,024 IDs``."""
    return f"{number:,} {plural(number, noun)}"


def nearest(word: str, choices: Iterable[str]) -> list[str]:
    """Return up to three of ``choices`` that resemble ``word``, best first; case does not count."""
    if len(word) > MAX_WORD:
        return []
    from difflib import get_close_matches

    by_folded = {choice.casefold(): choice for choice in choices}
    return [by_folded[match] for match in get_close_matches(word.casefold(), by_folded, n=3, cutoff=0.6)]


def did_you_mean(word: str, choices: Iterable[str], otherwise: str) -> str:
    """Return a hint that offers the nearest choices, or ``otherwise`` when none is near."""
    return suggest(word, choices, otherwise)[0]


def suggest(word: str, choices: Iterable[str], otherwise: str) -> tuple[str, str | None]:
    """Return that hint, and the choice that was certainly meant: the one that ``word`` is one slip away from.

    A choice that differs by case alone is the only one that is offered.
    """
    near = nearest(word, choices)
    near = [choice for choice in near if choice.casefold() == word.casefold()] or near
    return (f"did you mean {listed(near)}?" if near else otherwise, _meant(word.casefold(), near))


class Suggester:
    """Suggests for the unknown words of one file.

    The first are compared with every choice, which takes milliseconds. For the others it says what is only one slip
    away, which an index tells.
    """

    def __init__(self) -> None:
        self._number = 0
        self._slips: dict[str, dict[str, list[str]]] = {}

    def suggest(self, word: str, what: str, choices: Iterable[str], otherwise: str) -> tuple[str, str | None]:
        """Return a hint and what was certainly meant, as the function does; ``what`` has always the same choices."""
        self._number += 1
        if self._number <= MAX_COMPARED:
            return suggest(word, choices, otherwise)
        if len(word) > MAX_WORD:
            return otherwise, None
        if what not in self._slips:
            self._slips[what] = _shortened(choices)
        index, folded = self._slips[what], word.casefold()
        near = dict.fromkeys(choice for text in _less_one(folded) for choice in index.get(text, ()))
        meant = _meant(folded, list(near))
        return (f"did you mean `{meant}`?" if meant else otherwise), meant


def _shortened(choices: Iterable[str]) -> dict[str, list[str]]:
    """Return the choices by what they are without one letter, and by themselves. Two slips of a word share one."""
    index: dict[str, list[str]] = {}
    for choice in choices:
        for text in _less_one(choice.casefold()):
            index.setdefault(text, []).append(choice)
    return index


def _less_one(word: str) -> set[str]:
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


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
