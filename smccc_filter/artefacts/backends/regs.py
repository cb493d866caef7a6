"""The firmware registers as pairs of little-endian u64, register ID and value, 16 bytes each, and nothing else.

For a VMM that writes each pair with ``KVM_SET_ONE_REG``; the filter goes into its own file, format ``blob``.
"""

from smccc_filter.artefacts.backends.program import CompiledPolicy, DecodedArtefact
from smccc_filter.kvm.uapi import ONE_REG

FORMAT = "regs"
SUFFIXES = (".regs",)
BINARY = True

PAIR_BYTES = 16


def emit(program: CompiledPolicy) -> bytes:
    """Pack the registers in the program's order."""
    return b"".join(ONE_REG.pack(register.id, register.value) for register in program.registers)


def decode(data: bytes) -> DecodedArtefact:
    """Cut the bytes into pairs; raises ValueError for a partial one."""
    if len(data) % PAIR_BYTES:
        raise ValueError(f"{len(data)} bytes are no whole number of {PAIR_BYTES}-byte registers")
    words = [int.from_bytes(data[at : at + 8], "little") for at in range(0, len(data), 8)]
    return DecodedArtefact(None, tuple(zip(words[::2], words[1::2], strict=True)))
