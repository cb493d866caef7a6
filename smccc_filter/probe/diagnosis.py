"""What a whole log says of a VMM: the kernel it fits, each call's verdict, and one cause for many differences.

A cause is another VM, such as the policy's without a filter, under which what came back is as predicted.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from smccc_filter.analysis.resolve import Resolution
from smccc_filter.guests.setup import EVERYTHING_HANDLED, VmSetup, registers_of, vm_of
from smccc_filter.kvm.machine import NOT_SUPPORTED, Conduit
from smccc_filter.kvm.outcomes import filtered
from smccc_filter.kvm.uapi import PSCI_REGISTER, Action
from smccc_filter.language.policy.model import Policy
from smccc_filter.probe.judging import CallVerdict, JudgedCall, predicted_answer
from smccc_filter.probe.log import LogError, VmmLog
from smccc_filter.probe.logged import LoggedCalls
from smccc_filter.probe.vmm_questions import VmmQuestions
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import show
from smccc_filter.smccc.intervals import IntervalMap
from smccc_filter.words import counted, enumerated

NO_KVM = "This guest's calls do not reach KVM: what is refused keeps X1 to X3, which KVM clears. Run the VMM with KVM."


NO_FILTER = "The filter was not installed, or too late, when a vCPU had run"
NO_REGISTERS = "The firmware registers have KVM's own values: they were not written, too late, or written back"
LATE_BITMAPS = "Of the firmware registers, PSCI's version alone was written: once a vCPU has run, KVM takes no other"
NEITHER = "Neither the filter nor the firmware registers are there, as if the VMM did not know the policy"
ALL_LATE = "The policy was installed when a vCPU had run: KVM then takes nothing of it but PSCI's version"
STOLEN_TIME = {
    True: "The vCPUs have no stolen-time page, which `stolen_time` of the policy's `target` gives them",
    False: "The vCPUs have a stolen-time page, which `stolen_time` of the policy's `target` does not give them",
}
"""What is said where a page is expected, and where none is."""
EXPLAINED = 4
"""A mistake is told as the cause where it leaves one difference in so many, or fewer."""


class VmmMistake(NamedTuple):
    """A mistake and the VM that it makes; ``correct`` says what is so without it, where that can be asked for."""

    cause: str
    vm: VmSetup
    correct: str = ""


class LogJudgement(NamedTuple):
    """What a log says.

    ``kernel`` is the one that fits best, or the last that fits as well, and ``differing_on`` how many calls differ on
    each. ``diagnosis`` are sentences, the cause first. ``rules`` names what decides each function ID that differs.
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
    made = [conduit for conduit in log.header.conduits if conduit not in undefined]
    keys = tuple((conduit, number) for conduit in made for number in _range(log))
    logged = LoggedCalls(log, asked.all, keys, vms[-1])
    numbers = [logged.number_differing(vm) for vm in vms]
    best = max(number for number, differing in enumerate(numbers) if differing == min(numbers))
    calls = logged.judged(vm := vms[best])
    differing = [call for call in calls if call.verdict is CallVerdict.DIFFERS]
    counts = tuple((vm.machine.profile.name, number) for vm, number in zip(vms, numbers, strict=True))
    sentences = [NO_KVM] if _is_no_kvm(logged) else list(_causes(logged, vm, policy, asked, differing))
    sentences += _circumstances(logged, undefined)
    rules = {call.question.func_id: _rule(resolution, call.question.func_id) for call in differing}
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


def _causes(
    logged: LoggedCalls, vm: VmSetup, policy: Policy, asked: VmmQuestions, differing: Sequence[JudgedCall]
) -> Iterator[str]:
    """Yield the one cause that explains most differences, and whether the VMM answers at all.

    Where nothing differs, say which mistake would not show either.
    """
    mistakes = list(_mistakes(vm, policy, differing))
    enough = len(differing) // EXPLAINED + 1
    left = [logged.number_differing(mistake.vm, enough) for mistake in mistakes]
    if not differing:
        for mistake, number in zip(mistakes, left, strict=True):
            if mistake.correct and not number:
                yield _unseen(mistake, vm, asked)
        return
    least = min(left, default=enough)
    if least < enough:
        cause = mistakes[left.index(least)].cause
        yield f"{cause}: that explains {'every difference' if not least else f'all differences but {least:,}'}."
    forwarded = [key for key in logged.keys if vm.actions[logged.questions[key[1]].func_id] is Action.FORWARD]
    if forwarded and all(map(logged.is_untouched, forwarded)):
        yield "The VMM answers no forwarded call: it does not handle KVM_EXIT_HYPERCALL."


def _mistakes(vm: VmSetup, policy: Policy, differing: Sequence[JudgedCall]) -> Iterator[VmmMistake]:
    """Yield the VMs that a VMM makes by mistake."""
    registers = registers_of(policy)
    has_filter = vm.actions != EVERYTHING_HANDLED
    taken_late = [register for register in registers if register[0] == PSCI_REGISTER.key]

    def other(cause: str, written: list[tuple[str, int, int]], *, filtered: bool, correct: str = "") -> VmmMistake:
        actions, vmm = (vm.actions, vm.vmm) if filtered else (EVERYTHING_HANDLED, None)
        return VmmMistake(cause, vm_of(policy.target, written, vm.machine.profile, actions, vmm), correct)

    if has_filter:
        yield other(NO_FILTER, registers, filtered=False, correct="the filter is installed")
    if registers:
        yield other(NO_REGISTERS, [], filtered=True, correct="the firmware registers are written")
    if taken_late and registers != taken_late:
        yield other(LATE_BITMAPS, taken_late, filtered=True)
    if has_filter and registers:
        yield other(NEITHER, [], filtered=False)
    if has_filter and taken_late and registers != taken_late:
        yield other(ALL_LATE, taken_late, filtered=False)
    if differing and vm.machine.stolen_time is not None:
        has_page = vm.machine.stolen_time
        yield VmmMistake(STOLEN_TIME[has_page], vm._replace(machine=vm.machine._replace(stolen_time=not has_page)))
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


def _is_no_kvm(logged: LoggedCalls) -> bool:
    """Tell whether calls were refused, and never as KVM refuses one."""
    seen = ((logged.questions[key[1]], logged.log.answers.get(key)) for key in logged.keys)
    refused = (
        answer.registers[1:] == question.call[1:]
        for question, answer in seen
        if answer and answer.registers and answer.registers[0] == NOT_SUPPORTED
    )
    return next(refused, False) and all(refused)


def _circumstances(logged: LoggedCalls, undefined: Sequence[Conduit]) -> Iterator[str]:
    log = logged.log
    if undefined:
        yield f"{_trap(log, undefined)}, so that no call was made by it."
    if log.lost:
        conduit, number = log.lost
        yield f"The last call that was made is {show(logged.questions[number].func_id)} by {conduit.upper()}."
    if log.restarts:
        yield f"The image began anew {counted(log.restarts, 'time')}: the first run is judged."
    if any(line.request is None for line in log.broken):
        verb = "is" if log.broken_lines == 1 else "are"
        yield f"{counted(log.broken_lines, 'line')} {verb} broken; the first is line {log.broken[0].line}."
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
