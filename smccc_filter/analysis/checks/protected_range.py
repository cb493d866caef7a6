"""A protected VM: its hypervisor answers calls before KVM sees them, and KVM takes no filter for it.

The EL2 part of pKVM answers four HVCs of a protected guest itself: KVM's FEATURES (0x86000000), HYP_MEMINFO, MEM_SHARE
and MEM_UNSHARE (0xC6000002 to 0xC6000004). What a rule or the default says of them decides nothing but the SMCs with
these IDs, by which no guest makes them. That is a warning.

The host has no say in a protected VM, either. From 7.1 on, the first release that makes one, KVM_SET_DEVICE_ATTR gives
EINVAL for every entry of a filter, and so does KVM_ENABLE_CAP for `system_suspend`. A policy that needs one of them
can't be loaded, which is an error. Firmware registers and the PSCI version are taken.

KVM_CREATE_VM makes such a VM on a host booted with `kvm-arm.mode=protected` alone, which the policy cannot see. On
kernels before 7.1 there is nothing to check, as no host makes one; that is a warning too.

Instead: decide by `firmware` registers and `psci` alone, with `default: handle` and no rules that deny or forward.

Source: Linux arch/arm64/kvm/hyp/nvhe/pkvm.c, kvm_handle_pvm_hvc64(); arch/arm64/include/asm/kvm_pkvm.h,
kvm_pkvm_ioctl_allowed() and kvm_pkvm_ext_allowed(); commits b12b3b04f6ba and 8800dbf6614a. Linux 7.3.4
was seen to do so.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.guest_groups import RuleNumber, all_names, label, names, place_of, them
from smccc_filter.analysis.examination.subject import Subject
from smccc_filter.guests.setup import set_up
from smccc_filter.kvm.pkvm import PKVM_CALLS
from smccc_filter.kvm.profiles import ProtectedSupport, all_profiles
from smccc_filter.kvm.uapi import Action, Errno
from smccc_filter.language.places import KeyOf, Place
from smccc_filter.smccc.intervals import union
from smccc_filter.words import enumerated

CODE = "K406"
NAME = "protected-range"
SEVERITY = Severity.WARNING
WHOLE = True
ALLOWABLE = True

REFUSED: dict[str, tuple[Place, str, str]] = {
    "filter": (
        KeyOf(("target", "protected")),
        "every entry of a protected VM's filter on {kernels}, so nothing is denied and nothing forwarded",
        "take out the rules that deny or forward, write `default: handle`, and hide services by `firmware` registers",
    ),
    "capabilities": (
        ("target", "capabilities"),
        "to enable these for a protected VM on {kernels}",
        "take `capabilities` out",
    ),
}
"""Where something stands that KVM refuses for a protected VM, what it is, and what to do."""


def check(subject: Subject) -> Iterator[Problem]:
    """Yield what the target kernels make of a protected VM."""
    if not subject.policy.target.protected:
        return
    making = tuple(known for known in subject.profiles if known.protected.value is not ProtectedSupport.NOT_OFFERED)
    without = tuple(known.name for known in subject.profiles if known not in making)
    if without:
        first = next(
            known.name for known in all_profiles() if known.protected.value is not ProtectedSupport.NOT_OFFERED
        )
        yield Problem(
            KeyOf(("target", "protected")),
            f"KVM makes no protected VM on {enumerated(without)}, so there is none for this policy",
            f"name kernels from {first} on and boot the host with `kvm-arm.mode=protected`, or take `protected` out",
            kernels=without,
        )
    if making:
        yield from _refusals(subject)
        yield from _ranges(subject, tuple(known.name for known in making))


def _refusals(subject: Subject) -> Iterator[Problem]:
    """Yield what KVM refuses of the policy for a protected VM, registers apart."""
    actions = subject.resolution.actions
    kernels: dict[tuple[str, Errno], list[str]] = {}
    for known in subject.profiles:
        for refusal in set_up(subject.policy, known, actions).refusals:
            if refusal.key in REFUSED:
                kernels.setdefault((refusal.key, refusal.errno), []).append(known.name)
    for (key, errno), refusing in kernels.items():
        place, what, hint = REFUSED[key]
        yield Problem(
            place,
            f"KVM refuses {what.format(kernels=enumerated(refusing))}",
            hint,
            errno=errno,
            kernels=tuple(refusing),
            severity=Severity.ERROR,
        )


def _ranges(subject: Subject, kernels: tuple[str, ...]) -> Iterator[Problem]:
    """Yield one finding for each rule, and for the default, that decides about calls which never reach KVM."""
    decided: dict[RuleNumber, list[int]] = {}
    for call in PKVM_CALLS:
        decision = subject.resolution.decisions[call]
        if decision.action is not Action.HANDLE:
            decided.setdefault(decision.rule_number, []).append(call)
    for rule, calls in decided.items():
        from smccc_filter.analysis.examination.remedies import call_selector, leaving_hint

        ids = union((call, call + 1) for call in calls)
        place, others = place_of(subject, rule, ids)
        yield Problem(
            place,
            f"a protected VM's hypervisor answers {names(calls)} by HVC, whatever {label(subject, rule)} says",
            leaving_hint(subject, rule, them(calls), call_selector(all_names(calls))),
            ids,
            others,
            kernels=kernels,
        )
