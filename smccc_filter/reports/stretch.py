"""What is known of a range of function IDs: who holds it, what lives in it, what KVM does there."""

from typing import NamedTuple

from smccc_filter.diagnostics import Errno
from smccc_filter.kvm.filter import RESERVED
from smccc_filter.kvm.outcomes import SERVICED
from smccc_filter.reports import facts
from smccc_filter.reports.facts import Json
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import FAST_CALL, MUST_BE_ZERO, OWNER_BLOCK, show
from smccc_filter.smccc.intervals import Intervals, difference, intersection, size, union
from smccc_filter.smccc.registry.rows import Allocation, Function, Service


class Stretch(NamedTuple):
    """The IDs from ``start`` to before ``stop``, two or more."""

    start: int
    stop: int

    @property
    def ids(self) -> Intervals:
        """The IDs as a set."""
        return ((self.start, self.stop),)


def allocations(stretch: Stretch) -> tuple[Allocation, ...]:
    """Return the rows of the partition that a stretch touches, ascending."""
    found = []
    at = stretch.start
    while at < stretch.stop:
        found.append(registry.allocation_of(at))
        at = found[-1].last + 1
    return tuple(found)


def services(stretch: Stretch) -> tuple[tuple[Service, int, int], ...]:
    """Return the services that a stretch touches, how many of its IDs each has, and how many it has in all.

    The smallest service comes first: what lives there rather than whose part of the space it is.
    """
    known = sorted(((row, facts.service_ids(row)) for row in registry.services()), key=lambda one: size(one[1]))
    shared = ((row, size(intersection(ids, stretch.ids)), size(ids)) for row, ids in known)
    return tuple((row, common, count) for row, common, count in shared if common)


def calls(stretch: Stretch) -> tuple[tuple[Function, Intervals], ...]:
    """Return the known calls in a stretch, each with those of its IDs that are in it."""
    found = ((row, intersection(registry.function_ids(row), stretch.ids)) for row in registry.functions())
    return tuple((row, ids) for row, ids in found if ids)


def serviced(stretch: Stretch) -> Intervals:
    """Return the IDs that some kernel services on some machine."""
    return union((fid, fid + 1) for fid in SERVICED if stretch.start <= fid < stretch.stop)


def nonconforming(stretch: Stretch) -> int:
    """Count the fast calls' IDs in which a bit of 23:17 is set, which no conforming call has."""
    conforming = MUST_BE_ZERO & -MUST_BE_ZERO  # the first ones of each owner's block

    def below(fid: int) -> int:
        blocks, rest = divmod(max(fid, FAST_CALL) - FAST_CALL, OWNER_BLOCK)
        return blocks * (OWNER_BLOCK - conforming) + max(rest - conforming, 0)

    return below(stretch.stop) - below(stretch.start)


def reserved(stretch: Stretch) -> Intervals:
    """Return the IDs that KVM keeps, for which it refuses the whole range."""
    return intersection(stretch.ids, RESERVED)


def selectable(stretch: Stretch) -> Intervals:
    """Return the IDs that a filter may select."""
    return difference(stretch.ids, RESERVED)


def as_json(stretch: Stretch) -> Json:
    """Describe a stretch; every range is inclusive."""
    allowed = not reserved(stretch)
    return {
        "kind": "range",
        "first": show(stretch.start),
        "last": show(stretch.stop - 1),
        "count": stretch.stop - stretch.start,
        "allocations": [
            {"range": [show(row.first), show(row.last)], "holder": row.service, "status": row.status}
            for row in allocations(stretch)
        ],
        "services": [{"name": row.name, "ids": common, "of": count} for row, common, count in services(stretch)],
        "calls": [{"name": row.name, "ids": _ranges(ids)} for row, ids in calls(stretch)],
        "serviced": _ranges(serviced(stretch)),
        "nonconforming": nonconforming(stretch),
        "reserved": _ranges(reserved(stretch)),
        "filterable": allowed,
        "errno": None if allowed else Errno.EEXIST,
    }


def _ranges(ids: Intervals) -> list[list[str]]:
    return [[show(start), show(stop - 1)] for start, stop in ids]
