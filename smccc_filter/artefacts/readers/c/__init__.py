"""Entries out of C and C++: arrays, variables and literals of ``struct kvm_smccc_filter``, and calls that make one.

kvmtool has an array, QEMU's series a function that it calls for each ID, our own header an array of its own struct: one
parser reads them all. It knows what a compiler would make of the file, or says why it does not: an unknown macro, a
condition, a variable that the program fills. What a program decides when it runs is not looked at.
"""

import re

from smccc_filter.artefacts.readers.c.finder import QEMU, QEMU_ENTRY, CEntryFinder
from smccc_filter.artefacts.readers.c.lexer import lex
from smccc_filter.artefacts.readers.c.preprocessor import preprocess
from smccc_filter.artefacts.readers.reading import Reading
from smccc_filter.artefacts.readers.source.entries import compute_entries, fault_at, no_entry_fault
from smccc_filter.language.source import SourceText

_OURS = re.compile(r"^#define ([A-Z]\w*)_FILTER_COUNT \d+U$", re.MULTILINE)
"""A line of the header that ``backends.c`` writes; it has no array where there are no entries."""


def read(data: bytes) -> Reading:
    """Read a C or C++ source, or a header."""
    text = SourceText(data.decode(errors="replace").removeprefix("\ufeff"))
    tokens, unfinished = lex(text.text)
    preprocessed = preprocess(tokens, text.text)
    finder = CEntryFinder(text, preprocessed.tokens)
    finder.find()
    calls = list(finder.calls())
    keys = {body.function.key for body in finder.bodies}
    known = [QEMU_ENTRY] if QEMU.key not in keys and any(call.key == QEMU.key for call in calls) else []
    computed = compute_entries(text, [*finder.entries, *known], calls, {})
    faults = [*finder.faults, *computed.faults]
    faults += [fault_at(text, at, at + 1, message, "complete it") for at, message in preprocessed.faults]
    if unfinished is not None:
        faults.append(fault_at(text, unfinished, unfinished + 2, "a comment has no end", "complete it"))
    symbols = [match[1].lower() for match in _OURS.finditer(text.text)]
    ours = [symbol for symbol in symbols if f"{symbol}_entry" in finder.declared.filters]
    if not (computed.entries or finder.registers or faults or ours):
        faults.append(no_entry_fault(computed.uncalled))
    faults.sort(key=lambda fault: fault.span or ())
    name = ours[0].replace("_", "-") if len(ours) == 1 else computed.symbol
    return Reading("c", name, computed.entries, tuple(finder.registers), tuple(faults))
