"""The two sides of a comparison completed, each from the other, and what differs of their VMs beside the filters.

A blob has no registers, and no artefact says which kernels it is for, yet what a guest gets depends on both. A policy
and its blob must be found equivalent, so the blob is compared in the policy's VM.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from smccc_filter.analysis.comparison.compared import (
    NO_FILTER,
    NOTHING,
    ComparedSide,
    Deciders,
    Write,
    no_entry,
)
from smccc_filter.analysis.resolve import NumberedAction
from smccc_filter.kvm.uapi import FIRMWARE_REGISTERS, HOST_CPU_REGISTERS, PSCI_VERSION_NAMES, REGISTER_OF_KEY
from smccc_filter.language.policy.model import Target
from smccc_filter.smccc.intervals import IntervalMap

if TYPE_CHECKING:
    from smccc_filter.guests.vmm import Vmm

ORDER = (
    *("kernels", "psci", "capabilities", "stolen_time", "protected", "nested", "aarch32"),
    *(register.key for register in FIRMWARE_REGISTERS),
)
"""Settings as the policy language has them; registers that it has no word for come behind, by their IDs."""
_FLAGS = {True: "true", False: "false", None: "unknown"}


class CompletedSide(NamedTuple):
    """A side of which everything is known, by itself or from the other."""

    decisions: IntervalMap[NumberedAction]
    by: Deciders
    registers: tuple[Write, ...]
    target: Target
    vmm: "Vmm | None"

    def settable(self) -> list[Write]:
        """Return the registers but those whose values the host's CPUs decide."""
        return [write for write in self.registers if write[1] not in HOST_CPU_REGISTERS]


class VmSetting(NamedTuple):
    """Something of the VM that differs: a key of ``target``, ``psci``, or a register by its key of ``firmware`` or ID.

    ``old`` and ``new`` are words, such as the names of bits; ``None`` where it is left to KVM.
    """

    key: str
    old: tuple[str, ...] | None
    new: tuple[str, ...] | None


def completed(old: ComparedSide, new: ComparedSide) -> tuple[CompletedSide, CompletedSide, tuple[str, ...]]:
    """Complete each side from the other; return both, and in sentences what was assumed of either."""
    return _completed(old, new), _completed(new, old), (*_assumed(old, new), *_assumed(new, old))


def differing_settings(old: CompletedSide, new: CompletedSide) -> tuple[VmSetting, ...]:
    """List what differs of the two VMs, in the order of the policy language."""
    left, right = dict(_settings(old)), dict(_settings(new))
    keys = sorted({*left, *right}, key=lambda key: (ORDER.index(key) if key in ORDER else len(ORDER), key))
    return tuple(VmSetting(key, left.get(key), right.get(key)) for key in keys if left.get(key) != right.get(key))


def _completed(side: ComparedSide, other: ComparedSide) -> CompletedSide:
    registers = side.registers if side.registers is not None else other.registers or ()
    target = side.target or (other.target or Target())._replace(psci=_psci(registers))
    vmm = other.vmm if side.target is None else side.vmm
    if side.decisions is not None:
        return CompletedSide(side.decisions, side.by, registers, target, vmm)
    if other.decisions is not None:
        return CompletedSide(other.decisions, other.by, registers, target, vmm)
    return CompletedSide(NOTHING, no_entry, registers, target, vmm)


def _psci(registers: tuple[Write, ...]) -> str | None:
    """Return the PSCI version that the last write of it gives the VM."""
    return next((PSCI_VERSION_NAMES.get(value) for key, _, value in reversed(registers) if key == "psci"), None)


def _assumed(side: ComparedSide, other: ComparedSide) -> Iterator[str]:
    if side.format == NO_FILTER:
        yield f"{side.path} is empty: no filter and no register, so KVM handles every call"
        return
    parts = (
        ("filter", side.decisions, other.decisions),
        ("registers", side.registers, other.registers),
        ("target", side.target, other.target),
    )
    if missing := [word for word, own, others in parts if own is None and others is not None]:
        yield f"{side.path} ({side.format}) has no {' and no '.join(missing)}: taken from {other.path}"


def _settings(side: CompletedSide) -> Iterator[tuple[str, tuple[str, ...]]]:
    target = side.target
    yield "kernels", target.kernels
    yield "capabilities", tuple(sorted(set(target.capabilities)))
    flags = ("stolen_time", "protected", "nested", "aarch32")
    yield from ((flag, (_FLAGS[getattr(target, flag)],)) for flag in flags)
    for key, _, value in side.registers:
        yield key, _words(key, value)


def _words(key: str, value: int) -> tuple[str, ...]:
    """Name the bits of a firmware register, or the PSCI version; what has no name is the number."""
    if key not in REGISTER_OF_KEY and not value:
        return ()
    words = REGISTER_OF_KEY[key].words_of(value) if key in REGISTER_OF_KEY else None
    return (f"0x{value:X}",) if words is None else words
