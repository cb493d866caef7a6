"""The names in a C source by which an entry can be reached, and from where to where each means that."""

from collections import deque
from collections.abc import Iterator
from enum import Enum
from functools import cached_property
from typing import NamedTuple

from smccc_filter.artefacts.readers.c.declarations import CDeclarations
from smccc_filter.artefacts.readers.c.functions import CFunction
from smccc_filter.artefacts.readers.c.structure import CStructure


class Reach(Enum):
    """What an expression is by which an entry can be reached."""

    ARRAY = "array"
    ENTRY = "entry"
    POINTER = "pointer"
    HANDLE = "pointer to a pointer"
    FIELD = "field"
    DEVICE_ATTR = "device attribute"


class FollowedName(NamedTuple):
    """A name from ``start`` to before ``end``; ``is_fixed`` where it is in memory that nothing can write."""

    name: str
    reach: Reach
    start: int
    end: int
    declared: int
    is_fixed: bool = False


class FollowedNames:
    """Collects names to follow, each with the place of its declaration.

    ``declared`` has what is declared at an index, ``functions`` the definitions of each name, ``odd`` where names can't
    be followed, and why.
    """

    def __init__(self, source: CStructure, declarations: CDeclarations) -> None:
        self.source = source
        self.declarations = declarations
        self.names: dict[tuple[str, int], FollowedName] = {}
        self.declared: dict[int, Reach] = {}
        self.odd: list[tuple[int, str]] = []
        self.assigned: set[int] = set()
        """Where a followed name stands in a statement that fills the entry and was read."""
        self.queue: deque[FollowedName] = deque()
        self.functions: dict[str, list[CFunction]] = {}
        for function in declarations.functions:
            self.functions.setdefault(function.body.function.key, []).append(function)

    def follow(self, name: str, reach: Reach, declared: int, *, is_fixed: bool = False) -> None:
        """Follow a name from its declaration on, in its function or in the whole file."""
        start, end = self._region(declared)
        if start == end:
            return  # a parameter of a declaration without a body
        self.declared[declared] = reach
        self._add(FollowedName(name, reach, start, end, declared, is_fixed))

    def follow_attr(self, name: str, at: int) -> None:
        """Follow a device attribute that gets an address; it must be a variable of the function."""
        start, end = self._region(at)
        function = self.function_at(at)
        if start == 0 or (function is not None and name in function.body.function.parameters):
            self.odd.append((at, f"`{name}` is used beyond this function, and gets the address of an entry"))
        self._add(FollowedName(name, Reach.DEVICE_ATTR, start, end, at))

    def _add(self, found: FollowedName) -> None:
        key = found.name, found.start
        before = self.names.get(key)
        if before is None:
            self.names[key] = found
            self.queue.append(found)
        elif before.reach is not found.reach:
            self.odd.append((found.declared, f"`{found.name}` is declared as two things here"))
        elif before.is_fixed and not found.is_fixed:
            self.names[key] = before._replace(is_fixed=False)
            self.queue.append(self.names[key])

    def known(self, name: str, at: int) -> FollowedName | None:
        """Return what a name is at a token: of its function, else of the file."""
        block = self.source.block(at)
        function = self.function_at(at)
        starts = [function.head if function else 0, block[0] if block else 0, 0]
        return next((self.names[name, start] for start in starts if (name, start) in self.names), None)

    def places(self, found: FollowedName) -> Iterator[int]:
        """Yield where a followed name stands and means what is followed: no member, tag, label or other variable."""
        source = self.source
        for i in source.uses(found.name, found.start, found.end):
            if (
                i in self.declared
                or i in self.assigned
                or source.mark(i - 1) in {".", "->"}
                or self.declarations.members[i]
            ):
                continue
            if source.word(i - 1) in {"struct", "union", "enum", "goto"}:
                continue
            known = self.known(found.name, i)
            if known is not None and known.start == found.start:
                yield i

    def function_at(self, at: int) -> CFunction | None:
        """Return the function in whose body or head a token stands."""
        block = self.source.block(at)
        return self._head(at) if block is None else self._by_start.get(block[0])

    def parameters(self, function: CFunction) -> Iterator[int]:
        """Yield the indices at which a function names its parameters."""
        source = self.source
        i = function.head + 1
        end = source.closing.get(function.head, i)
        while i < end:
            stop = source.end_of_item(i)
            last = stop - 1
            while last > i and not source.word(last):
                last = source.opening.get(last, last) - 1
            if source.word(last):
                yield last
            i = stop + 1

    def argument(self, at: int) -> tuple[CFunction | None, int]:
        """Return the function of this file that gets an argument, and the index at which it names its parameter."""
        source = self.source
        opened = source.around(at)
        functions = self.functions.get(source.word(opened - 1), []) if opened >= 0 else []
        if len(functions) != 1 or source.mark(opened - 2) in {".", "->"}:
            return None, -1
        for i in self.parameters(functions[0]):
            if source.position(i) == source.position(at):
                return functions[0], i
        return None, -1

    @cached_property
    def _by_start(self) -> dict[int, CFunction]:
        return {function.body.start: function for function in self.declarations.functions}

    def _head(self, at: int) -> CFunction | None:
        opened = self.source.around(at)
        name = self.source.word(opened - 1) if opened >= 0 else ""
        return next((function for function in self.functions.get(name, ()) if function.head == opened), None)

    def _region(self, declared: int) -> tuple[int, int]:
        """Return where a name is used that is declared at a token: a parameter in the function's body."""
        block = self.source.block(declared)
        if block is not None:
            return block
        function = self._head(declared)
        if function is not None:
            return function.head, function.body.end
        opened = self.source.around(declared)
        return (0, 0) if opened >= 0 and self.source.mark(opened) == "(" else (0, len(self.source.tokens))
