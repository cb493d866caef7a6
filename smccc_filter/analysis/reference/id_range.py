"""What is known of a range of function IDs: who holds it, what lives in it, what KVM does there."""

from typing import NamedTuple

from smccc_filter.analysis.reference.groups import service_ids
from smccc_filter.kvm.filter import RESERVED
from smccc_filter.kvm.outcomes import SERVICED
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import FAST_CALL, MUST_BE_ZERO, OWNER_BLOCK
from smccc_filter.smccc.intervals import Intervals, difference, intersection, size, union
from smccc_filter.smccc.registry.partition import Allocation
from smccc_filter.smccc.registry.rows import Function, Service


class IdRange(NamedTuple):
    """The IDs from ``start`` to before ``stop``, two or more."""

    start: int
    stop: int

    @property
    def ids(self) -> Intervals:
        """The IDs as a set."""
        return ((self.start, self.stop),)


def allocations(asked: IdRange) -> tuple[Allocation, ...]:
    """Return the rows of the partition that a range touches, ascending."""
    found = []
    at = asked.start
    while at < asked.stop:
        found.append(registry.allocation_of(at))
        at = found[-1].last + 1
    return tuple(found)


def services(asked: IdRange) -> tuple[tuple[Service, int, int], ...]:
    """Return the services that a range touches, how many of its IDs each has, and how many it has in all.

    The smallest service comes first: what lives there rather than whose part of the space it is.
    """
    known = sorted(((row, service_ids(row)) for row in registry.services()), key=lambda one: size(one[1]))
    shared = ((row, size(intersection(ids, asked.ids)), size(ids)) for row, ids in known)
    return tuple((row, common, count) for row, common, count in shared if common)


def calls(asked: IdRange) -> tuple[tuple[Function, Intervals], ...]:
    """Return the known calls in a range, each with those of its IDs that are in it."""
    found = ((row, intersection(registry.function_ids(row), asked.ids)) for row in registry.functions())
    return tuple((row, ids) for row, ids in found if ids)


def serviced(asked: IdRange) -> Intervals:
    """Return the IDs that some kernel services on some machine."""
    return union((fid, fid + 1) for fid in SERVICED if asked.start <= fid < asked.stop)


def nonconforming(asked: IdRange) -> int:
    """Count the fast calls' IDs in which a bit of 23:17 is set, which no conforming call has."""
    conforming = MUST_BE_ZERO & -MUST_BE_ZERO  # the first ones of each owner's block

    def below(fid: int) -> int:
        blocks, rest = divmod(max(fid, FAST_CALL), OWNER_BLOCK)
        return blocks * (OWNER_BLOCK - conforming) + max(rest - conforming, 0)

    return below(asked.stop) - below(asked.start)


def reserved(asked: IdRange) -> Intervals:
    """Return the IDs that KVM keeps, for which it refuses the whole range."""
    return intersection(asked.ids, RESERVED)


def selectable(asked: IdRange) -> Intervals:
    """Return the IDs that a filter may select."""
    return difference(asked.ids, RESERVED)
