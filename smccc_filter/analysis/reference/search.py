"""Finding calls, services and checks by words of their names and meanings, where nothing is called so.

A thing is found when it has every word; one that has them in its name comes before one that has them in its meaning,
and the words themselves before words that only begin so. The order is the same from run to run.
"""

import re
from typing import TYPE_CHECKING, NamedTuple

from smccc_filter.analysis.reference.groups import Family, families
from smccc_filter.analysis.reference.manuals import manual
from smccc_filter.smccc import registry
from smccc_filter.smccc.registry.rows import Function, Service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smccc_filter.analysis.checks import Check

    Thing = Function | Service | Family | Check

MAX_PHRASE = 200
"""Characters; nobody looks for more, and comparing them would only cost time."""
_BEGINNING = 3
"""Letters from which on the beginning of a word counts for it."""
_IN_NAME, _BEGINS_NAME, _IN_TEXT, _BEGINS_TEXT = range(4)
"""Where a word is, the best place first."""


class SearchMatch(NamedTuple):
    """One thing that has all the words."""

    kind: str
    name: str
    title: str
    thing: "Thing"


class SearchMatches(NamedTuple):
    """What was found for a phrase, best first; two or more."""

    phrase: str
    found: tuple[SearchMatch, ...]

    @property
    def words(self) -> int:
        """How many words were looked for."""
        return len(_words(self.phrase))


def search(phrase: str) -> "SearchMatches | Thing | None":
    """Return what has all the words of ``phrase``, by itself if it is one thing; ``None`` for nothing.

    A phrase without words finds nothing.
    """
    wanted = _words(phrase) if len(phrase) <= MAX_PHRASE else []
    ranked = []
    for place, (kind, name, title, thing) in enumerate(_things() if wanted else ()):
        in_name, in_title = _words(name), _words(title)
        ranks = [rank for word in wanted if (rank := _rank(word, in_name, in_title)) is not None]
        if len(ranks) == len(wanted):
            order = (max(ranks), sum(ranks), len(in_name), place)
            ranked.append((order, SearchMatch(kind, name, title, thing)))
    found = tuple(match for _, match in sorted(ranked, key=lambda one: one[0]))
    if len(found) > 1:
        return SearchMatches(phrase, found)
    return next((only.thing for only in found), None)


def _things() -> "Iterator[tuple[str, str, str, Thing]]":
    from smccc_filter.analysis import checks

    for service in registry.services():
        yield "service", service.name, service.title, service
    for family in families():
        yield "family", family.name, "calls that are no standard", family
    for function in registry.functions():
        yield "call", function.name, function.meaning, function
    for check in checks.ALL:
        yield "check", f"{check.CODE} {check.NAME}", manual(check)[0], check


def _rank(word: str, name: list[str], title: list[str]) -> int | None:
    """Say where a word is; ``None`` for nowhere."""
    begins = len(word) >= _BEGINNING
    if word in name:
        return _IN_NAME
    if begins and any(other.startswith(word) for other in name):
        return _BEGINS_NAME
    if word in title:
        return _IN_TEXT
    return _BEGINS_TEXT if begins and any(other.startswith(word) for other in title) else None


def _words(text: str) -> list[str]:
    return re.findall("[a-z0-9]+", text.casefold())
