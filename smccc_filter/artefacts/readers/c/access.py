"""Access paths in a C source: from a name or literal of an entry to the whole expression that is made of it.

An index, a member, an address, a dereference, a cast and brackets are applied as they stand around it; where something
else does, the expression ends.
"""

from typing import NamedTuple

from smccc_filter.artefacts.readers.c.contexts import CASTS, CContexts
from smccc_filter.artefacts.readers.c.declarations import CDeclarations
from smccc_filter.artefacts.readers.c.following import Reach
from smccc_filter.artefacts.readers.source.tokens import NAME, NUMBER

_POSTFIXES = frozenset({"++", "--", "[", ".", "->"})


class AccessPath(NamedTuple):
    """An expression by its first token and the one behind it; ``is_variable`` where it is a variable as a whole."""

    start: int
    end: int
    reach: Reach
    is_variable: bool


class CAccessPaths:
    """Finds the whole expression around a part of one."""

    def __init__(self, contexts: CContexts, declarations: CDeclarations) -> None:
        self.contexts = contexts
        self.source = contexts.source
        self.declarations = declarations

    def whole(self, path: AccessPath) -> AccessPath:
        """Return the path with all that is applied to it, up to what can't be followed."""
        while (wider := self._with_postfix(path) or self._with_prefix(path)) is not None:
            path = wider
        return path

    def _with_postfix(self, path: AccessPath) -> AccessPath | None:
        """Apply an index, a member, or a step of a pointer."""
        source, reach, end = self.source, path.reach, path.end
        after = source.mark(end)
        if reach is Reach.HANDLE:
            return None
        is_address = reach in {Reach.POINTER, Reach.ARRAY}
        if after == "[" and reach is not Reach.ENTRY:
            inner = Reach.ENTRY if is_address else Reach.FIELD
            return AccessPath(path.start, source.closing.get(end, end) + 1, inner, is_variable=False)
        if (after == "." and reach is Reach.ENTRY) or (after == "->" and is_address):
            return AccessPath(path.start, end + 2, Reach.FIELD, is_variable=False)
        if after in {"++", "--"} and reach is Reach.POINTER and path.is_variable:
            return AccessPath(path.start, end + 1, reach, is_variable=False)
        is_sum = (
            after in {"+", "-"} and is_address and source.mark(path.start - 1) == "(" and source.mark(end + 2) == ")"
        )
        if is_sum and source.at(end + 1).kind in {NAME, NUMBER}:
            return AccessPath(path.start, end + 2, Reach.POINTER, is_variable=False)
        return None

    def _with_prefix(self, path: AccessPath) -> AccessPath | None:
        """Apply an operator before it, a cast, or brackets around it."""
        source, reach, start = self.source, path.reach, path.start
        before = source.mark(start - 1)
        if reach is Reach.FIELD:
            return None
        if before == "(" and source.mark(path.end) == ")":
            return self._in_brackets(path)
        if reach is Reach.HANDLE:
            is_pointer = before == "*" and self.contexts.is_unary(start - 1) and source.mark(path.end) not in _POSTFIXES
            return AccessPath(start - 1, path.end, Reach.POINTER, is_variable=True) if is_pointer else None
        if reach is Reach.POINTER and path.is_variable and before == "&" and self.contexts.is_unary(start - 1):
            return AccessPath(start - 1, path.end, Reach.HANDLE, is_variable=False)
        wider: tuple[int, Reach] | None = None
        if before in {"++", "--"} and reach is Reach.POINTER and path.is_variable:
            wider = start - 1, reach
        elif before == "&" and self.contexts.is_unary(start - 1):
            wider = start - 1, Reach.POINTER
        elif before == "*" and reach is not Reach.ENTRY and self.contexts.is_unary(start - 1):
            wider = start - 1, Reach.ENTRY
        elif before == ")" and self._is_good_cast(source.opening.get(start - 1, -1), reach):
            wider = source.opening[start - 1], reach
        return None if wider is None else AccessPath(wider[0], path.end, wider[1], is_variable=False)

    def _in_brackets(self, path: AccessPath) -> AccessPath | None:
        """Take the brackets around it, which may be those of ``reinterpret_cast<T>(...)``."""
        source, start = self.source, path.start
        if source.mark(start - 2) == ">" and path.reach is not Reach.ENTRY:
            begin = next((i for i in range(start - 3, max(start - 20, -1), -1) if source.word(i) in CASTS), None)
            return None if begin is None else AccessPath(begin, path.end + 1, path.reach, is_variable=False)
        if not self.contexts.is_group(start - 1) or source.word(start - 2) in {"return", "case"}:
            return None
        return AccessPath(start - 1, path.end + 1, path.reach, is_variable=False)

    def _is_good_cast(self, opened: int, reach: Reach) -> bool:
        """Tell whether brackets are a cast that makes an address a number, or a pointer to something else."""
        if reach is Reach.ENTRY or not self.contexts.is_cast(opened):
            return False
        words = {self.source.word(i) for i in range(opened + 1, self.source.closing[opened])}
        return "const" in words or not words & self.declarations.filters.keys()
