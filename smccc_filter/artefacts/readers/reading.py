"""What a reader gives back: entries and registers with their places, and faults.

Values only, so that every reader and whoever asks one can import them without another.
"""

from typing import NamedTuple

from smccc_filter.kvm.uapi import Action
from smccc_filter.language.places import Position, Span


class ReadEntry(NamedTuple):
    """One entry as a file has it: ``nr_functions`` IDs from ``base``.

    ``text`` is how the file writes the base (a macro's name, a number), ``None`` in a binary file; ``span`` is where
    the entry stands, in a binary file ``None``; ``place`` says so to people: ``line 12``, ``entry 3 at byte 48``.
    ``symbol`` is the array or variable that the entry is part of, where it has one, and ``file`` the file in which it
    stands, where that is not the only one that was read.
    """

    base: int
    nr_functions: int
    action: Action
    place: str
    text: str | None = None
    span: Span | None = None
    symbol: str | None = None
    file: str | None = None


class ReadRegister(NamedTuple):
    """One firmware register as a file has it."""

    id: int
    value: int
    place: str
    span: Span | None = None
    file: str | None = None


class ReadingFault(NamedTuple):
    """Something that could not be read, or that KVM can't take: where, what, and what to do."""

    place: str
    message: str
    hint: str
    span: Span | None = None
    file: str | None = None


def fault_order(fault: ReadingFault) -> tuple[str, tuple[Position, ...]]:
    """Return what sorts faults by file, and in a file by place."""
    return fault.file or "", fault.span or ()


class Reading(NamedTuple):
    """What a file holds. ``format`` is ``blob``, ``regs``, ``c``, ``rust`` or ``json``.

    ``entries`` and ``registers`` are in the order of the file, and ``None`` where the format carries none at all.
    ``name`` is the policy's where the file tells it. With ``faults`` the rest is not the whole truth; ``notes`` are
    what people should know of what was read.
    """

    format: str
    name: str | None
    entries: tuple[ReadEntry, ...] | None
    registers: tuple[ReadRegister, ...] | None
    faults: tuple[ReadingFault, ...] = ()
    notes: tuple[ReadingFault, ...] = ()
