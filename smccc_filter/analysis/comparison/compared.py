"""One side of a comparison: a policy, an artefact, or no filter at all, brought to one form.

A policy says everything; an artefact carries entries, registers or both, and never the kernels it is for. What a side
does not say is ``None`` here, and whoever compares takes the other side's.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from smccc_filter.analysis.comparison.findings import RuleFinding, findings_by_rule
from smccc_filter.analysis.resolve import NumberedAction
from smccc_filter.analysis.understanding import Understood
from smccc_filter.artefacts.readers import ReadEntry, Reading, ReadingFault
from smccc_filter.artefacts.readers.refused import refused_entries
from smccc_filter.guests.setup import registers_of, vmm_part
from smccc_filter.kvm.filter import RESERVED
from smccc_filter.kvm.uapi import REGISTER_OF_ID, Action
from smccc_filter.language.places import Span
from smccc_filter.language.policy.model import Target
from smccc_filter.language.source import Document, MappingNode
from smccc_filter.smccc.function_id import show
from smccc_filter.smccc.intervals import IntervalMap

if TYPE_CHECKING:
    from smccc_filter.guests.vmm import Vmm

POLICY = "policy"
NO_FILTER = "none"


NOTHING: IntervalMap[NumberedAction] = IntervalMap.of((), NumberedAction(Action.HANDLE, None))
"""No filter."""


class Decider(NamedTuple):
    """Who decides on an ID.

    ``rule`` is the rule's name, or ``rule 2`` for one without, ``None`` for everybody else. ``text`` is the selector or
    entry as its file writes it; ``place`` is where that stands, for people (``14:16``, ``entry 3 at byte 48``), and
    ``span`` the same in a text.
    """

    label: str
    rule: str | None = None
    text: str | None = None
    place: str | None = None
    span: Span | None = None


Deciders = Callable[[int], Decider]
Write = tuple[str, int, int]
"""A register that the VMM writes: key, ID and value."""
KVM = Decider("KVM, which reserves the Arm Architecture calls")


class ComparedSide(NamedTuple):
    """One side of a comparison: a policy, an artefact, or no filter.

    ``format`` is ``policy``, ``none`` for no filter, or one of ``readers``. ``decisions`` numbers rules, or entries as
    the file has them; ``by`` says who decides on an ID. ``registers`` are written in order. ``target`` is what a policy
    says of the VM and its kernels. ``findings`` are those of every check, ``None`` where they were not asked. ``vmm``
    is what a policy says that the VMM makes of what it is forwarded.
    """

    path: str
    format: str
    name: str | None
    decisions: IntervalMap[NumberedAction] | None
    by: Deciders
    registers: tuple[Write, ...] | None
    target: Target | None
    findings: tuple[RuleFinding, ...] | None = None
    vmm: "Vmm | None" = None


def side_of_policy(path: str, understood: Understood) -> ComparedSide:
    """Return the side of a policy."""
    policy = understood.policy
    decisions = understood.resolution.numbered
    registers = tuple(registers_of(policy))
    diagnostics = understood.diagnostics
    findings = None if diagnostics is None else findings_by_rule(policy, understood.document, diagnostics)
    vmm = vmm_part(policy, understood.resolution.actions)
    return ComparedSide(
        path, POLICY, policy.name, decisions, _rules(understood), registers, policy.target, findings, vmm
    )


def side_of_reading(path: str, reading: Reading) -> ComparedSide:
    """Return the side of an artefact in which ``troubles`` finds nothing.

    Raises ValueError for entries that overlap, which is a caller's bug.
    """
    entries = reading.entries
    registers = None
    if reading.registers is not None:
        registers = tuple((key_of(found.id), found.id, found.value) for found in reading.registers)
    if entries is None:
        return ComparedSide(path, reading.format, reading.name, None, no_entry, registers, None)
    order = sorted(range(len(entries)), key=lambda number: entries[number].base)
    pieces = (
        (found.base, found.base + found.nr_functions, NumberedAction(found.action, number))
        for number, found in ((number, entries[number]) for number in order)
    )
    decisions = IntervalMap.of(pieces, NumberedAction(Action.HANDLE, None))
    return ComparedSide(path, reading.format, reading.name, decisions, _entries(entries, decisions), registers, None)


def side_without_filter(path: str) -> ComparedSide:
    """Return the side of a file that is empty or not there: the VMM loads no filter and writes no register."""
    return ComparedSide(path, NO_FILTER, None, NOTHING, lambda _: Decider("no filter"), (), None)


def troubles(reading: Reading) -> tuple[ReadingFault, ...]:
    """Return what keeps an artefact from being compared: what could not be read, then the entries that KVM refuses."""
    return (*reading.faults, *refused_entries(reading.entries or ()))


def no_entry(func_id: int) -> Decider:
    """Say who decides on an ID where nothing does."""
    return KVM if is_reserved(func_id) else Decider("no entry")


def key_of(reg_id: int) -> str:
    """Return what the policy language calls a register, or its ID for one that it has no word for."""
    return REGISTER_OF_ID[reg_id].key if reg_id in REGISTER_OF_ID else f"0x{reg_id:016X}"


def is_reserved(func_id: int) -> bool:
    """Tell whether no filter can touch an ID."""
    return any(start <= func_id < stop for start, stop in RESERVED)


def _entries(entries: tuple[ReadEntry, ...], decisions: IntervalMap[NumberedAction]) -> Deciders:
    def by(func_id: int) -> Decider:
        number = decisions[func_id].number
        if number is None:
            return no_entry(func_id)
        found = entries[number]
        return Decider("entry", None, found.text or show(found.base), found.place, found.span)

    return by


def _rules(understood: Understood) -> Deciders:
    document, decisions = understood.document, understood.resolution.decisions
    default = _default(document)

    def by(func_id: int) -> Decider:
        claim = decisions[func_id].claim
        if claim is None:
            return KVM if is_reserved(func_id) else default
        rule, selector, _ = claim
        span = document.text.span(document.offsets(selector.path))
        name = rule.name or f"rule {rule.ordinal}"
        return Decider(rule.label, name, f"{selector.kind}: {selector.text}", _position(span), span)

    return by


def _default(document: Document) -> Decider:
    """Say where a policy writes its default, if it does."""
    if isinstance(document.root, MappingNode) and "default" in document.root.entries:
        span = document.text.span(document.offsets(("default",)))
        return Decider("the default", place=_position(span), span=span)
    return Decider("the default")


def _position(span: Span) -> str:
    return f"{span.start.line}:{span.start.column}"
