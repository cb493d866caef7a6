"""A policy out of what others wrote: entries and registers of a blob, a source or an artefact, named and proved.

Nothing is guessed and nothing is left out: with one fault there is no policy. What is drafted is read back as any
policy is, and proved to decide as the entries do for each of the 2**32 function IDs.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from smccc_filter.analysis.pipeline import Examination, examine
from smccc_filter.artefacts.backends.program import DecodedArtefact, FilterEntry
from smccc_filter.artefacts.backends.proof import prove
from smccc_filter.artefacts.readers import Reading, ReadingFault, ReadRegister
from smccc_filter.artefacts.readers.reading import fault_order
from smccc_filter.artefacts.readers.refused import refused_entries
from smccc_filter.authoring.drafting import policy_text
from smccc_filter.guests.setup import registers_of
from smccc_filter.kvm.uapi import PSCI_REGISTER, PSCI_VERSIONS, REGISTER_OF_ID, FirmwareRegister
from smccc_filter.language.layout import layout
from smccc_filter.language.source import read


class ImportedDraft(NamedTuple):
    """A policy's text, what is found in it, and over how many function IDs it was proved, 0 without entries."""

    text: str
    examination: Examination
    proved: int


def faults(reading: Reading) -> tuple[ReadingFault, ...]:
    """Return everything that keeps a reading from becoming a policy, in the order of the file."""
    found = [*reading.faults, *refused_entries(reading.entries or ()), *_register_faults(reading.registers or ())]
    return tuple(sorted(found, key=fault_order))


def draft(reading: Reading, paths: Sequence[str], name: str) -> ImportedDraft:
    """Write the policy ``name`` that decides as a reading of ``paths`` in which ``faults`` finds nothing.

    Raises ``backends.proof.ProofError`` where the draft does not, which is a bug.
    """
    rough = policy_text(reading, paths, name)
    text = layout(read(rough.encode()))
    examination = examine(name, text.encode())
    if examination.policy is None:
        raise ValueError(f"the draft of {name} is no policy")
    values = {register.id: register.value for register in reading.registers or ()}
    decoded = DecodedArtefact(
        None if reading.entries is None else tuple(sorted(FilterEntry(*entry[:3]) for entry in reading.entries)),
        tuple((reg_id, values[reg_id]) for reg_id in REGISTER_OF_ID if reg_id in values),
    )
    registers = tuple((reg_id, value) for _, reg_id, value in registers_of(examination.policy))
    return ImportedDraft(text, examination, prove(examination.resolution.actions, decoded, registers))


def _register_faults(registers: tuple[ReadRegister, ...]) -> Iterator[ReadingFault]:
    """Tell of registers and values that no policy can say."""
    seen: dict[int, ReadRegister] = {}
    for found in registers:
        name = f"the register 0x{found.id:016X}"
        known = REGISTER_OF_ID.get(found.id)
        if known is None:
            message, hint = f"{name} is none that a policy can set", "leave it out, and let the VMM set it by itself"
        elif found.id in seen:
            message, hint = f"{name} is set already at {seen[found.id].place}", "let it be set once"
        elif known.words_of(found.value) is None:
            message, hint = _unknown_value(known, found.value)
        else:
            message, hint = "", ""
        seen.setdefault(found.id, found)
        if message:
            yield ReadingFault(found.place, message, hint, found.span, found.file)


def _unknown_value(register: FirmwareRegister, value: int) -> tuple[str, str]:
    """Say, as message and hint, what of a value KVM does not know."""
    if register is PSCI_REGISTER:
        versions = ", ".join(f"0x{number:X} ({name})" for name, number in PSCI_VERSIONS.items())
        return f"0x{value:X} is no PSCI version that KVM knows: it answers EINVAL", f"take one of {versions}"
    unknown = value >> len(register.bits) << len(register.bits)
    message = f"KVM does not know the bits 0x{unknown:X} of the register 0x{register.id:016X}: it answers EINVAL"
    return message, f"it knows {', '.join(register.bits)}"
