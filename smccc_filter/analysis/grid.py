"""The ID space as a grid for the picture: every owner in each form of call, and some services magnified.

A block says how many of its IDs get which action, and by which rules, so that ten thousand rules fill no more of a
picture than one.
"""

from enum import StrEnum
from typing import NamedTuple

from smccc_filter.analysis.map import HolderKind, NamedId, PolicyMap, holders, named_calls
from smccc_filter.kvm.machine import Outcome
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.policy.model import Rule
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import FAST_CALL, FUNCTIONS, OWNER_BLOCK, OWNER_SHIFT, SMC64, SPACE
from smccc_filter.smccc.intervals import Intervals, difference, intersection, size, union

OWNERS = 64
HALVES: Intervals = ((FAST_CALL, FAST_CALL | SMC64), (FAST_CALL | SMC64, SPACE))
"""The fast calls of each calling convention."""
REST = "std"
MAGNIFIED = (
    *("psci", "sdei", "mm", "trng", "ffa", "errata", "drtm", "pci", "rmi", "rsi", "rmm-el3", "lfa", "firme", REST),
    *("pv-time", "kvm", "psci-0-1"),
)
"""What deserves a closer look: the Standard Secure range, service by service, and what KVM has elsewhere."""


class CallForm(StrEnum):
    """How a call is made: fast by one of the two calling conventions, or yielding."""

    SMC32 = "SMC32"
    SMC64 = "SMC64"
    YIELDING = "yielding"


class GridBlock(NamedTuple):
    """What a policy makes of some IDs: how many get each action, handle first, and the rules that say so.

    ``reserved`` is set where SMCCC allocates most of them to nobody.
    """

    ids: Intervals
    counts: tuple[tuple[Action, int], ...]
    rules: tuple[Rule, ...]
    reserved: bool


class GridCell(NamedTuple):
    """One owner in one form.

    ``calls`` are a fast call's 2**16 function numbers and ``rest`` the IDs with bits 23:16 set beside them. Of a
    yielding call, which has no such layout, they are the 2**24 IDs with the owner in bits 29:24, and with bit 30 set.
    """

    owner: int
    form: CallForm
    calls: GridBlock
    rest: GridBlock


class StripPiece(NamedTuple):
    """Neighbouring IDs ``[start, stop)`` of a strip that get one action."""

    start: int
    stop: int
    action: Action


class StripMark(NamedTuple):
    """A known call, and whether some kernel answers it."""

    call: NamedId
    answered: bool


class ServiceStrip(NamedTuple):
    """A service in one form: its pieces and its known calls, both in the order of their IDs."""

    block: GridBlock
    pieces: tuple[StripPiece, ...]
    marks: tuple[StripMark, ...]


class MagnifiedService(NamedTuple):
    """A service; a strip is ``None`` where the service has no IDs in that form."""

    name: str
    title: str
    smc32: ServiceStrip | None
    smc64: ServiceStrip | None


def cells(policy_map: PolicyMap) -> tuple[GridCell, ...]:
    """Return the cells of every owner from 0 to 63, in each form."""
    return tuple(_cell(policy_map, owner, form) for owner in range(OWNERS) for form in CallForm)


def magnified(policy_map: PolicyMap) -> tuple[MagnifiedService, ...]:
    """Return the services of ``MAGNIFIED``; ``std`` is what the others leave of the Standard Secure range."""
    services = tuple(filter(None, map(registry.service, MAGNIFIED)))
    ids = {row.name: union((first, last + 1) for first, last in row.ranges) for row in services}
    others = union(interval for name, intervals in ids.items() if name != REST for interval in intervals)
    ids[REST] = difference(ids[REST], others)
    actions = policy_map.examination.resolution.actions
    serviced = (segment for segment in policy_map.segments if Outcome.ANSWERED in segment.outcomes)
    answered = {call.func_id for segment in serviced for call in segment.calls}

    def strip(selected: Intervals) -> ServiceStrip | None:
        pieces = (StripPiece(*segment) for interval in selected for segment in actions.within(*interval))
        calls = (call for call in named_calls() if any(start <= call.func_id < stop for start, stop in selected))
        marks = tuple(StripMark(call, call.func_id in answered) for call in calls)
        return ServiceStrip(_block(policy_map, selected), tuple(pieces), marks) if selected else None

    def row(service: registry.Service) -> MagnifiedService:
        smc32, smc64 = (strip(intersection(ids[service.name], (half,))) for half in HALVES)
        return MagnifiedService(service.name, service.title, smc32, smc64)

    return tuple(map(row, services))


def _cell(policy_map: PolicyMap, owner: int, form: CallForm) -> GridCell:
    first = owner << OWNER_SHIFT
    if form is CallForm.YIELDING:
        calls, rest = (first, first + OWNER_BLOCK), (first | SMC64, (first | SMC64) + OWNER_BLOCK)
    else:
        first |= FAST_CALL | (SMC64 if form is CallForm.SMC64 else 0)
        calls, rest = (first, first + FUNCTIONS), (first + FUNCTIONS, first + OWNER_BLOCK)
    return GridCell(owner, form, _block(policy_map, (calls,)), _block(policy_map, (rest,)))


def _block(policy_map: PolicyMap, ids: Intervals) -> GridBlock:
    counts = dict.fromkeys(Action, 0)
    rules: dict[int, Rule] = {}
    for interval in ids:
        for start, stop, decision in policy_map.examination.resolution.decisions.within(*interval):
            counts[decision.action] += stop - start
            if decision.claim:
                rules[decision.claim.rule.number] = decision.claim.rule
    found = tuple((action, count) for action, count in counts.items() if count)
    return GridBlock(ids, found, tuple(rules[number] for number in sorted(rules)), is_mostly_nobodys(ids))


def is_mostly_nobodys(ids: Intervals) -> bool:
    """Tell whether SMCCC allocates more than half of some IDs to nobody."""
    nobodys = sum(
        stop - start
        for interval in ids
        for start, stop, holder in holders().within(*interval)
        if holder.kind is not HolderKind.CALLS
    )
    return nobodys * 2 > size(ids)
