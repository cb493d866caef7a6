"""A forwarded call that guests were recorded to make often.

KVM answers a call within microseconds and without leaving the kernel. A forwarded one ends KVM_RUN: the vCPU's thread
returns to user space, reads its registers by one ioctl each, writes them, and enters again, with the host's scheduler,
its mitigations and the VMM's locks in between. A guest that makes such a call thousands of times in a second spends its
time there. Only `audit` can tell, from a trace: the rate is that of the one VM that called most often, over the whole
trace, and `--hot` says from which rate on it is worth a word.

Instead: leave the call to KVM where KVM has it, forward only the calls of the service that the VMM has to see, or allow
this with a reason where the VMM is known to be fast enough.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.guest_groups import RuleNumber, label, place_of
from smccc_filter.analysis.examination.subject import SHOWN, HotCall, Subject
from smccc_filter.kvm.uapi import Action
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import show
from smccc_filter.smccc.intervals import union
from smccc_filter.words import enumerated

CODE = "G604"
NAME = "hot-forward"
SEVERITY = Severity.WARNING
WHOLE = True
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each rule that forwards such calls, and one for the default."""
    found: dict[RuleNumber, list[HotCall]] = {}
    for call in sorted(subject.hot or (), key=lambda call: -call.rate):
        decision = subject.resolution.decisions[call.func_id]
        if decision.action is Action.FORWARD:
            found.setdefault(decision.rule_number, []).append(call)
    for rule, calls in found.items():
        ids = union((call.func_id, call.func_id + 1) for call in calls)
        place, others = place_of(subject, rule, ids)
        said = [f"{registry.name_of(call.func_id) or show(call.func_id)} ({call.rate:,.0f} a second)" for call in calls]
        beyond = [f"{len(said) - SHOWN:,} more"] if len(said) > SHOWN else []
        yield Problem(
            place,
            f"{label(subject, rule)} forwards what a VM calls often: {enumerated(said[:SHOWN] + beyond)}",
            "leave it to KVM where KVM has it, or allow this where the VMM is fast enough",
            ids,
            others,
        )
