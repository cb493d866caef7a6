"""The SMC32 and the SMC64 form of one call get different outcomes.

Both forms do the same, and a guest may use either: to KVM and its filter they are two IDs. So a rule for one form is
passed by through the other. The filter of QEMU's series on vCPU hotplug forwards CPU_ON as 0xC4000003, and a guest that
says 0x84000003 starts any vCPU that KVM has, whether or not the VMM has plugged it in.

An AArch32 guest (`aarch32: true`) makes no SMC64 call, so there only a form that KVM answers all the same counts.

Instead: select the call by its name, which means every form that it has. Where only one form is meant to be used, deny
the other where that can't be a lie (F501), or allow the finding.

Source: Arm DEN0028, section 2.5; Linux 7.3.4 arch/arm64/kvm/hypercalls.c and psci.c, where each form is a case.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.guest_groups import RuleNumber, gather, names, place_of, rule_of, them, twins
from smccc_filter.analysis.examination.guest_view import Guest
from smccc_filter.analysis.examination.subject import Subject, unsafe
from smccc_filter.kvm.machine import Outcome
from smccc_filter.language.places import Place
from smccc_filter.language.policy.model import Rule
from smccc_filter.language.policy.selector import SelectorKind
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SMC64, show
from smccc_filter.smccc.intervals import size, union

if TYPE_CHECKING:
    from smccc_filter.language.changes import Change

CODE = "F505"
NAME = "split-twins"
SEVERITY = Severity.WARNING
WHOLE = True
ALLOWABLE = True

COMES_TO = {
    Outcome.ANSWERED: ("is answered by KVM", "are answered by KVM"),
    Outcome.FORWARDED: ("goes to the VMM", "go to the VMM"),
    Outcome.NOT_SUPPORTED: ("is refused", "are refused"),
}


Split = tuple[RuleNumber, int, Outcome, RuleNumber, Outcome]
"""What divides two forms: the rule, bit 30 and outcome of the one, and the rule and outcome of the other."""


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each rule that divides forms in one way."""

    def find(guest: Guest) -> Iterator[tuple[Split, int]]:
        actions = guest.vm.actions
        for smc32 in twins(guest.services_filtered):
            smc64 = smc32 | SMC64
            if actions[smc32] is actions[smc64] or guest.outcome(smc32) is guest.outcome(smc64):
                continue
            if not guest.makes(smc64) and guest.outcome(smc64) is not Outcome.ANSWERED:
                continue
            mine, other = sorted((smc32, smc64), key=lambda call: _weight(rule_of(subject, call)), reverse=True)
            half = rule_of(subject, mine), mine & SMC64, guest.outcome(mine)
            yield (*half, rule_of(subject, other), guest.outcome(other)), mine

    for group in gather(subject, find):
        rule, _, outcome, other_rule, other_outcome = group.key
        others = tuple(call ^ SMC64 for call in group.calls)
        calls = sorted((*group.calls, *others))
        ids = union((call, call + 1) for call in calls)
        place, more = place_of(subject, rule, group.ids)
        related: tuple[tuple[Place, str], ...] = more
        if other_rule is not None:
            elsewhere, _ = place_of(subject, other_rule, ids)
            related = (*more, (elsewhere, "the other form"))
        yield Problem(
            place,
            f"{names(group.calls)} {_comes_to(outcome, group.calls)}{group.on}, and {names(others)} "
            f"{_comes_to(other_outcome, others)}",
            f"select {names(calls)} by name, without a form: that means both",
            ids,
            related,
            kernels=group.kernels,
            remedy=unsafe(
                f"select {names(calls)} in both forms",
                None if rule is None or other_rule is not None else _both(subject.policy.rules[rule], group.calls),
            ),
        )


def _both(rule: Rule, calls: tuple[int, ...]) -> "tuple[Change, ...] | None":
    """Add the other forms to the rule, of which no rule says otherwise: of two nobody knows which is meant."""
    from smccc_filter.analysis.examination.remedies import add
    from smccc_filter.language.changes import Replace

    waiting = {call ^ SMC64 for call in calls}
    if any(start <= call < stop for exception in rule.exceptions for start, stop in exception.ids for call in waiting):
        return None
    changes: list[Change] = []
    for selector in rule.selectors:
        if size(selector.ids) != 1:
            continue
        ((fid, _),) = selector.ids
        if fid ^ SMC64 not in waiting:
            continue
        waiting.remove(fid ^ SMC64)
        if selector.kind is SelectorKind.CALL:
            changes.append(Replace(selector.path, (registry.by_id(fid)[0].name,)))
        else:
            changes.append(Replace(selector.path, tuple(show(form) for form in sorted((fid, fid ^ SMC64)))))
    if waiting:
        added = add(rule, union((call, call + 1) for call in waiting))
        return None if added is None else (*changes, *added)
    return tuple(changes)


def _weight(rule: RuleNumber) -> int:
    """Order rules: a later one before an earlier one, and any before the default."""
    return -1 if rule is None else rule


def _comes_to(outcome: Outcome, calls: tuple[int, ...]) -> str:
    return them(calls, *COMES_TO[outcome])
