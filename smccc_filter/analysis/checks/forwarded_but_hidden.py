"""A forwarded call of which the guest is told that there is none, so that no guest makes it.

The rule loads, and the VMM waits for calls that never come. A guest asks first: KVM's FEATURES for its vendor calls,
PSCI_FEATURES for the optional ones of PSCI, TRNG_VERSION for entropy, SDEI_VERSION for events. KVM answers these from
its own tables and says no, or nobody answers. The filter for the target implementation CPUs is the example: without
the bits of `vendor_hyp_2` Linux never asks the VMM.

FF-A counts too, although nothing denies it. It needs SMCCC 1.2, Linux asks SMCCC_VERSION before FFA_VERSION, and KVM
says 1.1 from a range that no filter can touch. A guest that calls FFA_VERSION without further ado does reach the VMM;
an allowance says that it is meant.

An AArch32 guest (`aarch32: true`) makes no SMC64 call: its CPU_ON is 0x84000003, and 0xC4000003 waits for nobody.

Instead: let KVM announce the call, by the bit of a firmware register, the PSCI version or a capability, or forward the
discovery call too, so that the VMM can announce it. For an AArch32 guest, select the SMC32 form.

Source: Linux 6.12.117 and 7.3.4 arch/arm64/kvm/hypercalls.c, psci.c and trng.c; drivers/firmware/smccc/kvm_guest.c and
drivers/firmware/arm_ffa/smccc.c.
"""

from collections.abc import Iterator
from functools import cache

from smccc_filter.analysis.diagnostics import Problem, Remedy, Severity
from smccc_filter.analysis.examination.guest_groups import CallGroup, RuleNumber, gather, names, place_of, rule_of, them
from smccc_filter.analysis.examination.guest_view import Guest
from smccc_filter.analysis.examination.subject import Subject, unsafe
from smccc_filter.kvm.hypercalls import SMCCC_ARCH_FEATURES
from smccc_filter.kvm.machine import Outcome
from smccc_filter.kvm.psci import PSCI_FEATURES, SMCCC_VERSION
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SMC64
from smccc_filter.words import enumerated

CODE = "F502"
NAME = "forwarded-but-hidden"
SEVERITY = Severity.WARNING
WHOLE = True
ALLOWABLE = True

FFA_VERSION = 0x8400_0063


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each discovery call and rule. For what the default forwards nobody waits."""

    def find(guest: Guest) -> Iterator[tuple[tuple[int, RuleNumber], int]]:
        for call, discovery in _hidden(guest):
            if (rule := rule_of(subject, call)) is not None:
                yield (discovery, rule), call

    yield from _smc64_for_aarch32(subject)
    for group in gather(subject, find):
        discovery, rule = group.key
        place, others = place_of(subject, rule, group.ids)
        calls, it = names(group.calls), them(group.calls)
        if discovery == SMCCC_VERSION:
            message = (
                f"no Linux guest makes FF-A's calls: it wants SMCCC 1.2, and KVM's SMCCC_VERSION says 1.1{group.on}"
            )
            hint = "take FF-A out; for a guest that calls FFA_VERSION without asking SMCCC_VERSION first, allow this"
            remedy = None
        else:
            name = registry.name_of(discovery)
            says = f"{_who(group.guests[0], discovery)} {name} does not announce {it}"
            if group.guests[0].refuses(discovery):
                says = f"nobody answers {name}"
            goes = them(group.calls, "goes", "go")
            message = f"{calls} {goes} to the VMM, but no guest makes {it}: {says}{group.on}"
            hint, remedy = _hint(subject, group)
            if group.guests[0].vmm_implements(discovery):
                hint, remedy = f"state a version that has {it}, or take {it} out", None
        yield Problem(place, message, hint, group.ids, others, kernels=group.kernels, remedy=remedy)


def _hidden(guest: Guest) -> Iterator[tuple[int, int]]:
    """Yield the forwarded calls that no guest finds, and the discovery call that is to blame.

    What a denied one hides is F504's, what the VMM refuses hides is V703's, and a register that the kernel refuses is
    reported as such.
    """
    for call, discovery in guest.hidden.items():
        from smccc_filter.analysis.examination import announcing

        if not guest.makes(call):
            continue
        key = "psci" if discovery == PSCI_FEATURES else announcing.register_of(call)
        refused = guest.denied(discovery) or guest.vmm_refuses(discovery) or guest.refused(key)
        if guest.outcome(call) is Outcome.FORWARDED and not refused:
            yield call, discovery
    if guest.outcome(FFA_VERSION) is Outcome.FORWARDED:
        waiting = (call for call in _ffa() if guest.outcome(call) is Outcome.FORWARDED and not guest.vmm_refuses(call))
        yield from ((call, SMCCC_VERSION) for call in waiting)


def _who(guest: Guest, discovery: int) -> str:
    """Say whose answer it is."""
    return "the VMM's" if guest.outcome(discovery) is Outcome.FORWARDED else "KVM's"


def _smc64_for_aarch32(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each rule that forwards SMC64 calls of an AArch32 guest, which makes none.

    A rule may select both forms, or a service that has SMC64 calls too: then some of what it forwards is made.
    """

    def find(guest: Guest) -> Iterator[tuple[RuleNumber, int]]:
        if not guest.vm.machine.aarch32:
            return
        functions = registry.functions_of(*guest.services_forwarded)
        ids = {start for function in functions for start, _ in registry.function_ids(function)}
        calls = [call for call in sorted(ids) if guest.outcome(call) is Outcome.FORWARDED]
        made = {rule_of(subject, call) for call in calls if guest.makes(call)}
        for call in calls:
            rule = rule_of(subject, call)
            has_twin = call ^ SMC64 in ids
            waiting = guest.outcome(call ^ SMC64) is not Outcome.FORWARDED if has_twin else rule not in made
            if rule is not None and waiting and not guest.makes(call):
                yield rule, call

    for group in gather(subject, find):
        place, others = place_of(subject, group.key, group.ids)
        calls, it = names(group.calls), them(group.calls)
        goes = them(group.calls, "goes", "go")
        smc32 = [call ^ SMC64 for call in group.calls if registry.by_id(call ^ SMC64)]
        yield Problem(
            place,
            f"{calls} {goes} to the VMM, but an AArch32 guest makes no SMC64 call{group.on}",
            f"select {names(smc32)}, or the call without a form, which means both" if smc32 else f"take {it} out",
            group.ids,
            others,
            kernels=group.kernels,
        )


def _hint(subject: Subject, group: CallGroup[tuple[int, RuleNumber]]) -> tuple[str, Remedy | None]:
    """Say how the calls are announced, and make it a remedy where lines do it for all of them."""
    from smccc_filter.analysis.examination import announcing

    discovery, _ = group.key
    fixed = announcing.on(subject, group.guests, group.calls).fixed
    some = [call for call in group.calls if call not in fixed]
    ways, remedy = [], None
    if some:
        lines, _, changes = announcing.on(subject, group.guests, (*some, discovery))
        ways.append(f"{f'for {names(some)} ' if fixed else ''}write {enumerated(lines)}")
        remedy = None if fixed else unsafe(f"write {enumerated(lines)}", changes)
    if discovery != SMCCC_ARCH_FEATURES:
        ways.append(f"forward {registry.name_of(discovery)} too, and let the VMM announce {them(group.calls)}")
    return ", or ".join(ways), remedy


@cache
def _ffa() -> tuple[int, ...]:
    return tuple(start for function in registry.functions_of("ffa") for start, _ in registry.function_ids(function))
