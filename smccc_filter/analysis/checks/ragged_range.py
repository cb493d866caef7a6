"""A range that nearly fits: one ID past the end of a service, or one short of it, or in one calling convention alone.

Specifications give the last ID of a service, programs the first one behind it, and a count is neither; whoever mixes
them selects the first call of the next service, which is the one that discovers it, or leaves an ID out. Where a
service is allocated in both conventions, each number is two IDs, of which a range has one. A twin is reported where no
specification defines a call among the IDs of either: for calls that have both forms, F505 does.

An end that is meant is not reported: where the next ID gets the same action by another selector, or where the ID that
is left out is a call.

Instead: end the range where the service ends, or select by `services`; write a second range for the other convention.

Source: Arm DEN0028, tables 2-1 and 6-2, and the specification of each service.
"""

from collections.abc import Iterator
from functools import cache, lru_cache

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.subject import Subject, agree, by_rule, crossing, show_ids
from smccc_filter.analysis.resolve import Claim
from smccc_filter.kvm.filter import RESERVED
from smccc_filter.kvm.uapi import Action
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import FAST_CALL, SMC64, SVE_HINT, is_smc64, show, show_range
from smccc_filter.smccc.intervals import Interval, IntervalMap, Intervals, in_span_of, intersection, union

CODE = "A307"
NAME = "ragged-range"
SEVERITY = Severity.NOTE
WHOLE = True
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield for each rule one finding about the ends of its ranges, and one for each convention about their twins."""
    actions = subject.resolution.actions
    claims = [claim for claim in subject.resolution.claims if _is_a_range(claim)]
    for _, claim, ids, others in by_rule(claims, lambda claim: _astray(claim, actions)):
        yield _about_end(claim, _astray(claim, actions), ids, others)
    for form, other_form in (("SMC32", "SMC64"), ("SMC64", "SMC32")):
        alike = [claim for claim in claims if _form(claim) == form]
        for rule, claim, ids, others in by_rule(alike, lambda claim: _without_twin(claim, actions)):
            twins = _twins(ids)
            yield Problem(
                claim.selector.path,
                f"{show_ids(ids)} {agree(ids, 'is', 'are')} {form} alone: the {other_form}"
                f" {agree(ids, 'twin', 'twins')} {show_ids(twins)} {agree(ids, 'does', 'do')} not get `{rule.action}`",
                f"select {agree(ids, 'it', 'them')} too, unless these calls are made in one convention alone",
                ids,
                others,
            )


def _is_a_range(claim: Claim) -> bool:
    """Tell whether a claim is a range of several fast calls of one owner."""
    written = claim.selector.written
    if written is None or written.size < 2 or written.base < FAST_CALL:
        return False
    return not crossing(claim.selector.ids) and not intersection(claim.ids, RESERVED)


def _form(claim: Claim) -> str:
    """Return the calling convention of a range of one owner."""
    return "SMC64" if any(is_smc64(start) for start, _ in claim.ids) else "SMC32"


def _astray(claim: Claim, actions: IntervalMap[Action]) -> Intervals:
    """Return the ID that a range has too much, or the one that it lacks, at an end."""
    if claim.ids != claim.selector.ids:
        return ()
    ((start, stop),) = claim.ids
    action = claim.rule.action
    if stop - 1 in _ends() and actions[stop] is not action:
        return ((stop - 1, stop),)
    if start + 1 in _starts() and actions[start - 1] is not action:
        return ((start, start + 1),)
    if _ends().get(stop + 1) == start and not registry.by_id(stop) and actions[stop] is not action:
        return ((stop, stop + 1),)
    return ()


def _about_end(
    claim: Claim, own: Intervals, ids: Intervals, others: list[tuple[tuple[str | int, ...], str]]
) -> Problem:
    """Say what the end of the first range has too much or lacks: its ``own`` of the IDs that are astray."""
    ((start, stop),) = claim.ids
    ((astray, _),) = own
    service = registry.service_of(astray)
    known = registry.name_of(astray) or (service and f"of `{service.name}`")
    which = f"{show(astray)}, {known}" if known else show(astray)
    if astray == stop - 1:
        message, fit = f"ends one ID past `{_service(astray - 1)}`: {which}", show_range(start, stop - 1)
    elif astray == start:
        message, fit = f"begins one ID before `{_service(start + 1)}`: {which}", show_range(start + 1, stop)
    else:
        message, fit = f"ends one ID before the end of `{_service(start)}`: {which}", show_range(start, stop + 1)
    return Problem(
        claim.selector.path,
        f"{show_range(start, stop)} {message}",
        f"write `{fit}`, unless it is meant so",
        ids,
        others,
    )


def _without_twin(claim: Claim, actions: IntervalMap[Action]) -> Intervals:
    """Return what a range selects of numbers whose other form gets another action, and which no call has."""
    split = _twins(
        tuple(
            (start, stop)
            for first, last in _twins(claim.ids)
            for start, stop, action in actions.within(first, last)
            if action is not claim.rule.action
        )
    )
    owned = all(registry.service_of(fid) for start, _ in split for fid in (start, start ^ SMC64))
    return split if owned and not any(map(_is_defined, claim.ids if split else ())) else ()


def _is_defined(ids: Interval) -> bool:
    """Tell whether a specification defines a call among IDs of one convention or their twins."""
    both = union((ids, *_twins((ids,))))
    return bool(intersection(both, in_span_of(both, _defined(registry.services_near(both)))))


@lru_cache(maxsize=64)
def _defined(services: tuple[str, ...]) -> Intervals:
    """Return the IDs of the calls of services."""
    calls = registry.functions_of(*services)
    return union(interval for function in calls for interval in registry.function_ids(function))


def _twins(ids: Intervals) -> Intervals:
    """Return the IDs of the same numbers in the other calling convention; no interval has both."""
    return union((start ^ SMC64, ((stop - 1) ^ SMC64) + 1) for start, stop in ids)


def _service(fid: int) -> str:
    service = registry.service_of(fid)
    return service.name if service else show(fid)


@cache
def _ends() -> dict[int, int]:
    """Map the first ID behind each service to the first of its range; no two end together."""
    ranges = [(first, last + 1) for service in registry.services() for first, last in service.ranges]
    return {stop: start for start, stop in ranges if not _is_inner(stop, ranges)}


@cache
def _starts() -> frozenset[int]:
    """Return the first IDs of services."""
    ranges = [(first, last + 1) for service in registry.services() for first, last in service.ranges]
    return frozenset(start for start, _ in ranges if not _is_inner(start, ranges))


def _is_inner(bound: int, ranges: list[Interval]) -> bool:
    """Tell whether a bound lies inside the range of another specification, other than that of a whole owner."""
    return any(start < bound < stop and stop - start < SVE_HINT for start, stop in ranges)
