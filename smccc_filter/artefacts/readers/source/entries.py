"""Where a source makes entries, and what they come to: literals, and calls of functions with a literal in them.

QEMU's series and crosvm have one function that fills the struct from its parameters, and call it for each range. So a
literal in which a parameter stands makes no entry by itself; each call of its function does, with the arguments put in
place of the parameters. C and Rust differ in how a literal and a call are written, and in nothing else here.
"""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from smccc_filter.artefacts.readers.blob import action_of, no_action
from smccc_filter.artefacts.readers.reading import ReadEntry, ReadingFault
from smccc_filter.artefacts.readers.source.expression import UnreadableError, evaluate
from smccc_filter.artefacts.readers.source.functions import SourceFunction
from smccc_filter.artefacts.readers.source.tokens import (
    NAME,
    NUMBER,
    PUNCTUATION,
    OpenCondition,
    Token,
    Tokens,
    is_punctuation,
)
from smccc_filter.language.places import Offsets
from smccc_filter.language.source import Text

DEEPEST = 8
"""Functions that hand their parameters on to one another."""
MOST = 100_000
"""Entries that a source may come to."""
U8_MAX = 0xFF
LONGEST_CALL = 500
"""Tokens between the brackets of a call that makes an entry."""
RUN = "write the entries out as an array, or import the blob of what the program builds"
"""What to do about what only the running program knows."""

ZERO: Tokens = (Token(NUMBER, "0", -1, -1),)
"""What a field holds that the literal leaves out."""
FIELDS = ("base", "nr_functions", "action")


class SourceEntry(NamedTuple):
    """Where one entry is made: the expressions of its fields, and the offsets, condition and function of the whole.

    ``at`` is the offset of the array, literal or call that it is part of: entries go by that, and within one as they
    are installed, which in C need not be as they are written.
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
    """Parameters of the function that do not hold what it was given."""


class SourceCall(NamedTuple):
    """One call of a function, with the function that it stands in, and which parameters that one changes."""

    key: str
    arguments: tuple[Tokens, ...]
    whole: Token
    function: SourceFunction | None
    changed: frozenset[str]


class Harvest(NamedTuple):
    """What the sites of a file come to; ``idle`` are functions that make entries and that nobody calls."""

    entries: tuple[ReadEntry, ...]
    troubles: tuple[ReadingFault, ...]
    idle: tuple[str, ...]


def trouble(text: Text, start: int, end: int, message: str, hint: str) -> ReadingFault:
    """Place a trouble in a source."""
    span = text.span(Offsets(start, end))
    return ReadingFault(f"line {span.start.line}", message, hint, span)


def nothing(idle: tuple[str, ...]) -> ReadingFault:
    """Say that a source has no entry; ``idle`` are its functions that would make some, if they were called."""
    if idle:
        message = f"`{idle[0]}` makes an entry of what it is given, and this file does not call it"
        return ReadingFault("file", message, "import the calls and the function together, in one file")
    message = "no `kvm_smccc_filter` with a value is in this file"
    return ReadingFault("file", message, "name the file that has the array, or the calls that install the entries")


def whole_of(tokens: Tokens) -> Token:
    """Return one token that stands for all of these, with the first condition that is on any of them."""
    gate = next((token.gate for token in tokens if token.gate), None)
    return Token(PUNCTUATION, tokens[0].text, tokens[0].start, max(token.end for token in tokens), gate)


def harvest(
    text: Text, sites: Iterable[SourceEntry], calls: Iterable[SourceCall], constants: Mapping[str, Tokens]
) -> Harvest:
    """Put arguments in place of parameters, and compute what the fields hold, in the order of the file."""
    by_key: defaultdict[str, list[SourceCall]] = defaultdict(list)
    for call in calls:
        by_key[call.key].append(call)
    queue = deque(sites)
    ready: list[SourceEntry] = []
    troubles: list[ReadingFault] = []
    idle: dict[str, None] = {}
    while queue:
        site = queue.popleft()
        if site.function is None or not _depends(site, site.function.parameters):
            ready.append(site)
        elif _depends(site, site.changed):
            message = f"`{site.function.name}` changes what it is given, so that its calls do not say what they install"
            troubles.append(trouble(text, site.whole.start, site.whole.end, message, RUN))
        elif site.depth >= DEEPEST or len(queue) + len(ready) >= MOST:
            message = f"`{site.function.name}` hands its parameters on too often to be followed"
            troubles.append(trouble(text, site.whole.start, site.whole.end, message, "write the entries out"))
        else:
            callers = by_key[site.function.key]
            if not callers:
                idle[site.function.name] = None
            for call in callers:
                if len(call.arguments) == len(site.function.parameters):
                    queue.append(_called(site, site.function, call))
                else:
                    troubles.append(_miscounted(text, site.function, call))
    ready.sort(key=lambda site: site.at)
    found = _Reckoning(text, constants)
    entries = [entry for site in ready if (entry := found.entry(site))]
    troubles += found.troubles
    troubles.sort(key=lambda one: one.span or ())
    return Harvest(tuple(entries), tuple(dict.fromkeys(troubles)), tuple(idle))


def _depends(site: SourceEntry, names: Collection[str]) -> bool:
    """Tell whether one of the names stands in a field."""
    fields = (site.base, site.nr_functions, site.action)
    return any(token.kind == NAME and token.text in names for field in fields for token in field)


def _called(site: SourceEntry, function: SourceFunction, call: SourceCall) -> SourceEntry:
    """Return the entry that a call makes, its arguments in place of the function's parameters."""
    arguments = dict(zip(function.parameters, call.arguments, strict=True))

    def put_in(field: Tokens) -> Tokens:
        result: list[Token] = []
        for token in field:
            if token.kind == NAME and token.text in arguments:
                result += (Token(PUNCTUATION, "(", -1, -1), *arguments[token.text], Token(PUNCTUATION, ")", -1, -1))
            else:
                result.append(token)
        return result

    whole = call.whole if call.whole.gate else call.whole._replace(gate=site.whole.gate)
    return site._replace(
        base=put_in(site.base),
        nr_functions=put_in(site.nr_functions),
        action=put_in(site.action),
        whole=whole,
        function=call.function,
        symbol=None,
        at=call.whole.start,
        depth=site.depth + 1,
        changed=call.changed,
    )


def _miscounted(text: Text, function: SourceFunction, call: SourceCall) -> ReadingFault:
    message = f"`{function.name}` is given {len(call.arguments)} arguments, and takes {len(function.parameters)}"
    return trouble(text, call.whole.start, call.whole.end, message, "correct the call")


class _Reckoning:
    """Computes fields; ``troubles`` is what could not be computed, and each condition that decides about entries."""

    def __init__(self, text: Text, constants: Mapping[str, Tokens]) -> None:
        self.text = text
        self.constants = constants
        self.troubles: list[ReadingFault] = []
        self.gates: dict[OpenCondition, None] = {}

    def entry(self, site: SourceEntry) -> ReadEntry | None:
        whole = site.whole
        if whole.gate:
            self._doubt(whole.gate)
            return None
        try:
            base = evaluate(site.base, self.constants, whole)
            nr_functions = evaluate(site.nr_functions, self.constants, whole)
            number = evaluate(site.action, self.constants, whole, U8_MAX)
            used = [value for value in site.padding if evaluate(value, self.constants, whole)]
        except UnreadableError as error:
            self._tell(error.token, whole, error.message, error.hint)
            return None
        if used:
            self._tell(used[0][0], whole, "padding must be zero: KVM answers EINVAL", "clear the padding")
            return None
        action = action_of(number)
        if action is None:
            self._tell(site.action[0], whole, *no_action(number, "this entry"))
            return None
        span = self.text.span(Offsets(whole.start, whole.end))
        return ReadEntry(base, nr_functions, action, f"line {span.start.line}", self._written(site), span, site.symbol)

    def _tell(self, token: Token, whole: Token, message: str, hint: str) -> None:
        place = token if token.start >= 0 else whole
        self.troubles.append(trouble(self.text, place.start, place.end, message, hint))

    def _doubt(self, gate: OpenCondition) -> None:
        if gate not in self.gates:
            self.gates[gate] = None
            message = f"`{gate.text}` decides about entries, and this file does not decide about it"
            hint = "import a copy without the condition, or the output of the preprocessor (cc -E)"
            self.troubles.append(trouble(self.text, gate.start, gate.end, message, hint))

    def _written(self, site: SourceEntry) -> str:
        """Return how the file writes the base, in one line."""
        base = site.base
        while len(base) > 2 and is_punctuation(base[0], "(") and is_punctuation(base[-1], ")"):
            base = base[1:-1]
        real = [token for token in base if token.start >= 0]
        if not real:
            return "0"
        start, end = min(token.start for token in real), max(token.end for token in real)
        inside = site.whole.start <= start and end <= site.whole.end
        text = self.text.text[start:end] if inside else " ".join(token.text for token in real)
        return " ".join(text.split())
