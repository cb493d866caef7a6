"""A policy out of what others wrote: entries and registers of a blob, a source or an artefact, named and proved.

Nothing is guessed and nothing is left out: with one fault there is no policy. What is drafted is read back as any
policy is, and proved to decide as the entries do for each of the 2**32 function IDs.
"""

from collections.abc import Iterator
from typing import NamedTuple

from smccc_filter.analysis.pipeline import Examination, examine
from smccc_filter.artefacts.backends.program import DecodedArtefact, FilterEntry, WrittenRegister
from smccc_filter.artefacts.backends.proof import prove
from smccc_filter.artefacts.readers import Reading, ReadingFault, ReadRegister
from smccc_filter.artefacts.readers.kvm import refused
from smccc_filter.authoring.drafting import written
from smccc_filter.guest.setup import registers_of
from smccc_filter.kvm.uapi import FIRMWARE_REGISTERS, KVM_REG_ARM_PSCI_VERSION, PSCI_VERSIONS
from smccc_filter.language.layout import layout
from smccc_filter.language.source import read

ORDER = {reg_id: i for i, reg_id in enumerate([KVM_REG_ARM_PSCI_VERSION, *(known.id for known in FIRMWARE_REGISTERS)])}
"""The registers that a policy can set, in the order in which it sets them."""


class ImportedDraft(NamedTuple):
    """A policy's text, what is found in it, and over how many function IDs it was proved, 0 without entries."""

    text: str
    examination: Examination
    proved: int


def faults(reading: Reading) -> tuple[ReadingFault, ...]:
    """Return everything that keeps a reading from becoming a policy, in the order of the file."""
    found = [*reading.faults, *refused(reading.entries or ()), *_register_faults(reading.registers or ())]
    return tuple(sorted(found, key=lambda fault: fault.span or ()))


def draft(reading: Reading, path: str, name: str) -> ImportedDraft:
    """Write the policy ``name`` that decides as a reading of ``path`` in which ``faults`` finds nothing.

    Raises ``backends.proof.ProofError`` where the draft does not, which is a bug.
    """
    rough = written(reading, path, name)
    text = layout(read(rough.encode()))
    examination = examine(name, text.encode())
    if examination.policy is None:
        raise ValueError(f"the draft of {name} is no policy")
    decoded = DecodedArtefact(
        None if reading.entries is None else tuple(sorted(FilterEntry(*entry[:3]) for entry in reading.entries)),
        tuple(sorted(((reg.id, reg.value) for reg in reading.registers or ()), key=lambda pair: ORDER[pair[0]])),
    )
    registers = tuple(WrittenRegister(key, reg_id, value) for key, reg_id, value in registers_of(examination.policy))
    return ImportedDraft(text, examination, prove(examination.resolution.actions, decoded, registers))


def _register_faults(registers: tuple[ReadRegister, ...]) -> Iterator[ReadingFault]:
    """Tell of registers and values that no policy can say."""
    bits = {known.id: known.bits for known in FIRMWARE_REGISTERS}
    seen: dict[int, ReadRegister] = {}
    for found in registers:
        register = f"the register 0x{found.id:016X}"
        message, hint = "", "leave it out, and let the VMM set it by itself"
        if found.id not in ORDER:
            message = f"{register} is none that a policy can set"
        elif found.id in seen:
            message, hint = f"{register} is set already at {seen[found.id].place}", "let it be set once"
        elif found.id == KVM_REG_ARM_PSCI_VERSION:
            if found.value not in PSCI_VERSIONS.values():
                message = f"0x{found.value:X} is no PSCI version that KVM knows: it answers EINVAL"
                hint = "take one of " + ", ".join(f"0x{value:X} ({name})" for name, value in PSCI_VERSIONS.items())
        elif unknown := found.value >> len(bits[found.id]) << len(bits[found.id]):
            message = f"KVM does not know the bits 0x{unknown:X} of {register}: it answers EINVAL"
            hint = f"it knows {', '.join(bits[found.id])}"
        seen.setdefault(found.id, found)
        if message:
            yield ReadingFault(found.place, message, hint, found.span)
