"""The values of the names in a Rust source: constants, variables, parameters as a call gives them, and Linux's."""

from typing import NamedTuple

from smccc_filter.artefacts.readers.rust.expressions import (
    LIMITS,
    U8_MAX,
    U32_MAX,
    WRITE_NUMBER,
    RustExpression,
    RustValue,
    surely,
)
from smccc_filter.artefacts.readers.rust.names import RustNames
from smccc_filter.artefacts.readers.rust.tree import RustDefinition, RustFunction, Stretch
from smccc_filter.artefacts.readers.source.expression import UnreadableError
from smccc_filter.artefacts.readers.source.linux import ACTIONS, BINDGEN, MACROS, value_of
from smccc_filter.artefacts.readers.source.tokens import Token

DEEPEST = 64
"""Brackets and names inside one another."""


class ParameterNeededError(Exception):
    """The value depends on a parameter of a function whose call is not known."""

    def __init__(self, parameter: RustDefinition) -> None:
        super().__init__(parameter.name)
        self.parameter = parameter


class CallFrame(NamedTuple):
    """One call of a function: its arguments, and the frame in which they stand. ``number`` tells frames apart."""

    function: RustFunction
    arguments: tuple[Stretch, ...]
    caller: "CallFrame | None"
    number: int


class RustEvaluator:
    """Computes expressions; each name is computed once for each frame that it depends on."""

    def __init__(self, names: RustNames) -> None:
        self.names = names
        self.source = names.source
        self.depth = 0
        self._known: dict[tuple[int, int], RustValue | UnreadableError | None] = {}

    def number(self, expression: Stretch, frame: CallFrame | None, whole: Token, limit: int = U32_MAX) -> int:
        """Return the value of an expression, 0 to ``limit``.

        Raises UnreadableError, at ``whole`` where nothing is given, and ParameterNeededError.
        """
        if expression.start >= expression.stop:
            raise UnreadableError(whole, "a value is missing", "give the field a number or a constant")
        value = self.value(expression, frame)
        if value.number > limit:
            token = self.source.tokens[expression.start]
            message = f"the value is {value.number:#x}, and the field holds at most {limit:#x}"
            raise UnreadableError(token, message, "correct the value")
        return value.number

    def value(self, expression: Stretch, frame: CallFrame | None) -> RustValue:
        """Return the value of an expression that is not empty; raises as ``number`` does."""
        if self.depth >= DEEPEST:
            raise self._too_deep(expression.start)
        self.depth += 1
        try:
            return RustExpression(self.source, expression, _Place(self, frame)).value()
        finally:
            self.depth -= 1

    def limit(self, type_: Stretch) -> int | None:
        """Return the largest number of the type that is written at ``type_``; ``None`` where that is not known."""
        word = self.source.text(type_.stop - 1) if type_.stop > type_.start else ""
        is_path = all(self.source.text(at) == "::" for at in range(type_.start + 1, type_.stop, 2))
        return LIMITS.get(word) if is_path and word not in self.names.declarations.declared else None

    def called(self, first: int, last: int, frame: CallFrame | None) -> RustValue:
        """Return what a macro with arguments of Linux's headers gives, which bindings write as a function."""
        token, name = self.source.tokens[first], self.source.text(last)
        found = self.names.meaning(first, last)
        known = MACROS.get(name) if found is None or found.path[-1:] == (name,) else None
        if known is None:
            raise UnreadableError(token, f"`{name}(...)` can't be computed here", "write the number that it gives")
        pieces = self.source.pieces(last + 2, self.source.close(last + 1))
        numbers = [self.number(piece, frame, token) for piece in pieces]
        result = known[1](*numbers) if len(numbers) == known[0] else None
        if result is None or result > U32_MAX:
            raise UnreadableError(token, f"the arguments of `{name}` can't be meant", WRITE_NUMBER)
        return RustValue(result, U32_MAX, flexible=False)

    def named(self, first: int, last: int, frame: CallFrame | None) -> RustValue:
        """Return the value of the name at ``first`` to ``last``; raises as ``number`` does."""
        found = self.names.meaning(first, last)
        if found is None or found.kind == "import":
            return self._linux(self.source.text(last) if found is None else found.path[-1], first, last)
        token = self.source.tokens[first]
        gate = self.source.gate(found.at)
        if gate:
            message = f"`{gate.text}` decides about `{found.name}`, and this file does not decide about it"
            raise UnreadableError(token, message, "import a copy without the condition")
        if found.mutable:
            raise UnreadableError(token, f"`{found.name}` is `mut` and may change", WRITE_NUMBER)
        match found.kind:
            case "constant" | "variable":
                return self._once(found, frame if found.kind == "variable" else None)
            case "parameter":
                return self._argument(found, frame)
        raise UnreadableError(token, f"the value of `{found.name}` is not known", WRITE_NUMBER)

    def _linux(self, name: str, first: int, last: int) -> RustValue:
        known = value_of(name)
        if known is None:
            path = "".join(self.source.text(at) for at in range(first, last + 1))
            hint = "write its number, or define it in the same file"
            raise UnreadableError(self.source.tokens[first], f"the value of `{path}` is not known", hint)
        return RustValue(known, U8_MAX if name.removeprefix(BINDGEN) in ACTIONS else U32_MAX, flexible=False)

    def _once(self, found: RustDefinition, frame: CallFrame | None) -> RustValue:
        key = (found.at, frame.number if frame else -1)
        if key not in self._known:
            self._known[key] = None
            try:
                self._known[key] = self._typed(self.value(found.value, frame) if found.value.stop else None, found)
            except UnreadableError as error:
                self._known[key] = error
            except ParameterNeededError:
                del self._known[key]
                raise
        result = self._known[key]
        if result is None:
            raise self._too_deep(found.value.start)
        if isinstance(result, UnreadableError):
            raise result
        return result

    def _typed(self, value: RustValue | None, found: RustDefinition) -> RustValue:
        """Return a value as the type of a binding holds it."""
        if value is None or found.value.start >= found.value.stop:
            token = self.source.tokens[found.at]
            raise UnreadableError(token, f"`{found.name}` is given no value", "complete it")
        limit = self.limit(found.type)
        if limit is None:
            limit = surely(value.number) if value.flexible or found.type.stop else value.limit
        if value.number > limit:
            token = self.source.tokens[found.value.start]
            raise UnreadableError(token, f"{value.number:#x} does not fit the type of `{found.name}`", WRITE_NUMBER)
        return RustValue(value.number, limit, flexible=False)

    def _argument(self, found: RustDefinition, frame: CallFrame | None) -> RustValue:
        if frame is None or found not in frame.function.parameters:
            raise ParameterNeededError(found)
        return self._typed(self.value(frame.arguments[found.place], frame.caller), found._replace(value=Stretch(0, 1)))

    def _too_deep(self, at: int) -> UnreadableError:
        return UnreadableError(self.source.tokens[at], "the expression is too long or too deep", WRITE_NUMBER)


class _Place(NamedTuple):
    """Where an expression stands: in a frame, or outside of all."""

    evaluator: RustEvaluator
    frame: CallFrame | None

    def value(self, expression: Stretch) -> RustValue:
        return self.evaluator.value(expression, self.frame)

    def named(self, first: int, last: int) -> RustValue:
        return self.evaluator.named(first, last, self.frame)

    def called(self, first: int, last: int) -> RustValue:
        return self.evaluator.called(first, last, self.frame)

    def limit(self, type_: Stretch) -> int | None:
        return self.evaluator.limit(type_)
