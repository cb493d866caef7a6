"""Which calls the image makes in the user's VMM: those of the probe, and what only code of somebody's own gets wrong.

The list depends on the policy alone and on no kernel, so that who makes the image and who judges its log have the same
one without telling each other.
"""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from smccc_filter.analysis.resolve import Resolution
from smccc_filter.guests.relations import relations
from smccc_filter.guests.setup import registers_of
from smccc_filter.kvm.machine import Call
from smccc_filter.kvm.outcomes import SERVICED
from smccc_filter.kvm.psci import (
    CPU_OFF,
    CPU_SUSPEND,
    HIBERNATE_OFF,
    KVM_PSCI_FN_CPU_OFF,
    SYSTEM_OFF,
    SYSTEM_OFF2,
    SYSTEM_RESET,
    SYSTEM_RESET2,
    SYSTEM_SUSPEND,
)
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.policy.model import Policy
from smccc_filter.probe.handler_answers import ASKED_OF_HANDLERS
from smccc_filter.probe.questions import X3, questions
from smccc_filter.smccc.function_id import FAST_CALL, MUST_BE_ZERO, NUMBER_MASK, SMC64, SVE_HINT

UPPER = 0xFFFF_FFFF
"""What upper halves hold where they are set."""
CPU_FREEZE = 0x8400_000B
CPU_DEFAULT_SUSPEND = (0x8400_000C, 0xC400_000C)
SDEI_EVENT_COMPLETE = 0xC400_0025
SDEI_EVENT_COMPLETE_AND_RESUME = 0xC400_0026
DRTM_DYNAMIC_LAUNCH = 0xC400_0114
KVM_PSCI_FN_CPU_SUSPEND = 0x95C1_BA5E
FFA_CALLS_THAT_WAIT = (0x8400_006B, 0x8400_006C, 0x8400_006D)
"""FFA_MSG_WAIT, FFA_YIELD and FFA_RUN."""
STOPPING = frozenset(
    (
        *(*CPU_SUSPEND, *CPU_DEFAULT_SUSPEND, *SYSTEM_SUSPEND, *SYSTEM_RESET2, *SYSTEM_OFF2),
        *(CPU_OFF, SYSTEM_OFF, SYSTEM_RESET, CPU_FREEZE),
        *(KVM_PSCI_FN_CPU_SUSPEND, KVM_PSCI_FN_CPU_OFF),
        *(SDEI_EVENT_COMPLETE, SDEI_EVENT_COMPLETE_AND_RESUME, DRTM_DYNAMIC_LAUNCH),
        *FFA_CALLS_THAT_WAIT,
    )
)
"""Calls that may not come back: they stop, reset, leave or wait."""
_ANY_FORM = ~(SMC64 | SVE_HINT)
_STOPPING_IN_ANY_FORM = frozenset(func_id & _ANY_FORM for func_id in STOPPING)


class VmmQuestion(NamedTuple):
    """One call: its ID and the low half of X1. ``upper`` is the upper half of X0 to X3."""

    func_id: int
    x1: int = 0
    upper: int = 0

    @property
    def call(self) -> Call:
        """The call as its callee finds it, which looks at the low half of X0 only."""
        upper = self.upper << 32
        return Call(self.func_id, upper | self.x1, upper, upper | X3)


class VmmQuestions(NamedTuple):
    """The calls of a policy, each once: ``safe`` ones, then those that may not come back; numbered in this order."""

    safe: tuple[VmmQuestion, ...]
    stopping: tuple[VmmQuestion, ...]

    @property
    def all(self) -> tuple[VmmQuestion, ...]:
        """Every call, at its number."""
        return self.safe + self.stopping

    def number_of(self, func_id: int) -> int | None:
        """Return the number of the plainest call with this ID, ``None`` where there is none."""
        return next((number for number, asked in enumerate(self.all) if asked.func_id == func_id), None)


def may_stop(func_id: int) -> bool:
    """Tell whether a call may not come back, also from a VMM that ignores its convention or the SVE hint."""
    return func_id & _ANY_FORM in _STOPPING_IN_ANY_FORM


def vmm_questions(resolution: Resolution) -> VmmQuestions:
    """Return the calls of the policy that was resolved.

    They are those of the probe; every discovery pair whose discovery call KVM or the VMM may answer; for each call that
    KVM services, its other form, its ID with the SVE hint, and for those that tell of others, upper halves that are
    set; and what shows handlers that are wrong.
    """
    named = tuple(interval for claim in resolution.claims for interval in claim.ids)
    asked = {VmmQuestion(call.func_id, call.x1) for call in questions(resolution.actions, named)}
    for relation in relations():
        forwarded = resolution.actions[relation.discovery] is Action.FORWARD
        if relation.argument and forwarded:
            asked.update(VmmQuestion(relation.discovery, x1) for x1 in relation.asked)
        if forwarded or relation.discovery in SERVICED:
            x1 = relation.asked[0] if relation.argument else 0
            asked.add(VmmQuestion(relation.discovery, x1, UPPER))
    asked.update(VmmQuestion(func_id) for func_id in _neighbours(SERVICED))
    asked.update(VmmQuestion(*call) for call in ASKED_OF_HANDLERS if resolution.actions[call[0]] is Action.FORWARD)
    asked = {_with_type(question) for question in asked}
    safe = tuple(sorted(question for question in asked if not may_stop(question.func_id)))
    stopping = tuple(sorted(question for question in asked if may_stop(question.func_id)))
    return VmmQuestions(safe, stopping)


def digest_of(policy: Policy, resolution: Resolution, asked: VmmQuestions) -> str:
    """Return 16 hexadecimal digits of what the VMM loads and what the image asks, whatever the policy's text.

    What the VMM answers is not in it: a log stays good while that part of the policy is corrected by it.
    """
    parts = [f"{start:x} {stop:x} {action}" for start, stop, action in resolution.actions.segments()]
    parts += [f"{reg_id:x} {value:x}" for _, reg_id, value in registers_of(policy)]
    parts += sorted(policy.target.capabilities)
    parts += [f"{question.func_id:x} {question.x1:x} {question.upper:x}" for question in asked.all]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _with_type(question: VmmQuestion) -> VmmQuestion:
    """Return a call with its type of hibernation: 0 stands for it in SMC32, and SMC64 has the number itself."""
    return question._replace(x1=HIBERNATE_OFF) if question == VmmQuestion(SYSTEM_OFF2[1]) else question


def _neighbours(func_ids: Iterable[int]) -> Iterable[int]:
    """Yield the other form of each fast call, and its ID with the SVE hint."""
    for func_id in func_ids:
        if func_id & FAST_CALL and not func_id & MUST_BE_ZERO and func_id & ~NUMBER_MASK != 0x95C1_0000:
            yield func_id ^ SMC64
            yield func_id | SVE_HINT
