"""The policy as a Rust module: constants and one ``const fn``, without ``std`` and without another crate.

The text has outer comments only, so that it can be a file of its own (``mod``) or come out of a build script
(``include!``), and nothing newer than Rust 1.57, so that the compiler of a distribution builds it.
"""

import re
from collections.abc import Iterable

from smccc_filter.artefacts.backends import rust_text
from smccc_filter.artefacts.backends.frame import ArtefactTitle, RowGrammar, fill, read_tables, read_title, unfill
from smccc_filter.artefacts.backends.names import CallNames, register_meaning
from smccc_filter.artefacts.backends.program import CompiledPolicy, DecodedArtefact, symbol_of
from smccc_filter.kvm.uapi import Action
from smccc_filter.smccc.function_id import show_range
from smccc_filter.version import __version__

FORMAT = "rust"
SUFFIXES = (".rs",)
BINARY = False

ACTION_CONST = {Action.DENY: "KVM_SMCCC_FILTER_DENY", Action.FORWARD: "KVM_SMCCC_FILTER_FWD_TO_USER"}


def emit(program: CompiledPolicy) -> bytes:
    """Write the module, laid out as rustfmt leaves it."""
    values = _title(ArtefactTitle(program.name, program.license)) | {
        "entries": str(len(program.entries)),
        "registers": str(len(program.registers)),
        "filter": _filter(program),
        "writes": _table(
            f"\n    // {register.macro}: {register_meaning(register)}"
            f"\n    (0x{register.id:019_X}, 0x{register.value:_X}),"
            for register in program.registers
        ),
    }
    text = ""
    if program.vmm is not None:
        from smccc_filter.artefacts.backends import rust_vmm

        text, slots = rust_vmm.emit(program.vmm)
        values |= slots
    return fill(rust_text.frame(entries=bool(program.entries), vmm=text), values)


def _title(title: ArtefactTitle) -> dict[str, str]:
    first = f"// SPDX-License-Identifier: {title.license}\n" if title.license else ""
    return {"license": first, "policy": title.name, "name": symbol_of(title.name), "version": __version__}


def _filter(program: CompiledPolicy) -> str:
    if not program.entries:
        return ""
    names = CallNames(program.ranges)
    return _table(
        f"\n    // {show_range(base, base + nr_functions)}: {names.within(base, base + nr_functions)}"
        f"\n    Entry::new(0x{base:09_X}, 0x{nr_functions:_X}, {ACTION_CONST[action]}),"
        for base, nr_functions, action in program.entries
    )


def _table(rows: Iterable[str]) -> str:
    text = "".join(rows)
    return f"{text}\n" if text else ""


U32 = r"0x([\dA-F]{1,4}(?:_[\dA-F]{4})?)"
U64 = r"0x([\dA-F]{1,4}(?:_[\dA-F]{4}){0,3})"
ROWS = RowGrammar(
    rf"\n    // ([^\n]+?): [^\n]+\n    Entry::new\({U32}, {U32}, (\w+)\),",
    rf"\n    // (\w+): [^\n]+\n    \({U64}, {U64}\),",
    end="\n",
)


def decode(data: bytes) -> DecodedArtefact:
    """Read the two arrays as a compiler would; raises ValueError where the text is not such a module."""
    source = data.decode("ascii")
    title = read_title(source, r"// SPDX-License-Identifier: ([^\n]+)\n", r'// SMCCC filter "([a-z][a-z0-9-]*)" for ')
    entries = "\npub const FILTER: [Entry; 0] " not in source
    kind = f"rust{' entries' if entries else ''}"
    actions = dict(re.findall(r"^pub const (KVM_SMCCC_FILTER_\w+): u8 = (\d+);$", source, re.MULTILINE))
    if "\nconst ANSWERS: " not in source:
        found = unfill(kind, rust_text.frame(entries=entries), data, _title(title), ROWS.slots())
        return read_tables(found, ROWS, actions)._replace(**title._asdict())
    from smccc_filter.artefacts.backends import rust_vmm, rust_vmm_text

    half = rust_vmm.half_in(source)
    frame = rust_text.frame(entries=entries, vmm=rust_vmm_text.text_of(half))
    found = unfill(kind + half.kind, frame, data, _title(title), ROWS.slots() | rust_vmm.ROWS.slots())
    return read_tables(found, ROWS, actions)._replace(**title._asdict(), vmm=rust_vmm.decode(found))
