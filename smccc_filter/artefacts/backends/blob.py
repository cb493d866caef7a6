"""The filter as KVM takes it: one ``struct kvm_smccc_filter`` after the other, 24 bytes each, and nothing else.

For a VMM that maps or reads a file and hands each 24 bytes to ``KVM_SET_DEVICE_ATTR`` as they are. Firmware registers
go into their own file, format ``regs``.
"""

from smccc_filter.artefacts.backends.program import CompiledPolicy, DecodedArtefact, FilterEntry
from smccc_filter.kvm.uapi import ACTION_OF_KVM, KVM_ACTION, KVM_SMCCC_FILTER, SmcccFilterAction

FORMAT = "blob"
SUFFIXES = (".bin",)
BINARY = True

ENTRY_BYTES = 24


def emit(program: CompiledPolicy) -> bytes:
    """Pack the entries in ascending order, little endian."""
    return b"".join(KVM_SMCCC_FILTER.pack(base, nr, KVM_ACTION[action], b"") for base, nr, action in program.entries)


def decode(data: bytes) -> DecodedArtefact:
    """Cut the bytes into entries; raises ValueError for a partial entry, an unknown action or padding in use."""
    if len(data) % ENTRY_BYTES:
        raise ValueError(f"{len(data)} bytes are no whole number of {ENTRY_BYTES}-byte entries")
    entries = []
    for at in range(0, len(data), ENTRY_BYTES):
        base = int.from_bytes(data[at : at + 4], "little")
        nr_functions = int.from_bytes(data[at + 4 : at + 8], "little")
        if any(data[at + 9 : at + ENTRY_BYTES]):
            raise ValueError(f"padding of entry {at // ENTRY_BYTES} is in use")
        entries.append(FilterEntry(base, nr_functions, ACTION_OF_KVM[SmcccFilterAction(data[at + 8])]))
    return DecodedArtefact(tuple(entries), None)
