"""The calls of one log beside a VM that may have answered them.

A large policy is asked about at the ends of thousands of ranges, in which nobody services anything: what such a call
ends as hangs on what the filter decides and the VMM implements, and on where the ID lies. Those that got the same
answer there are one class, of which one call is judged.
"""

from bisect import bisect_right
from collections.abc import Hashable, Iterator, Mapping, Sequence

from smccc_filter.guests.setup import EVERYTHING_HANDLED, VmSetup
from smccc_filter.kvm.machine import Conduit, SmcccFeatures
from smccc_filter.kvm.outcomes import SERVICED, filtered, reply_changes
from smccc_filter.kvm.uapi import Action
from smccc_filter.probe.judging import (
    CallVerdict,
    JudgedCall,
    is_untouched,
    judged_answer,
    judged_silence,
    predicted_answer,
)
from smccc_filter.probe.log import LogAnswer, VmmLog
from smccc_filter.probe.vmm_questions import VmmQuestion, may_stop
from smccc_filter.smccc.intervals import IntervalMap

CallKey = tuple[Conduit, int]
"""A conduit and the number of a call."""
CallClasses = Sequence[Sequence[CallKey]]
"""The calls of a log; a class ends alike in any VM with one filter, whatever its kernel and its registers."""
AS_IF = (
    (Action.HANDLE, "it is left to KVM: no entry of the filter denies or forwards it"),
    (Action.DENY, "it is refused, as if an entry of the filter denied it"),
)
"""What a call was like if it is as predicted under another action."""
_ALONE = frozenset(SERVICED)


class LoggedCalls:
    """A log, the calls of its policy by their numbers, and the keys of those that it should have lines of."""

    def __init__(
        self, log: VmmLog, questions: tuple[VmmQuestion, ...], keys: tuple[CallKey, ...], policy_vm: VmSetup
    ) -> None:
        """Sort the calls by the filter of ``policy_vm``."""
        self.log = log
        self.questions = questions
        self.keys = keys
        self._actions = policy_vm.actions
        self._sorted = self._sort(policy_vm)

    def judged(self, vm: VmSetup) -> tuple[JudgedCall, ...]:
        """Judge each call by a VM."""
        broken = {line.request: line.line for line in self.log.broken if line.request}
        judged = {call[0]: call[1] for keys in self._classes(vm) for call in self._judged(vm, keys, broken)}
        return tuple(map(judged.__getitem__, self.keys))

    def number_differing(self, vm: VmSetup, enough: int | None = None) -> int:
        """Count the calls that are not as predicted of a VM, not much further than to ``enough``.

        What was not seen counts for nothing.
        """
        number = 0
        for keys in self._classes(vm):
            if keys[0] in self.log.answers or keys[0] == self.log.lost:
                number += len(keys) if self._verdict(vm, keys[0])[0] is CallVerdict.DIFFERS else 0
                if enough is not None and number >= enough:
                    break
        return number

    def is_untouched(self, key: CallKey) -> bool:
        """Tell whether a call came back with every register as it was."""
        _, question, answer = self._call(key)
        return bool(answer and answer.registers and is_untouched(question, answer.registers))

    def _classes(self, vm: VmSetup) -> CallClasses:
        """Return classes of calls that end alike in a VM: those of the policy's filter do without one, too."""
        return self._sorted if vm.actions in (self._actions, EVERYTHING_HANDLED) else self._sort(vm)

    def _sort(self, vm: VmSetup) -> CallClasses:
        classes: dict[Hashable, list[CallKey]] = {}
        for key in self.keys:
            classes.setdefault(self._class_of(vm, key), []).append(key)
        return tuple(classes.values())

    def _call(self, key: CallKey) -> tuple[Conduit, VmmQuestion, LogAnswer | None]:
        return key[0], self.questions[key[1]], self.log.answers.get(key)

    def _verdict(self, vm: VmSetup, key: CallKey) -> tuple[CallVerdict, str]:
        """Judge a call that was answered, or that never came back; say what a difference means."""
        conduit, question, answer = self._call(key)
        expected = predicted_answer(vm, conduit, question)
        if answer:
            return judged_answer(expected, question, answer)
        return judged_silence(expected, question, self.log.restarts)

    def _class_of(self, vm: VmSetup, key: CallKey) -> Hashable:
        """Return what decides how a call is judged; a call that somebody services is a class of its own."""
        conduit, question, answer = self._call(key)
        func_id = question.func_id
        action = vm.actions[func_id]
        made = vm.vmm.made[func_id] if vm.vmm and action is Action.FORWARD else None
        if made or func_id in _ALONE or may_stop(func_id) or key == self.log.lost:
            return key
        if answer is None or answer.registers is None:
            seen: Hashable = answer is None
        else:
            seen = answer.registers if not is_untouched(question, answer.registers) else ()
        return conduit, bisect_right(reply_changes(), func_id), action, made, question.x1, question.upper, seen

    def _judged(
        self, vm: VmSetup, keys: Sequence[CallKey], broken: Mapping[CallKey, int]
    ) -> Iterator[tuple[CallKey, JudgedCall]]:
        """Yield the calls of one class; ``broken`` has the lines that were a call's own, and can't be read."""
        conduit, question, answer = self._call(keys[0])
        prediction = predicted_answer(vm, conduit, question)
        if answer is None and keys[0] != self.log.lost:
            for key in keys:
                meaning = f"line {broken[key]} is broken" if key in broken else "its line is missing"
                asked = self.questions[key[1]]
                yield key, JudgedCall(key[1], conduit, asked, CallVerdict.NOT_SEEN, prediction, None, meaning)
            return
        verdict, meaning = self._verdict(vm, keys[0])
        if answer and verdict is CallVerdict.DIFFERS and not meaning:
            meaning = _as_if(vm, conduit, question, answer)
        for key in keys:
            asked, answer = self.questions[key[1]], self.log.answers.get(key)
            yield key, JudgedCall(key[1], conduit, asked, verdict, prediction, answer, meaning)


def _as_if(vm: VmSetup, conduit: Conduit, question: VmmQuestion, answer: LogAnswer) -> str:
    """Say under which other action, or other firmware registers, an answer would be as predicted."""
    for action, sentence in AS_IF:
        other = vm._replace(machine=filtered(vm.machine, IntervalMap.of((), action)))
        if action is not vm.actions[question.func_id] and _fits(other, conduit, question, answer):
            return sentence
    unwritten = vm.machine._replace(features=SmcccFeatures(), psci_version=0)
    if _fits(vm._replace(machine=unwritten), conduit, question, answer):
        return "it is as under KVM's own firmware registers"
    is_forwarded = vm.actions[question.func_id] is Action.FORWARD
    return "the VMM gives another answer than the policy has" if is_forwarded else ""


def _fits(vm: VmSetup, conduit: Conduit, question: VmmQuestion, answer: LogAnswer) -> bool:
    verdict, _ = judged_answer(predicted_answer(vm, conduit, question), question, answer)
    return verdict is not CallVerdict.DIFFERS
