"""Each wrong answer that VMMs have given is caught and named."""

import pytest

from smccc_filter.kvm.machine import Conduit
from smccc_filter.kvm.uapi import Action
from smccc_filter.probe.diagnosis import LogJudgement, judge
from smccc_filter.probe.judging import CallVerdict
from smccc_filter.probe.log import LogHeader
from smccc_filter.probe.log_reader import read_log
from smccc_filter.probe.vmm_questions import VmmQuestion, digest_of
from tests.probe.vmm_bugs import CAUGHT, CPU_ON, EXAMINATION, QUESTIONS, RIGHT, UNSEEN, VM, Answer, VmmBug
from tests.probe.vmm_logs import LETTERS, Answerer, line, written


def answered(bug: VmmBug, right: Answerer, conduit: Conduit, question: VmmQuestion) -> Answer:
    if VM.actions[question.func_id] is not Action.FORWARD:
        return right(conduit, question)
    return bug(conduit, question, right(conduit, question))


def judged(bug: VmmBug, only: int | None = None) -> LogJudgement:
    """Judge the log of the image under a VMM with a bug: whole, or of one call alone."""
    policy, resolution = EXAMINATION.policy, EXAMINATION.resolution
    assert policy is not None
    number = QUESTIONS.number_of(only) if only else 0
    assert number is not None
    asked = range(number, number + 1) if only else range(len(QUESTIONS.safe))
    header = LogHeader(digest_of(policy, resolution, QUESTIONS), number, len(asked), tuple(Conduit))
    log = line(f"{header}1")
    for conduit in Conduit:
        for number in asked:
            answer = answered(bug, RIGHT, conduit, QUESTIONS.all[number])
            request = f"{number:x}{LETTERS[conduit]} "
            if answer is None:
                return judge(read_log(f"{log}\r\nsmccc1 {request}".encode()), policy, resolution, QUESTIONS, (VM,))
            log += line(request + (answer if isinstance(answer, str) else written(answer)))
            if isinstance(answer, str):
                break
    return judge(read_log((log + line("end")).encode()), policy, resolution, QUESTIONS, (VM,))


def test_a_vmm_without_a_bug_is_as_predicted() -> None:
    assert judged(lambda _conduit, _question, right: right).is_as_predicted


@pytest.mark.parametrize("name", CAUGHT)
def test_a_wrong_answer_is_caught_and_named(name: str) -> None:
    bug, calls, told, only = CAUGHT[name]
    judgement = judged(bug, only)
    differing = {call.question: call for call in judgement.of(CallVerdict.DIFFERS)}
    assert set(calls) <= differing.keys()
    assert told in differing[calls[0]].meaning
    assert all(VM.actions[question.func_id] is Action.FORWARD for question in differing)


def test_what_does_not_show_is_not_caught_after_all() -> None:
    assert not UNSEEN.keys() & CAUGHT.keys()
    same = QUESTIONS.number_of(CPU_ON)
    assert same is not None
    assert {RIGHT(conduit, QUESTIONS.all[same])[0] for conduit in Conduit} == {2**64 - 4}
