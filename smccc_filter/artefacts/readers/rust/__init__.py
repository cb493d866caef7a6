"""Entries out of Rust: literals of ``kvm_smccc_filter``, and calls of a function that makes one.

The spelling is that of rust-vmm's kvm-bindings and crosvm's kvm_sys, which bindgen gives both; our own module has a
struct of its own with a ``const fn new``, which is a function like any other.
"""

from smccc_filter.artefacts.readers.reading import Reading
from smccc_filter.artefacts.readers.rust.cfg import built
from smccc_filter.artefacts.readers.rust.finder import FILTER, REGISTERS, RustEntryFinder
from smccc_filter.artefacts.readers.rust.items import items_of
from smccc_filter.artefacts.readers.rust.lexer import lex
from smccc_filter.artefacts.readers.source.entries import compute_entries, fault_at, no_entry_fault
from smccc_filter.artefacts.readers.source.tokens import bracket_pairs
from smccc_filter.language.source import SourceText


def read(data: bytes) -> Reading:
    """Read a Rust source, or the module that ``backends.rust`` writes."""
    text = SourceText(data.decode(errors="replace").removeprefix("\ufeff"))
    tokens, unfinished = lex(text.text)
    finder = RustEntryFinder(text, items_of(built(tokens, bracket_pairs(tokens))))
    finder.find()
    computed = compute_entries(text, finder.entries, finder.calls(), finder.constants)
    faults = [*finder.faults, *computed.faults]
    if unfinished is not None:
        faults.append(fault_at(text, unfinished, unfinished + 2, "a comment has no end", "complete it"))
    is_ours = {FILTER, REGISTERS} <= finder.constants.keys()
    if not (computed.entries or faults or is_ours):
        faults.append(no_entry_fault(computed.uncalled))
    faults.sort(key=lambda fault: fault.span or ())
    name = finder.policy_name() if is_ours else computed.symbol
    return Reading("rust", name, computed.entries, tuple(finder.registers), tuple(faults))
