"""The policy as a C header: the filter and register tables, and the functions that give them to KVM.

Everything is ``static``, so that a VMM includes the header wherever it likes and links nothing; any number of generated
headers fit into one translation unit, because every name begins with the policy's.
"""

import re

from smccc_filter.artefacts.backends import c_text
from smccc_filter.artefacts.backends.frame import ArtefactTitle, RowGrammar, fill, read_tables, read_title, unfill
from smccc_filter.artefacts.backends.names import CallNames, register_meaning
from smccc_filter.artefacts.backends.program import CompiledPolicy, DecodedArtefact, symbol_of
from smccc_filter.kvm.uapi import Action
from smccc_filter.smccc.function_id import show_range
from smccc_filter.version import __version__

FORMAT = "c"
SUFFIXES = (".h",)
BINARY = False

ACTION_MACRO = {Action.DENY: "ACTION_DENY", Action.FORWARD: "ACTION_FORWARD"}


def emit(program: CompiledPolicy) -> bytes:
    """Write the header."""
    values = _title(ArtefactTitle(program.name, program.license)) | {
        "entries": str(len(program.entries)),
        "registers": str(len(program.registers)),
        "filter": _filter(program),
        "writes": "".join(
            f"    /* {register.macro}: {register_meaning(register)} */\n"
            f"    {{ 0x{register.id:016X}ULL, 0x{register.value:X}ULL }},\n"
            for register in program.registers
        ),
    }
    entries, registers, text = bool(program.entries), bool(program.registers), ""
    if program.vmm is not None:
        from smccc_filter.artefacts.backends import c_vmm

        text, slots = c_vmm.emit(program.vmm, program.symbol)
        values |= slots
    return fill(c_text.frame(entries=entries, registers=registers, vmm=text), values)


def _title(title: ArtefactTitle) -> dict[str, str]:
    symbol = symbol_of(title.name)
    first = f"/* SPDX-License-Identifier: {title.license} */\n" if title.license else ""
    return {"license": first, "policy": title.name, "name": symbol, "NAME": symbol.upper(), "version": __version__}


def _filter(program: CompiledPolicy) -> str:
    if not program.entries:
        return ""
    names, macro = CallNames(program.ranges), program.symbol.upper()
    rows = []
    for base, nr_functions, action in program.entries:
        stop = base + nr_functions
        rows.append(f"    /* {show_range(base, stop)}: {names.within(base, stop)} */\n")
        rows.append(f"    {{ 0x{base:08X}U, 0x{nr_functions:X}U, {macro}_{ACTION_MACRO[action]}, {{ 0 }} }},\n")
    return "".join(rows)


ROWS = RowGrammar(
    r"    /\* ([^*\n]+?): [^*\n]+ \*/\n    \{ 0x([\dA-F]{,8})U, 0x([\dA-F]{,8})U, (\w+), \{ 0 \} \},\n",
    r"    /\* (\w+): [^*\n]+ \*/\n    \{ 0x([\dA-F]{,16})ULL, 0x([\dA-F]{,16})ULL \},\n",
)


def decode(data: bytes) -> DecodedArtefact:
    """Read the two tables as a compiler would; raises ValueError where the text is not such a header."""
    source = data.decode("ascii")
    title = read_title(
        source, r"/\* SPDX-License-Identifier: ([^*\n]+) \*/\n", r'/\*\n \* SMCCC filter "([a-z][a-z0-9-]*)" for '
    )
    entries, registers = ("_FILTER_COUNT 0U\n" not in source), ("_REGISTER_COUNT 0U\n" not in source)
    kind = f"c{' entries' if entries else ''}{' registers' if registers else ''}"
    actions = dict(re.findall(r"^#define (\w+_ACTION_\w+) (\d+)U$", source, re.MULTILINE))
    if "_ANSWER_COUNT " not in source:
        frame = c_text.frame(entries=entries, registers=registers)
        found = unfill(kind, frame, data, _title(title), ROWS.slots())
        return read_tables(found, ROWS, actions)._replace(**title._asdict())
    from smccc_filter.artefacts.backends import c_vmm, c_vmm_text

    half = c_vmm.half_in(source)
    frame = c_text.frame(entries=entries, registers=registers, vmm=c_vmm_text.text_of(half))
    found = unfill(kind + half.kind, frame, data, _title(title), ROWS.slots() | c_vmm.ROWS.slots())
    vmm = c_vmm.decode(found, symbol_of(title.name))
    return read_tables(found, ROWS, actions)._replace(**title._asdict(), vmm=vmm)
