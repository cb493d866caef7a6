"""The policy as a C header: the filter and register tables, and the functions that give them to KVM.

Everything is ``static``, so that a VMM includes the header wherever it likes and links nothing; any number of generated
headers fit into one translation unit, because every name begins with the policy's.
"""

import re

from smccc_filter.artefacts.backends import c_text as text
from smccc_filter.artefacts.backends.names import CallNames, register_meaning
from smccc_filter.artefacts.backends.program import CompiledPolicy, DecodedArtefact, FilterEntry
from smccc_filter.kvm.uapi import ACTION_OF_KVM, Action, SmcccFilterAction
from smccc_filter.smccc.function_id import show_range
from smccc_filter.version import __version__

FORMAT = "c"
SUFFIXES = (".h",)
BINARY = False

ACTION_MACRO = {Action.DENY: "@NAME@_ACTION_DENY", Action.FORWARD: "@NAME@_ACTION_FORWARD"}


def emit(program: CompiledPolicy) -> bytes:
    """Write the header. ISO C has no empty array: a table without rows is a count of 0 and no array."""
    parts = [text.HEAD, *_filter(program), *_registers(program)]
    if program.entries or program.registers:
        parts.append(text.ADDRESS)
    parts += [text.APPLY_PROMISE, text.APPLY if program.entries else text.APPLY_NONE]
    parts += [text.SET_REGISTERS_PROMISE, text.SET_REGISTERS if program.registers else text.SET_REGISTERS_NONE]
    parts += [text.FORWARDS_PROMISE, text.FORWARDS if program.entries else text.FORWARDS_NONE, text.TAIL]
    return (
        "".join(parts)
        .replace("@policy@", program.name)
        .replace("@version@", __version__)
        .replace("@NAME@", program.symbol.upper())
        .replace("@name@", program.symbol)
        .encode()
    )


def _filter(program: CompiledPolicy) -> list[str]:
    lines = [
        "\n/* The filter: ascending, disjoint, each entry as KVM_SET_DEVICE_ATTR takes it */\n",
        f"#define @NAME@_FILTER_COUNT {len(program.entries)}U\n",
    ]
    if program.entries:
        names = CallNames()
        lines.append("static const struct @name@_entry @name@_filter[@NAME@_FILTER_COUNT] = {\n")
        for base, nr_functions, action in program.entries:
            lines.append(
                f"    /* {show_range(base, base + nr_functions)}: {names.within(base, base + nr_functions)} */\n"
            )
            lines.append(f"    {{ 0x{base:08X}U, 0x{nr_functions:X}U, {ACTION_MACRO[action]}, {{ 0 }} }},\n")
        lines.append("};\n")
    return lines


def _registers(program: CompiledPolicy) -> list[str]:
    lines = [
        "\n/* The firmware registers, each as KVM_SET_ONE_REG takes it */\n",
        f"#define @NAME@_REGISTER_COUNT {len(program.registers)}U\n",
    ]
    if program.registers:
        lines.append("static const struct @name@_register @name@_registers[@NAME@_REGISTER_COUNT] = {\n")
        for register in program.registers:
            lines.append(f"    /* {register.macro}: {register_meaning(register)} */\n")
            lines.append(f"    {{ 0x{register.id:016X}ULL, 0x{register.value:X}ULL }},\n")
        lines.append("};\n")
    return lines


def decode(data: bytes) -> DecodedArtefact:
    """Read the two tables as a compiler would; raises ValueError where the text is not such a header."""
    source = re.sub(r"/\*.*?\*/", " ", data.decode("ascii"), flags=re.DOTALL)
    macros = dict(re.findall(r"^#define (\w+) +(\d+)U *$", source, re.MULTILINE))
    entries = [
        FilterEntry(
            int(base, 16), int(nr_functions, 16), ACTION_OF_KVM[SmcccFilterAction(int(macros.get(action, "-1")))]
        )
        for base, nr_functions, action in _table(source, macros, "entry", "FILTER", ENTRY)
    ]
    registers = _table(source, macros, "register", "REGISTER", REGISTER)
    return DecodedArtefact(tuple(entries), tuple((int(name, 16), int(value, 16)) for name, value in registers))


ENTRY = r"\{ 0x([\dA-F]{1,8})U, 0x([\dA-F]{1,8})U, (\w+), \{ 0 \} \},"
REGISTER = r"\{ 0x([\dA-F]{1,16})ULL, 0x([\dA-F]{1,16})ULL \},"


def _table(source: str, macros: dict[str, str], struct: str, count: str, row: str) -> list[tuple[str, ...]]:
    """Return the captured fields of every row of one array, as many as its count macro says."""
    array = rf"static const struct (\w+)_{struct} \1_(?:filter|registers)\[(\w+_{count}_COUNT)\] = \{{\n([^;]*)\}};"
    counts = [name for name in macros if name.endswith(f"_{count}_COUNT")]
    tables = re.findall(array, source)
    if len(counts) != 1 or len(tables) > 1 or (tables and tables[0][1] != counts[0]):
        raise ValueError(f"not one table and one count of {struct}")
    lines = [line.strip() for line in tables[0][2].splitlines()] if tables else []
    rows = [re.fullmatch(row, line) for line in lines if line]
    found = [match.groups() for match in rows if match]
    if len(found) != len(rows) or len(found) != int(macros[counts[0]]):
        raise ValueError(f"a row of the {struct} table is malformed, or its count is wrong")
    return found
