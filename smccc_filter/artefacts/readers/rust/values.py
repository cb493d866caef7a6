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
from smccc_filter.artefacts.readers.rust.ranges import (
    RANGE_TYPES,
    RustRange,
    dots_in,
    leaves_out,
    listed,
    range_type,
    without_brackets,
)
from smccc_filter.artefacts.readers.rust.tree import NOTHING, RustDefinition, RustFunction, Stretch
from smccc_filter.artefacts.readers.source.entries import WRITE_OUT
from smccc_filter.artefacts.readers.source.expression import UnreadableError
from smccc_filter.artefacts.readers.source.linux import ACTIONS, BINDGEN, MACROS, redefined, value_of
from smccc_filter.artefacts.readers.source.tokens import Token

DEFINE = "write its number, or import the file that defines it too"
MOST_STEPS = 16
"""Names that stand for one list."""
_FROM = frozenset(("from", "try_from"))
DEEPEST = 64
"""Brackets and names inside one another."""


class ParameterNeededError(Exception):
    """The value depends on a parameter of a function whose call is not known."""

    def __init__(self, parameter: RustDefinition) -> None:
        super().__init__(parameter.name)
        self.parameter = parameter


class ElementNeededError(Exception):
    """The value depends on the element that a ``for`` binds, and ``frame`` does not say which one."""

    def __init__(self, element: RustDefinition, frame: "CallFrame | None") -> None:
        super().__init__(element.name)
        self.element = element
        self.frame = frame


class CallFrame(NamedTuple):
    """One call of a function: its arguments, and the frame in which they stand. ``number`` tells frames apart.

    A round of a loop is one too, without a function: ``loop`` is the list, and the one argument an element of it.
    """

    function: RustFunction | None
    arguments: tuple[Stretch, ...]
    caller: "CallFrame | None"
    number: int
    loop: Stretch = NOTHING


class RustEvaluator:
    """Computes expressions; each name is computed once for each frame that it depends on."""

    def __init__(self, names: RustNames) -> None:
        self.names = names
        self.source = names.source
        self.depth = 0
        self.redefined: dict[int, tuple[str, str]] = {}
        """Constants under a name of Linux that have another value, by where they are: message and hint."""
        self._elements: dict[int, tuple[Stretch, ...] | UnreadableError] = {}
        self._known: dict[tuple[int, int], RustValue | UnreadableError | None] = {}
        traits = names.declarations.traits
        generics = frozenset().union(*(members.generics for members in names.declarations.impls))
        self._own_methods = {
            function.name
            for function in names.declarations.functions
            if function.owner in LIMITS or function.owner in RANGE_TYPES or function.owner in traits | generics
        }

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
        if name in _FROM and first == last - 2 and (limit := self.limit(Stretch(first, last - 1))) is not None:
            return self._from(first, last, limit, frame)
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
        found = self._found(first, last)
        if isinstance(found, str):
            return self._linux(found, first, last)
        match found.kind:
            case "constant":
                value = self._once(found, None)
                known = value_of(found.name)
                if known is not None and known != value.number:
                    self.redefined[found.at] = redefined(found.name, value.number, known)
                return value
            case "variable":
                return self._once(found, frame)
            case "parameter":
                return self._argument(found, frame)
            case "element":
                element, around = self._element(found, frame, self.source.tokens[first])
                return self._typed(self.value(element, around), found._replace(value=Stretch(0, 1)))
        raise self._unknown(found, self.source.tokens[first])

    def part(self, first: int, last: int, name: int, frame: CallFrame | None, *, called: bool) -> RustValue:
        """Return a field or method of the range that a path names; raises as ``number`` does."""
        found = self._found(first, last)
        token = self.source.tokens[name]
        if isinstance(found, str):
            raise UnreadableError(self.source.tokens[first], f"the value of `{found}` is not known", DEFINE)
        if not self.keeps(name):
            raise UnreadableError(token, f"`{token.text}` may be a method of this file", WRITE_NUMBER)
        range_ = self._range_of(found, frame, self.source.tokens[first])
        value = range_.part(token.text, called=called)
        if value is None:
            raise UnreadableError(token, f"a range of this kind has no `{token.text}`", WRITE_NUMBER)
        return value

    def keeps(self, name: int) -> bool:
        """Tell whether a method is the standard library's: no trait or type of these files gives numbers its own."""
        return self.source.text(name) not in self._own_methods

    def elements(self, element: RustDefinition) -> tuple[Stretch, ...]:
        """Return the elements of the list over which a ``for`` goes; looked for once. Raises UnreadableError."""
        key = element.value.start
        if key not in self._elements:
            try:
                self._elements[key] = self._find_elements(element)
            except UnreadableError as error:
                self._elements[key] = error
        found = self._elements[key]
        if isinstance(found, UnreadableError):
            raise found.with_traceback(None)
        return found

    def _find_elements(self, element: RustDefinition) -> tuple[Stretch, ...]:
        """Return the elements of a list. Raises UnreadableError."""
        pattern = self.names.declarations.bound[element.value.start - 1].pattern
        odd = leaves_out(self.source, pattern, Stretch(element.start, element.stop))
        if odd is not None:
            message = f"`{self.source.text(odd)}` may leave out some of what the loop goes over"
            raise UnreadableError(self.source.tokens[odd], message, WRITE_OUT)
        value = without_brackets(self.source, element.value)
        found = listed(self.source, value)
        steps = 0
        while found is None and steps < MOST_STEPS and self._is_path(value):
            steps += 1
            named = self._found(value.start, value.stop - 1)
            if isinstance(named, str) or named.kind not in {"constant", "variable"} or not named.value.stop:
                break
            value = without_brackets(self.source, named.value)
            found = listed(self.source, value)
        if found is None:
            token = self.source.tokens[element.value.start]
            message = f"what `{element.name}` goes over is no list that is written here"
            raise UnreadableError(token, message, WRITE_OUT)
        return found

    def _is_path(self, value: Stretch) -> bool:
        return value.start < value.stop and all(
            self.source.text(at) == "::" if i % 2 else self.source.is_name(at) for i, at in enumerate(range(*value))
        )

    def _found(self, first: int, last: int) -> RustDefinition | str:
        """Return what a path means, or its name where these files do not have it; what may change is not known."""
        found = self.names.meaning(first, last)
        if found is None or found.kind == "import":
            return self.source.text(last) if found is None else found.path[-1]
        token = self.source.tokens[first]
        gate = self.source.gate(found.at)
        if gate:
            message = f"`{gate.text}` decides about `{found.name}`, and this file does not decide about it"
            raise UnreadableError(token, message, "import a copy without the condition")
        if found.mutable:
            raise UnreadableError(token, f"`{found.name}` is `mut` and may change", WRITE_NUMBER)
        return found

    def _unknown(self, found: RustDefinition, token: Token) -> UnreadableError:
        return UnreadableError(token, f"the value of `{found.name}` is not known", WRITE_NUMBER)

    def _element(
        self, found: RustDefinition, frame: CallFrame | None, token: Token
    ) -> tuple[Stretch, CallFrame | None]:
        """Return the element that a name of a ``for`` stands for, and the frame in which it is written."""
        around = frame
        while around is not None and around.function is None and around.loop != found.value:
            around = around.caller
        if around is None or around.function is not None:
            raise ElementNeededError(found, frame)
        element = without_brackets(self.source, around.arguments[0])
        if found.place < 0:
            return around.arguments[0], around.caller
        start, stop = element
        parts: tuple[Stretch, ...] = ()
        if self.source.text(start - 1) == "(" and self.source.text(stop) == ")":
            parts = tuple(self.source.pieces(start, stop))
        if found.place >= len(parts):
            raise self._unknown(found, token)
        return parts[found.place], around.caller

    def _range_of(self, found: RustDefinition, frame: CallFrame | None, token: Token) -> RustRange:
        """Return the range that a name stands for."""
        if self.depth >= DEEPEST:
            raise self._too_deep(found.at)
        self.depth += 1
        try:
            match found.kind:
                case "constant" | "variable" if found.value.stop:
                    return self._range(found.value, frame if found.kind == "variable" else None, found.type)
                case "parameter":
                    given = self._call_of(found, frame)
                    return self._range(given.arguments[found.place], given.caller, found.type)
                case "element":
                    return self._range(*self._element(found, frame, token), NOTHING)
        finally:
            self.depth -= 1
        raise self._unknown(found, token)

    def _range(self, value: Stretch, frame: CallFrame | None, type_: Stretch) -> RustRange:
        """Return the range that is written, or that a name stands for; ``type_`` is what its binding says."""
        known = range_type(self.source, type_) if type_.stop else None
        if type_.stop and (known is None or not self._is_of_std(known[0])):
            raise UnreadableError(self.source.tokens[type_.start], "this is no range of numbers", WRITE_NUMBER)
        value = without_brackets(self.source, value)
        if value.start >= value.stop:
            raise UnreadableError(self.source.tokens[value.start - 1], "a range is missing", WRITE_NUMBER)
        dots = dots_in(self.source, value)
        if dots == value.stop and self._is_path(value):
            found = self._found(value.start, value.stop - 1)
            if isinstance(found, str):
                raise UnreadableError(self.source.tokens[value.start], f"the value of `{found}` is not known", DEFINE)
            return self._range_of(found, frame, self.source.tokens[value.start])
        if not value.start < dots < value.stop - 1:
            raise UnreadableError(self.source.tokens[value.start], "this is no range with two ends", WRITE_NUMBER)
        ends = [self.value(part, frame) for part in (Stretch(value.start, dots), Stretch(dots + 1, value.stop))]
        limit = self.limit(known[1]) if known else None
        if known and limit is None:
            raise UnreadableError(
                self.source.tokens[value.start], "the type of these numbers is not known", WRITE_NUMBER
            )
        sure = [value.limit for value in ends if not value.flexible]
        if limit is None:
            limit = min(sure, default=surely(max(value.number for value in ends)))
        if max(value.number for value in ends) > limit:
            raise UnreadableError(self.source.tokens[value.start], "an end does not fit the type", WRITE_NUMBER)
        start, end = (RustValue(value.number, limit, flexible=False) for value in ends)
        return RustRange(start, end, self.source.text(dots) == "..=")

    def _is_of_std(self, name: str) -> bool:
        """Tell whether a range type's name is the standard library's in all files."""
        return all(
            definition.kind == "import" and definition.path[-2:] == ("ops", name)
            for definition in self.names.declarations.declared.get(name, ())
        )

    def _from(self, first: int, last: int, limit: int, frame: CallFrame | None) -> RustValue:
        """Return the value of ``u32::from(x)`` or ``u32::try_from(x)``."""
        token = self.source.tokens[first]
        parts = list(self.source.pieces(last + 2, self.source.close(last + 1)))
        number = self.number(parts[0], frame, token, limit) if len(parts) == 1 else None
        if number is None:
            raise UnreadableError(token, f"`{self.source.text(last)}` takes one argument", WRITE_NUMBER)
        return RustValue(number, limit, flexible=False)

    def _linux(self, name: str, first: int, last: int) -> RustValue:
        known = value_of(name)
        if known is None:
            path = "".join(self.source.text(at) for at in range(first, last + 1))
            raise UnreadableError(self.source.tokens[first], f"the value of `{path}` is not known", DEFINE)
        return RustValue(known, U8_MAX if name.removeprefix(BINDGEN) in ACTIONS else U32_MAX, flexible=False)

    def _once(self, found: RustDefinition, frame: CallFrame | None) -> RustValue:
        key = (found.at, frame.number if frame else -1)
        if key not in self._known:
            self._known[key] = None
            try:
                self._known[key] = self._typed(self.value(found.value, frame) if found.value.stop else None, found)
            except UnreadableError as error:
                self._known[key] = error
            except (ParameterNeededError, ElementNeededError):
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
        if limit is None and found.type.stop and value.converted:
            token = self.source.tokens[found.type.start]
            raise UnreadableError(
                token, f"what `into()` makes of a number as `{found.name}` is not known", WRITE_NUMBER
            )
        if limit is None:
            limit = surely(value.number) if value.flexible or found.type.stop else value.limit
        if value.number > limit:
            token = self.source.tokens[found.value.start]
            raise UnreadableError(token, f"{value.number:#x} does not fit the type of `{found.name}`", WRITE_NUMBER)
        return RustValue(value.number, limit, flexible=False, converted=value.converted and not found.type.stop)

    def _argument(self, found: RustDefinition, frame: CallFrame | None) -> RustValue:
        given = self._call_of(found, frame)
        return self._typed(self.value(given.arguments[found.place], given.caller), found._replace(value=Stretch(0, 1)))

    def _call_of(self, found: RustDefinition, frame: CallFrame | None) -> CallFrame:
        """Return the frame that gives a parameter its value."""
        while frame is not None and frame.function is None:
            frame = frame.caller
        if frame is None or frame.function is None or found not in frame.function.parameters:
            raise ParameterNeededError(found)
        return frame

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

    def part(self, first: int, last: int, name: int, *, called: bool) -> RustValue:
        return self.evaluator.part(first, last, name, self.frame, called=called)

    def keeps(self, name: int) -> bool:
        return self.evaluator.keeps(name)

    def limit(self, type_: Stretch) -> int | None:
        return self.evaluator.limit(type_)
