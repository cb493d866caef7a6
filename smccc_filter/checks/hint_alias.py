"""A denied or forwarded call is also reachable under a second ID, with the SVE hint, that the policy decides otherwise.

Since SMCCC 1.3 a caller without live SVE state may set bit 16, and the call is still the same. KVM matches all 32 bits,
in the filter and in its services alike: to a filter the alias is another ID, and to KVM it is a call that it does not
implement. A guest that uses the hint gets NOT_SUPPORTED where the policy says `forward`. Guests ask for SMCCC_VERSION
first and KVM says 1.1, in which the bit must be zero, so this is rare.

Instead: nothing, as a rule. A VMM that serves guests with the hint selects the alias too.

Source: Linux arch/arm64/kvm/hypercalls.c; Arm DEN0028, section 2.5.
"""

from collections.abc import Iterator

from smccc_filter.checks.subject import Subject, by_rule, show_ids
from smccc_filter.diagnostics import Problem, Severity
from smccc_filter.function_id import FAST_CALL, FUNCTIONS, MUST_BE_ZERO, OWNER_BLOCK, SPACE, SVE_HINT
from smccc_filter.intervals import Interval, Intervals, intersection, union
from smccc_filter.resolve import Claim
from smccc_filter.uapi import Action

CODE = "A306"
NAME = "hint-alias"
SEVERITY = Severity.NOTE
WHOLE = False
ALLOWABLE = True

VALID: Intervals = tuple((owner, owner + FUNCTIONS) for owner in range(FAST_CALL, SPACE, OWNER_BLOCK))


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each rule whose calls have an alias that gets another action."""
    decisions = subject.resolution.decisions

    def aliased(claim: Claim) -> Intervals:
        action = claim.rule.action
        if action is Action.HANDLE:
            return ()
        return union(
            (start - SVE_HINT, stop - SVE_HINT)
            for first, last in _valid(claim.ids)
            for start, stop, decision in decisions.within(first + SVE_HINT, last + SVE_HINT)
            if decision.action is not action
        )

    for rule, claim, ids, others in by_rule(subject.resolution.claims, aliased):
        alias = tuple((start + SVE_HINT, stop + SVE_HINT) for start, stop in ids)
        yield Problem(
            claim.selector.path,
            f"with the SVE hint (bit 16) the call is {show_ids(alias)}, which does not get `{rule.action}`",
            "select the alias too if a guest uses SMCCC 1.3; KVM itself offers 1.1",
            ids,
            others,
        )


def _valid(ids: Intervals) -> Iterator[Interval]:
    """Yield the parts of ``ids`` that are fast calls without hint and with bits 23:17 zero."""
    for start, stop in ids:
        last = stop - 1
        if start >= FAST_CALL and not (start | last) & (MUST_BE_ZERO | SVE_HINT) and last - start < FUNCTIONS:
            yield start, stop
        elif stop > FAST_CALL:
            yield from intersection(((start, stop),), VALID)
