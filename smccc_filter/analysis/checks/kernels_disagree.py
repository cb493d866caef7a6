"""A call whose outcome differs between target kernels.

A policy decides the same everywhere, but what it leaves to KVM is that kernel's: SYSTEM_OFF2 came with PSCI 1.3, which
is KVM's own version from 6.13 on, so without a `psci` in `target` a guest has the call on 7.3 and gets NOT_SUPPORTED
for it on 6.12. A guest asks once, at boot, and remembers. Moved to the other kernel, it makes a call that is no longer
there, and a reviewer who read the policy on one kernel has not read what runs on the other.

Instead: pin what differs. `target: {psci: "1.1"}` gives every kernel the same PSCI; a rule that denies or forwards the
call decides for all of them alike.

Source: Linux arch/arm64/kvm/psci.c; commits 8be82d536a9f and 97413cea1c48.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.guest_groups import kernels_of, names, them
from smccc_filter.analysis.examination.guest_view import Guest
from smccc_filter.analysis.examination.subject import Subject, unsafe
from smccc_filter.kvm.handle_exit import has_nv
from smccc_filter.kvm.machine import Outcome
from smccc_filter.kvm.outcomes import SERVICED
from smccc_filter.kvm.pkvm import kvm_vm_is_protected
from smccc_filter.language.places import KeyOf
from smccc_filter.smccc.intervals import union
from smccc_filter.words import enumerated

CODE = "K405"
NAME = "kernels-disagree"
SEVERITY = Severity.WARNING
WHOLE = True
ALLOWABLE = True

WORDS = {
    Outcome.ANSWERED: "answered",
    Outcome.NOT_SUPPORTED: "not supported",
}


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for the calls that differ in the same way."""
    comparable = [guest for guest in subject.guests if _is_as_asked(subject, guest)]
    alike: dict[tuple[Outcome, ...], list[int]] = {}
    for fid in SERVICED:
        alike.setdefault(tuple(guest.outcome(fid) for guest in comparable), []).append(fid)
    for outcomes, calls in alike.items():
        if len(set(outcomes)) > 1:
            from smccc_filter.analysis.examination import announcing

            lines, _, changes = announcing.off(subject, calls)
            yield Problem(
                KeyOf(("target", "kernels")),
                f"{names(calls)} {them(calls, 'is', 'are')} {_told(subject, comparable, outcomes)}",
                f"write {enumerated(lines)}, or have a rule deny or forward {them(calls)}",
                union((fid, fid + 1) for fid in calls),
                kernels=kernels_of(subject, comparable)[0],
                remedy=unsafe(f"write {enumerated(lines)}", changes),
            )


def _is_as_asked(subject: Subject, guest: Guest) -> bool:
    """Tell whether a kernel makes the VM that the policy is for; where it does not, another check says so.

    Of two guests that differ in their stolen-time page, all kernels say the same, and one is enough.
    """
    machine, target = guest.vm.machine, subject.policy.target
    as_asked = (
        guest.has_page is not False
        and has_nv(machine) == target.nested
        and kvm_vm_is_protected(machine) == target.protected
    )
    return as_asked and not guest.refused("psci")


def _told(subject: Subject, comparable: list[Guest], outcomes: tuple[Outcome, ...]) -> str:
    where: dict[Outcome, list[Guest]] = {}
    for guest, outcome in zip(comparable, outcomes, strict=True):
        where.setdefault(outcome, []).append(guest)
    return enumerated(
        [f"{WORDS[outcome]} on {enumerated(kernels_of(subject, some)[0])}" for outcome, some in where.items()]
    )
