"""What finding entries in C and in Rust has in common: the tokens, what was found, and what can't be read."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence

from smccc_filter.artefacts.readers.reading import ReadingFault, ReadRegister
from smccc_filter.artefacts.readers.source.entries import MOST, SourceEntry, fault_at
from smccc_filter.artefacts.readers.source.expression import U64_MAX, FileConstants, UnreadableError, evaluate
from smccc_filter.artefacts.readers.source.functions import FunctionBody, SourceCall, SourceFunction
from smccc_filter.artefacts.readers.source.places import SourcePlaces
from smccc_filter.artefacts.readers.source.tokens import NAME, Token, Tokens, as_one_token

MOST_FAULTS = 10_000
NESTED = 16
"""Functions inside functions that are looked at."""


class SourceFinder:
    """Goes over the tokens of a source once; ``entries``, ``registers`` and ``faults`` grow in the order of the file.

    ``constants`` has the expressions of names that the source itself gives a value.
    """

    def __init__(
        self, text: SourcePlaces, tokens: Tokens, bodies: Sequence[FunctionBody], constants: Mapping[str, Tokens]
    ) -> None:
        self.text = text
        self.tokens = tokens
        self.bodies = bodies
        self.constants = constants
        self._values = FileConstants(constants)
        self.entries: list[SourceEntry] = []
        self.registers: list[ReadRegister] = []
        self.faults: list[ReadingFault] = []
        self._starts = [body.start for body in bodies]
        self._changed: dict[FunctionBody, frozenset[str]] = {}

    def body_at(self, at: int) -> FunctionBody | None:
        """Return the innermost function around a token."""
        i = bisect_right(self._starts, at)
        near = self.bodies[max(0, i - NESTED) : i]
        return next((body for body in reversed(near) if at < body.end), None)

    def is_name(self, at: int) -> bool:
        """Tell whether a name stands somewhere, which may be before the start or beyond the end."""
        return 0 <= at < len(self.tokens) and self.tokens[at].kind == NAME

    def add_entry(self, at: int, entry: SourceEntry) -> None:
        """Note an entry, with the function around the token at ``at``; tell of the first that is too much."""
        if self.is_full():
            if len(self.entries) == MOST:
                self.add_fault(at, f"the file has more than {MOST:,} entries", "import a part of it")
                self.entries.append(entry)
            return
        function, changed = self._around(at)
        self.entries.append(entry._replace(function=function, changed=changed))

    def is_full(self) -> bool:
        """Tell whether no more entries are read."""
        return len(self.entries) >= MOST

    def call_at(self, at: int, end: int, key: str, arguments: Iterable[Tokens]) -> SourceCall:
        """Return the call whose first and last token are at ``at`` and ``end``, with the function around it."""
        whole = as_one_token(self.tokens[at : end + 1])
        return SourceCall(key, tuple(arguments), whole, *self._around(at))

    def add_register(self, id_and_value: Iterable[Tokens], whole: Token) -> None:
        """Note a register, which is written at ``whole``. Raises UnreadableError."""
        reg_id, value = (evaluate(part, self._values, whole, U64_MAX) for part in id_and_value)
        if whole.gate:
            raise UnreadableError(whole, f"`{whole.gate.text}` decides about a register", "import a copy without it")
        self.registers.append(ReadRegister(reg_id, value, *self.text.at(whole.start, whole.end)))

    def add_fault(self, at: int, message: str, hint: str) -> None:
        """Note that what stands at the token ``at`` can't be read; after so many faults nobody reads one more."""
        if len(self.faults) >= MOST_FAULTS:
            return
        token = self.tokens[at]
        self.faults.append(fault_at(self.text, token.start, token.end, message, hint))

    def add_error(self, error: UnreadableError, whole: Token) -> None:
        """Note what can't be computed, where it stands, or at ``whole`` where that is in no file."""
        place = error.token if error.token.start >= 0 else whole
        self.faults.append(fault_at(self.text, place.start, place.end, error.message, error.hint))

    def changed_in(self, body: FunctionBody) -> frozenset[str]:
        """Return the parameters to which a function gives another value, or whose name it gives to something else."""
        return body.changed(self.tokens)

    def _around(self, at: int) -> tuple[SourceFunction | None, frozenset[str]]:
        """Return the function around a token, and its parameters to which it gives another value."""
        body = self.body_at(at)
        if body is None:
            return None, frozenset()
        if body not in self._changed:
            self._changed[body] = self.changed_in(body)
        return body.function, self._changed[body]
