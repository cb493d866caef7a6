"""The outcome of every one of the 2**32 calls at once.

KVM services a handful of IDs; everything else that a filter leaves to it ends as NOT_SUPPORTED. So the map of a whole
policy is that of its actions with those few points set in, and nobody walks the space.
"""

from collections.abc import Iterator
from functools import cache

from smccc_filter.kvm.filter import RESERVED
from smccc_filter.kvm.handle_exit import call_of, has_nv
from smccc_filter.kvm.hypercalls import (
    ARM_SMCCC_OWNER_STANDARD,
    GATES,
    KVM_PSCI_FN_FIRST,
    KVM_PSCI_FN_LAST,
    PSCI_LAST_NUMBER,
    SMCCC_ARCH_FEATURES,
    SMCCC_ARCH_WORKAROUNDS,
)
from smccc_filter.kvm.machine import Call, Conduit, Machine, Outcome
from smccc_filter.kvm.pkvm import PKVM_CALLS
from smccc_filter.kvm.psci import PSCI_0_1_CALLS, SINCE, SMCCC_VERSION
from smccc_filter.kvm.uapi import KVM_ACTION, Action
from smccc_filter.smccc.function_id import FUNCTIONS, OWNER_BLOCK, OWNER_SHIFT, SPACE
from smccc_filter.smccc.intervals import IntervalMap

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


UNSERVICED = {
    Action.HANDLE: Outcome.NOT_SUPPORTED,
    Action.DENY: Outcome.NOT_SUPPORTED,
    Action.FORWARD: Outcome.FORWARDED,
}
"""How a call ends that no code of KVM's is for."""


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
        base = actions.map(UNSERVICED.__getitem__)
    points = ((func_id, call_of(machine, conduit, Call(func_id)).outcome) for func_id in SERVICED)
    return IntervalMap.of(_set_in(base, points), Outcome.NOT_SUPPORTED)


@cache
def reply_changes() -> tuple[int, ...]:
    """Return, ascending, every ID from which on the reply to a call can be another although no filter says so.

    That is more than the outcome: a call that KVM does not service is refused for one reason where it lets calls
    through to its services (``kvm_smccc_default_allowed()``), and for another elsewhere.
    """
    calls = ((func_id, func_id + 1) for func_id in SERVICED)
    standard = range(ARM_SMCCC_OWNER_STANDARD << OWNER_SHIFT, SPACE, 1 << OWNER_SHIFT + 6)
    blocks = (first for owner in standard for first in range(owner, owner + OWNER_BLOCK, FUNCTIONS))
    allowed = ((first, first + PSCI_LAST_NUMBER + 1) for first in blocks)
    psci_0_1 = ((KVM_PSCI_FN_FIRST, KVM_PSCI_FN_LAST + 1),)
    edges = {edge for intervals in (calls, allowed, psci_0_1, RESERVED) for interval in intervals for edge in interval}
    return tuple(sorted({0, *edges} - {SPACE}))


def _set_in(base: IntervalMap[Outcome], points: Iterator[tuple[int, Outcome]]) -> Iterator[tuple[int, int, Outcome]]:
    """Yield the segments of ``base`` over the whole space with ``points``, ascending, set in."""
    at = 0
    for func_id, outcome in points:
        if at < func_id:
            yield from base.within(at, func_id)
        yield func_id, func_id + 1, outcome
        at = func_id + 1
    yield from base.within(at, SPACE)
