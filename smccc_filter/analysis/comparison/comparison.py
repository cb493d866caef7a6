"""Two filters compared by what a guest gets, for all 2**32 calls on every kernel that either is for.

The word in the file is not what counts: to deny a call that KVM does not service changes nothing. So a change is of
one of two kinds. Where the outcome differs on some kernel, the guest can tell, and the verdict counts it; where only
the action differs it can't, today, and the reviewer is told all the same. What a guest is told of its calls is the
other half, and counts as much: ``told`` compares it. What the VMM makes of a forwarded call counts where both policies
say it; an artefact says nothing of it, and is compared with the policy's VMM.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from smccc_filter.analysis.comparison.compared import ComparedSide, Decider
from smccc_filter.analysis.comparison.findings import FindingChange, changed_findings
from smccc_filter.analysis.comparison.pairing import (
    CompletedSide,
    VmSetting,
    completed,
    differing_settings,
)
from smccc_filter.analysis.comparison.told import ToldDifference, told_differences
from smccc_filter.analysis.comparison.verdict import ComparisonVerdict, of_steps, together
from smccc_filter.analysis.targets import target_profiles
from smccc_filter.guests.setup import VmSetup, vm_of
from smccc_filter.kvm.machine import Call, Outcome, Why
from smccc_filter.kvm.profiles import NEWEST, Profile, parse
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.policy.model import Target
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SPACE
from smccc_filter.smccc.intervals import IntervalMap, difference, union

PERMISSIVENESS = (Action.DENY, Action.FORWARD, Action.HANDLE)
"""Least first: a call that the VMM answers reaches less of the host than one that its kernel answers."""

OUTCOME = {
    Action.DENY: Outcome.NOT_SUPPORTED,
    Action.FORWARD: Outcome.FORWARDED,
    Action.HANDLE: Outcome.ANSWERED,
}
"""The outcome that each place in the order stands for. A guest with EL2 reaches KVM by SMC, so there is no other."""


class ChangeSide(NamedTuple):
    """What one side decides on the IDs of a change, and who.

    ``outcomes`` are in the order of ``Comparison.kernels``.
    """

    action: Action
    by: Decider
    outcomes: tuple[Outcome, ...]


class MapChange(NamedTuple):
    """IDs ``[start, stop)`` that change in one way.

    ``witness`` is the first of them that a specification names, or else the first. ``verdict`` is ``equivalent`` where
    only the action changes.
    """

    start: int
    stop: int
    witness: int
    old: ChangeSide
    new: ChangeSide
    verdict: ComparisonVerdict

    @property
    def size(self) -> int:
        """How many IDs there are."""
        return self.stop - self.start


class Comparison(NamedTuple):
    """What two sides differ in. ``changes`` are ascending and disjoint; each setup is that of the kernel in its place.

    ``told`` are the discovery calls that answer something else, and ``verdict`` is over these and ``changes``.
    ``findings`` are those of the checks that are new or gone between two policies.
    ``assumed`` says in sentences what was taken from the other side; ``order`` is the order of permissiveness.
    """

    old: ComparedSide
    new: ComparedSide
    old_setups: tuple[VmSetup, ...]
    new_setups: tuple[VmSetup, ...]
    order: tuple[Action, ...]
    kernels: tuple[str, ...]
    assumed: tuple[str, ...]
    settings: tuple[VmSetting, ...]
    changes: tuple[MapChange, ...]
    told: tuple[ToldDifference, ...]
    findings: tuple[FindingChange, ...]
    verdict: ComparisonVerdict

    @property
    def in_guest(self) -> tuple[MapChange, ...]:
        """The changes that a guest can tell."""
        return tuple(change for change in self.changes if change.verdict is not ComparisonVerdict.EQUIVALENT)

    @property
    def in_words(self) -> tuple[MapChange, ...]:
        """The changes of the action alone."""
        return tuple(change for change in self.changes if change.verdict is ComparisonVerdict.EQUIVALENT)


def compare(
    old: ComparedSide, new: ComparedSide, kernels: Sequence[Profile] = (), order: tuple[Action, ...] = PERMISSIVENESS
) -> Comparison:
    """Compare two sides on ``kernels``, or where there are none, on all that either policy is for.

    Without a policy that is the newest kernel. O(n log n) in the ranges of both, for each kernel.
    """
    left, right, assumed = completed(old, new)
    profiles = tuple(kernels) or _kernels_of(old.target, new.target)
    old_setups, new_setups = _set_up(left, profiles), _set_up(right, profiles)
    ranks = {OUTCOME[action]: rank for rank, action in enumerate(order)}
    changes = tuple(_changes((left, old_setups), (right, new_setups), ranks))
    told = told_differences(old_setups, new_setups)
    verdict = together((*(change.verdict for change in changes), *(each.verdict for each in told)))
    findings = changed_findings(old.findings, new.findings)
    names = tuple(each.name for each in profiles)
    settings = differing_settings(left, right)
    return Comparison(
        old, new, old_setups, new_setups, order, names, assumed, settings, changes, told, findings, verdict
    )


def reasons(setups: Sequence[VmSetup], func_id: int) -> tuple[Why, ...]:
    """Say for each setup what decides the outcome of one call, its arguments being zeros."""
    return tuple(setup.reply(Call(func_id)).why for setup in setups)


def _kernels_of(*targets: Target | None) -> tuple[Profile, ...]:
    """Return the kernels of all targets, oldest first; without a target it is the newest."""
    found: dict[str, Profile] = {}
    for target in targets:
        if target is not None:
            found |= {each.name: each for each in target_profiles(target)}
    return tuple(sorted(found.values(), key=_age)) or (NEWEST,)


def _age(each: Profile) -> tuple[int, ...]:
    return parse(each.name) or ()


def _set_up(side: CompletedSide, profiles: Sequence[Profile]) -> tuple[VmSetup, ...]:
    actions = side.decisions.map(attrgetter("action"))
    return tuple(vm_of(side.target, side.settable(), each, actions, side.vmm) for each in profiles)


def _changes(
    old: tuple[CompletedSide, tuple[VmSetup, ...]],
    new: tuple[CompletedSide, tuple[VmSetup, ...]],
    ranks: dict[Outcome, int],
) -> Iterator[MapChange]:
    """Walk both sides at once, and yield where they differ.

    Neighbours are two changes, as something of theirs differs: the maps have no bound where nothing changes.
    """
    count = len(old[1])
    sides = [
        (side, [_ends(setup, other) for setup, other in zip(setups, others, strict=True)])
        for (side, setups), (_, others) in ((old, new), (new, old))
    ]
    maps: list[IntervalMap[Any]] = [side.decisions for side, _ in sides]
    maps.extend(each for _, outcomes in sides for each in outcomes)
    verdicts: dict[tuple[Outcome, ...], ComparisonVerdict] = {}
    for start, stop, values in _aligned(maps):
        outcomes = values[2:]
        before, after = outcomes[:count], outcomes[count:]
        if values[0].action is values[1].action and before == after:
            continue
        if outcomes not in verdicts:
            verdicts[outcomes] = of_steps(ranks[now] - ranks[then] for then, now in zip(before, after, strict=True))
        yield MapChange(
            start,
            stop,
            _witness(start, stop),
            ChangeSide(values[0].action, old[0].by(start), before),
            ChangeSide(values[1].action, new[0].by(start), after),
            verdicts[outcomes],
        )


def _ends(setup: VmSetup, other: VmSetup) -> IntervalMap[Outcome]:
    """Return how calls end: as KVM ends them, but for those that the VMM is known to refuse.

    They are forwarded calls all the same where the other side forwards them and does not say what becomes of them:
    to begin to say it changes nothing that a guest could tell.
    """
    found = setup.outcomes()
    if setup.vmm is None:
        return found
    from smccc_filter.guests.vmm_answers import implemented_ids, refused_ids

    forwarded = other.actions.where(lambda action: action is Action.FORWARD)
    silent = difference(forwarded, union((*implemented_ids(other), *refused_ids(other))))
    refused = IntervalMap.of(((*ids, True) for ids in difference(refused_ids(setup), silent)), False)  # noqa: FBT003
    pieces = (
        (first, last, Outcome.NOT_SUPPORTED if is_refused else outcome)
        for start, stop, outcome in found.segments()
        for first, last, is_refused in refused.within(start, stop)
    )
    return IntervalMap.of(pieces, Outcome.NOT_SUPPORTED)


def _aligned(maps: Sequence[IntervalMap[Any]]) -> Iterator[tuple[int, int, tuple[Any, ...]]]:
    """Yield the segments in which no map changes, with the value of each."""
    bounds = sorted({start for each in maps for start in each.starts})
    columns = [each.values if len(each.starts) == len(bounds) else _values_at(each, bounds) for each in maps]
    return zip(bounds, (*bounds[1:], SPACE), zip(*columns, strict=True), strict=True)


def _values_at(values: IntervalMap[Any], bounds: Sequence[int]) -> Iterator[Any]:
    """Yield the map's value at each of ``bounds``, which has all of its starts."""
    starts = (*values.starts[1:], SPACE)
    at = 0
    for bound in bounds:
        if bound == starts[at]:
            at += 1
        yield values.values[at]


def _witness(start: int, stop: int) -> int:
    known = registry.known_ids()
    at = bisect_right(known, start, key=itemgetter(1))
    return max(start, known[at][0]) if at < len(known) and known[at][0] < stop else start
