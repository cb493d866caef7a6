"""What a backend gets, and what its decoder gives back: the canonical filter and the registers that go with it."""

from typing import TYPE_CHECKING, NamedTuple

from smccc_filter.kvm.uapi import REGISTER_OF_ID, Action
from smccc_filter.smccc.intervals import IntervalMap, Intervals

if TYPE_CHECKING:
    from smccc_filter.artefacts.backends.handlers import Handler

U32_MAX = 0xFFFF_FFFF
"""The most functions that one entry can hold: ``nr_functions`` is a ``__u32``."""


class FilterEntry(NamedTuple):
    """One ``struct kvm_smccc_filter``: ``[base, base + nr_functions)`` gets ``action``."""

    base: int
    nr_functions: int
    action: Action


class WrittenRegister(NamedTuple):
    """One of ``WRITABLE_REGISTERS``, by its ID, and the value that the VMM writes on a vCPU."""

    id: int
    value: int

    @property
    def macro(self) -> str:
        """Linux's name of the register."""
        return REGISTER_OF_ID[self.id].macro


NOT_SUPPORTED = (0xFFFF_FFFF_FFFF_FFFF, 0, 0, 0)
"""X0 to X3 of a call that is not implemented: -1 in full width, as KVM answers a denied one (Arm DEN0028, 5.2)."""


class VmmAnswerRow(NamedTuple):
    """What a VMM answers to a forwarded call without a handler.

    ``asked`` is what the call must be asked about, the low 32 bits of X1; ``None`` where it is not asked about a
    function ID. ``registers`` go to X0 to X3, 64 bits each.
    """

    func_id: int
    asked: int | None
    registers: tuple[int, int, int, int]


class VmmProgram(NamedTuple):
    """What a VMM answers to the calls that are forwarded to it: those in neither table get NOT_SUPPORTED.

    ``answers`` ascend by ID, then by what is asked; a call with ``asked`` rows has no other row. ``handled`` are the
    IDs that have a handler, ascending: it answers all that no row does.
    """

    answers: tuple[VmmAnswerRow, ...]
    handled: tuple[int, ...]

    @property
    def answered(self) -> frozenset[int]:
        """The IDs that have a row."""
        return frozenset(row.func_id for row in self.answers)


class CompiledPolicy(NamedTuple):
    """A compiled policy.

    ``entries`` are ascending and disjoint, neighbours of one action merged, without HANDLE and outside the ranges that
    KVM reserves, so that KVM takes them in any order. ``name`` is the policy's (``[a-z][a-z0-9-]*``). ``license`` is an
    SPDX licence expression for the artefact's own text; formats without text ignore it. ``vmm`` is what the VMM answers
    to what is forwarded, ``None`` where the policy does not say.
    """

    name: str
    entries: tuple[FilterEntry, ...]
    registers: tuple[WrittenRegister, ...]
    license: str | None = None
    vmm: VmmProgram | None = None

    @property
    def ranges(self) -> Intervals:
        """The IDs of each entry."""
        return tuple((base, base + nr_functions) for base, nr_functions, _ in self.entries)

    @property
    def symbol(self) -> str:
        """The policy's name as a C and Rust identifier."""
        return symbol_of(self.name)


def symbol_of(name: str) -> str:
    """Return a policy's name as a C and Rust identifier."""
    return name.replace("-", "_")


class DecodedVmm(NamedTuple):
    """What an artefact says of the VMM's half; ``handlers`` is ``None`` where its format has no code."""

    answers: tuple[VmmAnswerRow, ...]
    handled: tuple[int, ...]
    handlers: "tuple[Handler, ...] | None"


class DecodedArtefact(NamedTuple):
    """What an artefact says, read back from its bytes; ``None`` for what its format does not carry.

    ``registers`` are pairs of ID and value, ``name`` is the policy's, ``license`` an SPDX licence expression. Where
    nothing is said of the VMM's half, ``vmm`` is ``None`` too.
    """

    entries: tuple[FilterEntry, ...] | None
    registers: tuple[tuple[int, int], ...] | None
    name: str | None = None
    license: str | None = None
    vmm: DecodedVmm | None = None


def canonical(action_map: IntervalMap[Action]) -> tuple[FilterEntry, ...]:
    """Write a map as the shortest filter that KVM takes: ascending, disjoint, neighbours merged, no HANDLE.

    HANDLE needs no entry, because it is what KVM does with an ID that no entry holds. The ranges that KVM reserves are
    HANDLE in every resolved map, so no entry can touch them or hold the whole ID space. Raises ValueError for a map
    that gives all 2**32 IDs to one other action: a caller's bug.
    """
    entries = tuple(
        FilterEntry(start, stop - start, action)
        for start, stop, action in action_map.segments()
        if action is not Action.HANDLE
    )
    if entries and entries[0].nr_functions > U32_MAX:
        raise ValueError("one entry cannot hold the whole ID space")
    return entries
