"""Fields that a function gives an entry right behind its declaration, one statement each: ``f.base = BASE;``.

Only what runs in a straight line counts: statements behind the declaration, in its block, up to the first that has the
entry in another way or may go elsewhere. The last value of a field is the one that it has.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from smccc_filter.artefacts.readers.c.language import STATEMENTS
from smccc_filter.artefacts.readers.c.structure import CStructure
from smccc_filter.artefacts.readers.source.expression import UnreadableError
from smccc_filter.artefacts.readers.source.linux import STRUCT, VALUE_FIELDS
from smccc_filter.artefacts.readers.source.tokens import (
    INCLUDE,
    NAME,
    NUMBER,
    OPAQUE,
    UNSURE,
    Token,
    Tokens,
    as_one_token,
)

LONGEST = 2000
"""Tokens behind a declaration that are looked at."""
MOST_ELEMENTS = 256
"""Entries of an array that is filled field by field."""
_JUMPS = (STATEMENTS - {"sizeof", "typeof", "__typeof__", "new"}) | {"asm", "__asm", "__asm__", "setjmp", "_Generic"}
_UNKNOWN = {INCLUDE, OPAQUE, UNSURE}


class FieldAssignment(NamedTuple):
    """One statement: the element of the array, 0 without one, the field, its value, and the whole of it.

    ``field`` is empty where the whole variable is cleared, and ``pad`` for a part of the padding.
    """

    element: int
    field: str
    value: Tokens
    whole: Token


class FilledEntry:
    """The fields of one entry as they are given in turn; ``None`` where nobody gave one a value yet."""

    def __init__(self, whole: Token) -> None:
        self.values: dict[str, Tokens | None] = dict.fromkeys(VALUE_FIELDS)
        self.padding: list[Tokens] | None = None
        self.whole = whole
        self.gates = [whole.gate]

    def fill(self, values: dict[str, Tokens], padding: list[Tokens]) -> None:
        """Take what an initialiser gives."""
        self.values.update(values)
        self.padding = padding

    def assign(self, given: FieldAssignment, zero: Tokens) -> None:
        """Take what a statement gives."""
        self.gates.append(given.whole.gate)
        if not given.field:
            self.fill(dict.fromkeys(VALUE_FIELDS, zero), [])
        elif given.field in self.values:
            self.values[given.field] = given.value
            if given.field == "base":
                self.whole = given.whole
        elif self.padding is not None:
            self.padding.append(given.value)

    def placed(self) -> Token:
        """Return the statement that gives the base, with the first condition on any."""
        return self.whole._replace(gate=next((gate for gate in self.gates if gate), None))


class CAssignments:
    """Finds the statements that fill a variable.

    ``number`` gives the value of an index at a token, ``is_own`` tells whether the file has a function of a name.
    """

    def __init__(self, source: CStructure, number: Callable[[Tokens, int], int], is_own: Callable[[str], bool]) -> None:
        self.source = source
        self.number = number
        self.is_own = is_own
        self._left = 2 * len(source.tokens)
        """Tokens that all declarations together may look at."""

    def behind(self, name: int, fields: tuple[str, ...], zero: Tokens) -> tuple[list[FieldAssignment], set[int]]:
        """Return the statements that fill the variable whose name is declared at ``name``, and where they name it."""
        source = self.source
        symbol, block = source.word(name), source.around(name)
        found: list[FieldAssignment] = []
        taken: set[int] = set()
        if block < 0 or source.mark(block) != "{":
            return found, taken
        end = min(source.closing.get(block, len(source.tokens)), name + LONGEST)
        uses = source.uses(symbol, name + 1, end)
        at = self._next(name, end)
        while uses and at <= uses[-1] and self._left > 0:
            after = self._next(at, end)
            self._left -= after - at
            if after > end or not self._is_straight(at, after):
                break
            if source.has(symbol, at, after):
                given = self._assignment(at, after, name, fields, zero)
                if given is None:
                    break
                found.append(given)
                taken.update(source.uses(symbol, at, after))
            at = after
        return found, taken

    def _next(self, at: int, end: int) -> int:
        """Return the index behind the next semicolon outside of brackets; beyond ``end`` where none comes."""
        while at < end:
            at = self.source.end_of_item(at)
            if self.source.mark(at) == ";":
                return at + 1
            if self.source.mark(at) != ",":
                break
            at += 1
        return end + 1

    def _is_straight(self, at: int, after: int) -> bool:
        """Tell whether a statement runs once, is left at its end, and is known."""
        source = self.source
        if source.mark(at) in {"{", "}"} or (source.word(at) and source.mark(at + 1) == ":"):
            return False
        return not any(source.at(i).kind in _UNKNOWN or source.word(i) in _JUMPS for i in range(at, after))

    def _assignment(
        self, at: int, after: int, name: int, fields: tuple[str, ...], zero: Tokens
    ) -> FieldAssignment | None:
        """Read ``f.base = 1;``, ``f[0].base = 1;`` or ``memset(&f, 0, sizeof(f));``; ``None`` for anything else."""
        source, symbol = self.source, self.source.word(name)
        whole = as_one_token(source.tokens[at : after - 1])
        if source.word(at) == "memset":
            return FieldAssignment(-1, "", zero, whole) if self._clears(at, after, name) else None
        if source.word(at) != symbol:
            return None
        dot, element = at + 1, 0
        if source.mark(dot) == "[":
            closed = source.closing.get(dot, dot)
            try:
                element = self.number(source.tokens[dot + 1 : closed], at)
            except UnreadableError:
                return None
            dot = closed + 1
        field, equals = source.word(dot + 1), dot + 2
        if field not in VALUE_FIELDS and source.mark(equals) == "[":
            equals = source.closing.get(equals, equals) + 1
        is_array = source.mark(name + 1) == "["
        value = source.tokens[equals + 1 : after - 1]
        is_plain = source.mark(dot) == "." and source.mark(equals) == "=" and field in fields and len(value) > 0
        if not is_plain or is_array != (dot > at + 1) or len(source.uses(symbol, at, after)) != 1:
            return None
        return FieldAssignment(element, field if field in VALUE_FIELDS else "pad", value, whole)

    def _clears(self, at: int, after: int, name: int) -> bool:
        """Tell whether ``memset`` clears the whole variable and no more."""
        texts = [token.text for token in self.source.tokens[at:after]]
        symbol, is_array = self.source.word(name), self.source.mark(name + 1) == "["
        address = [symbol] if is_array else ["&", symbol]
        sizes = [["sizeof", symbol], ["sizeof", "(", symbol, ")"]]
        if not is_array:
            sizes.append(["sizeof", "(", "struct", STRUCT, ")"])
        wanted = [["memset", "(", *address, ",", "0", ",", *size, ")", ";"] for size in sizes]
        kinds = {token.kind for token in self.source.tokens[at:after]} <= {NAME, NUMBER, "punctuation"}
        return kinds and texts in wanted and not self.is_own("memset")


def filled(assignments: list[FieldAssignment], entries: list[FilledEntry], zero: Tokens) -> Iterator[FilledEntry]:
    """Give the entries what the statements give, and yield each.

    Raises UnreadableError for an element that the array does not have, and for a field that gets no value.
    """
    for given in assignments:
        if given.element >= len(entries):
            message = f"the array has no element {given.element}"
            raise UnreadableError(given.whole, message, "correct the index")
        for entry in entries if given.element < 0 else [entries[given.element]]:
            entry.assign(given, zero)
    for entry in entries:
        missing = next((field for field, value in entry.values.items() if value is None), "")
        missing = missing or ("pad" if entry.padding is None else "")
        if missing:
            message = f"the entry gets no `{missing}`: what it holds is decided when the program runs"
            raise UnreadableError(entry.whole, message, "initialise it with `= { 0 }`, or give it all its fields")
        yield entry
