"""Entries out of C and C++: arrays, variables and literals of ``struct kvm_smccc_filter``, and calls that make one.

kvmtool has an array, QEMU's series a function that it calls for each ID, our own header an array of its own struct: one
parser reads them all. It knows what a compiler would make of the file, or says why it does not: an unknown macro, a
condition, a variable that the program fills, an entry that may change after it is written. Under which conditions a
program installs its entries is not looked at.
"""

import re

from smccc_filter.artefacts.readers.c.calls import QEMU, QEMU_ENTRY, CCallFinder
from smccc_filter.artefacts.readers.c.doubts import doubts_of
from smccc_filter.artefacts.readers.c.finder import CEntryFinder
from smccc_filter.artefacts.readers.c.lexer import lex
from smccc_filter.artefacts.readers.c.preprocessor import preprocess
from smccc_filter.artefacts.readers.c.structure import CStructure
from smccc_filter.artefacts.readers.reading import Reading
from smccc_filter.artefacts.readers.source.entries import compute_entries, fault_at, no_entry_fault, too_long
from smccc_filter.artefacts.readers.source.tokens import MOST_TOKENS
from smccc_filter.language.source import SourceText

_OURS = re.compile(r"^#define ([A-Z]\w*)_FILTER_COUNT \d+U$", re.MULTILINE)
"""A line of the header that ``backends.c`` writes; it has no array where there are no entries."""


def read(data: bytes) -> Reading:
    """Read a C or C++ source, or a header."""
    text = SourceText(data.decode(errors="replace").removeprefix("\ufeff"))
    lexed = lex(text.text)
    if lexed.unfinished is not None and len(lexed.tokens) >= MOST_TOKENS:
        return Reading("c", None, (), (), (too_long(text, lexed.unfinished),))
    preprocessed = preprocess(lexed.tokens, text.text)
    finder = CEntryFinder(text, CStructure(preprocessed.tokens))
    if finder.source.unmatched is not None and finder.mentions():
        return Reading("c", None, (), (), tuple(doubts_of(text, lexed, preprocessed, finder)))
    finder.find()
    calls = CCallFinder(finder)
    found = list(calls.find(finder.entries))
    known = [QEMU_ENTRY] if QEMU.key not in calls.functions and any(call.key == QEMU.key for call in found) else []
    computed = compute_entries(text, [*finder.entries, *known], found, {})
    faults = [*finder.faults, *computed.faults]
    if lexed.unfinished is not None:
        faults.append(fault_at(text, lexed.unfinished, lexed.unfinished + 2, "a comment has no end", "complete it"))
    symbols = [match[1].lower() for match in _OURS.finditer(text.text)]
    ours = [symbol for symbol in symbols if f"{symbol}_entry" in finder.declared.filters]
    if computed.entries or finder.registers or faults or ours:
        faults += doubts_of(text, lexed, preprocessed, finder)
    else:
        faults.append(no_entry_fault(computed.uncalled))
    faults.sort(key=lambda fault: fault.span or ())
    name = ours[0].replace("_", "-") if len(ours) == 1 else computed.symbol
    return Reading("c", name, computed.entries, tuple(finder.registers), tuple(dict.fromkeys(faults)))
