"""Entries out of Rust: literals of ``kvm_smccc_filter``, and calls of a function that makes one.

The spelling is that of rust-vmm's kvm-bindings and crosvm's kvm_sys, which bindgen gives both; our own module has a
struct of its own with a ``const fn new``, which is a function like any other.
"""

from collections.abc import Iterator, Sequence

from smccc_filter.artefacts.readers.reading import Reading, ReadingFault, fault_order
from smccc_filter.artefacts.readers.rust.arguments import RustCalls
from smccc_filter.artefacts.readers.rust.cfg import built
from smccc_filter.artefacts.readers.rust.declarations import RustDeclarations
from smccc_filter.artefacts.readers.rust.doubts import tell_doubts
from smccc_filter.artefacts.readers.rust.files import FILE
from smccc_filter.artefacts.readers.rust.filters import RustFilterTypes
from smccc_filter.artefacts.readers.rust.finder import RustEntryReader
from smccc_filter.artefacts.readers.rust.lexer import lex
from smccc_filter.artefacts.readers.rust.names import RustNames
from smccc_filter.artefacts.readers.rust.policies import policy_modules
from smccc_filter.artefacts.readers.rust.registers import registers_of
from smccc_filter.artefacts.readers.rust.text import RustTokens
from smccc_filter.artefacts.readers.rust.tree import RustDefinition
from smccc_filter.artefacts.readers.source.entries import WRITE_OUT, fault_at, no_entry_fault, too_long
from smccc_filter.artefacts.readers.source.places import SourceFile, SourcePlaces
from smccc_filter.artefacts.readers.source.tokens import MOST_TOKENS, NAME, PUNCTUATION, Token, Tokens


def read(files: Sequence[SourceFile]) -> Reading:
    """Read Rust sources that belong together, or the module that ``backends.rust`` writes."""
    text = SourcePlaces(files)
    tokens: list[Token] = []
    for number, (part, first) in enumerate(zip(text.texts, text.starts, strict=True)):
        lexed, unfinished = lex(part, first, MOST_TOKENS - len(tokens))
        if unfinished is not None:
            if len(tokens) + len(lexed) >= MOST_TOKENS:
                return _refused(too_long(text, unfinished))
            return _refused(fault_at(text, unfinished, unfinished + 2, "a comment or string has no end", "complete it"))
        whole = RustTokens(lexed)
        if whole.unpaired is not None:
            token = lexed[whole.unpaired]
            return _refused(fault_at(text, token.start, token.end, "this bracket is not closed", "complete the source"))
        if len(files) > 1:
            tokens += _as_module(lexed, number, first)
    source = built(whole if len(files) == 1 else RustTokens(tokens))
    del tokens, lexed, whole  # a source can have a million
    declarations = RustDeclarations(source)
    if declarations.trouble:
        at, message = declarations.trouble
        token = source.tokens[at]
        return _refused(fault_at(text, token.start, token.end, message, WRITE_OUT))
    modules = policy_modules(declarations)
    if len(modules.filters) > 1:
        return _refused(_second_policy(text, source, modules.filters))
    names = RustNames(declarations)
    filters = RustFilterTypes(declarations)
    calls = RustCalls(names, filters)
    reader = RustEntryReader(text, names, filters, calls)
    reader.read()
    tell_doubts(reader)
    registers = [register for table in modules.registers for register in registers_of(reader, table)]
    entries = tuple(entry for _, entry in sorted(reader.entries, key=lambda made: made[0]))
    faults = list(dict.fromkeys(reader.faults))
    if not (entries or faults or modules.filters):
        faults.append(no_entry_fault(tuple(reader.uncalled)))
    faults.sort(key=fault_order)
    notes = [
        fault_at(text, source.tokens[at].start, source.tokens[at].end, *words)
        for at, words in sorted(reader.evaluator.redefined.items())
    ]
    symbols = {entry.symbol for entry in entries}
    policy = modules.name if modules.filters else symbols.pop() if len(symbols) == 1 else None
    return Reading("rust", policy, entries, tuple(registers), tuple(faults), tuple(notes))


def _as_module(tokens: Tokens, number: int, start: int) -> Iterator[Token]:
    """Put a file into a module of its own, under a name that no path can have."""
    for kind, word in ((NAME, "mod"), (NAME, f"{FILE}{number}>"), (PUNCTUATION, "{")):
        yield Token(kind, word, start, start)
    yield from tokens
    end = tokens[-1].end if tokens else start
    yield Token(PUNCTUATION, "}", end, end)


def _refused(fault: ReadingFault) -> Reading:
    return Reading("rust", None, (), (), (fault,))


def _second_policy(text: SourcePlaces, source: RustTokens, filters: Sequence[RustDefinition]) -> ReadingFault:
    """Say that two modules hold a policy: which of them a VM gets is decided when the program runs."""
    first, second = (source.tokens[found.at] for found in filters[:2])
    message = f"this is a second policy: the first is at {text.at(first.start, first.end).words}"
    return fault_at(text, second.start, second.end, message, "import each of the modules by itself")
