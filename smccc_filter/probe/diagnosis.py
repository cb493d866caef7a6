"""What a whole log says of a VMM: the kernel it fits, each call's verdict, and one cause for many differences.

A cause is another VM, such as the policy's without a filter, under which what came back is as predicted.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from smccc_filter.analysis.resolve import Resolution
from smccc_filter.guests.setup import EVERYTHING_HANDLED, VmSetup, registers_of, vm_of
from smccc_filter.kvm.machine import NOT_SUPPORTED, Conduit, SmcccFeatures
from smccc_filter.kvm.outcomes import filtered
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.policy.model import Policy
from smccc_filter.probe.judging import (
    CallVerdict,
    JudgedCall,
    is_untouched,
    judged_answer,
    judged_silence,
    predicted_answer,
    shown,
)
from smccc_filter.probe.log import LogAnswer, LogError, VmmLog
from smccc_filter.probe.vmm_questions import VmmQuestion, VmmQuestions
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import show
from smccc_filter.smccc.intervals import IntervalMap
from smccc_filter.words import counted, enumerated

CallKey = tuple[Conduit, int]
"""A conduit and the number of a call."""


NO_KVM = "This guest's calls do not reach KVM: what is refused keeps X1 to X3, which KVM clears. Run the VMM with KVM."


class VmmMistake(NamedTuple):
    """A mistake and the VM that it makes; ``correct`` says what is so without it, where that can be asked for."""

    cause: str
    vm: VmSetup
    correct: str = ""


class LogJudgement(NamedTuple):
    """What a log says.

    ``kernel`` is the one that fits best, of several the last, and ``differing_on`` how many calls differ on each.
    ``diagnosis`` are sentences, the cause first. ``rules`` names what decides each function ID that was judged wrong.
    """

    kernel: str
    differing_on: tuple[tuple[str, int], ...]
    diagnosis: tuple[str, ...]
    calls: tuple[JudgedCall, ...]
    rules: Mapping[int, str]

    def of(self, verdict: CallVerdict) -> tuple[JudgedCall, ...]:
        """Return the calls with a verdict."""
        return tuple(call for call in self.calls if call.verdict is verdict)

    @property
    def is_as_predicted(self) -> bool:
        """Whether every call was seen, and none differs."""
        return not (self.of(CallVerdict.DIFFERS) or self.of(CallVerdict.NOT_SEEN))


def judge(
    log: VmmLog, policy: Policy, resolution: Resolution, asked: VmmQuestions, vms: Sequence[VmSetup]
) -> LogJudgement:
    """Judge a log of this policy by the kernel of ``vms`` that it fits best. Raises LogError where no call was made."""
    log = _announced(log)
    undefined = [conduit for conduit in log.header.conduits if _is_undefined(log, conduit)]
    if len(undefined) == len(log.header.conduits):
        raise LogError(f"{_trap(log, undefined)}, so that no call reached anybody")
    keys = [(conduit, number) for conduit in log.header.conduits if conduit not in undefined for number in _range(log)]
    tried = [(vm, _judged(vm, log, asked, keys)) for vm in vms]
    vm, calls = min(reversed(tried), key=lambda one: _number_differing(one[1]))
    differing = [call for call in calls if call.verdict is CallVerdict.DIFFERS]
    sentences = list(_causes(log, vm, policy, asked, keys, differing))
    if _is_no_kvm(log, asked, undefined):
        sentences = [NO_KVM]
    sentences += list(_circumstances(log, asked, undefined))
    rules = {call.question.func_id: _rule(resolution, call.question.func_id) for call in differing}
    counts = tuple((vm.machine.profile.name, _number_differing(judged)) for vm, judged in tried)
    return LogJudgement(vm.machine.profile.name, counts, tuple(sentences), calls, rules)


def _announced(log: VmmLog) -> VmmLog:
    """Leave out calls that the first line does not announce."""
    numbers, conduits = _range(log), log.header.conduits
    answers = {key: answer for key, answer in log.answers.items() if key[0] in conduits and key[1] in numbers}
    lost = log.lost if log.lost and log.lost[0] in conduits and log.lost[1] in numbers else None
    return log._replace(answers=answers, lost=lost)


def _range(log: VmmLog) -> range:
    return range(log.header.first, log.header.first + log.header.calls)


def _is_undefined(log: VmmLog, conduit: Conduit) -> bool:
    """Tell whether already the first call by a conduit ended in an exception."""
    answer = log.answers.get((conduit, log.header.first))
    return answer is not None and answer.syndrome is not None


def _judged(vm: VmSetup, log: VmmLog, asked: VmmQuestions, keys: Sequence[CallKey]) -> tuple[JudgedCall, ...]:
    questions = asked.all
    broken = {line.request: line.line for line in log.broken if line.request}
    calls = []
    for conduit, number in keys:
        question = questions[number]
        expected = predicted_answer(vm, conduit, question)
        answer = log.answers.get((conduit, number))
        if answer is not None:
            seen = shown(answer.registers) if answer.registers else f"exception 0x{answer.syndrome or 0:x}"
            verdict, meaning = judged_answer(expected, question, answer)
            if verdict is CallVerdict.DIFFERS and not meaning:
                meaning = _as_if(vm, conduit, question, answer)
        elif log.lost == (conduit, number):
            seen = "did not come back"
            verdict, meaning = judged_silence(expected)
        else:
            seen, verdict = "", CallVerdict.NOT_SEEN
            line = broken.get((conduit, number))
            meaning = f"line {line} is broken" if line else "its line is missing"
        calls.append(JudgedCall(number, conduit, question, verdict, str(expected), seen, meaning))
    return tuple(calls)


AS_IF = (
    (Action.HANDLE, "it is left to KVM: no entry of the filter denies or forwards it"),
    (Action.DENY, "it is refused, as if an entry of the filter denied it"),
)
"""What a call was like if it is as predicted under another action."""


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


def _number_differing(calls: Sequence[JudgedCall]) -> int:
    return sum(call.verdict is CallVerdict.DIFFERS for call in calls)


def _causes(  # noqa: PLR0913, PLR0917 -- what a judgement is made of
    log: VmmLog,
    vm: VmSetup,
    policy: Policy,
    asked: VmmQuestions,
    keys: Sequence[CallKey],
    differing: Sequence[JudgedCall],
) -> Iterator[str]:
    """Yield the one cause that explains most differences, and whether the VMM answers at all.

    Where nothing differs, say which mistake would not show either.
    """
    mistakes = list(_mistakes(vm, policy, differing))
    left = [_number_differing(_judged(mistake.vm, log, asked, keys)) for mistake in mistakes]
    if not differing:
        for mistake, number in zip(mistakes, left, strict=True):
            if mistake.correct and not number:
                yield _unseen(mistake, vm, asked)
        return
    least = min(left, default=len(differing))
    if least * 4 <= len(differing):
        cause = mistakes[left.index(least)].cause
        yield f"{cause}: that explains {'every difference' if not least else f'all differences but {least:,}'}."
    forwarded = [key for key in keys if vm.actions[asked.all[key[1]].func_id] is Action.FORWARD]
    untouched = [key for key in forwarded if _came_untouched(log, asked, key)]
    if forwarded and len(untouched) == len(forwarded):
        yield "The VMM answers no forwarded call: it does not handle KVM_EXIT_HYPERCALL."


def _came_untouched(log: VmmLog, asked: VmmQuestions, key: CallKey) -> bool:
    answer = log.answers.get(key)
    return answer is not None and answer.registers is not None and is_untouched(asked.all[key[1]], answer.registers)


def _mistakes(vm: VmSetup, policy: Policy, differing: Sequence[JudgedCall]) -> Iterator[VmmMistake]:
    """Yield the VMs that a VMM makes by mistake."""
    profile, registers = vm.machine.profile, registers_of(policy)
    has_filter = vm.actions != EVERYTHING_HANDLED
    if has_filter:
        bare = vm_of(policy.target, registers, profile, EVERYTHING_HANDLED)
        yield VmmMistake("The filter was not installed", bare, "the filter is installed")
    if registers:
        cause = "The firmware registers have KVM's own values: they were not written, refused, or written back"
        unwritten = vm_of(policy.target, (), profile, vm.actions, vm.vmm)
        yield VmmMistake(cause, unwritten, "the firmware registers are written")
    if has_filter and registers:
        cause = "Neither the filter nor the firmware registers are there, as if the VMM did not know the policy"
        yield VmmMistake(cause, vm_of(policy.target, (), profile, EVERYTHING_HANDLED))
    if has_filter and differing:
        cut = _start_of_segment(vm.actions, min(call.question.func_id for call in differing))
        kept = IntervalMap.of(vm.actions.within(0, cut), Action.HANDLE) if cut else EVERYTHING_HANDLED
        if kept != EVERYTHING_HANDLED:
            cause = f"The filter is there up to {show(cut - 1)} only: an entry was refused, and the VM kept"
            yield VmmMistake(cause, vm._replace(machine=filtered(vm.machine, kept), actions=kept))


def _unseen(mistake: VmmMistake, vm: VmSetup, asked: VmmQuestions) -> str:
    """Say that a mistake would not show, and which call that was left out would show it."""
    told = f"Whether {mistake.correct} can't be seen: the guest would get the same answers otherwise"
    for question in asked.stopping:
        right, wrong = (predicted_answer(one, Conduit.HVC, question) for one in (vm, mistake.vm))
        if None not in {right.comes_back, wrong.comes_back} and str(right) != str(wrong):
            name = registry.name_of(question.func_id) or show(question.func_id)
            return f"{told}; an image with --only {name} would show it."
    return f"{told}."


def _start_of_segment(actions: IntervalMap[Action], func_id: int) -> int:
    return actions.starts[bisect_right(actions.starts, func_id) - 1]


def _is_no_kvm(log: VmmLog, asked: VmmQuestions, undefined: Sequence[Conduit]) -> bool:
    """Tell whether calls were refused, and never as KVM refuses one."""
    refused = [
        (asked.all[number], answer.registers)
        for (conduit, number), answer in log.answers.items()
        if conduit not in undefined and answer.registers and answer.registers[0] == NOT_SUPPORTED
    ]
    return bool(refused) and all(seen[1:] == question.call[1:] for question, seen in refused)


def _circumstances(log: VmmLog, asked: VmmQuestions, undefined: Sequence[Conduit]) -> Iterator[str]:
    if undefined:
        yield f"{_trap(log, undefined)}, so that no call was made by it."
    if log.lost:
        conduit, number = log.lost
        yield f"The last call that was made is {show(asked.all[number].func_id)} by {conduit.upper()}."
    if log.restarts:
        yield f"The image began anew {counted(log.restarts, 'time')}: the first run is judged."
    unknown = [line for line in log.broken if line.request is None]
    if unknown:
        yield f"{counted(len(log.broken), 'line')} broken, the first is line {log.broken[0].line}."
    if not (log.ended or log.lost):
        yield "The last line is missing, so that the log may have been cut."


def _trap(log: VmmLog, undefined: Sequence[Conduit]) -> str:
    conduits = enumerated([conduit.upper() for conduit in undefined])
    if log.level > 1 and Conduit.HVC in undefined:
        return f"The image runs at EL{log.level}, where {conduits} ends in its own exception vector"
    return f"{conduits} is an undefined instruction for this guest"


def _rule(resolution: Resolution, func_id: int) -> str:
    _, claim = resolution.decisions[func_id]
    if claim is None:
        return "the default"
    return claim.rule.name or f"rule {claim.rule.ordinal}"
