"""The policy denies a call without which a Linux guest can't manage its CPUs, power off or reboot.

Linux makes these calls whether or not anything announces them, and has no other way. Denied, CPU_ON leaves it with the
CPU that it booted on; CPU_OFF comes back to a CPU that has given everything up, which Linux ends with BUG(); SYSTEM_OFF
and SYSTEM_RESET return into a guest that has nothing left to do. An arm64 Linux uses the SMC64 form where there are
two, a 32-bit one (`aarch32: true`) the SMC32 form; at PSCI 0.1 they have CPU_ON and CPU_OFF only.

Others it can do without. A denied PSCI_VERSION reads as 65535.65535, and Linux goes on. Without AFFINITY_INFO it waits
100 ms for each CPU that goes offline, and complains. Without MIGRATE_INFO_TYPE it takes it that no Trusted OS ties it
to a CPU. Without PSCI_FEATURES it boots, but loses more than it shows: F507.

Instead: leave the calls to KVM, or forward them to a VMM that decides. `default: deny` needs a rule for them, which the
hint writes out.

Source: Linux drivers/firmware/psci/psci.c; arch/arm64/kernel/psci.c; arch/arm64/kernel/smp.c, cpu_die().
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.guest_groups import (
    RuleNumber,
    all_names,
    kernels_of,
    label,
    names,
    place_of,
    them,
)
from smccc_filter.analysis.examination.subject import Subject
from smccc_filter.kvm.psci import CPU_OFF, CPU_ON, KVM_PSCI_FN_CPU_OFF, KVM_PSCI_FN_CPU_ON, SYSTEM_OFF, SYSTEM_RESET
from smccc_filter.kvm.uapi import Action
from smccc_filter.smccc.intervals import union
from smccc_filter.words import enumerated

CODE = "G602"
NAME = "boot-critical"
SEVERITY = Severity.WARNING
WHOLE = True
ALLOWABLE = True

ONE_CPU = "stays with one CPU"
BUG = "crashes when it takes a CPU offline"
Need = tuple[int, int, str]
"""A call that Linux makes, its other form or the same again, and what Linux does without it."""
NEEDS: tuple[Need, ...] = (
    (CPU_ON[1], CPU_ON[0], ONE_CPU),
    (CPU_OFF, CPU_OFF, BUG),
    (SYSTEM_OFF, SYSTEM_OFF, "does not power off"),
    (SYSTEM_RESET, SYSTEM_RESET, "does not reboot"),
)
NEEDS_OF_AARCH32: tuple[Need, ...] = ((CPU_ON[0], CPU_ON[0], ONE_CPU), *NEEDS[1:])
NEEDS_0_1: tuple[Need, ...] = (
    (KVM_PSCI_FN_CPU_ON, KVM_PSCI_FN_CPU_ON, ONE_CPU),
    (KVM_PSCI_FN_CPU_OFF, KVM_PSCI_FN_CPU_OFF, BUG),
)
"""What Linux needs of PSCI 0.1, by the IDs that KVM chose for it."""


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each rule that denies such calls, and one for the default."""
    decisions, everyone = subject.resolution.decisions, subject.guests
    denied: dict[RuleNumber, list[Need]] = {}
    target = subject.policy.target
    for need in NEEDS_0_1 if target.psci == "0.1" else NEEDS_OF_AARCH32 if target.aarch32 else NEEDS:
        decision = decisions[need[0]]
        if decision.action is Action.DENY and everyone:
            denied.setdefault(decision.rule_number, []).append(need)
    for rule, needs in denied.items():
        from smccc_filter.analysis.examination.remedies import call_selector, leaving_hint, leaving_remedy

        forms = (form for call, twin, _ in needs for form in (twin, call) if decisions[form].rule_number == rule)
        calls = list(dict.fromkeys(forms))
        ids = union((call, call + 1) for call in calls)
        place, others = place_of(subject, rule, ids)
        yield Problem(
            place,
            f"{label(subject, rule)} denies {names(calls)}: a Linux guest {enumerated([need[2] for need in needs])}",
            leaving_hint(subject, rule, them(calls), call_selector(all_names(calls))),
            ids,
            others,
            kernels=kernels_of(subject, everyone)[0],
            remedy=leaving_remedy(subject, rule, names(calls), call_selector(all_names(calls)), ids),
        )
