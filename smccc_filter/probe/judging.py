"""One call of the image, as predicted and as its log has it.

What is predicted is what the guest finds: of a forwarded call what the policy says of its VMM, and where it says
nothing, any answer will do. None at all will not: a VMM that goes on without writing a register leaves the function ID
in X0, which a guest takes for an answer.
"""

from enum import StrEnum
from typing import NamedTuple

from smccc_filter.guests.relations import relations
from smccc_filter.guests.setup import VmSetup
from smccc_filter.kvm.machine import Conduit, Outcome, Registers, Reply, SystemEvent
from smccc_filter.kvm.psci import CPU_SUSPEND, SYSTEM_OFF, SYSTEM_OFF2
from smccc_filter.probe.handler_answers import FFA_1_0, FFA_VERSION, TOO_NARROW, fault_of
from smccc_filter.probe.log import LogAnswer
from smccc_filter.probe.observation import CPU_OFF_CALLS, HOST_MAY_REFUSE, REFUSED, CallEnd, Observation
from smccc_filter.probe.vmm_questions import VmmQuestion, may_stop
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import show

U32_MAX = 0xFFFF_FFFF
POWER_OFF = frozenset({SYSTEM_OFF, *SYSTEM_OFF2})


class CallVerdict(StrEnum):
    """What the log says of a call."""

    AS_PREDICTED = "as predicted"
    DIFFERS = "differs"
    NOT_KNOWN = "not known"
    """Nobody here knows the answer: the host, a handler of the VMM, or time decides it."""
    NOT_SEEN = "not seen"


class PredictedAnswer(NamedTuple):
    """What is predicted of a call: the reply, and whether it comes back: ``None`` where time decides."""

    reply: Reply
    comes_back: bool | None

    def __str__(self) -> str:
        """Say it as an answer that was seen is said."""
        if self.comes_back is False:
            return "does not come back"
        if self.reply.registers is None and self.reply.outcome is Outcome.FORWARDED and not self.reply.by_vmm:
            return "an answer of the VMM"
        return str(Observation(CallEnd.RETURNED, self.reply.registers))


def predicted_answer(vm: VmSetup, conduit: Conduit, question: VmmQuestion) -> PredictedAnswer:
    """Predict a call by a conduit."""
    reply = vm._replace(conduit=conduit).reply(question.call)
    if reply.event is not None:
        comes_back: bool | None = None if reply.event is SystemEvent.SUSPEND else False
    elif reply.for_guest is Outcome.ANSWERED and question.func_id in CPU_SUSPEND:
        comes_back = None
    elif reply.for_guest is Outcome.ANSWERED and question.func_id in CPU_OFF_CALLS:
        comes_back = False
    elif reply.registers is None and reply.outcome is Outcome.FORWARDED and may_stop(question.func_id):
        comes_back = None
    else:
        comes_back = True
    return PredictedAnswer(reply, comes_back)


class JudgedCall(NamedTuple):
    """A call: its number in the list, what is predicted and what came, and what a difference means.

    ``answer`` is ``None`` where none was seen.
    """

    number: int
    conduit: Conduit
    question: VmmQuestion
    verdict: CallVerdict
    prediction: PredictedAnswer
    answer: LogAnswer | None
    meaning: str = ""

    @property
    def expected(self) -> str:
        """What was expected, as the report has it."""
        return str(self.prediction)

    @property
    def seen(self) -> str:
        """What came back, as the report has it; empty for a call of which the log says nothing."""
        if self.answer is None:
            return "" if self.verdict is CallVerdict.NOT_SEEN else "did not come back"
        if self.answer.registers is None:
            return f"exception 0x{self.answer.syndrome or 0:x}"
        return str(Observation(CallEnd.RETURNED, self.answer.registers))


def judged_answer(expected: PredictedAnswer, question: VmmQuestion, answer: LogAnswer) -> tuple[CallVerdict, str]:
    """Judge what came back; say what a difference means as far as the call itself tells it."""
    if answer.registers is None:
        return CallVerdict.DIFFERS, "the call ended in an exception of the guest"
    seen, reply = answer.registers, expected.reply
    if expected.comes_back is False:
        return CallVerdict.DIFFERS, "the VMM let the guest go on"
    if reply.registers is None:
        return _of_unknown(reply, question, seen)
    if seen == reply.registers:
        return CallVerdict.AS_PREDICTED, ""
    return CallVerdict.DIFFERS, _meaning(reply, reply.registers, question, seen)


def judged_silence(expected: PredictedAnswer, question: VmmQuestion, restarts: int) -> tuple[CallVerdict, str]:
    """Judge a call that was made and never came back, in a log in which the image began anew ``restarts`` times."""
    if restarts and question.func_id in POWER_OFF and expected.reply.for_guest is Outcome.ANSWERED:
        return CallVerdict.DIFFERS, "the VM began anew, and was to be off"
    if expected.comes_back is None:
        return CallVerdict.NOT_KNOWN, ""
    if expected.comes_back:
        return CallVerdict.DIFFERS, "the call never came back: the VMM hung, ended or began anew"
    return CallVerdict.AS_PREDICTED, ""


def title(question: VmmQuestion) -> str:
    """Write a call as people know it: ``PSCI_FEATURES(SMCCC_VERSION)``."""
    name = registry.name_of(question.func_id) or show(question.func_id)
    return f"{name}({registry.name_of(question.x1) or show(question.x1)})" if question.x1 else name


def is_untouched(question: VmmQuestion, seen: Registers) -> bool:
    """Tell whether all registers still hold what the guest called with."""
    if seen[0] & U32_MAX != question.func_id:
        return False
    call = question.call
    return seen == (question.upper << 32 | call.func_id, call.x1, call.x2, call.x3)


def _of_unknown(reply: Reply, question: VmmQuestion, seen: Registers) -> tuple[CallVerdict, str]:
    """Judge an answer that nobody here can predict."""
    if is_untouched(question, seen):
        return CallVerdict.DIFFERS, _untouched(reply)
    if reply.for_guest is Outcome.ANSWERED and seen == REFUSED and not _may_refuse(question):
        who = "the VMM does not answer" if reply.by_vmm else "KVM does not answer"
        return CallVerdict.DIFFERS, f"{who} {title(question)}, which it has"
    if reply.for_guest is Outcome.ANSWERED and reply.by_vmm:
        fault = fault_of(question.func_id, question.x1, seen)
        return (CallVerdict.DIFFERS, fault) if fault else (CallVerdict.NOT_KNOWN, "")
    return CallVerdict.NOT_KNOWN, ""


def _may_refuse(question: VmmQuestion) -> bool:
    """Tell whether NOT_SUPPORTED is an answer of a call that there is."""
    if question.func_id == FFA_VERSION:
        return question.x1 != FFA_1_0
    features = (relation.discovery for relation in relations() if relation.argument)
    return question.func_id in HOST_MAY_REFUSE or question.func_id in features


def _meaning(reply: Reply, wanted: Registers, question: VmmQuestion, seen: Registers) -> str:
    if is_untouched(question, seen):
        return _untouched(reply)
    call = question.call
    if seen[0] == wanted[0] and seen[1:] == (call.x1, call.x2, call.x3):
        who = "the VMM writes X0 alone" if reply.outcome is Outcome.FORWARDED else "KVM did not answer this"
        return f"X0 is right, and X1 to X3 hold what the guest called with: {who}"
    if seen[0] == wanted[0] & U32_MAX and seen[1:] == wanted[1:]:
        return TOO_NARROW
    if reply.outcome is not Outcome.FORWARDED:
        return ""
    if seen == REFUSED:
        return f"the VMM does not answer {title(question)}"
    return "the VMM answers what it does not implement" if wanted == REFUSED and seen[0] != wanted[0] else ""


def _untouched(reply: Reply) -> str:
    if reply.outcome is Outcome.FORWARDED:
        return "the VMM left every register as it was, and the function ID in X0 passes for an answer"
    return "the call was forwarded, and the VMM left every register as it was"
