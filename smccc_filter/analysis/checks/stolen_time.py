"""PV_TIME_ST goes to the VMM, which can hardly account for stolen time.

PV_TIME_ST gives the address of a structure in which the hypervisor counts how long the vCPU waited for a host CPU. KVM
writes it before each entry of the guest, from the scheduler's own count. A VMM that answers in its place sees neither
the entries nor the waiting: what it writes is late, and a guest that trusts it schedules by wrong numbers.

Instead: leave the call to KVM and give each vCPU a page (`target: {stolen_time: true}`, KVM_ARM_VCPU_PVTIME_IPA), or
hide the service with `firmware: {std_hyp: []}`, which hides it from every discovery call as well.

Source: Linux arch/arm64/kvm/pvtime.c, kvm_update_stolen_time(); Arm DEN0057.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.guest_groups import kernels_of, label, place_of
from smccc_filter.analysis.examination.subject import Subject
from smccc_filter.kvm.pvtime import PV_TIME_ST
from smccc_filter.kvm.uapi import Action
from smccc_filter.words import enumerated

CODE = "G601"
NAME = "stolen-time"
SEVERITY = Severity.WARNING
WHOLE = True
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding where the call is forwarded."""
    decision = subject.resolution.decisions[PV_TIME_ST]
    everyone = subject.guests
    if decision.action is not Action.FORWARD or not everyone:
        return
    from smccc_filter.analysis.examination import announcing

    rule = decision.rule_number
    ids = ((PV_TIME_ST, PV_TIME_ST + 1),)
    place, others = place_of(subject, rule, ids)
    hiding = enumerated(announcing.off(subject, [PV_TIME_ST]).lines)
    yield Problem(
        place,
        f"{label(subject, rule)} forwards PV_TIME_ST, but a VMM does not see how long its vCPUs wait",
        f"leave it to KVM, with a stolen-time page for each vCPU; or deny it and hide the service: {hiding}",
        ids,
        others,
        kernels=kernels_of(subject, everyone)[0],
    )
