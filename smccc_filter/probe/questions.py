"""Which calls are put to a kernel: wherever a policy changes its mind, and whatever could show it.

The rest of the 2**32 calls would tell nothing new: between two boundaries neither the filter nor KVM makes a difference
unless a call has a name.
"""

from collections.abc import Iterable, Iterator

from smccc_filter.guests.relations import relations
from smccc_filter.kvm.machine import Call
from smccc_filter.kvm.outcomes import SERVICED
from smccc_filter.kvm.uapi import Action
from smccc_filter.smccc import registry
from smccc_filter.smccc.intervals import IntervalMap, Intervals, intersection, union

X3 = 0xDEAD_0003
"""An argument of no call here, so that it shows whether X3 was written."""


def questions(actions: IntervalMap[Action], named: Intervals) -> tuple[Call, ...]:
    """Return the calls, ascending, each once: those of a policy that decides ``actions`` and names the IDs ``named``.

    They are the first and the last ID of every range, every call with a name that the policy denies, forwards or names,
    every call that some kernel services, and every discovery call, with all that it can be asked about if KVM has it.
    """
    asked = {(func_id, 0) for func_id in (*_boundaries(actions), *_touched(actions, named), *SERVICED)}
    asked.update(_discovery())
    return tuple(Call(func_id, x1, 0, X3) for func_id, x1 in sorted(asked))


def _boundaries(actions: IntervalMap[Action]) -> Iterator[int]:
    for start, stop, _ in actions.segments():
        yield start
        yield stop - 1


def _touched(actions: IntervalMap[Action], named: Intervals) -> Iterator[int]:
    decided = actions.where(lambda action: action is not Action.HANDLE)
    return _ids(intersection(registry.known_ids(), union((*decided, *named))))


def _discovery() -> Iterator[tuple[int, int]]:
    for relation in relations():
        yield relation.discovery, 0
        if relation.argument and relation.discovery in SERVICED:
            yield from ((relation.discovery, asked) for asked in relation.asked)


def _ids(intervals: Iterable[tuple[int, int]]) -> Iterator[int]:
    for start, stop in intervals:
        yield from range(start, stop)
