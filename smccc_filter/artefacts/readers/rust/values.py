"""The values of the names in a Rust source: constants, variables, parameters as a call gives them, and Linux's."""

from typing import NamedTuple

from smccc_filter.artefacts.readers.rust.expressions import (
    U8_MAX,
    U32_MAX,
    WRITE_NUMBER,
    RustExpression,
    RustValue,
    surely,
)
from smccc_filter.artefacts.readers.rust.frames import CallFrame, ElementNeededError, ParameterNeededError
from smccc_filter.artefacts.readers.rust.loops import RustLoops
from smccc_filter.artefacts.readers.rust.names import RustNames
from smccc_filter.artefacts.readers.rust.paths import RustPaths, not_known, without_brackets
from smccc_filter.artefacts.readers.rust.ranges import RustRange, dots_in, range_type
from smccc_filter.artefacts.readers.rust.tree import NOTHING, RustDefinition, Stretch
from smccc_filter.artefacts.readers.source.expression import UnreadableError
from smccc_filter.artefacts.readers.source.linux import ACTIONS, BINDGEN, MACROS, redefined, value_of
from smccc_filter.artefacts.readers.source.tokens import Token

DEFINE = "write its number, or import the file that defines it too"
_FROM = frozenset(("from", "try_from"))
DEEPEST = 64
"""Brackets and names inside one another."""


class RustEvaluator:
    """Computes expressions; each name is computed once for each frame that it depends on."""

    def __init__(self, names: RustNames) -> None:
        self.names = names
        self.paths = RustPaths(names)
        self.loops = RustLoops(self.paths)
        self.source = names.source
        self.depth = 0
        self.redefined: dict[int, tuple[str, str]] = {}
        """Constants under a name of Linux that have another value, by where they are: message and hint."""
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

    def called(self, first: int, last: int, frame: CallFrame | None) -> RustValue:
        """Return what a macro with arguments of Linux's headers gives, which bindings write as a function."""
        token, name = self.source.tokens[first], self.source.text(last)
        if name in _FROM and first == last - 2 and (limit := self.paths.limit(Stretch(first, last - 1))) is not None:
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
        found = self.paths.found(first, last)
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
                element, around = self.loops.element(found, frame, self.source.tokens[first])
                return self._typed(self.value(element, around), found._replace(value=Stretch(0, 1)))
        raise not_known(found, self.source.tokens[first])

    def part(self, first: int, last: int, name: int, frame: CallFrame | None, *, called: bool) -> RustValue:
        """Return a field or method of the range that a path names; raises as ``number`` does."""
        found = self.paths.found(first, last)
        token = self.source.tokens[name]
        if isinstance(found, str):
            raise UnreadableError(self.source.tokens[first], f"the value of `{found}` is not known", DEFINE)
        if not self.paths.keeps(name):
            raise UnreadableError(token, f"`{token.text}` may be a method of this file", WRITE_NUMBER)
        range_ = self._range_of(found, frame, self.source.tokens[first])
        value = range_.part(token.text, called=called)
        if value is None:
            raise UnreadableError(token, f"a range of this kind has no `{token.text}`", WRITE_NUMBER)
        return value

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
                    return self._range(*self.loops.element(found, frame, token), NOTHING)
        finally:
            self.depth -= 1
        raise not_known(found, token)

    def _range(self, value: Stretch, frame: CallFrame | None, type_: Stretch) -> RustRange:
        """Return the range that is written, or that a name stands for; ``type_`` is what its binding says."""
        known = range_type(self.source, type_) if type_.stop else None
        if type_.stop and (known is None or not self.paths.is_of_std(known[0])):
            raise UnreadableError(self.source.tokens[type_.start], "this is no range of numbers", WRITE_NUMBER)
        value = without_brackets(self.source, value)
        if value.start >= value.stop:
            raise UnreadableError(self.source.tokens[value.start - 1], "a range is missing", WRITE_NUMBER)
        dots = dots_in(self.source, value)
        if dots == value.stop and self.paths.is_path(value):
            found = self.paths.found(value.start, value.stop - 1)
            if isinstance(found, str):
                raise UnreadableError(self.source.tokens[value.start], f"the value of `{found}` is not known", DEFINE)
            return self._range_of(found, frame, self.source.tokens[value.start])
        if not value.start < dots < value.stop - 1:
            raise UnreadableError(self.source.tokens[value.start], "this is no range with two ends", WRITE_NUMBER)
        ends = [self.value(part, frame) for part in (Stretch(value.start, dots), Stretch(dots + 1, value.stop))]
        limit = self.paths.limit(known[1]) if known else None
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
        limit = self.paths.limit(found.type)
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
        given = frame and frame.call_of(found)
        if given is None:
            raise ParameterNeededError(found)
        return given

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
        return self.evaluator.paths.keeps(name)

    def limit(self, type_: Stretch) -> int | None:
        return self.evaluator.paths.limit(type_)
