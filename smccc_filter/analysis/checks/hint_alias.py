"""A denied call that reaches the VMM by its second ID, with the SVE hint, or a rule that selects the second ID alone.

Since SMCCC 1.3 a caller without live SVE state may set bit 16, and the call is still the same. KVM matches all 32 bits,
in the filter and in its services alike: to a filter the alias is another ID, and to KVM it is a call that it does not
implement. So an alias that is left to KVM gets NOT_SUPPORTED, whatever the call gets. But where the default is
`forward`, the VMM sees by the alias a call that the policy denies, and answers it if it ignores the bit.

A rule that selects the alias and not the call does hardly what was meant, which is a warning: KVM says SMCCC 1.1, in
which the bit must be zero, so a guest makes the call without it. A rule for all aliases of an owner is not reported.

Instead: select the alias too where the call is denied, and the call itself where only the alias is selected.

Source: Linux arch/arm64/kvm/hypercalls.c and include/kvm/arm_hypercalls.h; Arm DEN0028, table 2-1.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.subject import OWNERS, Subject, agree, by_rule, show_ids
from smccc_filter.analysis.resolve import Claim
from smccc_filter.kvm.filter import RESERVED
from smccc_filter.kvm.uapi import Action
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import FUNCTIONS, SVE_HINT
from smccc_filter.smccc.intervals import Intervals, difference, in_span_of, intersection, union

CODE = "A306"
NAME = "hint-alias"
SEVERITY = Severity.NOTE
WHOLE = False
ALLOWABLE = True

CALLS: Intervals = tuple((owner, owner + FUNCTIONS) for owner in OWNERS)
"""The fast calls that can have an alias, without the hint and with bits 23:17 zero."""
ALIASES: Intervals = tuple((start + SVE_HINT, stop + SVE_HINT) for start, stop in CALLS)


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each rule whose denied calls are forwarded by an alias, one for each that has it alone."""
    actions = subject.resolution.actions
    leaks = tuple(
        (start - SVE_HINT, stop - SVE_HINT)
        for start, stop in intersection(actions.where(lambda action: action is Action.FORWARD), ALIASES)
    )

    def leaking(claim: Claim) -> Intervals:
        return intersection(claim.ids, leaks)

    def alone(claim: Claim) -> Intervals:
        others = union(
            (start, stop)
            for first, last in intersection(claim.ids, ALIASES)
            if last - first < FUNCTIONS
            for start, stop, action in actions.within(first - SVE_HINT, last - SVE_HINT)
            if action is not claim.rule.action
        )
        return tuple(one for one in difference(others, RESERVED) if registry.services_near((one,)))

    denied = [claim for claim in subject.resolution.claims if claim.rule.action is Action.DENY]
    for _, claim, ids, others in by_rule(denied, leaking):
        yield Problem(
            claim.selector.path,
            f"with the SVE hint (bit 16) {agree(ids, 'the call is', 'the calls are')} {_aliases(ids)}, which"
            f" {agree(ids, 'is', 'are')} forwarded",
            "select the alias too, or let the VMM refuse it",
            ids,
            others,
        )
    near = [claim for claim in subject.resolution.claims if in_span_of(claim.ids, ALIASES)]
    for rule, claim, ids, others in by_rule(near, alone):
        yield Problem(
            claim.selector.path,
            f"{_aliases(ids)} {agree(ids, 'is', 'are')} {show_ids(ids)} with the SVE hint (bit 16); without it"
            f" {agree(ids, 'the call does', 'the calls do')} not get `{rule.action}`",
            f"select {show_ids(ids)}: KVM offers SMCCC 1.1, so guests make calls without the hint",
            tuple((start + SVE_HINT, stop + SVE_HINT) for start, stop in ids),
            others,
            severity=Severity.WARNING,
        )


def _aliases(ids: Intervals) -> str:
    return show_ids(tuple((start + SVE_HINT, stop + SVE_HINT) for start, stop in ids))
