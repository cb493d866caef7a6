"""The entries that a source makes: literals, and calls of functions with a literal in them.

QEMU's series and crosvm have one function that fills the struct from its parameters, and call it for each range. So a
literal in which a parameter stands makes no entry by itself; each call of its function does, with the arguments put in
place of the parameters. C and Rust differ in how a literal and a call are written, and in nothing else here.
"""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from smccc_filter.artefacts.readers.blob import action_of, no_action
from smccc_filter.artefacts.readers.reading import ReadEntry, ReadingFault, fault_order
from smccc_filter.artefacts.readers.source.expression import FileConstants, UnreadableError, evaluate
from smccc_filter.artefacts.readers.source.functions import SourceCall, SourceFunction
from smccc_filter.artefacts.readers.source.places import SourcePlaces
from smccc_filter.artefacts.readers.source.tokens import (
    MOST_TOKENS,
    NAME,
    NUMBER,
    PUNCTUATION,
    TYPE,
    OpenCondition,
    Token,
    Tokens,
    is_punctuation,
)

DEEPEST = 4
"""Functions that hand their parameters on to one another."""
MOST = 20_000
"""Entries that a source may make."""
U8_MAX = 0xFF
WRITE_OUT = "write the entries out as an array, or import the blob of what the program builds"
"""The hint where only the running program knows what an entry holds."""

ZERO: Tokens = (Token(NUMBER, "0", -1, -1),)
"""What a field holds that the literal leaves out."""


class SourceEntry(NamedTuple):
    """One entry as a source makes it: the expressions of its fields, and the whole as one token.

    ``symbol`` is the array, variable or constant that it is part of. ``function`` is the one in which it stands, and
    ``changed`` are parameters of that function to which it gives another value. ``at`` is the offset of the array,
    literal or call that makes it: entries are in that order, and within one array in the order of its elements, which
    in C need not be the order of the file. ``depth`` counts the calls that were followed to it.
    """

    base: Tokens
    nr_functions: Tokens
    action: Tokens
    padding: tuple[Tokens, ...]
    whole: Token
    symbol: str | None
    function: SourceFunction | None
    at: int
    depth: int = 0
    changed: frozenset[str] = frozenset()

    def depends_on(self, names: Collection[str]) -> bool:
        """Tell whether one of the names stands in a field."""
        fields = (self.base, self.nr_functions, self.action)
        return any(token.kind == NAME and token.text in names for field in fields for token in field)


class ComputedEntries(NamedTuple):
    """The entries of a file with the values of their fields.

    ``uncalled`` are the names of functions that would make entries, and that the file does not call.
    """

    entries: tuple[ReadEntry, ...]
    faults: tuple[ReadingFault, ...]
    uncalled: tuple[str, ...]

    @property
    def symbol(self) -> str | None:
        """The symbol of all entries, ``None`` where they have several."""
        symbols = {entry.symbol for entry in self.entries}
        return symbols.pop() if len(symbols) == 1 else None


def fault_at(text: SourcePlaces, start: int, end: int, message: str, hint: str) -> ReadingFault:
    """Return a fault of a source, placed at two offsets."""
    place = text.at(start, end)
    return ReadingFault(place.words, message, hint, place.span, place.file)


def too_long(text: SourcePlaces, at: int) -> ReadingFault:
    """Say that a source is not read: ``MOST_TOKENS`` are in it before the one that stands at an offset."""
    return fault_at(text, at, at + 1, f"more than {MOST_TOKENS:,} tokens", "import a smaller file")


def no_entry_fault(uncalled: tuple[str, ...]) -> ReadingFault:
    """Say that a source has no entry; ``uncalled`` as in ``ComputedEntries``."""
    if uncalled:
        message = f"`{uncalled[0]}` makes an entry of what it is given, and this file does not call it"
        return ReadingFault("file", message, "import the files with the calls and with the function together")
    message = "no `kvm_smccc_filter` with a value is in this file"
    return ReadingFault("file", message, "name the file that has the array, or the calls that install the entries")


def compute_entries(
    text: SourcePlaces, made: Iterable[SourceEntry], calls: Iterable[SourceCall], constants: Mapping[str, Tokens]
) -> ComputedEntries:
    """Put arguments in place of parameters, and compute the fields of every entry, in the order of the file.

    ``constants`` has the expressions of names that the file itself gives a value.
    """
    by_key: defaultdict[str, list[SourceCall]] = defaultdict(list)
    for call in calls:
        by_key[call.key].append(call)
    queue = deque(made)
    made_by_calls = 0
    ready: list[SourceEntry] = []
    faults: list[ReadingFault] = []
    uncalled: dict[str, None] = {}
    while queue:
        entry = queue.popleft()
        start, end = entry.whole.start, entry.whole.end
        if entry.function is None or not entry.depends_on(entry.function.parameters):
            ready.append(entry)
        elif entry.depends_on(entry.changed):
            name = entry.function.name
            message = f"`{name}` changes what it is given, so that its calls do not say what they install"
            faults.append(fault_at(text, start, end, message, WRITE_OUT))
        elif entry.depth >= DEEPEST:
            message = f"`{entry.function.name}` hands its parameters on too often to be followed"
            faults.append(fault_at(text, start, end, message, "write the entries out"))
        else:
            callers = by_key[entry.function.key]
            if not callers:
                uncalled[entry.function.name] = None
            if len(callers) > MOST - made_by_calls:
                message = f"more than {MOST:,} entries are made by calls"
                faults.append(fault_at(text, start, end, message, "write the entries out"))
                continue
            made_by_calls += len(callers)
            for call in callers:
                if len(call.arguments) == len(entry.function.parameters):
                    queue.append(_made_by_call(entry, entry.function, call))
                else:
                    faults.append(_wrong_count(text, entry.function, call))
    ready.sort(key=lambda entry: entry.at)
    evaluator = _EntryEvaluator(text, FileConstants(constants))
    entries = tuple(known for entry in ready if (known := evaluator.evaluated(entry)))
    faults += evaluator.faults
    faults.sort(key=fault_order)
    return ComputedEntries(entries, tuple(dict.fromkeys(faults)), tuple(uncalled))


def _made_by_call(entry: SourceEntry, function: SourceFunction, call: SourceCall) -> SourceEntry:
    """Return the entry that a call makes, its arguments in place of the function's parameters."""
    types = function.types or ("",) * len(function.parameters)
    given = zip(function.parameters, types, call.arguments, strict=True)
    arguments = {name: _converted(argument, type_name) for name, type_name, argument in given}

    def put_in(field: Tokens) -> Tokens:
        result: list[Token] = []
        for token in field:
            if token.kind == NAME and token.text in arguments:
                result += arguments[token.text]
            else:
                result.append(token)
        return result

    whole = call.whole if call.whole.gate else call.whole._replace(gate=entry.whole.gate)
    return entry._replace(
        base=put_in(entry.base),
        nr_functions=put_in(entry.nr_functions),
        action=put_in(entry.action),
        whole=whole,
        function=call.function,
        symbol=None,
        at=call.whole.start,
        depth=entry.depth + 1,
        changed=call.changed,
    )


def _converted(argument: Tokens, type_name: str) -> Tokens:
    """Return an argument in brackets, cast to the type of its parameter where that has one."""
    opened, closed = Token(PUNCTUATION, "(", -1, -1), Token(PUNCTUATION, ")", -1, -1)
    if not type_name:
        return (opened, *argument, closed)
    return (opened, opened, Token(TYPE, type_name, -1, -1), closed, opened, *argument, closed, closed)


def _wrong_count(text: SourcePlaces, function: SourceFunction, call: SourceCall) -> ReadingFault:
    message = f"`{function.name}` is given {len(call.arguments)} arguments, and takes {len(function.parameters)}"
    return fault_at(text, call.whole.start, call.whole.end, message, "correct the call")


class _EntryEvaluator:
    """Computes the fields of entries; ``faults`` tells what can't be computed, and each condition on an entry."""

    def __init__(self, text: SourcePlaces, constants: FileConstants) -> None:
        self.text = text
        self.constants = constants
        self.faults: list[ReadingFault] = []
        self.gates: set[OpenCondition] = set()

    def evaluated(self, entry: SourceEntry) -> ReadEntry | None:
        whole = entry.whole
        if whole.gate:
            self._add_gate(whole.gate)
            return None
        try:
            base = evaluate(entry.base, self.constants, whole)
            nr_functions = evaluate(entry.nr_functions, self.constants, whole)
            number = evaluate(entry.action, self.constants, whole, U8_MAX)
            used = [value for value in entry.padding if evaluate(value, self.constants, whole)]
        except UnreadableError as error:
            self._add_fault(error.token, whole, error.message, error.hint)
            return None
        if used:
            self._add_fault(used[0][0], whole, "padding must be zero: KVM answers EINVAL", "clear the padding")
            return None
        action = action_of(number)
        if action is None:
            self._add_fault(entry.action[0], whole, *no_action(number, "this entry"))
            return None
        words, span, file = self.text.at(whole.start, whole.end)
        written = self._base_as_written(entry)
        return ReadEntry(base, nr_functions, action, words, written, span, entry.symbol, file)

    def _add_fault(self, token: Token, whole: Token, message: str, hint: str) -> None:
        place = token if token.start >= 0 else whole
        self.faults.append(fault_at(self.text, place.start, place.end, message, hint))

    def _add_gate(self, gate: OpenCondition) -> None:
        """Tell once of a condition that decides whether an entry counts."""
        if gate not in self.gates:
            self.gates.add(gate)
            message = f"`{gate.text}` decides about entries, and this file does not decide about it"
            hint = "import with `-D` for what is defined, or import the output of the preprocessor (cc -E)"
            self.faults.append(fault_at(self.text, gate.start, gate.end, message, hint))

    def _base_as_written(self, entry: SourceEntry) -> str:
        """Return how the file writes the base, in one line."""
        base = entry.base
        while len(base) > 2 and is_punctuation(base[0], "(") and is_punctuation(base[-1], ")"):
            base = base[1:-1]
        real = [token for token in base if token.start >= 0]
        if not real:
            return "0"
        start, end = min(token.start for token in real), max(token.end for token in real)
        inside = entry.whole.start <= start and end <= entry.whole.end
        text = self.text.text[start:end] if inside else " ".join(token.text for token in real)
        return " ".join(text.split())
