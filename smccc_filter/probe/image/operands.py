"""Operands of A64 instructions, as GNU as writes them."""

import re
from enum import Enum
from typing import NamedTuple

ZERO_REGISTER = 31
_REGISTER = re.compile(r"([xw])(\d+|zr)")
_MEMORY = re.compile(r"\[x(\d+)(?:, #(\d+))?\](?:, #(\d+))?")
_OPERAND = re.compile(r"\[.*\](?:, #\d+)?|[^,\s][^,]*")


class OperandKind(Enum):
    """What an operand is."""

    REGISTER = "a register"
    IMMEDIATE = "a number"
    MEMORY = "a place in memory"
    NAME = "a label or the name of a system register"


class Operand(NamedTuple):
    """One operand.

    ``number`` is that of a register, also the base of a place in memory, or an immediate, also of a shift; ``offset``
    is added to the base, afterwards where ``post`` is set.
    """

    kind: OperandKind
    number: int = 0
    is_64: bool = True
    offset: int = 0
    post: bool = False
    name: str = ""

    @property
    def width(self) -> int:
        """Bits of a register."""
        return 64 if self.is_64 else 32


def operands(text: str) -> tuple[Operand, ...]:
    """Read what stands behind a mnemonic."""
    return tuple(_operand(piece) for piece in _OPERAND.findall(text))


def _operand(text: str) -> Operand:
    if found := _REGISTER.fullmatch(text):
        number = ZERO_REGISTER if found[2] == "zr" else int(found[2])
        return Operand(OperandKind.REGISTER, number, found[1] == "x")
    if found := _MEMORY.fullmatch(text):
        return Operand(OperandKind.MEMORY, int(found[1]), offset=int(found[2] or found[3] or 0), post=bool(found[3]))
    if "#" in text:
        return Operand(OperandKind.IMMEDIATE, int(text.removeprefix("lsl").strip().removeprefix("#"), 0))
    return Operand(OperandKind.NAME, name=text)
