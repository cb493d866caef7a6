"""The ID space as a grid for the picture: every owner in each form of call, and some services magnified.

A block says how many of its IDs come to what, and by which rules, so that ten thousand rules fill no more of a picture
than one.
"""

from enum import StrEnum
from typing import NamedTuple

from smccc_filter.analysis.map import Atlas, Kind, Named, holders, named_calls
from smccc_filter.kvm.machine import Outcome
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.policy.model import Rule
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import FAST_CALL, FUNCTIONS, OWNER_BLOCK, OWNER_SHIFT, SMC64, SPACE
from smccc_filter.smccc.intervals import Interval, Intervals, difference, intersection, size, union

OWNERS = 64
HALVES: Intervals = ((FAST_CALL, FAST_CALL | SMC64), (FAST_CALL | SMC64, SPACE))
"""The fast calls of each calling convention."""
REST = "std"
MAGNIFIED = (
    *("psci", "sdei", "mm", "trng", "ffa", "errata", "drtm", "pci", "rmi", "rsi", "rmm-el3", "lfa", "firme", REST),
    *("pv-time", "kvm", "psci-0-1"),
)
"""What deserves a closer look: the Standard Secure range, service by service, and what KVM has elsewhere."""


class Form(StrEnum):
    """How a call is made: fast by one of the two calling conventions, or yielding."""

    SMC32 = "SMC32"
    SMC64 = "SMC64"
    YIELDING = "yielding"


class Block(NamedTuple):
    """What a policy makes of some IDs: how many come to each action, handle first, and the rules that say so.

    ``reserved`` is set where SMCCC allocates most of them to nobody.
    """

    ids: Intervals
    counts: tuple[tuple[Action, int], ...]
    rules: tuple[Rule, ...]
    reserved: bool


class Cell(NamedTuple):
    """One owner in one form.

    ``calls`` are a fast call's 2**16 function numbers and ``rest`` the IDs with bits 23:16 set beside them. Of a
    yielding call, which has no such layout, they are the 2**24 IDs with the owner in bits 29:24, and with bit 30 set.
    """

    owner: int
    form: Form
    calls: Block
    rest: Block


class Piece(NamedTuple):
    """Neighbouring IDs ``[start, stop)`` of a strip that come to one action."""

    start: int
    stop: int
    action: Action


class Mark(NamedTuple):
    """A known call, and whether some kernel answers it."""

    call: Named
    answered: bool


class Strip(NamedTuple):
    """A service in one form: its pieces and its known calls, both in the order of their IDs."""

    block: Block
    pieces: tuple[Piece, ...]
    marks: tuple[Mark, ...]


class Magnified(NamedTuple):
    """A service; a strip is ``None`` where the service has no IDs in that form."""

    name: str
    title: str
    smc32: Strip | None
    smc64: Strip | None


def cells(atlas: Atlas) -> tuple[Cell, ...]:
    """Return the cells of every owner from 0 to 63, in each form."""
    return tuple(_cell(atlas, owner, form) for owner in range(OWNERS) for form in Form)


def magnified(atlas: Atlas) -> tuple[Magnified, ...]:
    """Return the services of ``MAGNIFIED``; ``std`` is what the others leave of the Standard Secure range."""
    services = tuple(filter(None, map(registry.service, MAGNIFIED)))
    ids = {row.name: union((first, last + 1) for first, last in row.ranges) for row in services}
    others = union(interval for name, intervals in ids.items() if name != REST for interval in intervals)
    ids[REST] = difference(ids[REST], others)
    actions = atlas.examination.resolution.actions
    answered = {
        call.func_id for stretch in atlas.stretches if Outcome.ANSWERED in stretch.outcomes for call in stretch.calls
    }

    def strip(selected: Intervals) -> Strip | None:
        pieces = (Piece(*segment) for interval in selected for segment in actions.within(*interval))
        calls = (call for call in named_calls() if any(start <= call.func_id < stop for start, stop in selected))
        marks = tuple(Mark(call, call.func_id in answered) for call in calls)
        return Strip(_block(atlas, selected), tuple(pieces), marks) if selected else None

    def row(service: registry.Service) -> Magnified:
        smc32, smc64 = (strip(intersection(ids[service.name], (half,))) for half in HALVES)
        return Magnified(service.name, service.title, smc32, smc64)

    return tuple(map(row, services))


def _cell(atlas: Atlas, owner: int, form: Form) -> Cell:
    first = owner << OWNER_SHIFT
    if form is Form.YIELDING:
        return Cell(owner, form, _owned(atlas, first, first + OWNER_BLOCK), _owned(atlas, *_with_bit_30(first)))
    first |= FAST_CALL | (SMC64 if form is Form.SMC64 else 0)
    calls_end = first + FUNCTIONS
    return Cell(owner, form, _owned(atlas, first, calls_end), _owned(atlas, calls_end, first + OWNER_BLOCK))


def _with_bit_30(first: int) -> Interval:
    return first | SMC64, (first | SMC64) + OWNER_BLOCK


def _owned(atlas: Atlas, start: int, stop: int) -> Block:
    return _block(atlas, ((start, stop),))


def _block(atlas: Atlas, ids: Intervals) -> Block:
    counts = dict.fromkeys(Action, 0)
    numbers: dict[int, None] = {}
    for interval in ids:
        for start, stop, decision in atlas.examination.resolution.decisions.within(*interval):
            counts[decision.action] += stop - start
            if decision.rule is not None:
                numbers[decision.rule] = None
    nobodys = sum(
        stop - start
        for interval in ids
        for start, stop, holder in holders().within(*interval)
        if holder.kind is not Kind.CALLS
    )
    found = tuple((action, count) for action, count in counts.items() if count)
    rules = tuple(atlas.policy.rules[number] for number in sorted(numbers))
    return Block(ids, found, rules, reserved=nobodys * 2 > size(ids))
