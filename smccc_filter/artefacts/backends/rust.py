"""The policy as a Rust module: constants and one ``const fn``, without ``std`` and without another crate.

The text has outer comments only, so that it can be a file of its own (``mod``) or come out of a build script
(``include!``), and nothing newer than Rust 1.57, so that the compiler of a distribution builds it.
"""

import re

from smccc_filter.artefacts.backends.names import CallNames, register_meaning
from smccc_filter.artefacts.backends.program import CompiledPolicy, DecodedArtefact, FilterEntry
from smccc_filter.artefacts.backends.rust_text import FORWARDS, FORWARDS_NONE, HEAD
from smccc_filter.kvm.uapi import ACTION_OF_KVM, Action, SmcccFilterAction
from smccc_filter.smccc.function_id import show_range
from smccc_filter.version import __version__

FORMAT = "rust"
SUFFIXES = (".rs",)
BINARY = False

ACTION_CONST = {Action.DENY: "KVM_SMCCC_FILTER_DENY", Action.FORWARD: "KVM_SMCCC_FILTER_FWD_TO_USER"}


def emit(program: CompiledPolicy) -> bytes:
    """Write the module, laid out as rustfmt leaves it."""
    head = HEAD.replace("@policy@", program.name).replace("@name@", program.symbol).replace("@version@", __version__)
    forwards = FORWARDS if program.entries else FORWARDS_NONE
    return "".join([head, *_filter(program), *_registers(program), forwards]).encode()


def _filter(program: CompiledPolicy) -> list[str]:
    names = CallNames()
    lines = [
        "\n/// The filter: ascending and disjoint, each entry as `KVM_SET_DEVICE_ATTR` takes it.\n",
        "#[allow(dead_code)]\n",
        f"pub const FILTER: [Entry; {len(program.entries)}] = [",
    ]
    for base, nr_functions, action in program.entries:
        lines.append(f"\n    // {show_range(base, base + nr_functions)}: {names.within(base, base + nr_functions)}")
        lines.append(f"\n    Entry::new(0x{base:09_X}, 0x{nr_functions:_X}, {ACTION_CONST[action]}),")
    lines.append("\n];\n" if program.entries else "];\n")
    return lines


def _registers(program: CompiledPolicy) -> list[str]:
    lines = [
        "\n/// The firmware registers and their values, each as `KVM_SET_ONE_REG` takes it.\n",
        "#[allow(dead_code)]\n",
        f"pub const REGISTERS: [(u64, u64); {len(program.registers)}] = [",
    ]
    for register in program.registers:
        lines.append(f"\n    // {register.macro}: {register_meaning(register)}")
        lines.append(f"\n    (0x{register.id:019_X}, 0x{register.value:_X}),")
    lines.append("\n];\n" if program.registers else "];\n")
    return lines


def decode(data: bytes) -> DecodedArtefact:
    """Read the two arrays as a compiler would; raises ValueError where the text is not such a module."""
    source = re.sub(r"//.*", "", data.decode("ascii"))
    actions = dict(re.findall(r"^pub const (KVM_SMCCC_FILTER_\w+): u8 = (\d+);$", source, re.MULTILINE))
    entries = [
        FilterEntry(
            _number(base), _number(nr_functions), ACTION_OF_KVM[SmcccFilterAction(int(actions.get(action, "-1")))]
        )
        for base, nr_functions, action in _array(source, "FILTER", "Entry", ENTRY)
    ]
    registers = _array(source, "REGISTERS", r"\(u64, u64\)", REGISTER)
    return DecodedArtefact(tuple(entries), tuple((_number(name), _number(value)) for name, value in registers))


U32 = r"0x([\dA-F]{1,4}(?:_[\dA-F]{4})?)"
U64 = r"0x([\dA-F]{1,4}(?:_[\dA-F]{4}){0,3})"
ENTRY = rf"Entry::new\({U32}, {U32}, (\w+)\),"
REGISTER = rf"\({U64}, {U64}\),"


def _array(source: str, name: str, element: str, row: str) -> list[tuple[str, ...]]:
    """Return the captured fields of every row of one array, as many as its type says."""
    arrays = re.findall(rf"^pub const {name}: \[{element}; (\d+)\] = \[([^;]*)\];$", source, re.MULTILINE)
    if len(arrays) != 1:
        raise ValueError(f"not one array {name}")
    count, body = arrays[0]
    lines = [line.strip() for line in body.splitlines()]
    rows = [re.fullmatch(row, line) for line in lines if line]
    found = [match.groups() for match in rows if match]
    if len(found) != len(rows) or len(found) != int(count):
        raise ValueError(f"a row of {name} is malformed, or its count is wrong")
    return found


def _number(digits: str) -> int:
    return int(digits.replace("_", ""), 16)
