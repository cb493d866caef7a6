"""Finds in the tokens of a Rust source what becomes an entry or a register, and what can't be read of it.

Literals of the struct, calls of functions, assignments to its fields and macros are looked at; the rest is passed over.
"""

from bisect import bisect_right
from collections.abc import Iterator

from smccc_filter.artefacts.readers.reading import ReadRegister
from smccc_filter.artefacts.readers.rust.items import RustConstant, RustItems
from smccc_filter.artefacts.readers.source.entries import (
    FIELDS,
    LONGEST_CALL,
    RUN,
    ZERO,
    SourceCall,
    SourceEntry,
    trouble,
    whole_of,
)
from smccc_filter.artefacts.readers.source.expression import U64_MAX, UnreadableError, evaluate
from smccc_filter.artefacts.readers.source.functions import FunctionBody
from smccc_filter.artefacts.readers.source.linux import ACTIONS, BINDGEN
from smccc_filter.artefacts.readers.source.tokens import NAME, STRING, Token, Tokens, is_punctuation, pieces
from smccc_filter.artefacts.readers.source.walk import SourceWalk
from smccc_filter.language.places import Offsets
from smccc_filter.language.source import Text

FILTER, REGISTERS, POLICY = "FILTER", "REGISTERS", "NAME"
"""Constants of the module that ``backends.rust`` writes."""
NESTED = 16
"""Functions inside functions that are looked at."""
_NO_LITERAL = {"struct", "impl", "for", "->", "let", "enum", "union", "trait", "dyn", "mod"}
"""What stands before a type's name that is followed by a brace, where that makes no value."""


class RustEntryFinder(SourceWalk):
    """Looks for entries, registers and calls."""

    def __init__(self, text: Text, items: RustItems) -> None:
        super().__init__(text, items.tokens, items.bodies)
        self.items = items
        self.constants = self._constants()
        self.constant_starts = [constant.start for constant in items.constants]

    def _constants(self) -> dict[str, Tokens]:
        """Return the expressions of the constants; of two with one name nobody here knows which is meant."""
        result: dict[str, Tokens] = {}
        twice = set()
        for constant in self.items.constants:
            expression = self.tokens[constant.start : constant.end]
            if constant.key in result:
                twice.add(constant.key)
            result[constant.key] = expression
        for key in twice:
            del result[key]
        return result

    def find(self) -> None:
        """Look at every token."""
        for start, end in self.items.macros:
            if any(self.tokens[i].text in self.items.filters for i in range(start, end)):
                self.tell(start, "a macro that makes entries can't be followed", RUN)
        for at, token in enumerate(self.tokens):
            if token.kind != NAME:
                continue
            if token.text in self.items.filters and self.is_at(at + 1, "{"):
                self._literal(at)
            elif token.text == "nr_functions" and at and self.tokens[at - 1].text == "." and self.is_at(at + 1, "="):
                message = "an assignment to `nr_functions`: what the entry holds is decided when the program runs"
                self.tell(at, message, RUN)
        for constant in self.items.constants:
            if constant.key == REGISTERS:
                self._registers(constant)

    def policy_name(self) -> str | None:
        """Return what our own module says of the policy."""
        value = self.constants.get(POLICY, ())
        return value[0].text.strip('"') if len(value) == 1 and value[0].kind == STRING else None

    def calls(self) -> Iterator[SourceCall]:
        """Yield the calls of functions that the source defines, and tell of unknown ones that are given an action."""
        known = {body.function.key for body in self.items.bodies}
        for at, token in enumerate(self.tokens):
            end = self.items.closing.get(at + 1)
            if token.kind != NAME or end is None or not self.is_at(at + 1, "(") or self.tokens[at - 1].text == "fn":
                continue
            key = self._key(at, known)
            if end > at + LONGEST_CALL:
                if key is not None:
                    self.tell(at, f"the call of `{token.text}` is too long to be read", "write the entries out")
                continue
            arguments = tuple(pieces(self.tokens[at + 2 : end]))
            if key is not None:
                body = self._body(at)
                whole = whole_of(self.tokens[at : end + 1])
                yield SourceCall(key, arguments, whole, body.function if body else None, self.changed(body))
            elif self._body(at) and any(map(_is_action, arguments)):
                message = f"`{token.text}` is given an action, and what it does with it is not in this file"
                self.tell(at, message, "import a file that has the function too, or write the entries out")

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
            self.tell(at + 1, "this brace is not closed", "complete the literal")
            return
        if self.is_at(end + 1, "=") or self.is_at(end + 1, "=>"):
            return  # a pattern takes an entry apart
        if self.is_at(end + 1, ";") and self.is_at(end + 3, "]"):
            self.tell(at, "the same entry several times over", "write the entry once")
            return
        whole = whole_of(self.tokens[first : end + 1])
        try:
            self._site(at, self.tokens[at + 2 : end], whole)
        except UnreadableError as error:
            self.tell_error(error, whole)

    def _site(self, at: int, inner: Tokens, whole: Token) -> None:
        values: dict[str, Tokens] = {}
        padding: list[Tokens] = []
        rest = False
        for item in pieces(inner):
            if not item:
                raise UnreadableError(whole, "a field is missing between two commas", "complete the entry")
            if is_punctuation(item[0], ".."):
                rest = [token.text for token in item[-3:]] == ["default", "(", ")"]
                if not rest:
                    raise UnreadableError(item[0], "the rest of the entry comes from elsewhere", RUN)
            elif len(item) == 1:
                values[item[0].text] = item
            elif item[0].text in FIELDS:
                values[item[0].text] = item[2:]
            else:
                padding += _array(item[2:])
        missing = [field for field in FIELDS if field not in values]
        if missing and not rest:
            raise UnreadableError(whole, f"the entry has no `{missing[0]}`", "complete the entry")
        base, nr_functions, action = (values.get(field, ZERO) for field in FIELDS)
        i = bisect_right(self.constant_starts, at)
        constant = self.items.constants[i - 1] if i else None
        symbol = constant.key if constant and at < constant.end else None
        site = SourceEntry(base, nr_functions, action, tuple(padding), whole, symbol, None, whole.start)
        body = self._body(at)
        if body:
            site = site._replace(function=body.function, changed=self.changed(body))
        self.sites.append(site)

    def _registers(self, constant: RustConstant) -> None:
        """Read ``[(id, value), ...]``."""
        for item in pieces(self.tokens[constant.start + 1 : constant.end - 1]):
            whole = whole_of(item or self.tokens[constant.start : constant.end])
            parts = pieces(item[1:-1])
            if len(parts) != 2:
                message = "a register is a pair of an ID and a value"
                self.troubles.append(trouble(self.text, whole.start, whole.end, message, "correct the pair"))
                continue
            try:
                reg_id, value = (evaluate(part, self.constants, whole, U64_MAX) for part in parts)
            except UnreadableError as error:
                self.tell_error(error, whole)
                continue
            span = self.text.span(Offsets(whole.start, whole.end))
            self.registers.append(ReadRegister(reg_id, value, f"line {span.start.line}", span))

    def _body(self, at: int) -> FunctionBody | None:
        """Return the innermost function around a token."""
        i = bisect_right(self.starts, at)
        near = self.items.bodies[max(0, i - NESTED) : i]
        return next((body for body in reversed(near) if at < body.end), None)


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
