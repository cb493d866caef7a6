"""The whole policy as versioned JSON, for VMMs that read their configuration when they start.

Numbers that are IDs or bit sets are strings of hexadecimal digits: JSON has no hexadecimal, and a reader whose numbers
are doubles would round a 64-bit register ID. One entry a line, so that a change of policy is a short diff.
"""

import json

from smccc_filter.artefacts.backends.program import (
    U32_MAX,
    CompiledPolicy,
    DecodedArtefact,
    DecodedVmm,
    FilterEntry,
    VmmAnswerRow,
    VmmProgram,
)
from smccc_filter.kvm.uapi import REGISTER_OF_ID, Action
from smccc_filter.smccc.function_id import show
from smccc_filter.version import __version__
from smccc_filter.words import cut

FORMAT = "json"
SUFFIXES = (".json",)
BINARY = False

VERSION = 1
"""Of the shape below. A reader must refuse another."""

DIGITS = frozenset("0123456789ABCDEF")
LONGEST = 20
"""Digits of a decimal number that is read at all."""


def emit(program: CompiledPolicy) -> bytes:
    """Write the document, keys in the order in which people read them."""
    entries = [
        f'{{"base": "{show(base)}", "nr_functions": {nr_functions}, "action": "{action}"}}'
        for base, nr_functions, action in program.entries
    ]
    registers = [
        f'{{"name": "{register.macro}", "id": "0x{register.id:016X}", "value": "0x{register.value:X}"}}'
        for register in program.registers
    ]
    license_line = f'  "license": "{program.license}",\n' if program.license else ""
    return (
        "{\n"
        f'  "version": {VERSION},\n'
        f'  "name": "{program.name}",\n'
        f"{license_line}"
        '  "tool": "smccc-filter",\n'
        f'  "tool_version": "{__version__}",\n'
        f'  "filter": {_lines(entries)},\n'
        f'  "registers": {_lines(registers)}{_vmm(program.vmm)}\n'
        "}\n"
    ).encode()


def _vmm(vmm: VmmProgram | None) -> str:
    """Write what the VMM answers, where the policy says it: rows without a handler, and IDs that one answers."""
    if vmm is None:
        return ""
    answers = [
        f'{{"id": "{show(func_id)}", "asked": {_asked(asked)}, "results": [{", ".join(map(_word, registers))}]}}'
        for func_id, asked, registers in vmm.answers
    ]
    handled = [f'"{show(func_id)}"' for func_id in vmm.handled]
    text = f'{{\n  "answers": {_lines(answers)},\n  "handled": {_lines(handled)}\n}}'.replace("\n", "\n  ")
    return f',\n  "vmm": {text}'


def _asked(func_id: int | None) -> str:
    return "null" if func_id is None else f'"{show(func_id)}"'


def _word(register: int) -> str:
    return f'"0x{register:X}"'


def _lines(items: list[str]) -> str:
    return "[\n    " + ",\n    ".join(items) + "\n  ]" if items else "[]"


def decode(data: bytes) -> DecodedArtefact:
    """Read the document as any JSON reader does; raises ValueError for another shape or version."""
    match json.loads(data, object_pairs_hook=_unique, parse_int=_integer):
        case {
            "version": 1,
            "name": str(name),
            "tool": "smccc-filter",
            "tool_version": str(),
            "filter": [*entries],
            "registers": [*registers],
            **rest,
        } if rest.keys() <= {"license", "vmm"} and isinstance(license_text := rest.get("license", ""), str):
            vmm = _decoded_vmm(rest["vmm"]) if "vmm" in rest else None
            return DecodedArtefact(
                tuple(map(_entry, entries)), tuple(map(_register, registers)), name, license_text or None, vmm
            )
    raise ValueError("not a version 1 document of smccc-filter")


def _integer(digits: str) -> int:
    """Read a number; nothing in the document is larger than 32 bits, and Python converts 4,300 digits at most."""
    if len(digits) > LONGEST:
        raise ValueError(f"a number of {len(digits):,} digits")
    return int(digits)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key is given twice")
    return result


def _entry(item: object) -> FilterEntry:
    match item:
        case {"base": str(base), "nr_functions": int(nr_functions), "action": str(action), **rest} if not (
            rest or isinstance(nr_functions, bool) or not 0 <= nr_functions <= U32_MAX
        ):
            if action not in list(Action):
                raise ValueError(f"not an action: {cut(action)}")
            return FilterEntry(_hexadecimal(base, 8), nr_functions, Action(action))
    raise ValueError(f"not an entry: {cut(str(item))}")


def _register(item: object) -> tuple[int, int]:
    match item:
        case {"name": str(name), "id": str(digits), "value": str(value), **rest} if not rest:
            register = _hexadecimal(digits, 16)
            if register in REGISTER_OF_ID and REGISTER_OF_ID[register].macro != name:
                raise ValueError(f"register {digits} is {REGISTER_OF_ID[register].macro}, not {cut(name)}")
            return register, _hexadecimal(value, 16)
    raise ValueError(f"not a register: {cut(str(item))}")


def _decoded_vmm(item: object) -> DecodedVmm:
    match item:
        case {"answers": [*answers], "handled": [*handled], **rest} if not rest:
            return DecodedVmm(
                tuple(map(_answer, answers)), tuple(_hexadecimal(func_id, 8) for func_id in handled), None
            )
    raise ValueError(f"not what a VMM answers: {cut(str(item))}")


def _answer(item: object) -> VmmAnswerRow:
    match item:
        case {"id": str(func_id), "asked": str() | None as asked, "results": [x0, x1, x2, x3], **rest} if not rest:
            results = (_hexadecimal(x0, 16), _hexadecimal(x1, 16), _hexadecimal(x2, 16), _hexadecimal(x3, 16))
            return VmmAnswerRow(_hexadecimal(func_id, 8), None if asked is None else _hexadecimal(asked, 8), results)
    raise ValueError(f"not an answer: {cut(str(item))}")


def _hexadecimal(item: object, width: int) -> int:
    text = item if isinstance(item, str) else str(item)
    digits = text.removeprefix("0x")
    if not isinstance(item, str) or digits == text or not 0 < len(digits) <= width or not set(digits) <= DIGITS:
        raise ValueError(f"not hexadecimal: {cut(text)}")
    return int(digits, 16)
