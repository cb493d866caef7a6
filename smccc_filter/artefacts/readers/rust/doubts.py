"""What makes the entries of a Rust source doubtful although each can be computed: who may change or drop one.

Uses that are not understood, types that can hold and change an entry, macros, and conditions that are decided when the
program is compiled.
"""

from bisect import bisect_left

from smccc_filter.artefacts.readers.rust.finder import RustEntryReader
from smccc_filter.artefacts.readers.rust.flow import RustFlow
from smccc_filter.artefacts.readers.rust.text import LONGEST_HEAD
from smccc_filter.artefacts.readers.rust.tree import RustScope, Stretch
from smccc_filter.artefacts.readers.source.expression import UnreadableError

_ASSIGNS = frozenset(("=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="))
_ASKS = {".", "(", "let"}
_SURE = {"true", "false", "cfg"}
RUNS = "what the entry holds is decided when the program runs"


def tell_doubts(reader: RustEntryReader) -> None:
    """Add a fault for each doubt."""
    if not reader.filters.mentions:
        reader.tell_of_unknown_functions()
        return
    source = reader.source
    flow = RustFlow(reader.calls)
    flow.follow()
    for at, message in (*flow.ledger.faults, *reader.filters.troubles(flow.ledger.casts)):
        reader.add_at(at, message)
    if reader.declarations.trouble:
        reader.add_at(*reader.declarations.trouble)
    _macros(reader)
    _conditions(reader)
    _functions(reader)
    reader.tell_of_unknown_functions()
    for at in range(len(source)):
        if source.text(at) == "nr_functions" and source.text(at - 1) == "." and source.text(at + 1) in _ASSIGNS:
            reader.add_at(at, f"an assignment to `nr_functions`: {RUNS}")


def _functions(reader: RustEntryReader) -> None:
    """Tell of functions that make entries, and are used in a way that is not followed."""
    for function in reader.declarations.functions:
        if reader.calls.returns_entries(function):
            for at in reader.calls.values.get(function.at, ()):
                reader.add_at(at, f"`{function.name}` is used as a value, and where its entry goes is not known")
    makers = {function.name for function in reader.declarations.functions if _makes(reader, function.body)}
    for name in makers:
        for at, message in reader.calls.unclear.get(name, ()):
            reader.add_at(at, message)


def _makes(reader: RustEntryReader, body: tuple[int, int]) -> bool:
    literals = reader.filters.literals
    i = bisect_left(literals, body[0])
    return i < len(literals) and literals[i] < body[1]


def _macros(reader: RustEntryReader) -> None:
    """Tell of macros that make entries, or are given what makes some."""
    for macro in reader.declarations.macros:
        if macro.defined or macro.name not in reader.calls.quiet_macros:
            mention = next(
                (at for at in range(*macro.body) if reader.filters.name_at(at) in reader.filters.names), None
            )
            if mention is not None:
                reader.add_at(macro.body.start, "a macro that makes entries can't be followed")


def _conditions(reader: RustEntryReader) -> None:
    """Tell of entries in a block whose condition the source itself decides."""
    told = set()
    places = [*reader.filters.literals, *(call.name for call in reader.calls.returning)]
    for at in places:
        scope: RustScope | None = reader.declarations.scope_of[at]
        while scope:
            condition = scope.condition
            if condition and condition not in told and _is_sure(reader, condition.start, condition.stop):
                told.add(condition)
                reader.add_at(condition.start, "this condition decides about entries, and is not followed")
            scope = scope.parent


def _is_sure(reader: RustEntryReader, start: int, stop: int) -> bool:
    """Tell whether a condition can be known without running the program."""
    source = reader.source
    words = {source.text(at) for at in range(start, min(stop, start + LONGEST_HEAD))}
    if words & _SURE:
        return True
    if words & _ASKS:
        return False
    return not any(_is_given(reader, at) for at in source.names(start, min(stop, start + LONGEST_HEAD)))


def _is_given(reader: RustEntryReader, at: int) -> bool:
    """Tell whether a name is a parameter that no call in this file gives a constant, or is bound by a pattern."""
    try:
        found = reader.names.meaning(at, at)
    except UnreadableError:
        return False
    if found is None or found.kind != "parameter":
        return found is not None and found.kind == "unknown"
    for call in reader.calls.calls_of.get(reader.owner_of(found).at, ()):
        arguments = reader.calls.arguments(call) or ()
        if found.place >= len(arguments) or _is_constant(reader, arguments[found.place]):
            return False
    return True


def _is_constant(reader: RustEntryReader, argument: Stretch) -> bool:
    words = {reader.source.text(at) for at in range(*argument)}
    return not words & _ASKS and not any(word[:1].islower() for word in words - {"true", "false"})
