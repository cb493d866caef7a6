"""The resolved map of the whole ID space, as the table, the JSON, the picture and the page all read it.

A policy decides by rule, SMCCC allocates by owner and specification, and a kernel services a handful of calls. Where
any of these changes a segment ends, so that one row says everything of every ID in it and nobody walks the space.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from smccc_filter.analysis.pipeline import NO_POLICY, Examination
from smccc_filter.guests.setup import VmSetup
from smccc_filter.kvm.filter import RESERVED
from smccc_filter.kvm.machine import Outcome
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.places import Span
from smccc_filter.language.policy.model import Policy, Rule
from smccc_filter.language.policy.selector import Selector
from smccc_filter.smccc import registry
from smccc_filter.smccc.fields import decode
from smccc_filter.smccc.function_id import SPACE
from smccc_filter.smccc.intervals import IntervalMap
from smccc_filter.smccc.registry.owners import UNALLOCATED
from smccc_filter.smccc.registry.partition import PARTITION


class HolderKind(StrEnum):
    """What kind of IDs a segment has, as SMCCC allocates them."""

    CALLS = "calls"
    """Somebody may define calls here."""
    HINT = "hint"
    """Bit 16: the calls of the same owner, made by a caller without live SVE state."""
    INVALID = "invalid"
    """Bits 23:17, which must be zero."""
    RESERVED = "reserved"
    """Allocated to nobody."""


class IdHolder(NamedTuple):
    """Who lives in a segment: ``service`` is the narrowest one that a policy may name, ``title`` says it to people."""

    kind: HolderKind
    service: str | None
    title: str


class NamedId(NamedTuple):
    """An ID that a specification defines, and its name as a policy would write it (``PSCI_CPU_ON/64``)."""

    func_id: int
    name: str


class MapSegment(NamedTuple):
    """IDs ``[start, stop)`` that share all that follows.

    ``rule`` decides and ``selector`` is that item of it which selects the IDs, both ``None`` where the default decides
    or KVM, whose the Arm Architecture ranges are (``is_reserved_by_kvm``). ``calls`` are the known ones, ascending;
    ``outcomes`` is what the guest gets, one a kernel, in the order of ``PolicyMap.kernels``, the arguments being zeros.
    """

    start: int
    stop: int
    action: Action
    rule: Rule | None
    selector: Selector | None
    holder: IdHolder
    calls: tuple[NamedId, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def is_reserved_by_kvm(self) -> bool:
        """Whether no filter can touch these IDs."""
        return any(first <= self.start < stop for first, stop in RESERVED)


class PolicyMap(NamedTuple):
    """The map of one policy: ``segments`` are ascending, without gap or overlap, from 0 to 2**32."""

    examination: Examination
    setups: tuple[VmSetup, ...]
    segments: tuple[MapSegment, ...]

    @classmethod
    def of(cls, examination: Examination, setups: Sequence[VmSetup]) -> "PolicyMap":
        """Resolve the whole ID space of a policy, set up on some kernels. O(n log n) in the ranges it selects."""
        return cls(examination, tuple(setups), tuple(_segments(examination, setups)))

    @property
    def policy(self) -> Policy:
        """The policy, which says nothing where none could be made of the file."""
        return self.examination.policy or NO_POLICY

    @property
    def kernels(self) -> tuple[str, ...]:
        """Names of the kernels, as ``MapSegment.outcomes`` has them."""
        return tuple(setup.machine.profile.name for setup in self.setups)

    def span(self, selector: Selector) -> Span:
        """Return where a selector stands in the file."""
        document = self.examination.document
        return document.text.span(document.offsets(selector.path))


@cache
def holders() -> IntervalMap[IdHolder]:
    """Return who lives where, whatever the policy."""
    edges = {edge for service in registry.services() for first, last in service.ranges for edge in (first, last + 1)}
    edges |= {row.first for row in PARTITION}
    starts = sorted(edges)
    pieces = ((start, stop, _holder(start)) for start, stop in pairwise(starts))
    return IntervalMap.of(pieces, _holder(starts[-1]))


@cache
def named_calls() -> tuple[NamedId, ...]:
    """Return every ID that has a name, ascending."""
    ids = (func_id for start, stop in registry.known_ids() for func_id in range(start, stop))
    return tuple(NamedId(func_id, name) for func_id in ids if (name := registry.name_of(func_id)))


def _segments(examination: Examination, setups: Sequence[VmSetup]) -> Iterator[MapSegment]:
    living, decisions = holders(), examination.resolution.decisions
    outcomes = [setup.outcomes_for_guest() for setup in setups]
    starts = {*living.starts, *decisions.starts}.union(*(one.starts for one in outcomes))
    known = named_calls()
    ids = [call.func_id for call in known]
    for start, stop in pairwise((*sorted(starts), SPACE)):
        action, claim = decisions[start]
        calls = known[bisect_left(ids, start) : bisect_left(ids, stop)]
        yield MapSegment(
            start,
            stop,
            action,
            claim and claim.rule,
            claim and claim.selector,
            living[start],
            calls,
            tuple(one[start] for one in outcomes),
        )


def _holder(func_id: int) -> IdHolder:
    """Say who lives at one ID. A reserved owner's IDs with bits 23:17 set, or with the hint, are just reserved."""
    row, service, fields = registry.allocation_of(func_id), registry.service_of(func_id), decode(func_id)
    reserved = any(start <= func_id < stop for start, stop in UNALLOCATED)
    if service:
        return IdHolder(HolderKind.RESERVED if reserved else HolderKind.CALLS, service.name, service.title)
    if reserved:
        return IdHolder(HolderKind.RESERVED, None, "Not allocated" if row.status == "unallocated" else row.service)
    if fields.must_be_zero:
        return IdHolder(HolderKind.INVALID, None, "No conforming call: bits 23:17 must be zero")
    return IdHolder(HolderKind.HINT, None, f"{row.service} made with the SVE hint, bit 16")
