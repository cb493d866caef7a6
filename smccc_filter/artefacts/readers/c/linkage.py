"""Where C files are given together: whether a name of one of them means in another one what it means there.

The linker joins functions and variables that are not ``static``. A constant, a type, or anything ``static`` is known
only where its file is included; the same name elsewhere is something that nobody here has seen.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from smccc_filter.artefacts.readers.c.finder import CEntryFinder
from smccc_filter.artefacts.readers.c.units import PreprocessedSource
from smccc_filter.artefacts.readers.source.linux import STRUCT
from smccc_filter.artefacts.readers.source.places import SourcePlaces
from smccc_filter.artefacts.readers.source.tokens import Token


class _PrivateName(NamedTuple):
    """A name, where it is declared, and where it stands; all are indices of tokens."""

    name: str
    declared: tuple[int, ...]
    used: Iterable[int]


def unseen_uses(
    places: SourcePlaces, finder: CEntryFinder, preprocessed: PreprocessedSource
) -> Iterator[tuple[Token, str]]:
    """Yield each use of a name in a file that does not see its declaration, and what is wrong with it."""
    if len(preprocessed.units) < 2:
        return
    tokens = finder.tokens
    for name, declared, used in _names(finder):
        declarers = {places.file_at(tokens[i].start) for i in declared}
        judged: dict[int, bool] = {}
        for i in used:
            user = places.file_at(tokens[i].start)
            if user not in judged:
                judged[user] = any(preprocessed.sees(user, declarer) for declarer in declarers)
            if not judged[user]:
                where = places.files[min(declarers)].path
                yield tokens[i], f"`{name}` is that of {where} only, which this file does not include"
                break


def _names(finder: CEntryFinder) -> Iterator[_PrivateName]:
    source = finder.source
    for name, at in finder.constants_of_file.taken.items():
        yield _PrivateName(name, (at,), source.uses(name))
    for name, declared in finder.declared.places.items():
        if name != STRUCT:
            yield _PrivateName(name, tuple(declared), source.uses(name))
    is_cpp = bool(source.uses("namespace"))
    for name, functions in finder.names.functions.items():
        if is_cpp or any(_is_static(finder, function.name) for function in functions):
            calls = [
                i for i in source.uses(name) if source.mark(i + 1) == "(" and source.mark(i - 1) not in {".", "->"}
            ]
            yield _PrivateName(name, tuple(function.name for function in functions), calls)
    for found in finder.names.names.values():
        if found.start == 0 and (is_cpp or _is_static(finder, found.declared)):
            yield _PrivateName(found.name, (found.declared,), finder.names.places(found))


def _is_static(finder: CEntryFinder, at: int) -> bool:
    """Tell whether what is declared at a token is seen in its own unit only."""
    while at > 0 and finder.source.mark(at - 1) not in {";", "{", "}"}:
        at -= 1
        if finder.source.word(at) in {"static", "constexpr"}:
            return True
    return False
