"""Which types of a Rust source are an entry, and whether each place that names one is understood.

Linux's struct under any name, aliases of it, and structs of the same fields. A type that can hold an entry and change
it, such as ``&mut`` or a cell, is told, because what the entry holds is then decided when the program runs.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import NamedTuple

from smccc_filter.artefacts.readers.rust.declarations import RustDeclarations
from smccc_filter.artefacts.readers.rust.heads import RustType
from smccc_filter.artefacts.readers.rust.text import RustTokens
from smccc_filter.artefacts.readers.rust.tree import Stretch, around
from smccc_filter.artefacts.readers.source.linux import STRUCT, STRUCT_FIELDS, VALUE_FIELDS

_TYPES = {"base": {"u32", "__u32", "c_uint"}, "nr_functions": {"u32", "__u32", "c_uint"}, "action": {"u8", "__u8"}}
_HOLDERS = frozenset(("Vec", "Option", "Result", "Box", "Rc", "Arc", "AsRef", "size_of", "align_of", "size_of_val"))
"""Generic types and functions that change nothing of what they hold, as long as nothing that is ``mut`` holds them."""
_ASKS = {"size_of", "align_of"}
_DECLARES = {"->", "for", "impl", "struct", "type", ":", "union", "enum", "trait"}
_FIELDS_MOST = 100


class FilterMention(NamedTuple):
    """A place that can't be understood: the index of a token, and what is wrong."""

    at: int
    message: str


class RustFilterTypes:
    """The names of types that are an entry, and the literals of them, by the index of the name."""

    def __init__(self, declarations: RustDeclarations) -> None:
        self.declarations = declarations
        self.source: RustTokens = declarations.source
        own = [found for found in declarations.types if found.word == "struct" and self._is_entry(found)]
        self.structs = {STRUCT} | {found.name for found in own}
        self.fields = frozenset((*STRUCT_FIELDS, *(name for found in own for name, _ in self._fields(found))))
        """The names of fields that an entry can have."""
        self.names = self._closure()
        self._bodies = (
            {function.body.start for function in declarations.functions if function.body.stop}
            | {members.braces.start for members in declarations.impls}
            | {found.body.start for found in declarations.types}
        )
        self._stretches = [Stretch(found.at, found.body.stop) for found in declarations.types]
        self.mentions = [
            at for at in range(len(self.source)) if self.source.is_name(at) and self.name_at(at) in self.names
        ]
        self.literals = [at for at in self.mentions if self._is_literal(at)]

    def name_at(self, at: int) -> str:
        """Return the name of the type at an index, where ``Self`` is the type that it means."""
        return self.declarations.owners.get(at) or self.source.text(at)

    def is_in(self, stretch: Stretch) -> bool:
        """Tell whether a type, a value or a body names an entry's type."""
        return any(self.name_at(at) in self.names for at in self.source.names(*stretch))

    def holds(self, owner: str | None) -> bool:
        """Tell whether ``owner`` is a type that is an entry."""
        return owner in self.names

    def troubles(self, casts: Collection[int]) -> Iterator[FilterMention]:
        """Yield the places where a type that is an entry is declared or named in a way that is not understood.

        ``casts`` are the indices of each ``as`` behind a reference to an entry.
        """
        yield from self._odd_types()
        literals = set(self.literals)
        for at in self.mentions:
            message = "" if at in literals else self._trouble_at(at, casts)
            if message:
                yield FilterMention(at, message)
        for function in self.declarations.functions:
            receiver = function.receiver
            if receiver and receiver.mutable and self.holds(function.owner):
                yield FilterMention(receiver.at, f"`{function.name}` can change an entry")

    def _odd_types(self) -> Iterator[FilterMention]:
        imports = {
            definition.at: definition.path
            for definitions in self.declarations.declared.values()
            for definition in definitions
            if definition.kind == "import" and definition.name in self.names
        }
        for at, path in imports.items():
            if not path or path[-1] not in self.names:
                yield FilterMention(at, f"`{self.source.text(at)}` is another type here than Linux's struct")
        for found in self.declarations.types:
            good = found.word == "type" or (found.word == "struct" and self._is_entry(found))
            if found.name in self.names and not good:
                yield FilterMention(found.at, f"`{found.name}` has other fields here than Linux's struct")

    def _is_entry(self, found: RustType) -> bool:
        """Tell whether a struct has Linux's fields, in Linux's order, with padding or without."""
        if self.source.text(found.body.start) != "{" or found.body.stop - found.body.start > _FIELDS_MOST:
            return False
        fields = self._fields(found)
        names = tuple(name for name, _ in fields)
        if names[:3] != VALUE_FIELDS or len(names) > len(STRUCT_FIELDS):
            return False
        padding = [type_ for _, type_ in fields[3:]]
        plain = all(type_.rpartition("::")[2] in _TYPES[name] for name, type_ in fields[:3])
        return plain and all(type_.startswith(("[u8;", "[__u8;")) for type_ in padding)

    def _fields(self, found: RustType) -> list[tuple[str, str]]:
        """Return the names of a struct's fields and their types."""
        fields = []
        for start, stop in self.source.typed_pieces(found.body.start + 1, found.body.stop):
            colon = self.source.find(start, stop, frozenset(":"))
            fields.append((self.source.text(colon - 1), "".join(map(self.source.text, range(colon + 1, stop)))))
        return fields

    def _closure(self) -> frozenset[str]:
        """Return the structs, and the names that stand for them or for types made of them."""
        made: defaultdict[str, set[str]] = defaultdict(set)
        for found in self.declarations.types:
            if found.word == "type":
                for at in self.source.names(*found.body):
                    made[self.source.text(at)].add(found.name)
        for name, definitions in self.declarations.declared.items():
            for definition in definitions:
                if definition.kind == "import" and definition.path and definition.path[-1] != name:
                    made[definition.path[-1]].add(name)
        names, waiting = set(self.structs), list(self.structs)
        while waiting:
            for name in made.get(waiting.pop(), ()):
                if name not in names:
                    names.add(name)
                    waiting.append(name)
        return frozenset(names)

    def _is_literal(self, at: int) -> bool:
        return self.source.text(at + 1) == "{" and at + 1 not in self._bodies

    def _trouble_at(self, at: int, casts: Collection[int]) -> str:  # noqa: C901, PLR0911 -- a case for each place
        """Return what is not understood of a mention that is no literal, nothing where it is."""
        source = self.source
        if around(self.declarations.uses, at) is not None or source.text(at + 1) == "::":
            return ""  # of a function or constant of the type, the calls are looked at
        first = self._path_start(at)
        while True:
            before = source.text(first - 1)
            holder = first - 2 - (source.text(first - 2) == "::")
            if before in {"&", "&&", "["} or (first and source.tokens[first - 1].kind == "lifetime"):
                first -= 1
            elif before == "const" and source.text(first - 2) == "*":
                first -= 2
            elif before == "mut":
                return "an entry that can be changed"
            elif before == "<" and source.is_name(holder):
                if source.text(holder) not in _HOLDERS:
                    return f"an entry in `{source.text(holder)}` may be changed"
                if source.text(holder) in _ASKS:
                    return ""
                first = self._path_start(holder)
            else:
                break
        within = around(self._stretches, at)
        if within is not None and self.declarations.types[within].at != at:
            found = self.declarations.types[within]
            return "" if found.word == "type" else f"an entry that is a part of `{found.name}` may be changed"
        if before in _DECLARES or (before == "as" and first - 1 in casts):
            return ""
        return f"this use of `{source.text(at)}` can't be followed"

    def _path_start(self, at: int) -> int:
        while self.source.text(at - 1) == "::" and self.source.is_name(at - 2):
            at -= 2
        return at
