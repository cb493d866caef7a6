"""Reads the initialisers of entries and registers in a C source."""

from collections.abc import Iterable, Mapping

from smccc_filter.artefacts.readers.c.assignments import MOST_ELEMENTS, FieldAssignment, FilledEntry, filled
from smccc_filter.artefacts.readers.c.constants import CConstants
from smccc_filter.artefacts.readers.c.contexts import CContexts
from smccc_filter.artefacts.readers.c.declarations import REGISTER_FIELDS, CDeclarations, declarations_of
from smccc_filter.artefacts.readers.c.following import FollowedNames
from smccc_filter.artefacts.readers.c.initialisers import elements, fields
from smccc_filter.artefacts.readers.c.structure import CStructure
from smccc_filter.artefacts.readers.c.uses import CUses
from smccc_filter.artefacts.readers.source.entries import MOST, WRITE_OUT, ZERO, SourceEntry
from smccc_filter.artefacts.readers.source.expression import I32_MAX, NO_CONSTANTS, UnreadableError, evaluate
from smccc_filter.artefacts.readers.source.finder import SourceFinder
from smccc_filter.artefacts.readers.source.functions import FunctionBody
from smccc_filter.artefacts.readers.source.linux import VALUE_FIELDS
from smccc_filter.artefacts.readers.source.places import SourcePlaces
from smccc_filter.artefacts.readers.source.tokens import Token, Tokens, as_one_token


class CLiteralReader(SourceFinder):
    """Takes entries and registers out of braces, with what the names in them stand for."""

    def __init__(self, text: SourcePlaces, source: CStructure) -> None:
        self.source = source
        self.declared: CDeclarations = declarations_of(source)
        super().__init__(text, source.tokens, [function.body for function in self.declared.functions], {})
        self.contexts = CContexts(source)
        self.constants_of_file = CConstants(source, self.declared, self.contexts)
        self.names = FollowedNames(source, self.declared)
        self.uses = CUses(self.names, self.contexts)
        self.read = bytearray(len(source.tokens))
        """Nonzero at tokens that are part of an initialiser which was read."""

    def changed_in(self, body: FunctionBody) -> frozenset[str]:
        """Return the parameters that the function does not only read."""
        function = self.names.function_at(body.start)
        if function is None:
            raise KeyError(body)
        own = set(self.names.parameters(function))
        return frozenset(
            name
            for name in body.function.parameters
            if any(
                i not in own and not self._is_other(i) and not self.contexts.is_read(i, i + 1, self.uses.by_value)
                for i in self.source.uses(name, function.head, body.end)
            )
        )

    def _is_other(self, i: int) -> bool:
        """Tell whether a name is that of a member, and not of a variable."""
        return self.source.mark(i - 1) in {".", "->"}

    def hide(self, at: int, message: str) -> None:
        """Tell of something in which an entry may hide."""
        self.add_fault(at, message, WRITE_OUT)

    def read_literal(self, at: int, brace: int, size: Tokens | None = None, symbol: str | None = None) -> int:
        """Read braces; ``size`` is what the brackets of an array hold. Return the index behind the braces."""
        end = self.source.closing.get(brace)
        if end is None:
            self.add_fault(brace, "this brace is not closed", "complete the initialiser")
            return len(self.tokens)
        self.read[at : end + 1] = b"\1" * (end + 1 - at)
        braces, whole = self.tokens[brace : end + 1], as_one_token(self.tokens[brace : end + 1])
        if self.tokens[at].gate:
            whole = whole._replace(gate=self.tokens[at].gate)
        if len(self.entries) > MOST:
            return end + 1
        try:
            items = [braces] if size is None else list(elements(braces, size, whole, lambda part: self.index(part, at)))
            for item in items[: MOST + 1]:
                self._struct(at, item, symbol)
        except UnreadableError as error:
            self.add_error(error, whole)
        return end + 1

    def read_filled(self, at: int, name: int, size: Tokens | None, assignments: list[FieldAssignment]) -> int:
        """Read a variable whose fields get values behind its declaration. Return the index behind the declarator."""
        stop = self.source.end_of_item(name)
        declared = as_one_token(self.tokens[name:stop])
        if self.tokens[at].gate:
            declared = declared._replace(gate=self.tokens[at].gate)
        try:
            entries = self._initial(at, name, size, declared)
            for entry in filled(assignments, entries, ZERO):
                self._add(at, entry.values, entry.padding or [], entry.placed(), self.tokens[name].text)
        except UnreadableError as error:
            self.add_error(error, declared)
        return stop

    def _initial(self, at: int, name: int, size: Tokens | None, declared: Token) -> list[FilledEntry]:
        """Return the entries of a variable as its declaration leaves them. Raises UnreadableError."""
        equals = name + 1
        while self.source.mark(equals) == "[" or self.source.word(equals) == "__attribute__":
            equals = self.source.closing.get(equals + (self.source.mark(equals) != "["), len(self.tokens)) + 1
        count = 1 if size is None else self.index(size, at) if size else 0
        brace = equals + (self.source.mark(equals) == "=")
        if count > MOST_ELEMENTS or (size is not None and not size):
            raise UnreadableError(declared, "an array that is filled field by field needs a small size", WRITE_OUT)
        entries = [FilledEntry(declared) for _ in range(count)]
        if brace == equals and self.source.mark(brace) != "{":
            return entries
        end = self.source.closing.get(brace)
        if self.source.mark(brace) != "{" or end is None:
            raise UnreadableError(declared, f"what `{self.tokens[name].text}` begins with is not written", WRITE_OUT)
        self.read[at : end + 1] = b"\1" * (end + 1 - at)
        braces = self.tokens[brace : end + 1]
        if size is None:
            items = [braces]
        elif "".join(token.text for token in braces) in {"{}", "{0}", "{{0}}", "{{}}"}:
            items = [[braces[0], braces[-1]]] * count
        else:
            items = list(elements(braces, size, declared, lambda part: self.index(part, at)))
        for entry, item in zip(entries, items, strict=True):
            found = fields(item, self.declared.filters[self.tokens[at].text], VALUE_FIELDS)
            entry.fill(dict(found.values), list(found.padding))
            entry.gates += [token.gate for token in item]
        return entries

    def _add(
        self, at: int, values: Mapping[str, Tokens | None], padding: Iterable[Tokens], whole: Token, symbol: str | None
    ) -> None:
        """Note an entry, names in it replaced. Raises UnreadableError."""
        body = self.body_at(at)
        parameters = body.function.parameters if body else ()
        resolve = self.constants_of_file.resolved
        base, nr_functions, action = (resolve(values[field] or ZERO, at, parameters) for field in VALUE_FIELDS)
        zeros = tuple(resolve(value, at, parameters) for value in padding)
        start = self.tokens[at].start
        self.add_entry(at, SourceEntry(base, nr_functions, action, zeros, whole, symbol, None, start))

    def index(self, tokens: Tokens, at: int) -> int:
        """Return an index or the size of an array. Raises UnreadableError."""
        return evaluate(self.constants_of_file.resolved(tokens, at, ()), NO_CONSTANTS, tokens[0])

    def _struct(self, at: int, braces: Tokens, symbol: str | None) -> None:
        """Take one entry or register, of the struct that is named at ``at``. Raises UnreadableError."""
        name = self.tokens[at].text
        whole = as_one_token(braces)
        if self.tokens[at].gate:
            whole = whole._replace(gate=self.tokens[at].gate)
        if name in self.declared.filters:
            found = fields(braces, self.declared.filters[name], VALUE_FIELDS)
            self._add(at, found.values, found.padding, whole, symbol)
            return
        found = fields(braces, self.declared.registers[name], REGISTER_FIELDS)
        self.add_register((self._wide(found.values[field], at) for field in REGISTER_FIELDS), whole)

    def _wide(self, tokens: Tokens, at: int) -> Tokens:
        """Return an expression of 64 bits, names replaced; a name must not be negative. Raises UnreadableError."""
        resolved = self.constants_of_file.resolved(tokens, at, ())
        for token, found in zip(tokens, resolved, strict=True):
            if found is not token and int(found.text, 0) > I32_MAX:
                message = f"whether `{token.text}` is negative depends on its type"
                raise UnreadableError(token, message, "write the number itself")
        return resolved
