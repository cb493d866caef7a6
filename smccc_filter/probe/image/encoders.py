"""The encodings of A64 instructions that the image is made of: a function for each mnemonic.

Source: Arm DDI 0487, chapter C6.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from smccc_filter.probe.image.operands import ZERO_REGISTER, Operand, OperandKind

WORD = 4
"""Bytes of an instruction."""

CONDITIONS = {"eq": 0, "ne": 1, "hs": 2, "lo": 3, "mi": 4, "pl": 5, "hi": 8, "ls": 9}
SYSTEM_REGISTERS = {
    "currentel": (3, 0, 4, 2, 2),
    "esr_el1": (3, 0, 5, 2, 0),
    "esr_el2": (3, 4, 5, 2, 0),
    "vbar_el1": (3, 0, 12, 0, 0),
    "vbar_el2": (3, 4, 12, 0, 0),
}
"""op0, op1, CRn, CRm and op2."""


class SourceLine(NamedTuple):
    """An instruction, its address relative to the first, and where the labels are."""

    text: str
    address: int
    labels: Mapping[str, int]

    def distance(self, label: Operand, bits: int) -> int:
        """Return a signed field with the distance to a label, in instructions."""
        return _signed((self.labels[label.name] - self.address) // WORD, bits)


Encoder = Callable[[SourceLine, tuple[Operand, ...]], int]


def _field(value: int, bits: int, *, scale: int = 1) -> int:
    """Return an unsigned field. Raises ValueError for a value that does not fit."""
    if value % scale or not 0 <= value // scale < 1 << bits:
        raise ValueError(f"{value} is not {bits} bits times {scale}")
    return value // scale


def _signed(value: int, bits: int) -> int:
    if not -(1 << bits - 1) <= value < 1 << bits - 1:
        raise ValueError(f"{value} is not {bits} signed bits")
    return value & (1 << bits) - 1


def _zero(like: Operand) -> Operand:
    return Operand(OperandKind.REGISTER, ZERO_REGISTER, like.is_64)


def _jump(base: int) -> Encoder:
    return lambda line, given: base | line.distance(given[0], 26)


def _jump_if(condition: int) -> Encoder:
    return lambda line, given: 0x5400_0000 | line.distance(given[0], 19) << 5 | condition


def _jump_to_register(base: int) -> Encoder:
    return lambda _line, given: base | given[0].number << 5


def _compare_and_branch(base: int) -> Encoder:
    return lambda line, given: base | given[0].is_64 << 31 | line.distance(given[1], 19) << 5 | given[0].number


def _adr(line: SourceLine, given: tuple[Operand, ...]) -> int:
    distance = _signed(line.labels[given[1].name] - line.address, 21)
    return 0x1000_0000 | (distance & 3) << 29 | distance >> 2 << 5 | given[0].number


def _arithmetic(immediate: int, shifted: int) -> Encoder:
    """Encode ``Rd, Rn, #imm12``, or ``Rd, Rn, Rm`` with or without ``lsl #n``."""

    def encode(_line: SourceLine, given: tuple[Operand, ...]) -> int:
        rd, rn, last, *shift = given
        registers = rd.is_64 << 31 | rn.number << 5 | rd.number
        if last.kind is OperandKind.IMMEDIATE:
            return immediate | registers | _field(last.number, 12) << 10
        return shifted | registers | last.number << 16 | _field(shift[0].number if shift else 0, 6) << 10

    return encode


def _logical(base: int) -> Encoder:
    """Encode ``Rd, Rn, Rm`` with or without ``lsl #n``; there are no immediates."""

    def encode(_line: SourceLine, given: tuple[Operand, ...]) -> int:
        rd, rn, rm, *shift = given
        amount = _field(shift[0].number if shift else 0, 6)
        return base | rd.is_64 << 31 | rm.number << 16 | amount << 10 | rn.number << 5 | rd.number

    return encode


def _to_zero(encoder: Encoder) -> Encoder:
    """Return the encoder of a comparison, whose result goes nowhere."""
    return lambda line, given: encoder(line, (_zero(given[0]), *given))


def _of_zero(encoder: Encoder) -> Encoder:
    """Return the encoder of ``mov Rd, Rm``, which has the zero register for Rn."""
    return lambda line, given: encoder(line, (given[0], _zero(given[0]), *given[1:]))


def _wide(base: int) -> Encoder:
    """Encode ``Rd, #imm16`` with or without ``lsl #n``."""

    def encode(_line: SourceLine, given: tuple[Operand, ...]) -> int:
        rd, immediate, *shift = given
        half = _field(shift[0].number if shift else 0, 2, scale=16)
        return base | rd.is_64 << 31 | half << 21 | _field(immediate.number, 16) << 5 | rd.number

    return encode


def _bits(rd: Operand, rn: Operand, immr: int, imms: int) -> int:
    """Return UBFM."""
    base = 0xD340_0000 if rd.is_64 else 0x5300_0000
    return base | _field(immr, 6) << 16 | _field(imms, 6) << 10 | rn.number << 5 | rd.number


def _lsr(_line: SourceLine, given: tuple[Operand, ...]) -> int:
    rd, rn, amount = given
    if amount.kind is OperandKind.IMMEDIATE:
        return _bits(rd, rn, amount.number, rd.width - 1)
    return 0x1AC0_2400 | rd.is_64 << 31 | amount.number << 16 | rn.number << 5 | rd.number


def _lsl(_line: SourceLine, given: tuple[Operand, ...]) -> int:
    rd, rn, amount = given
    return _bits(rd, rn, -amount.number % rd.width, rd.width - 1 - amount.number)


def _ubfx(_line: SourceLine, given: tuple[Operand, ...]) -> int:
    rd, rn, first, width = given
    return _bits(rd, rn, first.number, first.number + width.number - 1)


def _one_source(base_32: int, base_64: int) -> Encoder:
    return lambda _line, given: (base_64 if given[0].is_64 else base_32) | given[1].number << 5 | given[0].number


def _load_word(line: SourceLine, given: tuple[Operand, ...]) -> int:
    """Encode a load of 32 bits: of a label, ``[Xn, #imm]`` or ``[Xn], #imm``."""
    rt, place = given
    if place.kind is OperandKind.NAME:
        return 0x1800_0000 | line.distance(place, 19) << 5 | rt.number
    if place.post:
        return 0xB840_0400 | _signed(place.offset, 9) << 12 | place.number << 5 | rt.number
    return 0xB940_0000 | _field(place.offset, 12, scale=4) << 10 | place.number << 5 | rt.number


def _byte(plain: int, post: int) -> Encoder:
    def encode(_line: SourceLine, given: tuple[Operand, ...]) -> int:
        rt, place = given
        if place.post:
            return post | _signed(place.offset, 9) << 12 | place.number << 5 | rt.number
        return plain | _field(place.offset, 12) << 10 | place.number << 5 | rt.number

    return encode


def _system(base: int, name: int) -> Encoder:
    """Encode a move to or from the system register that is operand ``name``."""

    def encode(_line: SourceLine, given: tuple[Operand, ...]) -> int:
        op0, op1, crn, crm, op2 = SYSTEM_REGISTERS[given[name].name]
        return base | op0 << 19 | op1 << 16 | crn << 12 | crm << 8 | op2 << 5 | given[1 - name].number

    return encode


_ADD = _arithmetic(0x1100_0000, 0x0B00_0000)
_ADDS = _arithmetic(0x3100_0000, 0x2B00_0000)
_SUB = _arithmetic(0x5100_0000, 0x4B00_0000)
_SUBS = _arithmetic(0x7100_0000, 0x6B00_0000)
_ORR = _logical(0x2A00_0000)

ENCODERS: dict[str, Encoder] = {
    "add": _ADD,
    "sub": _SUB,
    "subs": _SUBS,
    "cmp": _to_zero(_SUBS),
    "cmn": _to_zero(_ADDS),
    "neg": _of_zero(_SUB),
    "and": _logical(0x0A00_0000),
    "orr": _ORR,
    "eor": _logical(0x4A00_0000),
    "mov": _of_zero(_ORR),
    "movz": _wide(0x5280_0000),
    "movk": _wide(0x7280_0000),
    "lsl": _lsl,
    "lsr": _lsr,
    "ubfx": _ubfx,
    "clz": _one_source(0x5AC0_1000, 0xDAC0_1000),
    "rev": _one_source(0x5AC0_0800, 0xDAC0_0C00),
    "ldr": _load_word,
    "ldrb": _byte(0x3940_0000, 0x3840_0400),
    "strb": _byte(0x3900_0000, 0x3800_0400),
    "adr": _adr,
    "b": _jump(0x1400_0000),
    "bl": _jump(0x9400_0000),
    "br": _jump_to_register(0xD61F_0000),
    "ret": _jump_to_register(0xD65F_0000),
    "cbz": _compare_and_branch(0x3400_0000),
    "cbnz": _compare_and_branch(0x3500_0000),
    "mrs": _system(0xD520_0000, 1),
    "msr": _system(0xD500_0000, 0),
    **{f"b.{name}": _jump_if(number) for name, number in CONDITIONS.items()},
}
