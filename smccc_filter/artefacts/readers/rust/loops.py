"""The lists over which a ``for`` of Rust goes, and the element that it binds in each round."""

from smccc_filter.artefacts.readers.rust.frames import CallFrame, ElementNeededError
from smccc_filter.artefacts.readers.rust.paths import RustPaths, not_known, without_brackets
from smccc_filter.artefacts.readers.rust.text import RustTokens
from smccc_filter.artefacts.readers.rust.tree import RustDefinition, Stretch
from smccc_filter.artefacts.readers.source.entries import WRITE_OUT
from smccc_filter.artefacts.readers.source.expression import UnreadableError
from smccc_filter.artefacts.readers.source.tokens import Token

MOST_STEPS = 16
"""Names that stand for one list."""
_LEAVING = frozenset(("break", "continue", "&&", "then", "then_some", "filter", "retain", "=>", "==", "!=", "<=", ">="))
"""What may make a loop leave out an element, whatever the element is."""
_ASKING = frozenset(("if", "while", "match"))
_BLOCK = frozenset("{")


class RustLoops:
    """Finds the elements of lists; those of each list once."""

    def __init__(self, paths: RustPaths) -> None:
        self.paths = paths
        self.source = paths.source
        self._elements: dict[int, tuple[Stretch, ...] | UnreadableError] = {}

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
        pattern = self.paths.names.declarations.bound[element.value.start - 1].pattern
        odd = _leaves_out(self.source, pattern, Stretch(element.start, element.stop))
        if odd is not None:
            message = f"`{self.source.text(odd)}` may leave out some of what the loop goes over"
            raise UnreadableError(self.source.tokens[odd], message, WRITE_OUT)
        value = without_brackets(self.source, element.value)
        found = _listed(self.source, value)
        steps = 0
        while found is None and steps < MOST_STEPS and self.paths.is_path(value):
            steps += 1
            named = self.paths.found(value.start, value.stop - 1)
            if isinstance(named, str) or named.kind not in {"constant", "variable"} or not named.value.stop:
                break
            value = without_brackets(self.source, named.value)
            found = _listed(self.source, value)
        if found is None:
            token = self.source.tokens[element.value.start]
            message = f"what `{element.name}` goes over is no list that is written here"
            raise UnreadableError(token, message, WRITE_OUT)
        return found

    def element(self, found: RustDefinition, frame: CallFrame | None, token: Token) -> tuple[Stretch, CallFrame | None]:
        """Return the element that a name of a ``for`` stands for, and the frame in which it is written.

        Raises ElementNeededError where ``frame`` does not say in which round it is, and UnreadableError.
        """
        around = frame and frame.round_of(found.value)
        if around is None:
            raise ElementNeededError(found, frame)
        element = without_brackets(self.source, around.arguments[0])
        if found.place < 0:
            return around.arguments[0], around.caller
        start, stop = element
        parts: tuple[Stretch, ...] = ()
        if self.source.text(start - 1) == "(" and self.source.text(stop) == ")":
            parts = tuple(self.source.pieces(start, stop))
        if found.place >= len(parts):
            raise not_known(found, token)
        return parts[found.place], around.caller


def _leaves_out(source: RustTokens, pattern: Stretch, body: Stretch) -> int | None:
    """Return where the body of a loop may do otherwise for one element than for another; ``None`` where it does not.

    A condition that has nothing of what the loop binds holds for all elements or for none.
    """
    bound = {source.text(at) for at in source.names(*pattern)}
    for at in range(*body):
        if source.text(at) == "let":
            end = source.find(at + 1, body.stop, frozenset(("=", ";")))
            bound |= {source.text(name) for name in source.names(at + 1, end)}
    for at in range(*body):
        text = source.text(at)
        if text in _LEAVING or (text == "return" and source.text(at + 1) != "Err"):
            return at
        if text == "||" and (source.is_name(at - 1) or source.text(at - 1) in {")", "]"}):
            return at
        if text in _ASKING:
            end = source.find(at + 1, body.stop, _BLOCK)
            if any(source.text(name) in bound for name in source.names(at + 1, end)):
                return at
    return None


def _listed(source: RustTokens, value: Stretch) -> tuple[Stretch, ...] | None:
    """Return the elements of ``[a, b]``; ``None`` where something else is written, or one several times."""
    start, stop = value
    if source.text(start) != "[" or source.close(start) != stop - 1:
        return None
    at = start + 1
    while at < stop - 1:
        if source.text(at) == ";":
            return None
        at = source.close(at) + 1
    return tuple(source.pieces(start + 1, stop - 1))
