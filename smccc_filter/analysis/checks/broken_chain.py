"""The guest can't find SMCCC 1.1, and nothing that is behind it.

SMCCC_VERSION is a call that a guest may not make before it knows that it exists, and the one way to know is
PSCI_FEATURES(SMCCC_VERSION). PSCI has FEATURES from 1.0 on. Where it is denied, or the VM's PSCI is 0.1 or 0.2, Linux
prints "SMC Calling Convention v1.0" and goes without TRNG, stolen time, KVM's services, and the firmware mitigations
for Spectre, although KVM would answer all of them. No filter can take the mitigations away (KVM reserves their range),
but this takes away the way to them.

The same holds where the VMM answers PSCI_VERSION, and `vmm` states a version below 1.0.

Instead: leave PSCI_FEATURES to KVM, or forward it, and give the VM PSCI 1.0 or later. What it announces can be hidden
one by one; F501 says how.

Source: Linux 7.3.4 drivers/firmware/psci/psci.c, psci_init_smccc(); arch/arm64/kvm/psci.c.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Remedy, Severity
from smccc_filter.analysis.examination.guest_groups import RuleNumber, gather, label, place_of, rule_of
from smccc_filter.analysis.examination.guest_view import Guest
from smccc_filter.analysis.examination.subject import Subject
from smccc_filter.kvm.hypercalls import VENDOR_HYP_CALL_UID
from smccc_filter.kvm.machine import Outcome
from smccc_filter.kvm.psci import KVM_ARM_PSCI_1_0, PSCI_FEATURES, PSCI_VERSION
from smccc_filter.kvm.pvtime import PV_TIME_ST
from smccc_filter.kvm.trng import TRNG_VERSION
from smccc_filter.language.places import Place
from smccc_filter.words import enumerated

CODE = "F507"
NAME = "broken-chain"
SEVERITY = Severity.ERROR
WHOLE = True
ALLOWABLE = True

BEHIND = ((TRNG_VERSION, "TRNG"), (PV_TIME_ST, "stolen time"), (VENDOR_HYP_CALL_UID, "the vendor calls"))
"""What else is lost where the call is answered or forwarded."""


def check(subject: Subject) -> Iterator[Problem]:
    """Yield what breaks the chain, at most one finding a target kernel."""

    def find(guest: Guest) -> Iterator[tuple[tuple[RuleNumber, bool, tuple[str, ...]], int]]:
        lost = tuple(what for call, what in BEHIND if guest.with_page.outcome(call) is not Outcome.NOT_SUPPORTED)
        if _is_too_old(guest):
            yield (None, True, lost), PSCI_FEATURES
        elif _is_stated_too_old(guest):
            yield (rule_of(subject, PSCI_VERSION), True, lost), PSCI_FEATURES
        elif guest.denied(PSCI_FEATURES):
            yield (rule_of(subject, PSCI_FEATURES), False, lost), PSCI_FEATURES

    for group in gather(subject, find):
        rule, too_old, lost = group.key
        place: Place = ("target", "psci")
        others: tuple[tuple[Place, str], ...] = ()
        remedy: Remedy | None = None
        if too_old and rule is not None:
            place = (*subject.policy.rules[rule].path, "vmm", "version")
            why = "the VMM's PSCI 0.2 has no PSCI_FEATURES"
            hint = 'state version "1.0" or later, and implement PSCI_FEATURES'
        elif too_old:
            why = f"PSCI {subject.policy.target.psci} has no PSCI_FEATURES"
            hint = 'give the VM PSCI "1.0" or later'
        else:
            from smccc_filter.analysis.examination.remedies import call_selector, leaving_remedy

            place, others = place_of(subject, rule, group.ids)
            remedy = leaving_remedy(subject, rule, "PSCI_FEATURES", call_selector(["PSCI_FEATURES"]), group.ids)
            why = f"{label(subject, rule)} denies PSCI_FEATURES"
            hint = "let PSCI_FEATURES through, or forward it"
        gone = enumerated(["the firmware mitigations for Spectre", *lost])
        message = f"{why}{group.on}, so the guest never finds SMCCC 1.1, and loses {gone}"
        yield Problem(place, message, hint, group.ids, others, kernels=group.kernels, remedy=remedy)


def _is_stated_too_old(guest: Guest) -> bool:
    """Tell whether the VMM is the guest's PSCI, and the policy states a version below 1.0."""
    reply = guest.reply(PSCI_VERSION)
    return guest.vmm_implements(PSCI_VERSION) and reply.registers is not None and reply.registers[0] < KVM_ARM_PSCI_1_0


def _is_too_old(guest: Guest) -> bool:
    """Tell whether the guest gets a PSCI below 1.0, unless the VMM is its PSCI."""
    if guest.vm.machine.kvm_psci_version() >= KVM_ARM_PSCI_1_0:
        return False
    return guest.outcome(PSCI_FEATURES) is not Outcome.FORWARDED or guest.outcome(PSCI_VERSION) is Outcome.ANSWERED
