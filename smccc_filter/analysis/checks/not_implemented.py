"""A rule says `handle` of a call that a target kernel does not service.

`handle` leaves a call to KVM; it does not make KVM have it. The guest gets NOT_SUPPORTED all the same: no service of
that kernel knows the call, the VM's PSCI version or a VM capability lacks it, its firmware register has the bit clear,
the vCPUs have no stolen-time page, or the guest is one in AArch32, for which PSCI has no SMC64 call. Calls that a rule
names are looked at one by one, and so are single IDs. Of a service and of a range, only one in which KVM services
nothing is reported, as others cover numbers that nobody has given out. The CPU service, which G603 wants left to KVM
for what is to come, is left out.

Instead: switch the service on with the line that the hint shows, have the VMM answer (`forward`), or take the call out
of the rule.

Source: Linux arch/arm64/kvm/hypercalls.c, kvm_smccc_call_handler(); psci.c; pvtime.c.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Remedy, Severity
from smccc_filter.analysis.examination.guest_groups import kernels_of, label, names, place_of, them
from smccc_filter.analysis.examination.guest_view import Guest
from smccc_filter.analysis.examination.subject import CPU_SERVICE, Subject, agree, show_ids, unsafe
from smccc_filter.analysis.resolve import Claim
from smccc_filter.kvm.hypercalls import GATES
from smccc_filter.kvm.machine import Outcome, Why
from smccc_filter.kvm.outcomes import SERVICED
from smccc_filter.kvm.psci import PSCI_0_1_CALLS, SINCE
from smccc_filter.kvm.uapi import PSCI_VERSION_NAMES, Action
from smccc_filter.language.policy import model
from smccc_filter.language.policy.selector import SelectorKind
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SMC64
from smccc_filter.smccc.intervals import Intervals, difference, in_span_of, intersection, union
from smccc_filter.words import enumerated

CODE = "K402"
NAME = "not-implemented"
SEVERITY = Severity.WARNING
WHOLE = True
ALLOWABLE = True

POINTS: Intervals = union((fid, fid + 1) for fid in SERVICED)

NotServicedReason = tuple[str, tuple[str, ...]]
"""Why KVM says NOT_SUPPORTED, and the lines that change it, if any do."""

AARCH32: NotServicedReason = ("KVM's PSCI has no SMC64 call for an AArch32 guest", ())
NO_SERVICE: NotServicedReason = ("none of KVM's services knows {them}", ())
BECAUSE = {
    Why.CAPABILITY: "the VMM does not enable the capability `system_suspend`",
    Why.STOLEN_TIME: "the vCPUs have no stolen-time page",
}
REFUSED = {Why.NOT_IMPLEMENTED: "psci", Why.CAPABILITY: "capabilities"}
"""What the kernel may have refused of the target, so that the VM lacks a call."""


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each rule and reason, and for the kernels of which it says the same calls."""
    claims = [claim for claim in subject.resolution.claims if claim.rule.action is Action.HANDLE]
    found: dict[tuple[int, NotServicedReason, Intervals], list[Guest]] = {}
    for guest in subject.guests if claims else ():
        points = dict(_points(subject, guest))
        for claim in claims:
            for reason, ids in _refused(subject, claim, points):
                found.setdefault((claim.rule.number, reason, ids), []).append(guest)
    groups: dict[tuple[int, NotServicedReason, tuple[Guest, ...]], list[Intervals]] = {}
    for (rule, reason, ids), where in found.items():
        groups.setdefault((rule, reason, tuple(where)), []).append(ids)
    for (rule, reason, some), pieces in groups.items():
        ids = union(interval for piece in pieces for interval in piece)
        everywhere = len(some) == len(subject.guests)
        yield _problem(subject, rule, reason, ids, some)._replace(
            remedy=_remedy(subject.policy.rules[rule], ids) if everywhere and not reason[1] else None
        )


def _remedy(rule: model.Rule, ids: Intervals) -> Remedy | None:
    """Take out what no target kernel services: by itself it decides nothing for the guest."""
    from smccc_filter.analysis.examination.remedies import cut

    return unsafe(f"take {show_ids(ids)} out of {rule.label}", cut(rule, ids))


def _points(subject: Subject, guest: Guest) -> Iterator[tuple[int, NotServicedReason]]:
    """Yield the calls that some kernel services and that this guest is refused, each with the reason.

    Where the kernel refuses a PSCI version that it does not know, or the capability, that is the cause, and another
    finding.
    """
    for fid in SERVICED:
        reply = guest.reply(fid)
        if reply.outcome is Outcome.NOT_SUPPORTED and not guest.refused(REFUSED.get(reply.why, "")):
            yield fid, _reason(subject, guest, fid, reply.why)


def _reason(subject: Subject, guest: Guest, fid: int, why: Why) -> NotServicedReason:
    from smccc_filter.analysis.examination import announcing

    if why is Why.REGISTER:
        key, mask = GATES[fid]
        because = f"`{key}` leaves out `{announcing.NAMES[key][mask.bit_length() - 1]}`"
    elif why is Why.PSCI_VERSION:
        has = PSCI_VERSION_NAMES[guest.vm.machine.kvm_psci_version()]
        since = "at PSCI 0.1 alone" if fid in PSCI_0_1_CALLS else f"from PSCI {PSCI_VERSION_NAMES[SINCE[fid]]} on"
        because = f"KVM has {{them}} {since}, and the VM has {has}"
    elif why is Why.STOLEN_TIME and guest.has_page is False:
        because = ""  # where the call is refused says why
    elif why in BECAUSE:
        because = BECAUSE[why]
    else:
        return AARCH32 if why is Why.AARCH32 else NO_SERVICE
    return because, announcing.on(subject, [guest], [fid]).lines


def _refused(
    subject: Subject, claim: Claim, points: dict[int, NotServicedReason]
) -> Iterator[tuple[NotServicedReason, Intervals]]:
    """Yield what of a claim KVM does not service, by reason; ``points`` are the calls that it could service."""
    decided = union(
        (start, stop)
        for first, last in claim.ids
        for start, stop, decision in subject.resolution.decisions.within(first, last)
        if decision.rule_number == claim.rule.number
    )
    ids = difference(decided, CPU_SERVICE)
    serviced = intersection(ids, in_span_of(ids, POINTS))
    known = [fid for start, stop in serviced for fid in range(start, stop)]
    refused = [fid for fid in known if fid in points and not (points[fid] == AARCH32 and fid ^ SMC64 in known)]
    reasons = dict.fromkeys(points[fid] for fid in refused)
    if claim.selector.kind is SelectorKind.CALL or (refused == known and len(reasons) > 1):
        for fid in refused:
            yield points[fid], ((fid, fid + 1),)
        if unknown := difference(ids, serviced):
            yield NO_SERVICE, unknown
    elif ids and refused == known:
        yield next(iter(reasons), NO_SERVICE), ids


def _problem(
    subject: Subject, rule: int, reason: NotServicedReason, ids: Intervals, some: tuple[Guest, ...]
) -> Problem:
    because, lines = reason
    place, others = place_of(subject, rule, ids)
    kernels, on = kernels_of(subject, some)
    shown, it = show_ids(ids), agree(ids, "it", "them")
    if all(registry.by_id(fid) for start, stop in ids for fid in range(start, stop)):
        calls = [fid for start, stop in ids for fid in range(start, stop)]
        shown, it = names(calls), them(calls)
    because = because.format(them=it)
    advice = f"take {it} out" if reason == AARCH32 else f"forward {it} to a VMM that answers, or take {it} out"
    return Problem(
        place,
        f"{label(subject, rule)} leaves {shown} to KVM, which says NOT_SUPPORTED{on}{because and f': {because}'}",
        f"write {enumerated(lines)}, {advice}" if lines else advice,
        ids,
        others,
        kernels=kernels,
    )
