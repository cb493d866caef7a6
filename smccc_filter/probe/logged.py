"""The calls of one log beside a VM that may have answered them."""

from typing import NamedTuple

from smccc_filter.guests.setup import VmSetup
from smccc_filter.kvm.machine import Conduit, SmcccFeatures
from smccc_filter.kvm.outcomes import filtered
from smccc_filter.kvm.uapi import Action
from smccc_filter.probe.judging import (
    CallVerdict,
    JudgedCall,
    PredictedAnswer,
    is_untouched,
    judged_answer,
    judged_silence,
    predicted_answer,
    shown,
)
from smccc_filter.probe.log import LogAnswer, VmmLog
from smccc_filter.probe.vmm_questions import VmmQuestion
from smccc_filter.smccc.intervals import IntervalMap

CallKey = tuple[Conduit, int]
"""A conduit and the number of a call."""
AS_IF = (
    (Action.HANDLE, "it is left to KVM: no entry of the filter denies or forwards it"),
    (Action.DENY, "it is refused, as if an entry of the filter denied it"),
)
"""What a call was like if it is as predicted under another action."""


class LoggedCalls(NamedTuple):
    """A log, the calls of its policy by their numbers, and those that it should have lines of."""

    log: VmmLog
    questions: tuple[VmmQuestion, ...]
    keys: tuple[CallKey, ...]

    def judged(self, vm: VmSetup) -> tuple[JudgedCall, ...]:
        """Judge each call by a VM."""
        broken = {line.request: line.line for line in self.log.broken if line.request}
        return tuple(self._judged(vm, key, broken.get(key)) for key in self.keys)

    def number_differing(self, vm: VmSetup) -> int:
        """Count the calls that are not as predicted of a VM; what was not seen counts for nothing."""
        number = 0
        for key in self.keys:
            if (answer := self.log.answers.get(key)) or key == self.log.lost:
                conduit, question = key[0], self.questions[key[1]]
                verdict, _ = _verdict(predicted_answer(vm, conduit, question), question, answer)
                number += verdict is CallVerdict.DIFFERS
        return number

    def is_untouched(self, key: CallKey) -> bool:
        """Tell whether a call came back with every register as it was."""
        answer = self.log.answers.get(key)
        return bool(answer and answer.registers and is_untouched(self.questions[key[1]], answer.registers))

    def _judged(self, vm: VmSetup, key: CallKey, broken: int | None) -> JudgedCall:
        """Judge a call; ``broken`` is the line that was its own, and can't be read."""
        conduit, number = key
        question, answer = self.questions[number], self.log.answers.get(key)
        expected = predicted_answer(vm, conduit, question)
        if answer is None and key != self.log.lost:
            meaning = f"line {broken} is broken" if broken else "its line is missing"
            return JudgedCall(number, conduit, question, CallVerdict.NOT_SEEN, str(expected), "", meaning)
        verdict, meaning = _verdict(expected, question, answer)
        if answer is None:
            seen = "did not come back"
        else:
            seen = shown(answer.registers) if answer.registers else f"exception 0x{answer.syndrome or 0:x}"
            if verdict is CallVerdict.DIFFERS and not meaning:
                meaning = _as_if(vm, conduit, question, answer)
        return JudgedCall(number, conduit, question, verdict, str(expected), seen, meaning)


def _verdict(expected: PredictedAnswer, question: VmmQuestion, answer: LogAnswer | None) -> tuple[CallVerdict, str]:
    return judged_silence(expected) if answer is None else judged_answer(expected, question, answer)


def _as_if(vm: VmSetup, conduit: Conduit, question: VmmQuestion, answer: LogAnswer) -> str:
    """Say under which other action, or other firmware registers, an answer would be as predicted."""
    for action, sentence in AS_IF:
        other = vm._replace(machine=filtered(vm.machine, IntervalMap.of((), action)))
        if action is not vm.actions[question.func_id] and _fits(other, conduit, question, answer):
            return sentence
    unwritten = vm.machine._replace(features=SmcccFeatures(), psci_version=0)
    if _fits(vm._replace(machine=unwritten), conduit, question, answer):
        return "it is as under KVM's own firmware registers"
    return ""


def _fits(vm: VmSetup, conduit: Conduit, question: VmmQuestion, answer: LogAnswer) -> bool:
    verdict, _ = judged_answer(predicted_answer(vm, conduit, question), question, answer)
    return verdict is not CallVerdict.DIFFERS
