"""The translation units that C files make which are given together: each with those of the others that it includes.

A file that another one includes is read where that stands, and is no unit of its own. What a shared header declares is
taken once, and must be the same in each unit. Units share nothing else but what the linker joins.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from smccc_filter.artefacts.readers.c.files import CFiles, CLines, guard_of, included_name, is_directive
from smccc_filter.artefacts.readers.c.lexer import NEWLINE, LexedC, lex
from smccc_filter.artefacts.readers.c.macros import MOST_TOKENS as MOST_EXPANDED
from smccc_filter.artefacts.readers.c.macros import MacroExpander, unsure_bodies
from smccc_filter.artefacts.readers.c.pragmas import Oddity, odd_pragmas
from smccc_filter.artefacts.readers.c.preprocessor import CPreprocessor
from smccc_filter.artefacts.readers.source.places import SourcePlaces
from smccc_filter.artefacts.readers.source.tokens import (
    CLOSING,
    INCLUDE,
    MOST_TOKENS,
    NUMBER,
    STRING,
    Token,
    Tokens,
    bracket_pairs,
)

TOGETHER = "import a copy of it that is complete"
LONGEST_LINE_NUMBER = 9
"""Digits of a line marker's number."""


class PreprocessedSource(NamedTuple):
    """The tokens that a compiler would see, macros expanded; ``unsure`` are the bodies of macros that are not expanded.

    ``odd`` is what keeps the tokens from being the whole truth, and ``notes`` what people should know. ``units`` has
    the index at which the tokens of each unit begin, ``seen`` the numbers of the files that it is made of.
    """

    tokens: Tokens
    unsure: tuple[Tokens, ...]
    odd: tuple[Oddity, ...]
    notes: tuple[Oddity, ...]
    units: tuple[int, ...]
    seen: tuple[frozenset[int], ...]

    def sees(self, user: int, declarer: int) -> bool:
        """Tell whether wherever the file ``user`` is compiled, ``declarer`` is compiled with it."""
        return user == declarer or all(declarer in seen for seen in self.seen if user in seen)


def lex_all(places: SourcePlaces) -> tuple[list[Tokens], LexedC]:
    """Cut all files into tokens; return those of each, and what is doubtful or not finished in any."""
    result: list[Tokens] = []
    doubts: list[tuple[int, int, str]] = []
    left = MOST_TOKENS
    for text, first in zip(places.texts, places.starts, strict=True):
        lexed = lex(text, first, left)
        result.append(lexed.tokens)
        doubts += lexed.doubts
        left -= len(lexed.tokens)
        if lexed.unfinished is not None:
            result += [()] * (len(places.texts) - len(result))
            return result, LexedC((), lexed.unfinished, tuple(doubts))
    return result, LexedC((), None, tuple(doubts))


def preprocess(
    places: SourcePlaces, tokens: Sequence[Tokens], paths: Sequence[str], definitions: int
) -> PreprocessedSource:
    """Preprocess files; the first ``definitions`` of them hold before each unit, as ``-D`` does.

    ``paths`` has the whole path of each, by which an ``#include`` is told to mean it.
    """
    files = [CLines(path, *_lines(part)) for path, part in zip(paths, tokens, strict=True)]
    for file in files:
        _mark_lines(places, file.lines)
    given = CFiles(files)
    included = _included(places, given)
    mains = [number for number in range(definitions, len(files)) if number not in included]
    mains = mains or list(range(definitions, len(files)))[:1]
    left = MOST_EXPANDED
    readers: list[CPreprocessor] = []
    expanded: list[Tokens] = []
    for main in mains:
        reader = CPreprocessor(places.text, given)
        for number in (*range(definitions), main):
            reader.read(number)
        reader.finish()
        expander = MacroExpander(reader.output, reader.macros, left)
        expanded.append(expander.expanded())
        left = expander.left
        readers.append(reader)
    odd = [found for reader in readers for found in reader.odd]
    notes = [found for reader in readers for found in reader.notes]
    unsure = [
        body for reader, part in zip(readers, expanded, strict=True) for body in unsure_bodies(part, reader.macros)
    ]
    seen = tuple(frozenset(reader.seen) for reader in readers)
    if len(mains) > 1:
        expanded = _joined(places, expanded, seen, odd)
    odd += _unread(places, files, seen)
    odd += [found for part in expanded for found in odd_pragmas(part)]
    units, whole = [], list[Token]()
    for part in expanded:
        units.append(len(whole))
        whole += part
    together = expanded[0] if len(expanded) == 1 else whole
    return PreprocessedSource(
        together, tuple(unsure), tuple(dict.fromkeys(odd)), tuple(dict.fromkeys(notes)), tuple(units), seen
    )


def _lines(tokens: Tokens) -> tuple[list[Tokens], str | None]:
    """Cut a file into lines that are not empty; return them, and the macro that guards it."""
    lines: list[Tokens] = []
    start = 0
    for i, token in enumerate(tokens):
        if token.kind == NEWLINE:
            lines.append(tokens[start:i])
            start = i + 1
    lines.append(tokens[start:])
    lines = [line for line in lines if line]
    return lines, guard_of(lines)


def _mark_lines(places: SourcePlaces, lines: Sequence[Tokens]) -> None:
    """Take the line markers of a preprocessor: ``# 12 "vmm.c" 2``, or ``#line 12 "vmm.c"``."""
    for line in lines:
        rest = line[2:] if is_directive(line, "line") else line[1:] if line[0].text == "#" else ()
        if rest and rest[0].kind == NUMBER and rest[0].text.isdecimal() and len(rest[0].text) <= LONGEST_LINE_NUMBER:
            name = rest[1].text if len(rest) > 1 and rest[1].kind == STRING else ""
            plain = name[1:-1].replace('\\"', '"').replace("\\\\", "\\")
            places.mark(line[0].start, int(rest[0].text), plain or None)


def _included(places: SourcePlaces, given: CFiles) -> set[int]:
    """Return the files that another one includes."""
    found: set[int] = set()
    for number, file in enumerate(given.files):
        for line in file.lines:
            if is_directive(line, "include", "include_next", "import"):
                found.update(other for other in given.called(included_name(places.text, line)) if other != number)
    return found


def _unread(places: SourcePlaces, files: Sequence[CLines], seen: Sequence[frozenset[int]]) -> Iterable[Oddity]:
    """Tell of files that are included only where that does not count."""
    for number in range(len(files)):
        if not any(number in unit for unit in seen):
            message = "no other file includes this one where it counts"
            yield Oddity(places.starts[number], places.starts[number], message, "import it alone, or leave it out")


def _joined(
    places: SourcePlaces, units: Sequence[Tokens], seen: Sequence[frozenset[int]], odd: list[Oddity]
) -> list[Tokens]:
    """Return the tokens of each unit without those of headers that an earlier unit has; tell what can't be joined."""
    shared = {number for unit in seen for number in unit if sum(number in other for other in seen) > 1}
    known: dict[int, list[Token]] = {}
    result: list[Tokens] = []
    for tokens, files in zip(units, seen, strict=True):
        kept: list[Token] = []
        mine: dict[int, list[Token]] = {number: [] for number in files & shared}
        before, around, depth = "", -1, 0
        for token in tokens:
            number = places.file_at(token.start)
            if number in shared:
                if number != around and (depth or before not in {"", ";", "}"}):
                    message = "several files include this one within a declaration"
                    odd.append(Oddity(token.start, token.end, message, "import them one by one"))
                mine.setdefault(number, []).append(token)
            if number not in shared or number not in known:
                kept.append(token)
            depth += (token.text in CLOSING) - (token.text in {")", "]", "}"})
            before, around = token.text if token.kind != INCLUDE else ";", number
        for number, found in mine.items():
            first = known.setdefault(number, found)
            if [(token.text, token.gate) for token in first] != [(token.text, token.gate) for token in found]:
                start = places.starts[number]
                message = "this file means something else in each of those that include it"
                odd.append(Oddity(start, start, message, "import them one by one"))
        odd += _incomplete(tokens)
        result.append(kept)
    return result


def _incomplete(tokens: Tokens) -> Iterable[Oddity]:
    """Tell of a unit that does not end where a declaration does."""
    marks = sum(token.kind == "punctuation" and token.text in {*CLOSING, *CLOSING.values()} for token in tokens)
    if tokens and (2 * len(bracket_pairs(tokens)) != marks or tokens[-1].text not in {";", "}"}):
        token = tokens[-1]
        yield Oddity(token.start, token.end, "this file ends within a declaration", TOGETHER)
