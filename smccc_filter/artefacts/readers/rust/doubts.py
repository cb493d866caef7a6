"""What makes the entries of a Rust source doubtful although each can be computed: who may change or drop one.

Uses that are not understood, types that can hold and change an entry, macros, and conditions that are decided when the
program is compiled.
"""

from bisect import bisect_left

from smccc_filter.artefacts.readers.rust.arguments import RustCall
from smccc_filter.artefacts.readers.rust.finder import RustEntryReader
from smccc_filter.artefacts.readers.rust.flow import RustFlow
from smccc_filter.artefacts.readers.rust.text import LONGEST_HEAD
from smccc_filter.artefacts.readers.rust.tree import RustDefinition, RustScope, Stretch
from smccc_filter.artefacts.readers.source.expression import UnreadableError
from smccc_filter.artefacts.readers.source.linux import ACTIONS, BINDGEN

_ASSIGNS = frozenset(("=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="))
_ASKS = {".", "(", "let"}
_SURE = {"true", "false", "cfg"}
DEEPEST = 8
"""Variables made of one another that are looked through."""
RUNS = "what the entry holds is decided when the program runs"


def tell_doubts(reader: RustEntryReader) -> None:
    """Add a fault for each doubt."""
    _files(reader)
    if not reader.filters.mentions:
        _unknown_functions(reader)
        return
    source = reader.source
    flow = RustFlow(reader.calls)
    flow.follow()
    for at, message in (*flow.ledger.faults, *reader.filters.troubles(flow.ledger.casts)):
        reader.add_at(at, message)
    _macros(reader)
    _conditions(reader)
    _functions(reader)
    _unknown_functions(reader)
    for at in range(len(source)):
        if source.text(at) == "nr_functions" and source.text(at - 1) == "." and source.text(at + 1) in _ASSIGNS:
            reader.add_at(at, f"an assignment to `nr_functions`: {RUNS}")


def _files(reader: RustEntryReader) -> None:
    """Tell of a condition that decides whether a file which is given is built."""
    if not reader.names.files.modules:
        return
    paths = [file.path.removesuffix(".rs").removesuffix("/mod").rpartition("/")[2] for file in reader.text.files]
    for definitions in reader.declarations.declared.values():
        for found in definitions:
            gate = reader.source.gate(found.at) if found.kind == "module" and not found.value.stop else None
            if gate and found.name in paths:
                path = reader.text.files[paths.index(found.name)].path
                message = f"`{gate.text}` decides about {path}, and these files do not decide about it"
                reader.add_at(found.at, message, "import a copy without the condition, or leave the file out")


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
    mentions = reader.filters.mentions
    told = -1
    for macro in reader.declarations.macros:
        i = bisect_left(mentions, macro.body.start)
        makes = i < len(mentions) and mentions[i] < macro.body.stop
        quiet = not macro.defined and macro.name in reader.calls.quiet_macros
        if makes and not quiet and macro.body.stop > told:
            told = macro.body.stop
            reader.add_at(macro.body.start, "a macro that makes entries can't be followed")


def _conditions(reader: RustEntryReader) -> None:
    """Tell of entries in a block whose condition the source itself decides."""
    seen: set[Stretch] = set()
    given: dict[RustDefinition, bool] = {}
    places = [*reader.filters.literals, *(call.name for call in reader.calls.returning)]
    for at in places:
        scope: RustScope | None = reader.declarations.scope_of[at]
        while scope:
            condition = scope.condition
            if condition and condition not in seen:
                seen.add(condition)
                if _is_sure(reader, condition, given):
                    reader.add_at(condition.start, "this condition decides about entries, and is not followed")
            scope = scope.parent


def _is_sure(reader: RustEntryReader, condition: Stretch, given: dict[RustDefinition, bool]) -> bool:
    """Tell whether a condition can be known without running the program; ``given`` has what is known of parameters."""
    source = reader.source
    start, stop = condition
    words = {source.text(at) for at in range(start, min(stop, start + LONGEST_HEAD))}
    if words & _SURE:
        return True
    if words & _ASKS:
        names = source.names(start, min(stop, start + LONGEST_HEAD))
        return any(_is_decided(reader, at, 0, given) for at in names)
    return not any(_is_given(reader, at, given) for at in source.names(start, min(stop, start + LONGEST_HEAD)))


def _is_given(reader: RustEntryReader, at: int, given: dict[RustDefinition, bool]) -> bool:
    """Tell whether a name is a parameter that no call in this file gives a constant, or is bound by a pattern."""
    try:
        found = reader.names.meaning(at, at)
    except UnreadableError:
        return False
    if found is None or found.kind != "parameter":
        return found is not None and found.kind == "unknown"
    if found not in given:
        given[found] = True  # what a function that calls itself hands on decides nothing
        calls = reader.calls.calls_of.get(reader.owner_of(found).at, ())
        given[found] = not any(_gives_a_constant(reader, call, found.place, given) for call in calls)
    return given[found]


def _gives_a_constant(reader: RustEntryReader, call: RustCall, place: int, given: dict[RustDefinition, bool]) -> bool:
    arguments = reader.calls.arguments(call) or ()
    return place >= len(arguments) or _is_constant(reader, arguments[place], 0, given)


def _is_constant(reader: RustEntryReader, argument: Stretch, depth: int, given: dict[RustDefinition, bool]) -> bool:
    """Tell whether the source decides an argument: a constant, a variable made of some, an element of a list."""
    words = {reader.source.text(at) for at in range(*argument)}
    if not words & _ASKS and not any(word[:1].islower() for word in words - {"true", "false"}):
        return True
    return depth < DEEPEST and any(_is_decided(reader, at, depth, given) for at in reader.source.names(*argument))


def _is_decided(reader: RustEntryReader, at: int, depth: int, given: dict[RustDefinition, bool]) -> bool:
    """Tell whether a name in a function is one whose value the source decides."""
    try:
        found = None if reader.source.text(at - 1) == "." else reader.names.meaning(at, at)
    except UnreadableError:
        return False
    if found is None or found.mutable:
        return False
    if found.kind == "parameter":
        return found.name != "self" and not _is_given(reader, at, given)
    if found.kind == "variable":
        if found not in given:
            given[found] = True
            given[found] = not _is_constant(reader, found.value, depth + 1, given)
        return not given[found]
    return found.kind == "element"


def _unknown_functions(reader: RustEntryReader) -> None:
    """Tell of functions of other files that are given an action, from which they make an entry."""
    source = reader.source
    for at in range(len(source)):
        if source.text(at + 1) != "(" or not source.is_name(at) or source.text(at - 1) == "fn":
            continue
        name = source.text(at)
        if name in reader.calls.known_names or reader.declarations.scope_of[at].kind == "module":
            continue
        arguments = source.pieces(at + 2, source.close(at + 1))
        if any(_is_action(reader, argument) for argument in arguments):
            message = f"`{name}` is given an action, and what it does with it is not in this file"
            hint = "import the file that has the function too, or write the entries out"
            reader.add_at(at, message, hint)


def _is_action(reader: RustEntryReader, argument: Stretch) -> bool:
    """Tell whether an argument is an action and nothing else, cast or not."""
    words = [reader.source.text(at) for at in range(argument.start, min(argument.stop, argument.start + 20))]
    if "as" in words:
        words = words[: words.index("as")]
    plain = all(reader.source.is_name(argument.start + i) or word == "::" for i, word in enumerate(words))
    return bool(words) and plain and words[-1].removeprefix(BINDGEN) in ACTIONS
