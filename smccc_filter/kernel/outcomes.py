"""The outcome of every one of the 2**32 calls at once.

KVM services a handful of IDs; everything else that a filter leaves to it ends as NOT_SUPPORTED. So the map of a whole
policy is that of its actions with those few points set in, and nobody walks the space.
"""

from collections.abc import Iterator

from smccc_filter.function_id import SPACE
from smccc_filter.intervals import IntervalMap
from smccc_filter.kernel.handle_exit import call_of, has_nv
from smccc_filter.kernel.hypercalls import (
    GATES,
    SMCCC_ARCH_FEATURES,
    SMCCC_ARCH_WORKAROUNDS,
)
from smccc_filter.kernel.machine import Call, Conduit, Machine, Outcome
from smccc_filter.kernel.pkvm import PKVM_CALLS
from smccc_filter.kernel.psci import PSCI_0_1_CALLS, SINCE, SMCCC_VERSION
from smccc_filter.uapi import KVM_ACTION, Action

SERVICED = tuple(
    sorted(
        {
            SMCCC_VERSION,
            SMCCC_ARCH_FEATURES,
            *SMCCC_ARCH_WORKAROUNDS,
            *GATES,
            *SINCE,
            *PSCI_0_1_CALLS,
            *PKVM_CALLS,
        }
    )
)
"""Every ID that some kernel services on some machine, ascending."""


def filtered(machine: Machine, actions: IntervalMap[Action]) -> Machine:
    """Return the machine with the filter that decides as ``actions`` does."""
    return machine._replace(filter=lambda func_id: KVM_ACTION[actions[func_id]])


def outcomes(machine: Machine, actions: IntervalMap[Action], conduit: Conduit) -> IntervalMap[Outcome]:
    """Return the outcome of every call under a filter that decides as ``actions`` does. O(segments).

    ``actions`` must leave the Arm Architecture ranges to KVM, as a resolved policy does; the machine's own filter
    counts for nothing here.
    """
    machine = filtered(machine, actions)
    if conduit is Conduit.HVC and has_nv(machine):
        base = IntervalMap.of((), Outcome.GUEST_EL2)
    else:
        base = actions.map(_unserviced)
    points = ((func_id, call_of(machine, conduit, Call(func_id)).outcome) for func_id in SERVICED)
    return IntervalMap.of(_set_in(base, points), Outcome.NOT_SUPPORTED)


def _unserviced(action: Action) -> Outcome:
    return Outcome.FORWARDED if action is Action.FORWARD else Outcome.NOT_SUPPORTED


def _set_in(base: IntervalMap[Outcome], points: Iterator[tuple[int, Outcome]]) -> Iterator[tuple[int, int, Outcome]]:
    """Yield the segments of ``base`` over the whole space with ``points``, ascending, set in."""
    at = 0
    for func_id, outcome in points:
        if at < func_id:
            yield from base.within(at, func_id)
        yield func_id, func_id + 1, outcome
        at = func_id + 1
    yield from base.within(at, SPACE)
