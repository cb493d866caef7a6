"""Where the entries of a Rust source go: every use of one is understood as one that changes nothing, or is told.

An entry is followed from its literal, or from the call that returns it, outwards to what holds it, and from there to
each use of the name that is bound. Rust lets nothing change what no ``mut`` binding, reference or cell holds, so that
the uses that are known are enough; any other is a fault.
"""

from collections import defaultdict

from smccc_filter.artefacts.readers.rust.arguments import RustCalls
from smccc_filter.artefacts.readers.rust.ledger import FlowLedger, HeldUse
from smccc_filter.artefacts.readers.rust.literals import PATTERN_ENDS
from smccc_filter.artefacts.readers.rust.prefixes import PrefixReader
from smccc_filter.artefacts.readers.rust.suffixes import SuffixReader
from smccc_filter.artefacts.readers.rust.tree import RustDefinition, RustFunction
from smccc_filter.artefacts.readers.source.expression import UnreadableError

MOST_STEPS = 40
"""Brackets and suffixes around one use."""
_END = frozenset((",", ")", "]", ";", "}"))


class RustFlow:
    """Follows all entries of a source; ``ledger`` tells what is not understood."""

    def __init__(self, calls: RustCalls) -> None:
        self.names = calls.names
        self.source = calls.source
        self.declarations = calls.declarations
        self.filters = calls.filters
        self.calls = calls
        self.ledger = FlowLedger()
        self._suffixes = SuffixReader(calls, self.ledger)
        self._prefixes = PrefixReader(calls, self.ledger)
        self._positions: dict[str, list[int]] = {}
        self._aliases: defaultdict[str, list[str]] = defaultdict(list)
        self._uses: dict[str, dict[int, list[int]]] = {}

    def follow(self) -> None:
        """Follow every literal, every call that returns an entry, and every name that is bound to one."""
        self._index()
        for at in self.filters.literals:
            first, last = self.names.path_start(at), self.source.close(at + 1)
            if self.source.text(last + 1) not in PATTERN_ENDS and not self.ledger.is_full:
                self._outwards(HeldUse(first, last, "entry"))
        for call in self.calls.returning:
            if self.ledger.is_full:
                return
            self._outwards(HeldUse(self._chain_start(call.name), call.end, "entry"))
        for function in self.declarations.functions:
            for parameter in (function.receiver, *function.parameters):
                if parameter and function.body.stop and self._is_typed(parameter, function):
                    self.ledger.carry(parameter, "reference" if self._is_reference(parameter) else "entry")
        while self.ledger.waiting and not self.ledger.is_full:
            self._follow_name(self.ledger.waiting.pop())
        self._complete()

    def _index(self) -> None:
        for at in range(len(self.source)):
            if self.source.is_name(at) and self.source.text(at - 1) != ".":
                self._positions.setdefault(self.source.text(at), []).append(at)
        for name, definitions in self.declarations.declared.items():
            for definition in definitions:
                if definition.kind == "import" and definition.path and definition.path[-1] != name:
                    self._aliases[definition.path[-1]].append(name)

    def _is_typed(self, definition: RustDefinition, function: RustFunction | None = None) -> bool:
        """Tell whether what is written as a type names an entry's."""
        if definition.name == "self":
            return function is not None and self.filters.holds(function.owner)
        return self.filters.is_in(definition.type)

    def _is_reference(self, parameter: RustDefinition) -> bool:
        return self.source.text(parameter.type.start) == "&"

    def _follow_name(self, definition: RustDefinition) -> None:
        held = self.ledger.carriers[definition.at]
        names, seen = [definition.name], set[str]()
        while names:
            name = names.pop()
            if name not in seen:
                seen.add(name)
                names += self._aliases.get(name, [])
                for at in self._uses_of(name).get(definition.at, ()):
                    if self.ledger.is_full:
                        return
                    self._outwards(HeldUse(self.names.path_start(at), at, held))

    def _uses_of(self, name: str) -> dict[int, list[int]]:
        """Return the indices at which a name is used, by what it means there."""
        if name not in self._uses:
            result: defaultdict[int, list[int]] = defaultdict(list)
            for at in self._positions.get(name, ()):
                if self.source.text(at + 1) == "::" or self._binds(at):
                    continue
                try:
                    found = self.names.meaning(self.names.path_start(at), at)
                except UnreadableError as error:
                    self.ledger.tell(at, error.message)
                    continue
                if found:
                    result[found.at].append(at)
            self._uses[name] = result
        return self._uses[name]

    def _binds(self, at: int) -> bool:
        """Tell whether a name stands where it is bound, imported, or is the name of a field."""
        if at in self.declarations.bindings or self.calls.is_import(at):
            return True
        return self.source.text(at + 1) == ":" and self.source.text(at - 1) in {",", "{", "("}

    def _outwards(self, use: HeldUse) -> None:
        """Go from an expression outwards to what holds it."""
        start = use.first
        steps = 0
        following: HeldUse | None = use
        while following:
            steps += 1
            if steps > MOST_STEPS:
                self.ledger.tell(start, "an entry in too many brackets")
                return
            use = following
            following = (self._prefixes if self._ends(use) else self._suffixes).read(use)

    def _ends(self, use: HeldUse) -> bool:
        """Tell whether no suffix follows an expression: a block follows only where it is iterated over."""
        text = self.source.text
        return text(use.last + 1) in _END or (text(use.last + 1) == "{" and text(use.first - 1) in {"in", "&", "*"})

    def _chain_start(self, at: int) -> int:
        """Return where the receivers of the method whose name is at ``at`` begin."""
        first = self.names.path_start(at)
        steps = 0
        while self.source.text(first - 1) == "." and steps < MOST_STEPS:
            steps += 1
            first -= 2
            while self.source.text(first) in {")", "]", "?"}:
                first = self.source.open(first) - 1
            first = self.names.path_start(first)
        return first

    def _complete(self) -> None:
        """Tell of values that should be entries, and were not followed from one."""
        source = self.source
        for bracket, reached in self.ledger.elements.items():
            for start, _ in source.pieces(bracket + 1, source.closing[bracket]):
                if start not in reached:
                    self.ledger.tell(start, "this element is not an entry that is written here")
        for binding in self.declarations.bound.values():
            for definition in binding.definitions:
                empty = (
                    source.text(definition.value.start) == "[" and definition.value.stop == definition.value.start + 2
                )
                if self._is_typed(definition) and definition.at not in self.ledger.carriers and not empty:
                    self.ledger.tell(definition.at, f"what `{definition.name}` holds is not written here")
        self._complete_calls()

    def _complete_calls(self) -> None:
        source = self.source
        for call in self.calls.typed:
            for index in call.indices:
                if (call.bracket, index) not in self.ledger.given:
                    self.ledger.tell(
                        call.bracket - 1, f"what `{source.text(call.bracket - 1)}` is given is not written here"
                    )
        odd: dict[int, int] = {}
        for at in range(len(source)):
            if source.text(at) == "return" and source.text(at + 1) != "Err":
                function = self.declarations.function_at(at)
                if function and at + 1 not in self.ledger.returned[function.at]:
                    odd.setdefault(function.at, at)
        for function in self.declarations.functions:
            if self.calls.returns_entries(function) and function.body.stop:
                self._complete_returns(function, odd.get(function.at))

    def _complete_returns(self, function: RustFunction, odd: int | None) -> None:
        """Tell of a function that returns entries other than one that is followed; ``odd`` is such a ``return``."""
        returned = len(self.ledger.returned[function.at])
        if not returned and not self.calls.is_default(function):
            self.ledger.tell(function.at, f"what `{function.name}` returns is not written here")
        elif returned > 1:
            self.ledger.tell(function.at, f"`{function.name}` returns one of several entries")
        elif odd is not None:
            self.ledger.tell(odd, f"what `{function.name}` returns here is not an entry that is written here")
