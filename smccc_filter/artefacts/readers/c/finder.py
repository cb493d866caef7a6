"""Finds in the tokens of a C source what becomes an entry or a register, and what might become one and can't be read.

Every place that names the struct is looked at, and so is every assignment to its fields. Where an entry could hide that
is not understood, there is a fault.
"""

from collections.abc import Iterator

from smccc_filter.artefacts.readers.c.declarations import REGISTER_FIELDS, declarations_of
from smccc_filter.artefacts.readers.c.initialisers import elements, fields
from smccc_filter.artefacts.readers.source.entries import WRITE_OUT, SourceEntry
from smccc_filter.artefacts.readers.source.expression import UnreadableError
from smccc_filter.artefacts.readers.source.finder import SourceFinder
from smccc_filter.artefacts.readers.source.functions import LONGEST_CALL, SourceCall, SourceFunction
from smccc_filter.artefacts.readers.source.linux import ACTIONS, VALUE_FIELDS
from smccc_filter.artefacts.readers.source.tokens import (
    NAME,
    NUMBER,
    PUNCTUATION,
    Token,
    Tokens,
    as_one_token,
    is_punctuation,
    pieces,
)
from smccc_filter.language.source import SourceText

QEMU = SourceFunction("kvm_arm_set_smccc_filter", ("func", "faction"))
"""The function of QEMU's series, which calls it in another file than the one it is in: one ID gets an action.

Source: "target/arm/kvm,tcg: Register/Handle SMCCC hypercall exits to VMM/Qemu", qemu-devel, September 2023.
"""
QEMU_ENTRY = SourceEntry(
    base=(Token(NAME, "func", -1, -1),),
    nr_functions=(Token(NUMBER, "1", -1, -1),),
    action=(Token(NAME, "faction", -1, -1),),
    padding=(),
    whole=Token(PUNCTUATION, "", -1, -1),
    symbol=None,
    function=QEMU,
    at=-1,
)
_QUALIFIERS = {"const", "volatile", "static", "constexpr", "struct"}
_SPECIFIERS = {*_QUALIFIERS, "extern", "typedef"}
_NO_CALL = {"if", "while", "for", "switch", "return", "sizeof", "defined"}


class CEntryFinder(SourceFinder):
    """Looks for entries, registers and calls."""

    def __init__(self, text: SourceText, tokens: Tokens) -> None:
        self.declared = declarations_of(tokens)
        super().__init__(text, tokens, self.declared.bodies, {})
        self.symbols: set[str] = set()
        """Of arrays and variables that were read, so that a copy of one is no new entry."""
        self.read = bytearray(len(tokens))
        """Nonzero at tokens that are part of an initialiser which was read."""

    def find(self) -> None:
        """Look at every token."""
        for at, token in enumerate(self.tokens):
            if token.kind != NAME or self.read[at]:
                continue
            if token.text in self.declared.filters or token.text in self.declared.registers:
                self._mention(at)
            elif token.text == "nr_functions" and self._is_assigned(at):
                message = "an assignment to `nr_functions`: what the entry holds is decided when the program runs"
                self.add_fault(at, message, WRITE_OUT)

    def calls(self) -> Iterator[SourceCall]:
        """Yield the calls of functions that the source defines, and of QEMU's, and tell of calls that are unknown."""
        known = {body.function.key for body in self.bodies}
        for body in self.bodies:
            for at in range(body.start, min(body.end, len(self.tokens) - 1)):
                if self.tokens[at].kind == NAME and is_punctuation(self.tokens[at + 1], "("):
                    yield from self._call(at, known)

    def _call(self, at: int, known: set[str]) -> Iterator[SourceCall]:
        name = self.tokens[at].text
        end = self.declared.closing.get(at + 1)
        if end is None or name in _NO_CALL:
            return
        is_known = name in known or name == QEMU.key
        if end > at + LONGEST_CALL:
            if is_known:
                self.add_fault(at, f"the call of `{name}` is too long to be read", "write the entries out as an array")
            return
        arguments = tuple(pieces(self.tokens[at + 2 : end]))
        if is_known:
            yield self.call_at(at, end, name, arguments)
        elif any(len(part) == 1 and part[0].text in ACTIONS for part in arguments):
            message = f"`{name}` is given an action, and what it does with it is not in this file"
            self.add_fault(at, message, "import a file that has the function too, or write the entries out as an array")

    def _mention(self, at: int) -> None:
        """Read what the name of a struct begins: an array, a variable, a literal; other uses make no entry."""
        before = self.tokens[at - 1].text if at else ""
        after = at + 1
        while self.is_name(after) and self.tokens[after].text in _QUALIFIERS:
            after += 1
        if self.is_name(after):
            if not self.declared.members[at]:
                self._declarators(at, after)
            elif self.tokens[at].text in self.declared.filters:
                self.add_fault(at, "an entry within another struct can't be followed", WRITE_OUT)
        elif before == "<":
            self.add_fault(at, "a container of entries can't be read", WRITE_OUT)
        elif before not in {"struct", "class"} or not self.is_at(after, "{"):
            self._unnamed(at, after)

    def _unnamed(self, at: int, after: int) -> None:
        """Read a literal: ``T{...}`` in C++, ``(T){...}`` and ``(T[]){...}`` in C."""
        size: Tokens | None = None
        if self.is_at(after, "["):
            end = self.declared.closing.get(after, len(self.tokens))
            size = self.tokens[after + 1 : end]
            after = end + 1
        if self.is_at(after, ")"):
            after += 1
        if self.is_at(after, "{"):
            self._literal(at, after, size)

    def _declarators(self, at: int, after: int) -> None:
        """Read ``name[size] = {...}``, and others after commas."""
        words = set()
        i = at - 1
        while self.is_name(i) and self.tokens[i].text in _SPECIFIERS:
            words.add(self.tokens[i].text)
            i -= 1
        if words & {"extern", "typedef"}:
            return
        while self.is_name(after):
            after = self._declarator(at, after)
            if not self.is_at(after, ","):
                return
            after += 1
            if not (self.is_name(after) and any(self.is_at(after + 1, text) for text in "[=,;{")):
                return

    def _declarator(self, at: int, name: int) -> int:
        """Read one variable; return the index behind it."""
        symbol = self.tokens[name].text
        after, size = name + 1, None
        while self.is_at(after, "["):
            end = self.declared.closing.get(after, len(self.tokens))
            if size is not None:
                self.add_fault(name, f"`{symbol}` has more than one dimension", "write the entries as one array")
                return len(self.tokens)
            size = self.tokens[after + 1 : end]
            after = end + 1
        while self.is_name(after) and self.is_at(after + 1, "("):  # an attribute
            after = self.declared.closing.get(after + 1, len(self.tokens)) + 1
        equals = self.is_at(after, "=")
        after += equals
        if self.is_at(after, "{"):
            return self._literal(at, after, size, symbol)
        if equals and not self.is_at(after, "(") and not self._is_copy(after):
            self.add_fault(name, f"what `{symbol}` holds is decided when the program runs", WRITE_OUT)
        elif self.is_at(after, ";") and not equals and self.tokens[at].text in self.declared.filters:
            message = f"`{symbol}` is not initialised: what it holds is decided when the program runs"
            self.add_fault(name, message, WRITE_OUT)
        return after

    def _is_copy(self, at: int) -> bool:
        """Tell whether a value is taken from an array that was read."""
        while self.is_at(at, "*") or self.is_at(at, "&"):
            at += 1
        return self.is_name(at) and self.tokens[at].text in self.symbols

    def _literal(self, at: int, brace: int, size: Tokens | None = None, symbol: str | None = None) -> int:
        """Read braces; ``size`` is what the brackets of an array hold. Return the index behind the braces."""
        end = self.declared.closing.get(brace)
        if end is None:
            self.add_fault(brace, "this brace is not closed", "complete the initialiser")
            return len(self.tokens)
        self.read[at : end + 1] = b"\1" * (end + 1 - at)
        braces, whole = self.tokens[brace : end + 1], as_one_token(self.tokens[brace : end + 1])
        if symbol:
            self.symbols.add(symbol)
        try:
            items = [braces] if size is None else list(elements(braces, size, whole))
            for item in items:
                self._struct(at, item, symbol)
        except UnreadableError as error:
            self.add_error(error, whole)
        return end + 1

    def _struct(self, at: int, braces: Tokens, symbol: str | None) -> None:
        """Take one entry or register, of the struct that is named at ``at``. Raises UnreadableError."""
        name = self.tokens[at].text
        whole = as_one_token(braces)
        if name in self.declared.filters:
            found = fields(braces, self.declared.filters[name], VALUE_FIELDS)
            base, nr_functions, action = (found.values[field] for field in VALUE_FIELDS)
            start = self.tokens[at].start
            self.add_entry(at, SourceEntry(base, nr_functions, action, found.padding, whole, symbol, None, start))
            return
        found = fields(braces, self.declared.registers[name], REGISTER_FIELDS)
        self.add_register((found.values[field] for field in REGISTER_FIELDS), whole)

    def _is_assigned(self, at: int) -> bool:
        return at > 0 and self.tokens[at - 1].text in {".", "->"} and self.is_at(at + 1, "=")
