"""Instructions of A64 as text, in the syntax of GNU as, into words.

Only what the image needs is known. Whoever doubts a word can give the same text to another assembler, as the tests do.
"""

from smccc_filter.probe.image.encoders import ENCODERS, WORD, SourceLine
from smccc_filter.probe.image.operands import operands

FIXED = {
    "hvc #0": 0xD400_0002,
    "smc #0": 0xD400_0003,
    "isb": 0xD503_3FDF,
    "wfi": 0xD503_207F,
    "msr daifset, #15": 0xD503_4FDF,
    "msr spsel, #1": 0xD500_41BF,
    "ret": 0xD65F_03C0,
}
"""Instructions without a choice."""


def assemble(text: str) -> bytes:
    """Return the little-endian words of a program; ``//`` begins a comment, a name and ``:`` a label.

    Beside instructions there are ``.word``, which takes numbers, and ``.org``, which fills with zeros up to an address.
    Raises ValueError for what is not known, or does not fit.
    """
    lines, labels = _laid_out(text)
    out = bytearray()
    for line, address in lines:
        out.extend(bytes(address - len(out)))
        if line.startswith(".word"):
            values = (int(number, 0) for number in line.removeprefix(".word").split(","))
            out.extend(b"".join(value.to_bytes(WORD, "little") for value in values))
        else:
            out.extend(_encoded(SourceLine(line, address, labels)).to_bytes(WORD, "little"))
    return bytes(out)


def _laid_out(text: str) -> tuple[list[tuple[str, int]], dict[str, int]]:
    """Return each line with its address, and the address of each label."""
    lines: list[tuple[str, int]] = []
    labels: dict[str, int] = {}
    at = 0
    for raw in text.splitlines():
        line = " ".join(raw.partition("//")[0].split())
        if line.endswith(":"):
            if line[:-1] in labels:
                raise ValueError(f"label {line[:-1]} is there twice")
            labels[line[:-1]] = at
        elif line.startswith(".org"):
            before, at = at, int(line.split()[1], 0)
            if at < before:
                raise ValueError(f"{line} lies behind {before:#x}")
        elif line:
            lines.append((line, at))
            at += WORD * (line.count(",") + 1 if line.startswith(".word") else 1)
    return lines, labels


def _encoded(line: SourceLine) -> int:
    if line.text in FIXED:
        return FIXED[line.text]
    mnemonic, _, rest = line.text.partition(" ")
    try:
        return ENCODERS[mnemonic](line, operands(rest))
    except (KeyError, ValueError, IndexError) as error:
        raise ValueError(f"`{line.text}` can't be encoded: {error!r}") from error
