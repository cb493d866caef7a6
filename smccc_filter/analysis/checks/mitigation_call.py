"""The policy denies or forwards IDs of the CPU service, where erratum workarounds live.

KVM reserves the Arm Architecture calls, so that no filter can take a workaround away from a guest. It does not reserve
the CPU service, 0x81000000-0x8100FFFF and 0xC1000000-0xC100FFFF, where newer ones are: 0x81000010 is that of erratum
4193714 of the C1-Pro. No KVM up to 7.3 answers there. A kernel that learns to does so for the guest's safety, and an
entry of the filter that was written before stands in between. A VMM can't apply a workaround in its place.

Instead: leave the service to KVM: `services: [cpu]` in the `except` of the rule, or beside `default: deny` the rule
`{action: handle, services: [cpu]}`.

Source: Linux include/linux/arm-smccc.h; Linux arch/arm64/kvm/hypercalls.c, kvm_smccc_filter_insert_reserved().
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.guest_groups import RuleNumber, kernels_of, label, place_of
from smccc_filter.analysis.examination.subject import CPU_SERVICE, Subject, agree, show_ids
from smccc_filter.kvm.uapi import Action
from smccc_filter.smccc.intervals import union

CODE = "G603"
NAME = "mitigation-call"
SEVERITY = Severity.WARNING
WHOLE = True
ALLOWABLE = True

DOES = {Action.DENY: "denies", Action.FORWARD: "forwards"}


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each rule that decides there, and one for the default."""
    taken: dict[tuple[Action, RuleNumber], list[tuple[int, int]]] = {}
    everyone = subject.guests
    for first, last in CPU_SERVICE if everyone else ():
        for start, stop, decision in subject.resolution.decisions.within(first, last):
            if decision.action is not Action.HANDLE:
                taken.setdefault((decision.action, decision.rule_number), []).append((start, stop))
    for (action, rule), pieces in taken.items():
        from smccc_filter.analysis.examination.remedies import leaving_hint, leaving_remedy

        ids = union(pieces)
        place, others = place_of(subject, rule, ids)
        yield Problem(
            place,
            f"{label(subject, rule)} {DOES[action]} {show_ids(ids)} of the CPU service, where erratum workarounds live",
            leaving_hint(subject, rule, agree(ids, "it", "them"), "services: [cpu]"),
            ids,
            others,
            kernels=kernels_of(subject, everyone)[0],
            remedy=leaving_remedy(subject, rule, "the CPU service", "services: [cpu]", ids),
        )
