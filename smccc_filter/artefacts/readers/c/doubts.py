"""What keeps a C source from meaning what its tokens say, wherever in the file it stands.

A compiler that takes a sequence of characters in another way, a macro that may be defined, a file that is included in
the middle of a function, assembly: each could change an entry out of sight.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

from smccc_filter.artefacts.readers.c.finder import CEntryFinder
from smccc_filter.artefacts.readers.c.following import FollowedName
from smccc_filter.artefacts.readers.c.language import INSTALLERS
from smccc_filter.artefacts.readers.c.lexer import LexedC
from smccc_filter.artefacts.readers.c.linkage import unseen_uses
from smccc_filter.artefacts.readers.c.units import PreprocessedSource
from smccc_filter.artefacts.readers.reading import ReadingFault
from smccc_filter.artefacts.readers.source.entries import fault_at
from smccc_filter.artefacts.readers.source.linux import VALUE_FIELDS
from smccc_filter.artefacts.readers.source.places import SourcePlaces
from smccc_filter.artefacts.readers.source.tokens import (
    CLOSING,
    INCLUDE,
    NAME,
    OPAQUE,
    UNSURE,
    Token,
    Tokens,
    bracket_pairs,
)

PREPROCESS = "import a copy without it, or the output of the preprocessor (cc -E)"
_ALIASES = ("alias", "__alias__", "weakref", "__weakref__", "ifunc", "__ifunc__")
_WORD = re.compile(r"[^\W\d]\w*")
_ASM = ("asm", "__asm", "__asm__")


def doubts_of(
    text: SourcePlaces, lexed: LexedC, preprocessed: PreprocessedSource, finder: CEntryFinder
) -> Iterator[ReadingFault]:
    """Yield a fault for each reason not to trust what was read of a file that has entries."""
    for start, end, message in lexed.doubts:
        yield fault_at(text, start, end, message, "import a copy without it")
    for odd in preprocessed.odd:
        yield fault_at(text, *odd)
    source = finder.source
    if source.unmatched is not None:
        token = source.tokens[source.unmatched]
        message = "this bracket is not closed" if token.text in CLOSING else "this bracket closes none"
        yield fault_at(text, token.start, token.end, message, f"complete the file, or {PREPROCESS}")
    for token, message in _doubtful(finder, preprocessed):
        yield fault_at(text, token.start, token.end, message, PREPROCESS)
    for token, message in unseen_uses(text, finder, preprocessed):
        yield fault_at(text, token.start, token.end, message, "include it, or give it a name that only one file has")


def _doubtful(finder: CEntryFinder, preprocessed: PreprocessedSource) -> Iterator[tuple[Token, str]]:
    followed = list(finder.names.names.values())
    names = {found.name for found in followed}
    if any(_is_risky(body, names) for body in preprocessed.unsure):
        first = next((token for token in preprocessed.tokens if token.kind in {UNSURE, OPAQUE}), None)
        if first is not None:
            yield first, f"the macro `{first.text}` can't be followed here, and may change an entry"
    yield from _assembly(finder, names)
    changeable = [found for found in followed if not found.is_fixed]
    yield from _included(preprocessed, changeable)


def _is_risky(body: Tokens, names: set[str]) -> bool:
    """Tell whether a macro that is not expanded may stand for a change of an entry, or for half a statement."""
    words = {token.text for token in body if token.kind == NAME}
    marks = sum(token.text in {"(", ")", "[", "]", "{", "}"} for token in body)
    return bool(words & (names | set(VALUE_FIELDS)) or any(token.text == "##" for token in body)) or (
        2 * len(bracket_pairs(body)) != marks
    )


def _assembly(finder: CEntryFinder, names: set[str]) -> Iterator[tuple[Token, str]]:
    """Find assembly at the level of the file, and what gives an entry or a function another name."""
    source = finder.source
    for at in (i for word in _ASM for i in source.uses(word)):
        opened = next((i for i in range(at + 1, at + 4) if source.mark(i) == "("), at)
        strings = [
            token.text for token in source.tokens[opened : source.closing.get(opened, opened)] if '"' in token.text
        ]
        is_statement = source.mark(at - 1) in {"", ";", "{", "}"} and not source.word(at - 1)
        if source.block(at) is None and is_statement:
            yield source.tokens[at], "assembly outside of functions can change anything"
        elif not names.isdisjoint(word for text in strings for word in _WORD.findall(text)):
            yield source.tokens[at], "assembly that names an entry"
        elif any(text.strip('"') in finder.names.functions for text in strings):
            yield source.tokens[at], "another name for a function of this file"
    for at in (i for word in _ALIASES for i in source.uses(word)):
        if source.mark(at + 1) == "(" and source.at(at + 2).text.strip('"') in names | finder.names.functions.keys():
            yield source.tokens[at], "another name for what is in this file"
    for at in (i for name in INSTALLERS for i in source.uses(name)):
        is_member = source.mark(at - 1) in {".", "->"} or finder.declared.members[at]
        if source.mark(at + 1) != "(" and not is_member:
            yield source.tokens[at], f"`{source.word(at)}` is used here as something else than the function"


def _included(preprocessed: PreprocessedSource, followed: list[FollowedName]) -> Iterator[tuple[Token, str]]:
    """Find a file that is included where it could change an entry."""
    tokens, units = preprocessed.tokens, preprocessed.units
    first: dict[int, int] = {}
    for found in followed:
        if found.start == 0:
            unit = bisect_right(units, found.declared)
            first[unit] = min(found.declared, first.get(unit, found.declared))
    blocks = sorted({(found.start, found.end) for found in followed if found.start > 0})
    for i, token in enumerate(tokens):
        if token.kind != INCLUDE:
            continue
        if i > first.get(bisect_right(units, i), len(tokens)) or any(start < i < end for start, end in blocks):
            yield token, "a file that is included here may change an entry"
