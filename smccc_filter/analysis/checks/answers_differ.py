"""The VMM would have to answer otherwise on one target kernel than on another.

A discovery call of the VMM is asked about calls that the filter leaves to KVM too, and then has to answer what that
kernel does: PSCI_FEATURES about SYSTEM_OFF2, which KVM has from 6.13 on, where the VMM has no PSCI version pinned. The
answers are generated once for all kernels that the policy is for, so that on one of them they would be untrue.

Instead: pin what differs, with `psci` under `target` to a version that every target kernel takes, or name kernels that
do alike and write a policy for each. Or forward these calls as well.

Source: Linux 6.12.117 and 7.3.4 arch/arm64/kvm/psci.c and hypercalls.c; commit 8be82d536a9f.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from smccc_filter.analysis.diagnostics import Problem, Remedy, Severity
from smccc_filter.analysis.examination.guest_groups import names, rule_of
from smccc_filter.analysis.examination.guest_view import Guest
from smccc_filter.analysis.examination.subject import Subject, unsafe
from smccc_filter.kvm.uapi import PSCI_VERSIONS
from smccc_filter.smccc.intervals import union
from smccc_filter.words import enumerated

if TYPE_CHECKING:
    from smccc_filter.kvm.machine import Registers

CODE = "V704"
NAME = "answers-differ"
SEVERITY = Severity.ERROR
WHOLE = True
ALLOWABLE = True

Question = tuple[int, int | None]
"""A discovery call, and the ID about which it is asked, if it takes one."""


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each call whose answers differ."""
    if not subject.vmm_rules or len(subject.guests) == 1:
        return
    differing: dict[int, list[int]] = {}
    for func_id, asked in _differing(subject.guests):
        differing.setdefault(func_id, []).extend(() if asked is None else (asked,))
    for func_id, asked_ids in differing.items():
        rule = rule_of(subject, func_id)
        part = None if rule is None else subject.policy.rules[rule].vmm
        if part is None:
            continue
        about = f" about {names(asked_ids)}" if asked_ids else ""
        kernels = enumerated([enumerated(guest.kernels) for guest in subject.guests if not guest.has_page])
        hint, remedy = _hint(subject)
        yield Problem(
            part.path,
            f"the VMM has to answer {names((func_id,))}{about} otherwise on each of {kernels}",
            hint,
            union((call, call + 1) for call in asked_ids or (func_id,)),
            remedy=remedy,
        )


def _differing(guests: tuple[Guest, ...]) -> list[Question]:
    """Return the questions that have several answers, ascending; guests with a page are compared with each other.

    ``vmm_answers`` has the same questions for every guest of a policy, ascending.
    """
    from smccc_filter.guests.vmm_answers import vmm_answers

    found: dict[tuple[Question, bool | None], set[Registers | None]] = {}
    for guest in guests:
        for answer in vmm_answers(guest.vm):
            found.setdefault(((answer.func_id, answer.asked), guest.has_page), set()).add(answer.registers)
    return list(dict.fromkeys(question for (question, _), registers in found.items() if len(registers) > 1))


def _hint(subject: Subject) -> tuple[str, Remedy | None]:
    """Say which pin makes the kernels alike, and offer it unless there is one that some of them do not take."""
    otherwise = "name kernels that do alike under `target`, or forward these calls too"
    if subject.policy.target.psci is not None:
        return otherwise, None
    shared = set(PSCI_VERSIONS).intersection(*(profile.psci.value for profile in subject.profiles))
    newest = max(shared, key=PSCI_VERSIONS.__getitem__)
    from smccc_filter.language.changes import SetKeys
    from smccc_filter.language.policy.language import fields_above

    line = f'psci: "{newest}"'
    change = SetKeys(("target",), (("psci", f'"{newest}"'),), fields_above("", "target"))
    return f"write `{line}` under `target`, or {otherwise}", unsafe(f"write `{line}` under `target`", (change,))
