"""Calls that are judged together are judged as each is alone."""

import random

import pytest

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.guests.setup import EVERYTHING_HANDLED, VmSetup, registers_of, set_up, vm_of
from smccc_filter.kvm.machine import Conduit, Registers
from smccc_filter.kvm.outcomes import filtered
from smccc_filter.kvm.uapi import Action
from smccc_filter.probe import logged
from smccc_filter.probe.judging import CallVerdict, PredictedAnswer, predicted_answer
from smccc_filter.probe.log import BrokenLine, LogAnswer, LogHeader, VmmLog
from smccc_filter.probe.logged import CallKey, LoggedCalls
from smccc_filter.probe.observation import REFUSED
from smccc_filter.probe.vmm_questions import VmmQuestion, vmm_questions
from smccc_filter.smccc.intervals import IntervalMap
from tests.policies.shipped import examine
from tests.probe.kernels import known
from tests.probe.vmm_logs import HOSTS_OWN, untouched

OWN = pipeline.examine(
    "own.yaml",
    b"""{version: 1, name: own, target: {psci: "1.1"}, rules: [
{action: forward, ranges: ["0x84000060-0x8400008F", "0x86000010-0x8600FFEF", "0xC6001000-0xFFFFFFFF"]},
{action: deny, ranges: ["0x84000021-0x8400004F", "0x02000000-0x0200001F"]}]}""",
)
FFA_FEATURES = 0x8400_0064
U32_MAX = 0xFFFF_FFFF


def vms_of(examination: Examination) -> tuple[VmSetup, ...]:
    """Return the VM of a policy, and those that it may be taken for."""
    own, actions = examination.policy, examination.resolution.actions
    assert own is not None
    right = set_up(own, known("7.3"), actions)
    half = IntervalMap.of(right.actions.within(0, 0xC600_0000), Action.HANDLE)
    return (
        right,
        set_up(own, known("6.4"), actions),
        vm_of(own.target, (), known("7.3"), right.actions, right.vmm),
        vm_of(own.target, registers_of(own), known("7.3"), EVERYTHING_HANDLED),
        right._replace(machine=filtered(right.machine, half), actions=half),
    )


def drawn(draw: random.Random, expected: Registers, question: VmmQuestion, other: VmmQuestion) -> LogAnswer | None:
    """Draw an answer as a VMM that makes each mistake at times gives it, also that of another call."""
    own = untouched(question)
    answers = (
        *(expected, REFUSED, own, HOSTS_OWN, (0, 0, 0, 0)),
        *(
            (expected[0], *own[1:]),
            (REFUSED[0], *own[1:]),
            (REFUSED[0], *untouched(other)[1:]),
            (expected[0] & U32_MAX, *expected[1:]),
            (own[0], 0, 0, 0),
        ),
    )
    return draw.choice((*(LogAnswer(answer, None, 1) for answer in answers), LogAnswer(None, 0x200_0000, 1), None))


@pytest.mark.parametrize("name", ["own", "kvmtool-psci", "ffa-in-vmm"])
def test_calls_that_are_judged_together_are_judged_as_each_is_alone(name: str) -> None:
    examination = OWN if name == "own" else examine(name)
    draw = random.Random(12)  # noqa: S311 -- what is drawn is no secret
    right, *_ = vms = vms_of(examination)
    questions = vmm_questions(examination.resolution).all
    keys = tuple((conduit, number) for conduit in Conduit for number in range(len(questions)))
    other = max((one for one in questions if one.func_id == FFA_FEATURES), default=questions[0])
    answers: dict[CallKey, LogAnswer] = {}
    for conduit, number in keys:
        expected = predicted_answer(right, conduit, questions[number]).reply.registers or HOSTS_OWN
        if answer := drawn(draw, expected, questions[number], other):
            answers[conduit, number] = answer
    unseen = [key for key in keys if key not in answers]
    broken = (BrokenLine(7, "", unseen[0]), BrokenLine(9, "", None))
    header = LogHeader("0" * 16, 0, len(questions), tuple(Conduit))
    log = VmmLog(header, 1, answers, broken, unseen[len(unseen) // 3], ended=False, restarts=0)
    together = LoggedCalls(log, questions, keys, right)
    for vm in vms:
        alone = tuple(call for key in keys for call in LoggedCalls(log, questions, (key,), right).judged(vm))
        assert together.judged(vm) == alone
        assert {call.verdict for call in alone} == set(CallVerdict)
        number = sum(call.verdict is CallVerdict.DIFFERS for call in alone)
        assert together.number_differing(vm) == number
        assert 0 < together.number_differing(vm, 1) <= number


def predictions_made(monkeypatch: pytest.MonkeyPatch, action: str, ranges: int) -> int:
    """Return how many predictions it takes to judge a log in which nobody answers so many ranges of a policy."""
    chosen = ", ".join(
        f'"0x{start:08X}-0x{start + 7:08X}"' for start in range(0x8600_0100, 0x8600_0100 + ranges * 16, 16)
    )
    examination = pipeline.examine(
        "own", f"{{version: 1, name: own, rules: [{{action: {action}, ranges: [{chosen}]}}]}}".encode()
    )
    right, *_ = vms_of(examination)
    questions = vmm_questions(examination.resolution).safe
    keys = tuple((conduit, number) for conduit in Conduit for number in range(len(questions)))
    seen = {key: untouched(questions[key[1]]) if action == "forward" else REFUSED for key in keys}
    answers = {key: LogAnswer(registers, None, 1) for key, registers in seen.items()}
    log = VmmLog(LogHeader("0" * 16, 0, len(questions), tuple(Conduit)), 1, answers, (), None, ended=True, restarts=0)
    made: list[VmmQuestion] = []

    def counted(vm: VmSetup, conduit: Conduit, question: VmmQuestion) -> PredictedAnswer:
        made.append(question)
        return predicted_answer(vm, conduit, question)

    with monkeypatch.context() as patched:
        patched.setattr(logged, "predicted_answer", counted)
        calls = LoggedCalls(log, questions, keys, right)
        assert len(calls.judged(right)) == len(keys)
        calls.number_differing(right)
    return len(made)


@pytest.mark.parametrize("action", ["deny", "forward"])
def test_more_ranges_of_which_nobody_services_a_call_take_no_more_predictions(
    monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    assert predictions_made(monkeypatch, action, 200) == predictions_made(monkeypatch, action, 20)
