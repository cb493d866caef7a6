"""A service that the VMM announces lacks a call that its specification makes mandatory.

Who answers the version call promises the rest. A guest that reads TRNG 1.0 calls TRNG_RND without asking for it again,
and one that reads PSCI 0.2 or later takes CPU_ON, CPU_OFF, SYSTEM_OFF and the others for given. Here the VMM answers
the version, by a forwarded call, and a mandatory call of the same service is denied, or left to a KVM that does not
have it. Where KVM announces the call itself, that is F501, and where others can't be found without it, F504.

What is forwarded and not among what the VMM implements is V702.

Instead: forward the rest of the service too; `services: [trng]` selects all of one. A service that the guest is not to
have is best not announced.

Source: Arm DEN0022, DEN0060, DEN0098, DEN0100 and DEN0115, as far as the registry knows what each makes mandatory
(`smccc-filter explain CALL`).
"""

from collections.abc import Iterator
from functools import cache

from smccc_filter.analysis.diagnostics import Problem, Remedy, Severity
from smccc_filter.analysis.examination.guest_groups import RuleNumber, gather, label, names, place_of, rule_of, them
from smccc_filter.analysis.examination.guest_view import Guest
from smccc_filter.analysis.examination.subject import Subject, unsafe
from smccc_filter.kvm.machine import Outcome
from smccc_filter.kvm.psci import PSCI_FEATURES
from smccc_filter.language.policy import model
from smccc_filter.smccc import registry
from smccc_filter.smccc.intervals import union

CODE = "F509"
NAME = "missing-mandatory"
SEVERITY = Severity.WARNING
WHOLE = True
ALLOWABLE = True

ANNOUNCED_BY = {
    "psci": ("PSCI_VERSION", "PSCI_FEATURES"),
    "trng": ("TRNG_VERSION",),
    "mm": ("MM_VERSION",),
    "errata": ("EM_VERSION",),
    "pci": ("PCI_VERSION",),
}
"""The calls whose answer promises a service, and the service."""


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each announcing call and what keeps the mandatory calls away."""

    def find(guest: Guest) -> Iterator[tuple[tuple[int, RuleNumber, bool], int]]:
        for service in filter(guest.services_forwarded.__contains__, ANNOUNCED_BY):
            announcers, mandatory = promise(service)
            forwarded = [call for call in announcers if guest.outcome(call) is Outcome.FORWARDED]
            forwarded = [call for call in forwarded if not guest.vmm_refuses(call)]
            for call in mandatory if forwarded else ():
                missing = guest.makes(call) and guest.outcome(call) is Outcome.NOT_SUPPORTED
                if missing and not _is_reported(guest, call):
                    denied = guest.denied(call)
                    yield (forwarded[0], rule_of(subject, call if denied else forwarded[0]), denied), call

    for group in gather(subject, find):
        announcer, rule, denied = group.key
        place, others = place_of(subject, rule, group.ids if denied else ((announcer, announcer + 1),))
        it = them(group.calls)
        why = f"{label(subject, rule)} denies {it}" if denied else f"nobody answers {it}"
        spec = registry.by_id(announcer)[0].spec
        yield Problem(
            place,
            f"the VMM answers {registry.name_of(announcer)}, but {names(group.calls)}, mandatory by {spec}, "
            f"{them(group.calls, 'is', 'are')} missing{group.on}: {why}",
            f"forward {it} too",
            group.ids,
            others,
            kernels=group.kernels,
            remedy=None if denied or rule is None else _remedy(subject.policy.rules[rule], group.calls),
        )


def _remedy(rule: model.Rule, calls: tuple[int, ...]) -> Remedy | None:
    """Add the calls that nobody answers to the rule that forwards the announcing one."""
    from smccc_filter.analysis.examination.remedies import add

    ids = union((call, call + 1) for call in calls)
    return unsafe(f"add {names(calls)} to {rule.label}", add(rule, ids))


def _is_reported(guest: Guest, call: int) -> bool:
    """Tell whether a missing call is the subject of F501, F508, F507 or F504."""
    return call in guest.lies or call == PSCI_FEATURES or call in guest.hidden.values()


@cache
def promise(service: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the calls that announce a service, and what it must have, by ID."""
    functions = registry.functions_of(service)
    mandatory = (function for function in functions if function.required.startswith("mandatory"))
    return (
        tuple(start for name in ANNOUNCED_BY[service] for start, _ in registry.by_name(name) or ()),
        tuple(start for function in mandatory for start, _ in registry.function_ids(function)),
    )
