"""Calls in a Rust source: of which function of the file each one is, and whether what it is given can be followed."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from smccc_filter.artefacts.readers.rust.filters import RustFilterTypes
from smccc_filter.artefacts.readers.rust.language import KNOWN_MACROS
from smccc_filter.artefacts.readers.rust.names import RustNames
from smccc_filter.artefacts.readers.rust.tree import RustBinding, RustDefinition, RustFunction, Stretch, around
from smccc_filter.artefacts.readers.source.expression import UnreadableError
from smccc_filter.artefacts.readers.source.functions import LONGEST_CALL

MOST_METHODS = 8
"""Methods of one name that are told apart."""
_STEPS = 40
_STOPS = frozenset((";", "{", "}", "(", ","))


class RustCall(NamedTuple):
    """A call of a function of this file: the indices of its name and brackets; several where a method is not clear.

    ``shift`` is 1 where a method is called by its path, so that its first argument is ``self``.
    """

    name: int
    bracket: int
    end: int
    functions: tuple[RustFunction, ...]
    shift: int


class TypedArguments(NamedTuple):
    """The arguments of a call that are entries by the type of the parameter."""

    bracket: int
    indices: tuple[int, ...]


class RustCalls:
    """The calls of a source, by the function that is called and by their bracket."""

    def __init__(self, names: RustNames, filters: RustFilterTypes) -> None:
        self.names = names
        self.source = names.source
        self.declarations = names.declarations
        self.filters = filters
        self.own_macros = {macro.name for macro in self.declarations.macros if macro.defined}
        self.quiet_macros = KNOWN_MACROS - self.own_macros
        self.methods: dict[str, tuple[RustFunction, ...]] = {}
        self.named: dict[str, tuple[RustFunction, ...]] = {}
        self.calls_of: defaultdict[int, list[RustCall]] = defaultdict(list)
        self.unclear: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        self.values: defaultdict[int, list[int]] = defaultdict(list)
        self.returning: list[RustCall] = []
        self.typed: list[TypedArguments] = []
        self._at = {function.at: function for function in self.declarations.functions}
        self._by_bracket: dict[int, RustCall] = {}
        self._returning = {function.at for function in self.declarations.functions if self.returns_entries(function)}
        self._typed = {
            function.at: [i for i, parameter in enumerate(function.parameters) if self._is_typed(parameter)]
            for function in self.declarations.functions
        }
        for function in self.declarations.functions:
            if not function.body.stop:
                continue
            self.named[function.name] = (*self.named.get(function.name, ()), function)[: MOST_METHODS + 1]
            if function.receiver:
                self.methods[function.name] = (*self.methods.get(function.name, ()), function)[: MOST_METHODS + 1]
        self.known_names = self._names_of_functions()
        for at in range(len(self.source)):
            if self.source.text(at) in self.known_names:
                self._named(at)

    def _names_of_functions(self) -> dict[str, str]:
        """Return the names by which functions of this file are called, with their own."""
        result = {function.name: function.name for function in self.declarations.functions}
        for name, definitions in self.declarations.declared.items():
            for definition in definitions:
                if definition.kind == "import" and definition.path and definition.path[-1] in result:
                    result.setdefault(name, definition.path[-1])
        return result

    def _named(self, at: int) -> None:
        """Note a call, or another use of a function's name."""
        source, name = self.source, self.source.text(at)
        called = source.text(at + 1) == "("
        if source.text(at - 1) == "fn" or at in self.declarations.bindings or not (called or self._is_value(at)):
            return
        functions: tuple[RustFunction, ...] = ()
        shift = 0
        if source.text(at - 1) == ".":
            functions = self.methods.get(name, ())
        else:
            try:
                found = self.names.meaning(self.names.path_start(at), at)
            except UnreadableError as error:
                self.unclear[self.known_names[name]].append((at, error.message))
                return
            function = self._at.get(found.at) if found else None
            if function and not called:
                self.values[function.at].append(at)
            elif function:
                shift = int(function.receiver is not None)
                chosen = function.body.stop and function.owner not in self.declarations.traits
                functions = (function,) if chosen else self.named.get(name, ())
        if functions:
            self._call(RustCall(at, at + 1, source.close(at + 1), functions, shift))

    def _call(self, call: RustCall) -> None:
        self._by_bracket[call.bracket] = call
        for function in call.functions:
            self.calls_of[function.at].append(call)
        if any(function.at in self._returning for function in call.functions):
            self.returning.append(call)
        indices = {i for function in call.functions for i in self._typed[function.at]}
        if indices:
            self.typed.append(TypedArguments(call.bracket, tuple(sorted(i + call.shift for i in indices))))

    def _is_value(self, at: int) -> bool:
        """Tell whether a function's name that is not called can stand for the function."""
        before, after = self.source.text(at - 1), self.source.text(at + 1)
        return before != "." and after not in {":", "!"} and not self.is_import(at)

    def _is_typed(self, parameter: RustDefinition) -> bool:
        return self.filters.is_in(parameter.type)

    def returns_entries(self, function: RustFunction) -> bool:
        """Tell whether a function returns an entry, or what holds some."""
        return self.filters.is_in(function.returns)

    def is_default(self, function: RustFunction) -> bool:
        """Tell whether a function is ``Default::default``, which makes no entry that is written here."""
        return function.name == "default" and function.owner is not None

    def is_import(self, at: int) -> bool:
        """Tell whether a token is part of a ``use`` declaration."""
        return around(self.declarations.uses, at) is not None

    def arguments(self, call: RustCall) -> tuple[Stretch, ...] | None:
        """Return the arguments of a call; ``None`` where it is too long to be read."""
        if call.end - call.bracket > LONGEST_CALL:
            return None
        return tuple(self.source.pieces(call.bracket + 1, call.end))[call.shift :]

    def give(self, bracket: int, argument: Stretch, held: str, given: set[tuple[int, int]]) -> str:
        """Take note that an entry is an argument; return what is not understood of that, nothing where it is."""
        source, end = self.source, self.source.closing[bracket]
        name = source.text(bracket - 1)
        if end - bracket > LONGEST_CALL:
            return f"the call of `{name}` is too long to be read"
        if source.text(argument.start - 1) not in {"(", ","} or source.text(argument.stop) not in {")", ","}:
            return "this argument can't be followed"
        call = self._by_bracket.get(bracket)
        if call is None:
            return self._give_away(bracket, held)
        index = self._index_of(bracket, argument)
        for function in call.functions:
            place = index - call.shift
            if place >= len(function.parameters) or (place < 0 and not self.filters.holds(function.owner)):
                return f"`{name}` takes an entry in a way that can't be followed"
            if place >= 0 and self._is_typed(function.parameters[place]):
                given.add((bracket, index))
        return ""

    def received(self, bracket: int, argument: Stretch) -> Iterator[RustDefinition]:
        """Yield the parameters of functions of this file that an argument becomes, whatever their type."""
        call = self._by_bracket.get(bracket)
        if call:
            place = self._index_of(bracket, argument) - call.shift
            for function in call.functions:
                if 0 <= place < len(function.parameters):
                    yield function.parameters[place]

    def _index_of(self, bracket: int, argument: Stretch) -> int:
        pieces = self.source.pieces(bracket + 1, self.source.closing[bracket])
        return next(i for i, piece in enumerate(pieces) if argument.start < piece.stop)

    def _give_away(self, bracket: int, held: str) -> str:
        """Say what is not understood where a function of another file is given an entry."""
        source, name = self.source, self.source.text(bracket - 1)
        if source.text(bracket - 2) != ".":
            try:
                found = self.names.meaning(self.names.path_start(bracket - 1), bracket - 1)
            except UnreadableError as error:
                return error.message
            if found is not None and found.kind != "import":
                return f"what `{name}` does with an entry can't be followed"
        first = self.names.path_start(bracket - 1)
        of_type = any(source.text(at)[:1].isupper() for at in range(first, bracket, 2))
        changes = any(source.text(at) == "mut" for at in range(bracket, source.closing[bracket]))
        keeps = source.text(bracket - 2) == "." or (of_type and held == "entry") or changes
        if keeps and held in {"entry", "result"}:
            return f"`{name}` is given an entry by value, and may keep and change it"
        return f"`{name}` may return a copy of the entry that is then changed" if self._is_changed(first, held) else ""

    def kept(self, bracket: int) -> tuple[RustDefinition, ...]:
        """Return what the result of a call of a function of another file is bound to."""
        if bracket in self._by_bracket:
            return ()
        binding = self._binding(self.names.path_start(bracket - 1))
        return binding.definitions if binding else ()

    def _is_changed(self, first: int, held: str) -> bool:
        """Tell whether what a call returns is bound in a way that it may be changed."""
        binding = self._binding(first)
        if binding is None:
            return False
        words = {self.source.text(at) for at in range(*binding.pattern)}
        return held == "entry" or binding.loop or "mut" in words or len(binding.definitions) != 1

    def _binding(self, first: int) -> RustBinding | None:
        """Return what the value is bound to that the expression at ``first`` is part of."""
        at = first - 1
        for _ in range(_STEPS):
            text = self.source.text(at)
            if text in {"=", "in"} and at in self.declarations.bound:
                return self.declarations.bound[at]
            if text == "{" and self.source.text(at - 1) == "unsafe":
                at -= 1
            elif text in _STOPS or not text:
                return None
            at = self.source.open(at) - 1
        return None
