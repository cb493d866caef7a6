"""Entries out of Rust: literals of ``kvm_smccc_filter``, and calls of a function that makes one.

The spelling is that of rust-vmm's kvm-bindings and crosvm's kvm_sys, which bindgen gives both; our own module has a
struct of its own with a ``const fn new``, which is a function like any other.
"""

from smccc_filter.artefacts.readers.c.types import closing_of
from smccc_filter.artefacts.readers.reading import Reading
from smccc_filter.artefacts.readers.rust.cfg import built
from smccc_filter.artefacts.readers.rust.finder import FILTER, REGISTERS, RustEntryFinder
from smccc_filter.artefacts.readers.rust.items import items_of
from smccc_filter.artefacts.readers.rust.lexer import lex
from smccc_filter.artefacts.readers.source.entries import harvest, nothing, trouble
from smccc_filter.language.source import Text


def read(data: bytes) -> Reading:
    """Read a Rust source, or the module that ``backends.rust`` writes."""
    text = Text(data.decode(errors="replace").removeprefix("\ufeff"))
    tokens, unfinished = lex(text.text)
    finder = RustEntryFinder(text, items_of(built(tokens, closing_of(tokens))))
    finder.find()
    harvested = harvest(text, finder.sites, finder.calls(), finder.constants)
    troubles = [*finder.troubles, *harvested.troubles]
    if unfinished is not None:
        troubles.append(trouble(text, unfinished, unfinished + 2, "a comment has no end", "complete it"))
    is_ours = {FILTER, REGISTERS} <= finder.constants.keys()
    if not (harvested.entries or troubles or is_ours):
        troubles.append(nothing(harvested.idle))
    troubles.sort(key=lambda one: one.span or ())
    symbols = {entry.symbol for entry in harvested.entries}
    name = finder.policy_name() if is_ours else symbols.pop() if len(symbols) == 1 else None
    return Reading("rust", name, harvested.entries, tuple(finder.registers), tuple(troubles))
