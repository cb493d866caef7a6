"""Entries out of C and C++: arrays, variables and literals of ``struct kvm_smccc_filter``, and calls that make one.

kvmtool has an array, QEMU's series a function that it calls for each ID, our own header an array of its own struct: one
parser reads them all. It knows what a compiler would make of the file, or says why it does not: an unknown macro, a
condition, a variable that the program fills, an entry that may change after it is written. Under which conditions a
program installs its entries is not looked at.
"""

import os
import re
from collections.abc import Sequence

from smccc_filter.artefacts.readers.c.calls import QEMU, QEMU_ENTRY, CCallFinder
from smccc_filter.artefacts.readers.c.doubts import doubts_of
from smccc_filter.artefacts.readers.c.finder import CEntryFinder
from smccc_filter.artefacts.readers.c.structure import CStructure
from smccc_filter.artefacts.readers.c.units import lex_all, preprocess
from smccc_filter.artefacts.readers.reading import Reading, fault_order
from smccc_filter.artefacts.readers.source.entries import compute_entries, fault_at, no_entry_fault, too_long
from smccc_filter.artefacts.readers.source.places import SourceFile, SourcePlaces
from smccc_filter.artefacts.readers.source.tokens import MOST_TOKENS

_OURS = re.compile(r"^#define ([A-Z]\w*)_FILTER_COUNT \d+U\r?$", re.MULTILINE)
"""A line of the header that ``backends.c`` writes; it has no array where there are no entries."""


COMMAND_LINE = "<command line>"
"""The file that has what ``-D`` defines, as people are told."""


def read(files: Sequence[SourceFile], definitions: Sequence[tuple[str, str]] = ()) -> Reading:
    """Read C or C++ sources and headers that belong together; each name of ``definitions`` is a macro with a value."""
    if definitions:
        defined = "".join(f"#define {name} {value}\n" for name, value in definitions)
        files = [SourceFile(COMMAND_LINE, defined.encode()), *files]
    text = SourcePlaces(files)
    tokens, lexed = lex_all(text)
    if lexed.unfinished is not None and sum(map(len, tokens)) >= MOST_TOKENS:
        return Reading("c", None, (), (), (too_long(text, lexed.unfinished),))
    paths = [os.path.abspath(file.path) for file in files]  # noqa: PTH100 -- pathlib costs a start 5 ms
    preprocessed = preprocess(text, tokens, paths, 1 if definitions else 0)
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
    ours = [match for match in _OURS.finditer(text.text) if f"{match[1].lower()}_entry" in finder.declared.filters]
    for second in ours[1:2]:
        message = f"this is a second policy: the first is at {text.at(*ours[0].span()).words}"
        faults.append(fault_at(text, *second.span(), message, "import each of the headers by itself"))
    if computed.entries or finder.registers or faults or ours:
        faults += doubts_of(text, lexed, preprocessed, finder)
    else:
        faults.append(no_entry_fault(computed.uncalled))
    faults.sort(key=fault_order)
    notes = [fault_at(text, *note) for note in preprocessed.notes]
    for redefined, words in finder.constants_of_file.redefined.items():
        token = finder.tokens[finder.constants_of_file.taken[redefined]]
        notes.append(fault_at(text, token.start, token.end, *words))
    notes.sort(key=fault_order)
    name = ours[0][1].lower().replace("_", "-") if len(ours) == 1 else computed.symbol
    return Reading("c", name, computed.entries, tuple(finder.registers), tuple(dict.fromkeys(faults)), tuple(notes))
