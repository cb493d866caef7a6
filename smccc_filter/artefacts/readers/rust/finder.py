"""Finds in the tokens of a Rust source what becomes an entry or a register, and what can't be read of it.

Literals of the struct, calls of functions, assignments to its fields and macros are looked at; the rest is passed over.
"""

from bisect import bisect_right
from collections.abc import Iterator

from smccc_filter.artefacts.readers.rust.items import RustConstant, RustItems
from smccc_filter.artefacts.readers.source.entries import WRITE_OUT, ZERO, SourceEntry, fault_at
from smccc_filter.artefacts.readers.source.expression import UnreadableError
from smccc_filter.artefacts.readers.source.finder import SourceFinder
from smccc_filter.artefacts.readers.source.functions import LONGEST_CALL, SourceCall
from smccc_filter.artefacts.readers.source.linux import ACTIONS, BINDGEN, VALUE_FIELDS
from smccc_filter.artefacts.readers.source.tokens import (
    NAME,
    STRING,
    Token,
    Tokens,
    as_one_token,
    is_punctuation,
    pieces,
)
from smccc_filter.language.source import SourceText

FILTER, REGISTERS, POLICY = "FILTER", "REGISTERS", "NAME"
"""Constants of the module that ``backends.rust`` writes."""
_NO_LITERAL = {"struct", "impl", "for", "->", "let", "enum", "union", "trait", "dyn", "mod"}
"""What stands before a type's name that is followed by a brace, where that makes no value."""


class RustEntryFinder(SourceFinder):
    """Looks for entries, registers and calls."""

    def __init__(self, text: SourceText, items: RustItems) -> None:
        super().__init__(text, items.tokens, items.bodies, _expressions(items))
        self.items = items
        self.constant_starts = [constant.start for constant in items.constants]

    def find(self) -> None:
        """Look at every token."""
        for start, end in self.items.macros:
            if any(self.tokens[i].text in self.items.filters for i in range(start, end)):
                self.add_fault(start, "a macro that makes entries can't be followed", WRITE_OUT)
        for at, token in enumerate(self.tokens):
            if token.kind != NAME:
                continue
            if token.text in self.items.filters and self.is_at(at + 1, "{"):
                self._literal(at)
            elif token.text == "nr_functions" and at and self.tokens[at - 1].text == "." and self.is_at(at + 1, "="):
                message = "an assignment to `nr_functions`: what the entry holds is decided when the program runs"
                self.add_fault(at, message, WRITE_OUT)
        for constant in self.items.constants:
            if constant.key == REGISTERS:
                self._registers(constant)

    def policy_name(self) -> str | None:
        """Return what our own module says of the policy."""
        value = self.constants.get(POLICY, ())
        return value[0].text.strip('"') if len(value) == 1 and value[0].kind == STRING else None

    def calls(self) -> Iterator[SourceCall]:
        """Yield the calls of functions that the source defines, and tell of unknown ones that are given an action."""
        known = {body.function.key for body in self.bodies}
        for at, token in enumerate(self.tokens):
            end = self.items.closing.get(at + 1)
            if token.kind != NAME or end is None or not self.is_at(at + 1, "(") or self.tokens[at - 1].text == "fn":
                continue
            key = self._key(at, known)
            if end > at + LONGEST_CALL:
                if key is not None:
                    self.add_fault(at, f"the call of `{token.text}` is too long to be read", "write the entries out")
                continue
            arguments = tuple(pieces(self.tokens[at + 2 : end]))
            if key is not None:
                yield self.call_at(at, end, key, arguments)
            elif self.body_at(at) and any(map(_is_action, arguments)):
                message = f"`{token.text}` is given an action, and what it does with it is not in this file"
                self.add_fault(at, message, "import a file that has the function too, or write the entries out")

    def _key(self, at: int, known: set[str]) -> str | None:
        """Return which function of this file is called: a method, one of a type, or a free one."""
        name, before = self.tokens[at].text, self.tokens[at - 1].text if at else ""
        keys = [name]
        if before == ".":
            keys = [f".{name}"]
        elif before == "::" and at > 1:
            keys = [f"{self.tokens[at - 2].text}::{name}", name]
        return next((key for key in keys if key in known), None)

    def _literal(self, at: int) -> None:
        """Read ``kvm_smccc_filter { base: ..., nr_functions: ..., action: ..., pad: [0; 15] }``."""
        first = at
        while first > 1 and self.tokens[first - 1].text == "::":
            first -= 2
        end = self.items.closing.get(at + 1)
        if self.tokens[first - 1].text in _NO_LITERAL and first:
            return
        if end is None:
            self.add_fault(at + 1, "this brace is not closed", "complete the literal")
            return
        if self.is_at(end + 1, "=") or self.is_at(end + 1, "=>"):
            return  # a pattern takes an entry apart
        if self.is_at(end + 1, ";") and self.is_at(end + 3, "]"):
            self.add_fault(at, "the same entry several times over", "write the entry once")
            return
        whole = as_one_token(self.tokens[first : end + 1])
        try:
            self._entry(at, self.tokens[at + 2 : end], whole)
        except UnreadableError as error:
            self.add_error(error, whole)

    def _entry(self, at: int, inner: Tokens, whole: Token) -> None:
        """Take one entry; ``inner`` are the tokens between its braces. Raises UnreadableError."""
        values: dict[str, Tokens] = {}
        padding: list[Tokens] = []
        rest = False
        for item in pieces(inner):
            if not item:
                raise UnreadableError(whole, "a field is missing between two commas", "complete the entry")
            if is_punctuation(item[0], ".."):
                rest = [token.text for token in item[-3:]] == ["default", "(", ")"]
                if not rest:
                    raise UnreadableError(item[0], "the rest of the entry comes from elsewhere", WRITE_OUT)
            elif len(item) == 1:
                values[item[0].text] = item
            elif item[0].text in VALUE_FIELDS:
                values[item[0].text] = item[2:]
            else:
                padding += _array(item[2:])
        missing = [field for field in VALUE_FIELDS if field not in values]
        if missing and not rest:
            raise UnreadableError(whole, f"the entry has no `{missing[0]}`", "complete the entry")
        base, nr_functions, action = (values.get(field, ZERO) for field in VALUE_FIELDS)
        i = bisect_right(self.constant_starts, at)
        constant = self.items.constants[i - 1] if i else None
        symbol = constant.key if constant and at < constant.end else None
        entry = SourceEntry(base, nr_functions, action, tuple(padding), whole, symbol, None, whole.start)
        self.add_entry(at, entry)

    def _registers(self, constant: RustConstant) -> None:
        """Read ``[(id, value), ...]``."""
        for item in pieces(self.tokens[constant.start + 1 : constant.end - 1]):
            whole = as_one_token(item or self.tokens[constant.start : constant.end])
            parts = pieces(item[1:-1])
            if len(parts) != 2:
                message = "a register is a pair of an ID and a value"
                self.faults.append(fault_at(self.text, whole.start, whole.end, message, "correct the pair"))
                continue
            try:
                self.add_register(parts, whole)
            except UnreadableError as error:
                self.add_error(error, whole)


def _expressions(items: RustItems) -> dict[str, Tokens]:
    """Return the expressions of the constants; of two with one name nobody here knows which is meant."""
    result: dict[str, Tokens] = {}
    twice = set()
    for constant in items.constants:
        if constant.key in result:
            twice.add(constant.key)
        result[constant.key] = items.tokens[constant.start : constant.end]
    for key in twice:
        del result[key]
    return result


def _array(value: Tokens) -> list[Tokens]:
    """Return the elements of ``[0; 15]``, ``[0, 0]`` or ``Default::default()`` as expressions, one for equal ones."""
    if value and is_punctuation(value[0], "["):
        return [next(iter(pieces(item, ";")), item) for item in pieces(value[1:-1])]
    if [token.text for token in value[-3:]] == ["default", "(", ")"]:
        return []
    return [value]


def _is_action(argument: Tokens) -> bool:
    """Tell whether an argument is an action and nothing else, cast or not."""
    names = [token.text for token in argument]
    if "as" in names:
        names = names[: names.index("as")]
    return (
        bool(names)
        and names[-1].removeprefix(BINDGEN) in ACTIONS
        and all(token.kind == NAME or token.text == "::" for token in argument)
    )
