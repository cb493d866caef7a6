"""A call is answered or forwarded, and the call by which a guest would find it is refused.

The guest takes the service for absent and never calls. TRNG_VERSION denied with TRNG_RND left to KVM gives the guest no
entropy; the vendor UID denied with FEATURES and PTP left gives it no clock; SDEI_VERSION denied with the rest forwarded
gives the VMM events that nobody registers for. What remains is an interface that is open without a purpose, to whoever
calls without asking. A firmware register does the same: `vendor_hyp: [ptp]` answers PTP and neither UID nor FEATURES.

Where KVM itself announces the refused discovery call, that is F501, and a refused PSCI_FEATURES is F507.

Instead: refuse the whole service, or none of it. What a firmware register gates is best hidden by it, as in
`firmware: {std: []}`, and needs no rule then.

Source: Linux 6.12.117 and 7.3.4 arch/arm64/kvm/hypercalls.c; arch/arm64/include/asm/archrandom.h,
drivers/firmware/smccc/kvm_guest.c and drivers/firmware/psci/psci.c.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.guest_groups import (
    CallGroup,
    RuleNumber,
    gather,
    label,
    names,
    place_of,
    rule_of,
    them,
)
from smccc_filter.analysis.examination.guest_view import Guest
from smccc_filter.analysis.examination.subject import SHOWN, Subject
from smccc_filter.kvm.hypercalls import GATES
from smccc_filter.kvm.machine import Outcome, Why
from smccc_filter.kvm.psci import PSCI_VERSION
from smccc_filter.language.places import Place
from smccc_filter.smccc import registry
from smccc_filter.words import enumerated

CODE = "F504"
NAME = "undiscoverable"
SEVERITY = Severity.WARNING
WHOLE = True
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each discovery call and what refuses it."""

    def find(guest: Guest) -> Iterator[tuple[tuple[int, RuleNumber, bool], int]]:
        for call, discovery in guest.hidden.items():
            denied = guest.denied(discovery)
            gated = guest.outcome(call) is Outcome.ANSWERED and guest.reply(discovery).why is Why.REGISTER
            if discovery not in guest.lies and (denied or gated):
                yield (discovery, rule_of(subject, discovery), denied), call

    for group in gather(subject, find):
        discovery, rule, denied = group.key
        name, calls = registry.name_of(discovery), names(group.calls)
        place: Place = ("firmware", GATES[discovery][0]) if not denied else ()
        others: tuple[tuple[Place, str], ...] = ()
        by = "this register refuses"
        if denied:
            place, others = place_of(subject, rule, ((discovery, discovery + 1),))
            by = f"{label(subject, rule)} denies"
        yield Problem(
            place,
            f"{by} {name}{group.on}, by which a guest would find {calls}",
            _hint(subject, group),
            group.ids,
            (*others, *_related(subject, group)),
            kernels=group.kernels,
        )


def _related(subject: Subject, group: CallGroup[tuple[int, RuleNumber, bool]]) -> Iterator[tuple[Place, str]]:
    """Yield the rules that let the calls through."""
    rules = dict.fromkeys(rule for call in group.calls if (rule := rule_of(subject, call)) is not None)
    for rule in list(rules)[:SHOWN]:
        yield place_of(subject, rule, group.ids)[0], "let through here"


def _hint(subject: Subject, group: CallGroup[tuple[int, RuleNumber, bool]]) -> str:
    from smccc_filter.analysis.examination import announcing

    discovery, _, denied = group.key
    name, it = registry.name_of(discovery), them(group.calls)
    if discovery == PSCI_VERSION:
        return (
            f"let {name} through too: Linux reads NOT_SUPPORTED as PSCI 65535.65535, other guests find no PSCI at all"
        )
    lines, fixed, _ = announcing.off(subject, (discovery, *group.calls))
    if not denied:
        key, mask = GATES[discovery]
        return f"add `{announcing.NAMES[key][mask.bit_length() - 1]}`, or refuse {it} too: write {enumerated(lines)}"
    hidden = f"hide the service: write {enumerated(lines)}" if not fixed else f"refuse {it} too"
    return f"let {name} through too, or {hidden}"
