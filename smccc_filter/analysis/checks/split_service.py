"""Calls that share one state are divided between KVM and the VMM.

CPU_ON, CPU_OFF, CPU_SUSPEND and AFFINITY_INFO are four views of which CPU is on. KVM goes by its own states and the VMM
by its own: a CPU that the VMM holds to be off is ON to KVM's AFFINITY_INFO, and Linux waits for the answer after every
CPU_OFF. KVM's TRNG has its own UUID and source, and what was registered with a VMM's SDEI is unknown to whoever answers
the rest; KVM has no SDEI, and says -1.

Where only the discovery of TRNG is forwarded, that is F503, and where only SDEI_VERSION is not, F502 or F504.

Instead: forward all calls of such a group, in both forms, or none.

Source: Arm DEN0022, DEN0054 and DEN0098; Linux 7.3.4 arch/arm64/kvm/psci.c, trng.c; drivers/firmware/psci/psci.c.
"""

from collections.abc import Iterator
from functools import cache

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.guest_groups import CallGroup, gather, names, place_of, rule_of, them
from smccc_filter.analysis.examination.guest_view import Guest
from smccc_filter.analysis.examination.subject import SHOWN, Subject
from smccc_filter.kvm.machine import Outcome
from smccc_filter.kvm.psci import AFFINITY_INFO, CPU_OFF, CPU_ON, CPU_SUSPEND, PSCI_0_1_CALLS
from smccc_filter.kvm.trng import TRNG_CALLS, TRNG_FEATURES, TRNG_VERSION
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.places import Place
from smccc_filter.smccc import registry

CODE = "F506"
NAME = "split-service"
SEVERITY = Severity.WARNING
WHOLE = True
ALLOWABLE = True

SDEI_VERSION = 0xC400_0020


DividedService = tuple[str, tuple[int, ...], frozenset[int], bool]
"""What calls share, these calls, those among them that only speak of the others, and whether KVM has the service."""

Division = tuple[str, int, tuple[int, ...], tuple[int, ...]]
"""What is divided, the rule that divides it, and the calls that the VMM has and that KVM keeps."""


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each service that is divided."""

    def find(guest: Guest) -> Iterator[tuple[Division, int]]:
        for what, calls, discovery, kvms in services():
            forwarded = tuple(call for call in calls if _is_forwarded(guest, call))
            kept = tuple(call for call in calls if _stays(guest, call, kvms=kvms)) if forwarded else ()
            if kept and not discovery.issuperset(forwarded if kvms else kept):
                division = what, _dividing(subject, forwarded, kept), forwarded, kept
                yield from ((division, call) for call in (*forwarded, *kept))

    for group in gather(subject, find):
        what, rule, forwarded, kept = group.key
        place, others = place_of(subject, rule, group.ids)
        yield Problem(
            place,
            f"{names(forwarded)} {them(forwarded, 'goes', 'go')} to the VMM, and {names(kept)} "
            f"{them(kept, 'stays', 'stay')} with KVM{group.on}, though they share {what}",
            "forward all of them, in every form, or none",
            group.ids,
            (*others, *_related(subject, rule, group)),
            kernels=group.kernels,
        )


@cache
def services() -> tuple[DividedService, ...]:
    """Return the calls that belong together, ascending."""
    cpus = tuple(sorted((CPU_OFF, *CPU_ON, *CPU_SUSPEND, *AFFINITY_INFO, *PSCI_0_1_CALLS)))
    functions = registry.functions_of("sdei")
    sdei = tuple(function.smc64 for function in functions if function.smc64 is not None and function.since == "1.0")
    return (
        ("the states of the CPUs", cpus, frozenset(), True),
        ("the registered events", sdei, frozenset({SDEI_VERSION}), False),
        ("one source of entropy", TRNG_CALLS, frozenset({TRNG_VERSION, TRNG_FEATURES}), True),
    )


def _is_forwarded(guest: Guest, call: int) -> bool:
    """Tell whether the VMM gets a call that the guest makes; of PSCI 0.1 it makes none where it has a later version."""
    if not guest.makes(call) or (call in PSCI_0_1_CALLS and guest.vm.machine.psci_0_2):
        return False
    return guest.vm.actions[call] is Action.FORWARD


def _stays(guest: Guest, call: int, *, kvms: bool) -> bool:
    """Tell whether a call is KVM's to answer; one of a service that KVM has not, if nobody took it from there."""
    if kvms:
        return guest.outcome(call) is Outcome.ANSWERED
    return guest.vm.actions[call] is Action.HANDLE


def _dividing(subject: Subject, forwarded: tuple[int, ...], kept: tuple[int, ...]) -> int:
    """Return the first rule that forwards; where the default does, the first that keeps."""
    forwarding, keeping = (
        [rule for call in calls if (rule := rule_of(subject, call)) is not None] for calls in (forwarded, kept)
    )
    return min(forwarding or keeping)


def _related(subject: Subject, rule: int, group: CallGroup[Division]) -> Iterator[tuple[Place, str]]:
    rules = {other for call in group.calls if (other := rule_of(subject, call)) is not None} - {rule}
    for other in sorted(rules)[:SHOWN]:
        yield place_of(subject, other, group.ids)[0], "decided here"
