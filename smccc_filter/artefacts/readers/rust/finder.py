"""Finds in a Rust source what becomes an entry or a register, and what can't be read of it.

A literal whose fields depend on parameters makes no entry by itself; each call of its function does.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator

from smccc_filter.artefacts.readers.blob import action_of, no_action
from smccc_filter.artefacts.readers.reading import ReadEntry, ReadingFault
from smccc_filter.artefacts.readers.rust.arguments import RustCall, RustCalls
from smccc_filter.artefacts.readers.rust.declarations import RustDeclarations
from smccc_filter.artefacts.readers.rust.filters import RustFilterTypes
from smccc_filter.artefacts.readers.rust.frames import CallFrame, CallFrames, ElementNeededError, ParameterNeededError
from smccc_filter.artefacts.readers.rust.ledger import MOST_FAULTS
from smccc_filter.artefacts.readers.rust.literals import RustLiteral, literal_at
from smccc_filter.artefacts.readers.rust.names import RustNames
from smccc_filter.artefacts.readers.rust.tree import RustDefinition, RustFunction, Stretch
from smccc_filter.artefacts.readers.rust.values import RustEvaluator
from smccc_filter.artefacts.readers.source.entries import DEEPEST, MOST, U8_MAX, WRITE_OUT, fault_at
from smccc_filter.artefacts.readers.source.expression import U32_MAX, UnreadableError
from smccc_filter.artefacts.readers.source.places import SourcePlaces
from smccc_filter.artefacts.readers.source.tokens import OpenCondition, Token

MOST_FOLLOWED = 30_000
"""Calls that are followed."""
ACTION = 2
"""The place of the action among a literal's fields."""


class RustEntryReader:
    """Reads the entries of a source; ``entries``, ``faults`` and ``uncalled`` grow as it does."""

    def __init__(self, text: SourcePlaces, names: RustNames, filters: RustFilterTypes, calls: RustCalls) -> None:
        self.text = text
        self.names = names
        self.source = names.source
        self.declarations: RustDeclarations = names.declarations
        self.filters = filters
        self.calls = calls
        self.evaluator = RustEvaluator(names)
        self.entries: list[tuple[int, ReadEntry]] = []
        self.faults: list[ReadingFault] = []
        self.uncalled: dict[str, None] = {}
        self._gates: set[OpenCondition] = set()
        self._frames = CallFrames()
        self._fixed: dict[Stretch, int] = {}
        self._constants = sorted(
            (definition.value, definition.owner, definition.name)
            for definitions in self.declarations.declared.values()
            for definition in definitions
            if definition.kind == "constant"
        )

    def read(self) -> None:
        """Read every literal, with each call of the function in which it stands where its fields depend on that."""
        queue: deque[tuple[RustLiteral, CallFrame | None, Token, int, int]]
        queue = deque((literal, None, literal.whole, literal.first, 0) for literal in self._literals())
        while queue:
            literal, frame, whole, at, depth = queue.popleft()
            if len(queue) + len(self.entries) >= MOST or self._frames.made > MOST_FOLLOWED:
                self._add(whole.start, whole.end, "too many entries to be followed", "write fewer entries, in a table")
                return
            try:
                self._entry(literal, frame, whole, at)
            except UnreadableError as error:
                self.add_error(error)
            except ElementNeededError as needed:
                for made, gated in self._rounds(needed, frame, whole):
                    queue.append((literal, made, gated, at, depth))
            except ParameterNeededError as needed:
                function = self.owner_of(needed.parameter)
                if depth >= DEEPEST:
                    message = f"`{function.name}` hands its parameters on too often to be followed"
                    self._add(whole.start, whole.end, message, "write the entries out")
                    continue
                for call, made in self._called(function, frame):
                    token = self.source.token(call.name, call.end)
                    gated = token if token.gate else token._replace(gate=whole.gate)
                    queue.append((literal, made, gated, call.name, depth + 1))

    def _literals(self) -> Iterator[RustLiteral]:
        own_default = self._own_default()
        for at in self.filters.literals:
            try:
                literal = literal_at(self.source, self.names.path_start(at), at, self.filters.fields)
            except UnreadableError as error:
                self.add_error(error)
                continue
            if literal and literal.rest and own_default is not None:
                self.add_at(literal.rest, f"what the rest holds is decided in line {own_default}")
            elif literal:
                yield literal

    def _own_default(self) -> int | None:
        """Return the line of a default of this file that is more than zeros."""
        for function in self.declarations.functions:
            if function.name == "default" and function.owner in self.filters.names:
                words = {self.source.text(at) for at in self.source.names(*function.body)}
                if not words <= {"unsafe", "std", "core", "mem", "zeroed", "Self", *self.filters.names}:
                    return self._line(function.at)
        for definition in self.declarations.declared.get("Default", ()):
            return self._line(definition.at)
        return None

    def _line(self, at: int) -> int:
        start = self.source.tokens[at].start
        return self.text.at(start, start).span.start.line

    def add_at(self, at: int, message: str, hint: str = WRITE_OUT) -> None:
        """Note that what stands at a token can't be read."""
        token = self.source.tokens[at]
        self._add(token.start, token.end, message, hint)

    def owner_of(self, parameter: RustDefinition) -> RustFunction:
        """Return the function that a parameter is one of."""
        scope = self.declarations.scope_of[parameter.start + 1]
        while scope.function is None or parameter not in scope.function.parameters:
            assert scope.parent is not None  # noqa: S101 -- a parameter is seen in its function only
            scope = scope.parent
        return scope.function

    def _called(self, function: RustFunction, frame: CallFrame | None) -> Iterable[tuple[RustCall, CallFrame]]:
        """Yield the calls of a function with the frame of each, put around the frame that needs it."""
        calls = self.calls.calls_of.get(function.at, [])
        if not calls:
            self.uncalled[function.name] = None
        for at in self.calls.values.get(function.at, ()):
            self.add_at(at, f"`{function.name}` is used as a value, and what it is given is not known")
        for call in calls:
            if self._frames.made > MOST_FOLLOWED:
                return
            arguments = self.calls.arguments(call)
            token = self.source.token(call.name, call.end)
            if len(call.functions) > 1:
                message = f"`{function.name}` is a method of several types, and which one is called is not followed"
                self._add(token.start, token.end, message, WRITE_OUT)
            elif arguments is None:
                message = f"the call of `{function.name}` is too long to be read"
                self._add(token.start, token.end, message, "write the entries out")
            elif len(arguments) != len(function.parameters):
                takes = len(function.parameters)
                message = f"`{function.name}` is given {len(arguments)} arguments, and takes {takes}"
                self._add(token.start, token.end, message, "correct the call")
            else:
                yield call, self._frames.call(frame, function, arguments)

    def _rounds(
        self, needed: ElementNeededError, frame: CallFrame | None, whole: Token
    ) -> Iterator[tuple[CallFrame, Token]]:
        """Yield a frame for each element of a list that a ``for`` goes over, put where the loop's body is."""
        try:
            elements = self.evaluator.loops.elements(needed.element)
        except UnreadableError as error:
            self.add_error(error)
            return
        for element in elements:
            if self._frames.made > MOST_FOLLOWED:
                return
            token = self.source.token(element.start, element.stop - 1) if element.start < element.stop else whole
            made = self._frames.round(frame, needed.frame, needed.element.value, element)
            yield made, token._replace(gate=whole.gate or token.gate)

    def _entry(self, literal: RustLiteral, frame: CallFrame | None, whole: Token, at: int) -> None:
        base, nr_functions, number, *padding = self._numbers(literal, frame, whole)
        if any(padding):
            place = literal.padding[next(i for i, value in enumerate(padding) if value)].start
            raise UnreadableError(
                self.source.tokens[place], "padding must be zero: KVM answers EINVAL", "clear the padding"
            )
        if whole.gate:
            self._add_gate(whole.gate)
            return
        action = action_of(number)
        if action is None:
            assert literal.fields[2] is not None  # noqa: S101 -- 0 is an action
            raise UnreadableError(self.source.tokens[literal.fields[2].start], *no_action(number, "this entry"))
        words, span, file = self.text.at(whole.start, whole.end)
        symbol = None if frame else self._symbol(literal.first)
        written = self._written(literal.fields[0], frame)
        entry = ReadEntry(base, nr_functions, action, words, written, span, symbol, file)
        self.entries.append((at, entry))

    def _numbers(self, literal: RustLiteral, frame: CallFrame | None, whole: Token) -> list[int]:
        """Return base, nr_functions, action and what the padding holds; what no parameter decides is computed once."""
        numbers: list[int] = []
        needed: ParameterNeededError | ElementNeededError | None = None
        for i, field in enumerate((*literal.fields, *literal.padding)):
            number = 0 if field is None else self._fixed.get(field)
            if field is not None and number is None:
                try:
                    number = self.evaluator.number(field, frame, whole, U8_MAX if i == ACTION else U32_MAX)
                except (ParameterNeededError, ElementNeededError) as error:
                    needed = needed or error
                    continue
                if frame is None:
                    self._fixed[field] = number
            numbers.append(number or 0)
        if needed:
            raise needed
        return numbers

    def _symbol(self, at: int) -> str | None:
        i = bisect_right(self._constants, (Stretch(at, len(self.source) + 1),)) - 1
        if i < 0 or at >= self._constants[i][0].stop:
            return None
        _, owner, name = self._constants[i]
        return f"{owner}::{name}" if owner else name

    def _written(self, base: Stretch | None, frame: CallFrame | None) -> str:
        """Return how the file writes the base, in one line: where it is a parameter, as the call gives it."""
        if base is None:
            return "0"
        start, stop = base
        while self.source.text(start) == "(" and self.source.close(start) == stop - 1:
            start, stop = start + 1, stop - 1
        around = frame
        while around is not None and around.function is not None:
            around = around.caller
        if around is not None:
            return self._written(around.arguments[0], None)
        if frame and frame.function and stop == start + 1 and self.source.is_name(start):
            for parameter, argument in zip(frame.function.parameters, frame.arguments, strict=True):
                if parameter.name == self.source.text(start):
                    return self._written(argument, frame.caller)
        text = self.text.text[self.source.tokens[start].start : self.source.tokens[stop - 1].end]
        return " ".join(text.split())

    def _add_gate(self, gate: OpenCondition) -> None:
        """Tell once of a condition that decides whether an entry counts."""
        if gate not in self._gates:
            self._gates.add(gate)
            message = f"`{gate.text}` decides about entries, and this file does not decide about it"
            self._add(gate.start, gate.end, message, "import a copy without the condition")

    def add_error(self, error: UnreadableError) -> None:
        """Note what can't be read, where it stands."""
        self._add(error.token.start, error.token.end, error.message, error.hint)

    def _add(self, start: int, end: int, message: str, hint: str) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(fault_at(self.text, start, end, message, hint))
        elif len(self.faults) == MOST_FAULTS:
            message = f"more than {MOST_FAULTS:,} places can't be read; the others are not listed"
            self.faults.append(fault_at(self.text, start, end, message, hint))
