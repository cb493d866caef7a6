"""A denied or forwarded call is also reachable under a second ID, with the SVE hint, that the policy decides otherwise.

Since SMCCC 1.3 a caller without live SVE state may set bit 16, and the call is still the same. KVM matches all 32 bits,
in the filter and in its services alike: to a filter the alias is another ID, and to KVM it is a call that it does not
implement. A guest that uses the hint gets NOT_SUPPORTED where the policy says `forward`, and the VMM sees a call that
the policy denies where its default is `forward`. Guests ask for SMCCC_VERSION first and KVM says 1.1, in which the bit
must be zero, so this is rare.

Instead: nothing, as a rule. A VMM that serves guests with the hint selects the alias too.

Source: Linux arch/arm64/kvm/hypercalls.c and include/kvm/arm_hypercalls.h; Arm DEN0028, table 2-1.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.subject import OWNERS, Subject, agree, by_rule, show_ids
from smccc_filter.analysis.resolve import Claim
from smccc_filter.kvm.uapi import Action
from smccc_filter.smccc.function_id import FAST_CALL, FUNCTIONS, SVE_HINT
from smccc_filter.smccc.intervals import Intervals, in_span_of, intersection, union

CODE = "A306"
NAME = "hint-alias"
SEVERITY = Severity.NOTE
WHOLE = False
ALLOWABLE = True

CALLS: Intervals = tuple((owner, owner + FUNCTIONS) for owner in OWNERS)
"""The fast calls that can have an alias, without the hint and with bits 23:17 zero."""


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each rule whose calls have an alias that gets another action."""
    decisions = subject.resolution.decisions

    def aliased(claim: Claim) -> Intervals:
        action = claim.rule.action
        if action is Action.HANDLE or not claim.ids or claim.ids[-1][1] <= FAST_CALL:
            return ()
        return union(
            (start - SVE_HINT, stop - SVE_HINT)
            for first, last in intersection(claim.ids, in_span_of(claim.ids, CALLS))
            for start, stop, decision in decisions.within(first + SVE_HINT, last + SVE_HINT)
            if decision.action is not action
        )

    for rule, claim, ids, others in by_rule(subject.resolution.claims, aliased):
        alias = show_ids(tuple((start + SVE_HINT, stop + SVE_HINT) for start, stop in ids))
        calls, do = agree(ids, "the call is", "the calls are"), agree(ids, "does", "do")
        yield Problem(
            claim.selector.path,
            f"with the SVE hint (bit 16) {calls} {alias}, which {do} not get `{rule.action}`",
            "leave it, as KVM offers SMCCC 1.1, which has no hint; for a guest that sets it, select the alias too",
            ids,
            others,
        )
