"""The VMM answers a discovery call about calls that KVM still services.

A forwarded discovery call is the VMM's in all that it is asked about, and part of that KVM still answers. Whoever takes
over PSCI_FEATURES is asked about SMCCC_VERSION too, which no filter can take from KVM. Told -1 there, a Linux guest
stays at SMCCC 1.0 and finds no TRNG, no stolen time, no KVM services and none of the firmware mitigations for Spectre.
Nothing can check it here: only the VMM knows what it says. Where the rule says what the VMM implements (`vmm:`), its
answers are generated from the policy and are the kernel's, so that there is nothing to find.

Instead: say with `vmm:` what the VMM implements, and use the answers that `compile` makes of it. Or have the VMM say
what KVM would, as the finding lists it, and allow the finding where it does. Or move the
whole service, so that the VMM knows the answers because they are its own.

Source: Linux 6.12.117 and 7.3.4 arch/arm64/kvm/hypercalls.c, psci.c and trng.c; drivers/firmware/psci/psci.c.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.guest_groups import (
    CallGroup,
    RuleNumber,
    all_names,
    gather,
    names,
    place_of,
    rule_of,
)
from smccc_filter.analysis.examination.guest_view import Guest
from smccc_filter.analysis.examination.subject import Subject
from smccc_filter.guests.relations import kvms_relations
from smccc_filter.guests.setup import EVERYTHING_HANDLED
from smccc_filter.kvm.handle_exit import call_of
from smccc_filter.kvm.machine import Call, Outcome, Registers
from smccc_filter.kvm.outcomes import filtered
from smccc_filter.kvm.psci import PSCI_FEATURES, SMCCC_VERSION
from smccc_filter.smccc import registry
from smccc_filter.words import enumerated

CODE = "F503"
NAME = "discovery-forwarded"
SEVERITY = Severity.WARNING
WHOLE = True
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each discovery call and rule."""

    def find(guest: Guest) -> Iterator[tuple[tuple[int, RuleNumber], int]]:
        for relation in kvms_relations():
            discovery = relation.discovery
            if guest.outcome(discovery) is Outcome.FORWARDED and guest.reaches(discovery):
                answered = (call for call in relation.asked if guest.outcome(call) is Outcome.ANSWERED)
                unknown = (call for call in answered if guest.says(relation, call) is None)
                yield from (((discovery, rule_of(subject, discovery)), call) for call in unknown)

    for group in gather(subject, find):
        discovery, rule = group.key
        place, others = place_of(subject, rule, ((discovery, discovery + 1),))
        hint = f"have the VMM answer as KVM would: {_answers(group)}"
        if group.guests[0].vmm_implements(discovery):
            hint += ", by the version that `vmm` states of it or by a handler"
        if (discovery, group.calls[0]) == (PSCI_FEATURES, SMCCC_VERSION):
            hint += "; told that there is no SMCCC_VERSION, the guest stays at SMCCC 1.0"
        yield Problem(
            place,
            f"the VMM answers {registry.name_of(discovery)}, and KVM goes on servicing {names(group.calls)}{group.on}",
            hint,
            group.ids,
            others,
            kernels=group.kernels,
        )


def _answers(group: CallGroup[tuple[int, RuleNumber]]) -> str:
    """Say what KVM would answer about the calls that it services."""
    discovery, _ = group.key
    if next(relation.argument for relation in kvms_relations() if relation.discovery == discovery):
        by_value: dict[int, list[int]] = {}
        for call in group.calls:
            by_value.setdefault(_unfiltered(group.guests[0], Call(discovery, call))[0], []).append(call)
        return "; ".join(f"{x0} for {enumerated(all_names(calls))}" for x0, calls in by_value.items())
    by_answer: dict[Registers, list[str]] = {}
    for guest in group.guests:
        by_answer.setdefault(_unfiltered(guest, Call(discovery)), []).extend(guest.kernels)
    if len(by_answer) == 1:
        return _show(*by_answer)
    return enumerated(
        [
            f"{_show(registers)} on {enumerated(list(dict.fromkeys(kernels)))}"
            for registers, kernels in by_answer.items()
        ]
    )


def _show(registers: Registers) -> str:
    """Write the registers of an answer that is not all zeros, less those at the end."""
    last = max(number for number, value in enumerate(registers) if value)
    values = ", ".join(f"0x{value:X}" for value in registers[: last + 1])
    return f"{values} in X0" + (f" to X{last}" if last else "")


def _unfiltered(guest: Guest, call: Call) -> Registers:
    """Return what KVM answers without a filter, PSCI in its newest version where the vCPU is given only 0.1."""
    machine = filtered(guest.vm.machine, EVERYTHING_HANDLED)
    if not machine.psci_0_2:
        machine = machine._replace(psci_0_2=True, psci_version=0)
    return call_of(machine, guest.vm.conduit, call).constant
