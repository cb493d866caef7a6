"""A firmware bit that the policy writes announces a call that the guest does not get.

The filter decides before any firmware register does, and a register goes on announcing what the filter refuses: with
`vendor_hyp: [func_feat, ptp]` KVM's FEATURES shows the bit of PTP, whatever a rule does to PTP. The two bits of
`vendor_hyp_2` announce DISCOVER_IMPL_VER and DISCOVER_IMPL_CPUS, for which KVM has no code: they are for the VMM to
answer, and where nothing forwards them the guest gets NOT_SUPPORTED for what it was told is there. Linux then goes
without the errata workarounds of the other hosts that it may be moved to.

The policy contradicts itself here, so the finding stands at the bit; an allowance for it stands at top level. Where the
policy leaves the register alone and KVM's default announces the call, it is F501, at the rule.

Instead: take the bit out, or let the call through. For the two DISCOVER_IMPL calls, forward both, and have the VMM
answer.

Source: Linux 6.15 to 7.3.4 arch/arm64/kvm/hypercalls.c and Documentation/virt/kvm/arm/hypercalls.rst.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.guest_groups import RuleNumber, gather, label, names, place_of, rule_of, them
from smccc_filter.analysis.examination.guest_view import Guest
from smccc_filter.analysis.examination.subject import Subject, unsafe
from smccc_filter.language.places import Place
from smccc_filter.words import enumerated, listed

CODE = "F508"
NAME = "register-conflict"
SEVERITY = Severity.ERROR
WHOLE = True
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each register and each rule that refuses what its bits announce."""

    def find(guest: Guest) -> Iterator[tuple[tuple[str, RuleNumber, bool], int]]:
        for call in guest.lies:
            from smccc_filter.analysis.examination import announcing

            if written := announcing.written_bit(subject, call):
                yield (written[0], rule_of(subject, call), guest.denied(call)), call

    for group in gather(subject, find):
        from smccc_filter.analysis.examination import announcing

        key, rule, denied = group.key
        written = dict.fromkeys(pair for call in group.calls if (pair := announcing.written_bit(subject, call)))
        bits = [bit for bit in subject.policy.firmware[key] if (key, bit) in written]
        place, *others = (("firmware", key, subject.policy.firmware[key].index(bit)) for bit in dict.fromkeys(bits))
        it = them(group.calls)
        refused = group.guests[0].vmm_refuses(group.calls[0])
        related: list[tuple[Place, str]] = [(other, "and here") for other in others]
        if denied:
            denier, more = place_of(subject, rule, group.ids)
            related += [(denier, "denied here"), *more]
            why = f"{label(subject, rule)} denies {it}"
        else:
            why = f"nothing forwards {it} to the VMM, which alone can answer"
            why = f"the VMM does not implement {it}" if refused else why
        let = "forward" if group.calls[0] in announcing.ONLY_VMM else "do not deny"
        let = "implement" if refused else let
        lines, _, changes = announcing.off(subject, group.calls)
        yield Problem(
            place,
            f"{listed(bits, 'and')} {'makes' if len(bits) == 1 else 'make'} KVM announce "
            f"{names(group.calls)}{group.on}, and {why}",
            f"{let} {it}, or take the {'bit' if len(bits) == 1 else 'bits'} out: write {enumerated(lines)}",
            group.ids,
            related,
            kernels=group.kernels,
            remedy=unsafe(f"write {enumerated(lines)}", changes),
        )
