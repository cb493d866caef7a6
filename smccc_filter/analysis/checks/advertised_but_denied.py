"""KVM tells the guest that a call is there, and the filter or the VMM refuses it.

KVM answers discovery from tables of its own, which know of firmware registers, the PSCI version and VM capabilities,
but of no filter. So PSCI_FEATURES says 0 for a CPU_ON that a rule denies, TRNG_VERSION says 1.0 where TRNG_RND is
refused, and SMCCC_ARCH_FEATURES, which no filter can touch, goes on announcing stolen time. The guest believes it,
loads its driver, and fails where it should never have tried: CPUs that do not come up, a clock that can't be read, a
random generator without entropy.

A call that is forwarded is refused too where the rule says what the VMM implements, and this call is not among it.

A call that several answers announce is reported once, under the one that speaks of it by name. Where a bit that the
policy itself writes to a firmware register announces the call, that is F508; a refused PSCI_FEATURES is F507.

Instead: hide the call where KVM announces it. The firmware registers do that for TRNG (`firmware: {std: []}`), stolen
time (`std_hyp: []`) and KVM's own services (`vendor_hyp: []`), the PSCI version for SYSTEM_RESET2 and SYSTEM_OFF2
(`target: {psci: "1.0"}`), and SYSTEM_SUSPEND goes with its capability. Nothing hides the rest: leave it to KVM, or
forward it, so that the VMM can refuse in a way that the call's specification allows.

Source: Linux 6.12.117 and 7.3.4 arch/arm64/kvm/hypercalls.c, psci.c, trng.c and pvtime.c.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from smccc_filter.analysis.diagnostics import Problem, Remedy, Severity
from smccc_filter.analysis.examination.guest_groups import RuleNumber, gather, label, names, place_of, rule_of, them
from smccc_filter.analysis.examination.guest_view import Guest
from smccc_filter.analysis.examination.subject import Subject, unsafe
from smccc_filter.kvm.outcomes import SERVICED
from smccc_filter.kvm.psci import PSCI_FEATURES, PSCI_VERSION
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.policy.selector import Selector
from smccc_filter.smccc import registry
from smccc_filter.smccc.intervals import union
from smccc_filter.words import enumerated

if TYPE_CHECKING:
    from smccc_filter.language.changes import Change

CODE = "F501"
NAME = "advertised-but-denied"
SEVERITY = Severity.ERROR
WHOLE = True
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each discovery call and rule."""

    def find(guest: Guest) -> Iterator[tuple[tuple[int, RuleNumber, bool], int]]:
        for call, discovery in guest.lies.items():
            from smccc_filter.analysis.examination import announcing

            if call != PSCI_FEATURES and announcing.written_bit(subject, call) is None:
                yield (discovery, rule_of(subject, call), guest.vmm_refuses(call)), call

    groups = list(gather(subject, find))
    for group in groups:
        discovery, rule, by_vmm = group.key
        beside = [call for other in groups if other.key == group.key for call in other.calls]
        place, others = place_of(subject, rule, group.ids)
        announcer, calls, it = registry.name_of(discovery), names(group.calls), them(group.calls)
        refuses = f"the VMM, to which {label(subject, rule)} forwards {it}, does not implement {it}"
        hint = f"leave {it} to KVM, have the VMM implement {it}, or forward {announcer} too"
        yield Problem(
            place,
            f"KVM's {announcer} announces {calls}{group.on}, and "
            f"{refuses if by_vmm else f'{label(subject, rule)} denies {it}'}",
            hint if by_vmm else _hint(subject, group.calls, beside),
            group.ids,
            others,
            kernels=group.kernels,
            remedy=None if by_vmm else _remedy(subject, rule, group.calls, beside),
        )


def _remedy(subject: Subject, rule: RuleNumber, calls: tuple[int, ...], beside: list[int]) -> Remedy | None:
    """Hide the calls where KVM announces them, instead of denying them where that is as good."""
    from smccc_filter.analysis.examination import announcing

    lines, exposed, changes = announcing.off(subject, calls, beside)
    if exposed:
        return None
    message = f"write {enumerated(lines)}"
    denials = _denials(subject, rule, calls)
    if not denials:
        return unsafe(message, changes)
    taken = f"take {names(calls)} out of {label(subject, rule)}"
    return unsafe(f"{message}, and {taken}", (*changes, *denials))


def _denials(subject: Subject, rule: RuleNumber, calls: tuple[int, ...]) -> "tuple[Change, ...] | None":
    """Take out of a rule what a register refuses as well, if then the register decides and nothing else depends on it.

    That is where the rule's selectors have nothing else that any kernel services.
    """
    from smccc_filter.analysis.examination import announcing
    from smccc_filter.analysis.examination.remedies import cut_selectors

    policy, resolution = subject.policy, subject.resolution
    if rule is None or policy.default is not Action.HANDLE or resolution.overlaps:
        return None
    hidden = announcing.gated_with(calls)
    touched: list[Selector] = []
    for selector in policy.rules[rule].selectors:
        serviced = [call for call in SERVICED if any(start <= call < stop for start, stop in selector.ids)]
        if serviced and hidden.issuperset(serviced):
            touched.append(selector)
    ids = union(interval for selector in touched for interval in selector.ids)
    return cut_selectors(policy.rules[rule], touched, ids)


def _hint(subject: Subject, calls: tuple[int, ...], beside: list[int]) -> str:
    from smccc_filter.analysis.examination import announcing

    if calls == (PSCI_VERSION,):
        return "leave it to KVM, or forward it: a denied PSCI_VERSION reads as PSCI 65535.65535"
    lines, exposed, _ = announcing.off(subject, calls, beside)
    said = []
    if lines:
        hidden = [call for call in calls if call not in exposed]
        said.append(f"to hide {names(hidden) if exposed else them(hidden)}, write {enumerated(lines)}")
    if exposed:
        it = them(exposed)
        said.append(f"nothing hides {names(exposed)}: leave {it} to KVM, or forward {it} and let the VMM refuse")
    return "; ".join(said)
