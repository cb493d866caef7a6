"""The types and functions that a C source declares, as far as an entry can hide in them.

``struct kvm_smccc_filter`` is Linux's; our own header, and some VMMs, declare a struct of the same layout. One of the
same name, or of the same fields, that is laid out in another way is told: KVM would read something else.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from smccc_filter.artefacts.readers.c.functions import CFunction, Width, functions_of
from smccc_filter.artefacts.readers.c.language import (
    ACTION_ENUM,
    HARMLESS_ATTRIBUTES,
    QUALIFIERS,
    STATEMENTS,
    STORAGE,
    TYPES,
)
from smccc_filter.artefacts.readers.c.structure import CStructure
from smccc_filter.artefacts.readers.source.functions import LONGEST_DECLARATION
from smccc_filter.artefacts.readers.source.linux import STRUCT, STRUCT_FIELDS, VALUE_FIELDS
from smccc_filter.artefacts.readers.source.tokens import NAME, NUMBER, Tokens, pieces

REGISTER_FIELDS = ("id", "value")
"""Of the struct in which our own header has the registers."""
FILTER_LAYOUT = ((32, 1), (32, 1), (8, 1), (8, 15))
REGISTER_LAYOUT = ((64, 1), (64, 1))
"""Bits of each member and how many there are of it."""
MOST_ALIASES = 16
"""Types that are other names of one another."""
_SIGNED = {"__signed__": "signed", "__signed": "signed"}
_BEFORE_TYPE = STORAGE | QUALIFIERS | STATEMENTS


class CDeclarations(NamedTuple):
    """The declarations of a source; indices are into its tokens.

    ``filters`` and ``registers`` map the names of types to their fields in order. ``members`` is nonzero at each token
    inside the declaration of a struct. ``odd`` are the indices of declarations that can't be relied on, and why.
    ``places`` has where the names of these types are declared.
    """

    filters: Mapping[str, tuple[str, ...]]
    registers: Mapping[str, tuple[str, ...]]
    members: bytes
    functions: tuple[CFunction, ...]
    odd: tuple[tuple[int, str], ...]
    width: Width
    places: Mapping[str, Sequence[int]]


def declarations_of(structure: CStructure) -> CDeclarations:
    """Find the types and the functions of a source."""
    types = _TypeCollector(structure)
    types.collect()
    functions = tuple(functions_of(structure, types.width))
    known = types.filters.keys() | types.registers.keys() | types.aliases.keys()
    return CDeclarations(
        filters=types.filters,
        registers=types.registers,
        members=bytes(types.members),
        functions=functions,
        odd=tuple(types.odd),
        width=types.width,
        places={name: found for name, found in types.places.items() if name in known},
    )


class _TypeCollector:
    """Collects the types in the order of the source, because an alias is one of a type that stands before it."""

    def __init__(self, structure: CStructure) -> None:
        self.source = structure
        self.tokens = structure.tokens
        self.filters: dict[str, tuple[str, ...]] = {STRUCT: STRUCT_FIELDS}
        self.registers: dict[str, tuple[str, ...]] = {}
        self.members = bytearray(len(self.tokens))
        self.odd: list[tuple[int, str]] = []
        self.aliases: dict[str, str] = {}
        """Names of integer types that the file itself gives, and the words that each stands for."""
        self.places: dict[str, list[int]] = {}
        """Where each name of a type is declared."""
        self._others: set[str] = set()
        self._covered = 0

    def collect(self) -> None:
        for i, token in enumerate(self.tokens):
            if token.kind != NAME:
                continue
            if token.text in {"typedef", "using"}:
                self._alias(i)
            elif token.text in {"struct", "class", "union"}:
                self._collect(i + 1, is_typedef=self.source.word(i - 1) == "typedef")

    def width(self, words: Sequence[str]) -> int | None:
        """Return the bits of an integer type, ``None`` for any other type."""
        for _ in range(MOST_ALIASES):
            words = [_SIGNED.get(word, word) for word in words if word not in QUALIFIERS and word not in STORAGE]
            if len(words) != 1 or words[0] not in self.aliases:
                break
            words = self.aliases[words[0]].split(" ")
        if words == ["enum", ACTION_ENUM]:
            return 32
        return TYPES.get(" ".join(words))

    def _alias(self, at: int) -> None:
        """Take ``typedef unsigned int u32;``, and what is another name of an entry; tell of a name known otherwise."""
        end = at + 1
        while self.source.word(end) and end < at + LONGEST_DECLARATION:
            end += 1
        name = self.source.word(end - 1)
        words = [self.source.word(i) for i in range(at + 1, end - 1)]
        if self.tokens[at].text == "using":
            self._using(end)
        elif self.source.mark(end) == ";":
            self._rename(words, name, end - 1)
        elif self.source.mark(end) != "{":
            self._rename([*words, name], "", end - 1)
        if self.source.mark(end) == ";" and self.tokens[at].text == "typedef":
            known = self.width(words)
            self.places.setdefault(name, []).append(end - 1)
            if self.aliases.setdefault(name, " ".join(words)) != " ".join(words):
                self.odd.append((end - 1, f"`{name}` is two types"))
        elif name not in TYPES:
            return
        else:
            known = None
        if name in TYPES and (known != TYPES[name] or len(words) == 0):
            self.odd.append((end - 1, f"`{name}` is another type here than elsewhere"))

    def _using(self, equals: int) -> None:
        """Take ``using range = kvm_smccc_filter;``."""
        if self.source.mark(equals) == "=":
            stop = self.source.end_of_item(equals)
            words = [token.text for token in self.tokens[equals + 1 : stop]]
            self._rename(words, self.source.word(equals - 1), equals - 1)

    def _collect(self, at: int, *, is_typedef: bool) -> None:
        """Take what stands behind ``struct``: a declaration, or a name of one before."""
        while self.source.word(at) == "__attribute__":
            at = self.source.closing.get(at + 1, at + 1) + 1
        name = self.source.word(at)
        brace = at + bool(name)
        end = self.source.closing.get(brace) if self.source.mark(brace) == "{" else None
        if end is not None:
            if end > self._covered:
                self.members[brace:end] = b"\1" * (end - brace)
                self._covered = end
            after = self._behind_attributes(end + 1)
            alias = self.source.word(after) if is_typedef else ""
            for text, place in ((name, at), (alias, after)):
                if text:
                    self.places.setdefault(text, []).append(place)
            self._declare(brace, end, [text for text in (name, alias) if text])
            if alias in self.filters:
                self._refuse_second(after, alias)

    def _rename(self, words: Sequence[str], alias: str, at: int) -> None:
        """Let ``alias``, whose name is at ``at``, be the type of these words; tell of one that can't be followed."""
        plain = [word for word in words if word not in QUALIFIERS | {"struct", "class"}]
        for known in (self.filters, self.registers):
            name = next((word for word in words if word in known), None)
            if name is None:
                continue
            if plain != [name] or not alias or known.get(alias, known[name]) != known[name]:
                self.odd.append((at, f"a type made of `{name}` that can't be followed"))
            elif alias not in known:
                known[alias] = known[name]
                self._refuse_second(at, alias)

    def _refuse_second(self, at: int, alias: str) -> None:
        """Tell of a type's name that also names something else."""
        for i in self.source.uses(alias):
            before = self.source.word(i - 1)
            if i != at and (self.source.mark(i - 1) == "}" or (before and before not in _BEFORE_TYPE)):
                self.odd.append((i, f"`{alias}` is a type, and something else here"))
                return

    def _declare(self, brace: int, end: int, names: list[str]) -> None:
        is_known = any(name in self.filters for name in names)
        if end - brace >= LONGEST_DECLARATION:
            if is_known:
                self.odd.append((brace, "a declaration that is too long to be read"))
            return
        members = [self._member(piece) for piece in pieces(self.tokens[brace + 1 : end], ";")]
        fields = tuple(name for name, _, _ in members)
        layout = tuple((width, count) for _, width, count in members)
        is_filter = set(VALUE_FIELDS) <= {token.text for token in self.tokens[brace + 1 : end]}
        if is_filter and fields[:3] == VALUE_FIELDS and layout == FILTER_LAYOUT and self._is_plain(brace, end):
            self.filters.update(dict.fromkeys(names, fields))
            if not is_known and any(name in self._others for name in names):
                self.odd.append((brace, "a second struct of this name"))
        elif is_known or (is_filter and len(fields) <= len(STRUCT_FIELDS)):
            self.odd.append((brace, f"this struct is not laid out as `struct {STRUCT}` is, and KVM would misread it"))
        elif fields == REGISTER_FIELDS and layout == REGISTER_LAYOUT:
            self.registers.update(dict.fromkeys(names, fields))
        elif any(name in self.registers for name in names):
            self.odd.append((brace, "a second struct of this name"))
        else:
            self._others.update(names)

    def _is_plain(self, brace: int, end: int) -> bool:
        """Tell whether no attribute of a struct changes its layout."""
        before = self.source.mark(brace - 1) != ")"
        return before and self._behind_attributes(end + 1) >= 0

    def _behind_attributes(self, at: int) -> int:
        """Return the index behind attributes that change nothing, -1 behind any other."""
        while self.source.word(at) == "__attribute__":
            end = self.source.closing.get(at + 1, at + 1)
            if not are_harmless(self.tokens[at + 1 : end]):
                return -1
            at = end + 1
        return at

    def _member(self, declaration: Tokens) -> tuple[str, int | None, int | None]:
        """Return a member's name, its bits, and how many there are of it."""
        words = [token.text for token in declaration if token.kind == NAME]
        marks = [token for token in declaration if token.kind != NAME]
        if not words:
            return "", None, None
        count: int | None = 1
        if marks:
            is_array = [token.kind for token in marks[1:-1]] == [NUMBER] and [marks[0].text, marks[-1].text] == [
                "[",
                "]",
            ]
            is_array = is_array and len(words) + 3 == len(declaration) and declaration[-2] is marks[1]
            digits = marks[1].text.rstrip("uU") if is_array else ""
            count = int(digits) if digits.isdecimal() and not digits.startswith("0") else None
        return words[-1], self.width(words[:-1]), count


def are_harmless(tokens: Tokens) -> bool:
    """Tell whether attributes, in their brackets, change nothing that an entry holds."""
    words = {token.text.strip("_") for token in tokens if token.kind == NAME}
    return words <= HARMLESS_ATTRIBUTES
