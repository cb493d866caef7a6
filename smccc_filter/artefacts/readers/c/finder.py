"""Finds in the tokens of a C source what becomes an entry or a register, and what might become one and can't be read.

Every place that names the struct is looked at. Where an entry could hide that is not understood, there is a fault.
"""

from smccc_filter.artefacts.readers.c.assignments import CAssignments
from smccc_filter.artefacts.readers.c.declarations import (
    are_harmless,
)
from smccc_filter.artefacts.readers.c.following import Reach
from smccc_filter.artefacts.readers.c.language import QUALIFIERS, STORAGE
from smccc_filter.artefacts.readers.c.literals import CLiteralReader
from smccc_filter.artefacts.readers.c.structure import CStructure
from smccc_filter.artefacts.readers.source.entries import ZERO
from smccc_filter.artefacts.readers.source.places import SourcePlaces
from smccc_filter.artefacts.readers.source.tokens import Tokens

_BEFORE_NAME = frozenset({"const", "volatile", "static", "constexpr", "struct", "class"})
_SPECIFIERS = STORAGE | QUALIFIERS | {"struct", "class"}
LEAVE_ALONE = (
    "write the entries as a table that nothing but the ioctl gets, or import the blob of what the program builds"
)
CALLED_TYPE = "what is made of this type here can't be followed"


class CEntryFinder(CLiteralReader):
    """Looks for entries and registers, and follows every name of one."""

    def __init__(self, text: SourcePlaces, source: CStructure) -> None:
        super().__init__(text, source)
        self._assignments = CAssignments(source, self.index, lambda word: word in self.names.functions)
        self._pointers: list[tuple[int, int]] = []
        """Of each pointer that gets a value where it is declared: its name, and the value."""

    def find(self) -> None:
        """Look at every token that names a type of entries or registers."""
        for at in self.mentions():
            if not self.read[at]:
                self._mention(at)
        self.uses.check()
        for name, value in self._pointers:
            if not self.uses.is_address(value):
                self.hide(name, f"what `{self.tokens[name].text}` points to is made when the program runs")
        self.uses.check()
        for at, message in dict.fromkeys((*self.declared.odd, *self.names.odd)):
            self.add_fault(min(at, len(self.tokens) - 1), message, LEAVE_ALONE)

    def mentions(self) -> list[int]:
        """Return where types of entries or registers are named."""
        names = self.declared.filters.keys() | self.declared.registers.keys()
        return sorted(i for name in names for i in self.source.uses(name))

    def _mention(self, at: int) -> None:
        """Read what the name of a struct begins: an array, a variable, a pointer, a literal."""
        first = at
        while self.source.word(first - 1) in _SPECIFIERS:
            first -= 1
        words = {self.source.word(i) for i in range(first, at)}
        after = at + 1
        while self.source.word(after) in _BEFORE_NAME | QUALIFIERS:
            words.add(self.source.word(after))
            after += 1
        mark = self.source.mark(after)
        if "typedef" in words or (mark == "{" and words & {"struct", "class"} and not self._is_literal(after)):
            return
        if self.declared.members[at]:
            if self.source.word(after) or mark in {"*", "("}:
                self._member(at, after, words)
        elif self.source.word(after) or mark in {"*", "&", "&&"}:
            if not self._is_type_only(after):
                self._declarators(at, after, words)
        elif self.source.mark(first - 1) == "<":
            self.hide(at, "a container of entries can't be read")
        elif mark == "(" or self.source.word(self.source.around(at) - 1) in {"typeof", "__typeof__", "decltype"}:
            self.hide(at, CALLED_TYPE)
        else:
            self._unnamed(at, first, after)

    def _is_literal(self, brace: int) -> bool:
        """Tell whether braces behind a type's name begin a literal of C++, and do not declare the type."""
        return self.source.word(brace - 1) in self.declared.filters and self.source.word(brace - 2) != "struct"

    def _member(self, at: int, after: int, words: set[str]) -> None:
        """Tell of an entry within another struct; a pointer to a constant one holds none."""
        if self.tokens[at].text in self.declared.filters and not ("const" in words and self.source.mark(after) == "*"):
            self.hide(at, "an entry within another struct can't be followed")

    def _is_type_only(self, after: int) -> bool:
        """Tell whether a pointer type is that of a cast or of a parameter without a name."""
        while self.source.mark(after) == "*" or self.source.word(after) in QUALIFIERS:
            after += 1
        if self.source.mark(after) not in {")", ","}:
            return False
        opened = self.source.around(after - 1)
        if opened < 0 or not self.contexts.is_cast(opened):
            return True
        words = {self.source.word(i) for i in range(opened + 1, after)}
        if "const" not in words and words & self.declared.filters.keys():
            self.hide(opened + 1, "a cast to an entry that can be written")
        return True

    def _unnamed(self, at: int, first: int, after: int) -> None:
        """Read a literal: ``T{...}`` in C++, ``(T){...}`` and ``(T[]){...}`` in C."""
        size: Tokens | None = None
        start = first
        if self.source.mark(after) == "[":
            end = self.source.closing.get(after, len(self.tokens))
            size = self.tokens[after + 1 : end]
            after = end + 1
        if self.source.mark(after) == ")":
            start = self.source.opening.get(after, first)
            after += 1
        if self.source.mark(after) == "{":
            end = self.read_literal(at, after, size)
            if self.tokens[at].text in self.declared.filters:
                self.uses.follow_literal(start, end, Reach.ENTRY if size is None else Reach.ARRAY)

    def _declarators(self, at: int, after: int, words: set[str]) -> None:
        """Read ``name[size] = {...}``, and others after commas."""
        if "extern" in words:
            self.names.declared[after] = Reach.ARRAY
            return
        is_const = "const" in words or "constexpr" in words
        while True:
            after = self._declarator(at, after, words, is_const=is_const)
            if self.source.mark(after) != ",":
                return
            opened = self.source.around(after)
            after += 1
            if opened >= 0 and self.source.mark(opened) == "(":
                return  # the next parameter

    def _declarator(self, at: int, after: int, words: set[str], *, is_const: bool) -> int:
        """Read one variable, pointer or parameter; return the index behind it."""
        marks = []
        while self.source.mark(after) in {"*", "&", "&&"} or self.source.word(after) in QUALIFIERS:
            marks.append(self.source.mark(after))
            after += 1
        name = after
        self.read[name : name + 1] = b"\1"[: len(self.read) - name]
        if not self.source.word(name):
            self.hide(at, CALLED_TYPE)
        elif self.source.mark(name + 1) == "(":
            self._returned(at, name, is_pointer="*" in marks, is_const=is_const)
            return len(self.tokens)
        elif not any(marks):
            return self._variable(at, name, words, is_const=is_const)
        elif self.tokens[at].text in self.declared.filters:
            self._pointer(name, marks, is_const=is_const)
        return self.source.end_of_item(name)

    def _pointer(self, name: int, marks: list[str], *, is_const: bool) -> None:
        """Follow a pointer or a reference."""
        symbol = self.tokens[name].text
        if marks.count("*") > 1:
            if not is_const:
                self.hide(name, f"`{symbol}` points to pointers to entries that can be written")
            return
        self.names.follow(symbol, Reach.POINTER if "*" in marks else Reach.ENTRY, name)
        if "*" in marks and self.source.mark(name + 1) == "=":
            self._pointers.append((name, name + 2))
        elif self.source.mark(name + 1) == "[" and self.source.mark(self.source.end_of_item(name)) != ")":
            self.hide(name, f"`{symbol}` is an array of pointers to entries")

    def _returned(self, at: int, name: int, *, is_pointer: bool, is_const: bool) -> None:
        """Tell of a function that returns an entry that can be written, or a variable made by a constructor."""
        if self.source.block(name) is not None:
            self.hide(name, CALLED_TYPE)
        elif is_pointer and not is_const and self.tokens[at].text in self.declared.filters:
            self.hide(name, f"`{self.tokens[name].text}` returns an entry that can be written")

    def _variable(self, at: int, name: int, words: set[str], *, is_const: bool) -> int:
        """Read an array, a variable or a parameter that is an entry; return the index behind it."""
        symbol = self.tokens[name].text
        after, size = name + 1, None
        while self.source.mark(after) == "[":
            end = self.source.closing.get(after, len(self.tokens))
            if size is not None:
                self.hide(name, f"`{symbol}` has more than one dimension")
                return len(self.tokens)
            size = self.tokens[after + 1 : end]
            after = end + 1
        while self.source.word(after):
            end = self.source.closing.get(after + 1, after + 1)
            if self.source.word(after) != "__attribute__" or not are_harmless(self.tokens[after + 1 : end]):
                self.hide(after, f"`{self.tokens[after].text}` may change what `{symbol}` is")
                return len(self.tokens)
            after = end + 1
        opened = self.source.around(name)
        is_parameter = opened >= 0 and self.source.mark(opened) == "(" and self.source.word(opened - 1) != "for"
        is_filter = self.tokens[at].text in self.declared.filters
        is_static = self.source.block(name) is None or "static" in words
        gates = any(self.source.at(i).gate for i in range(at - len(words), at + len(words) + 1))
        if is_filter:
            kind = Reach.ENTRY if size is None else Reach.POINTER if is_parameter else Reach.ARRAY
            is_fixed = is_const and is_static and not is_parameter and not gates
            self.names.follow(symbol, kind, name, is_fixed=is_fixed)
        if is_parameter:
            return after
        if not is_static and self.source.may_be_jumped_past(name):
            self.hide(name, f"a jump may go past `{symbol}`, which then holds anything")
        if is_filter and not is_static:
            assignments, taken = self._assignments.behind(name, self.declared.filters[self.tokens[at].text], ZERO)
            if assignments:
                self.names.assigned |= taken
                return self.read_filled(at, name, size, assignments)
        return self._initialiser(at, name, after, size)

    def _initialiser(self, at: int, name: int, after: int, size: Tokens | None) -> int:
        """Read what a variable gets; return the index behind it."""
        symbol = self.tokens[name].text
        equals = self.source.mark(after) == "="
        after += equals
        if self.source.mark(after) == "{":
            return self.read_literal(at, after, size, symbol)
        end = self.source.end_of_item(after)
        if self.tokens[at].text not in self.declared.filters:
            return end
        if equals and not self._is_copy(after):
            self.hide(name, f"what `{symbol}` holds is decided when the program runs")
        elif not equals and self.source.mark(after) in {";", ","}:
            self.hide(name, f"`{symbol}` is not initialised: what it holds is decided when the program runs")
        elif not equals and self.source.mark(after) != ":":
            self.hide(name, CALLED_TYPE)
        return end

    def _is_copy(self, after: int) -> bool:
        """Tell whether a value is a literal in brackets, or begins with a name that is followed."""
        return self.uses.is_address(after) and self.source.word(after) not in {"NULL", "nullptr"}
