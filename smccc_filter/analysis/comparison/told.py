"""What a guest is told of its calls, compared: what becomes discoverable, and which answers have another value.

A call that is denied either way may be advertised under one policy and not under the other, and a call that gets what
it got may carry another version. Permissiveness follows what a guest discovers. To be told of more calls is wider, and
so is a higher version, which promises more. Another value that does neither is ``incomparable``: nobody here knows what
a guest makes of it. What a VMM answers counts as far as the policy says it; where it does not, that the VMM is asked at
all is a change of the call.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from smccc_filter.analysis.comparison.verdict import ComparisonVerdict, of_steps
from smccc_filter.guests.discovery import DiscoveryAnswer, answers
from smccc_filter.guests.relations import SIGN, relations
from smccc_filter.guests.setup import VmSetup
from smccc_filter.kvm.machine import Outcome, Registers
from smccc_filter.kvm.psci import PSCI_VERSION, SMCCC_VERSION
from smccc_filter.kvm.trng import TRNG_VERSION

VERSIONS = frozenset((PSCI_VERSION, SMCCC_VERSION, TRNG_VERSION))
"""The calls of KVM's whose answer is a version: a negative number is none, and a higher one has more calls."""


class ToldAnswer(NamedTuple):
    """How a discovery call ends on one kernel.

    ``outcome`` is as the guest finds it. ``registers`` are X0 to X3, ``None`` where the VMM answers and the policy does
    not say what. Both are ``None`` where a guest does not get as far as to ask.
    """

    outcome: Outcome | None
    registers: Registers | None


NOT_ASKED = ToldAnswer(None, None)


class ToldDifference(NamedTuple):
    """A discovery call that does not tell a guest what it told.

    ``arguments`` are the IDs in X1 about which it is asked, ascending, and empty for a call that takes none. What is
    answered about all of them is alike, so the first is the witness. ``gained`` are the IDs that become discoverable by
    it, ``lost`` those that are discoverable no more; with neither, the value alone differs. All of it holds on each of
    ``kernels``, and ``old`` and ``new`` are in their order.
    """

    discovery: int
    arguments: tuple[int, ...]
    gained: tuple[int, ...]
    lost: tuple[int, ...]
    kernels: tuple[str, ...]
    old: tuple[ToldAnswer, ...]
    new: tuple[ToldAnswer, ...]

    @property
    def verdict(self) -> ComparisonVerdict:
        """How NEW stands to OLD here; see the module for what is wider."""
        steps = [len(self.gained), -len(self.lost)]
        if self.discovery in VERSIONS:
            pairs = zip(self.old, self.new, strict=True)
            steps += [_version(b.registers) - _version(a.registers) for a, b in pairs if a.registers and b.registers]
        return of_steps(steps) if any(steps) else ComparisonVerdict.INCOMPARABLE


def told_differences(old: Sequence[VmSetup], new: Sequence[VmSetup]) -> tuple[ToldDifference, ...]:
    """Compare what the guests of two sides are told; differences are in the order in which a guest asks.

    ``old`` and ``new`` are the VMs on the same kernels. Nothing is asked on a kernel on which the two and what their
    filters do to discovery calls are the same.
    """
    by_question: dict[_Question, dict[_Change, _Answers]] = {}
    for before, after in zip(old, new, strict=True):
        if not _answer_alike(before, after):
            for question, change, pair in _differing(_rows(before), _rows(after)):
                answered = by_question.setdefault(question, {}).setdefault(change, {})
                answered[after.machine.profile.name] = pair
    order = [relation.discovery for relation in relations()]
    return tuple(sorted(_gathered(by_question), key=lambda each: (order.index(each.discovery), each.arguments)))


_Question = tuple[int, int | None]
"""A discovery call and X1, which is ``None`` for a call that takes no argument."""
_Change = tuple[tuple[int, ...], tuple[int, ...]]
"""The calls that become discoverable, and those that are no more."""
_Answers = dict[str, tuple[ToldAnswer, ToldAnswer]]
"""The answers of both sides, by kernel."""
_Group = tuple[int, tuple[bool, ...], tuple[tuple[str, tuple[ToldAnswer, ToldAnswer]], ...]]
"""What differences that are one have in common: discovery call, whether it gains and loses calls, answers by kernel."""
_Row = Mapping[int, DiscoveryAnswer]
"""What one question tells, by the call of which it tells."""


def _answer_alike(old: VmSetup, new: VmSetup) -> bool:
    """Tell whether two VMs of one kernel are bound to give the same answers, as far as both say what they answer."""
    if old.machine._replace(filter=new.machine.filter) != new.machine:
        return False
    if old.vmm and new.vmm:
        return (old.actions, old.vmm) == (new.actions, new.vmm)
    return all(old.actions[relation.discovery] is new.actions[relation.discovery] for relation in relations())


def _rows(setup: VmSetup) -> dict[_Question, dict[int, DiscoveryAnswer]]:
    with_argument = {relation.discovery for relation in relations() if relation.argument}
    rows: dict[_Question, dict[int, DiscoveryAnswer]] = {}
    for answer in answers(setup):
        x1 = answer.asked if answer.discovery in with_argument else None
        rows.setdefault((answer.discovery, x1), {})[answer.asked] = answer
    return rows


def _differing(
    old: Mapping[_Question, _Row], new: Mapping[_Question, _Row]
) -> Iterator[tuple[_Question, _Change, tuple[ToldAnswer, ToldAnswer]]]:
    """Yield the questions that are answered differently on one kernel."""
    for question in dict.fromkeys((*old, *new)):
        before, after = old.get(question, {}), new.get(question, {})
        change = (_told_only(after, before), _told_only(before, after))
        pair = (_answer(before), _answer(after))
        if any(change) or _differ(*pair):
            yield question, change, pair


def _told_only(here: _Row, there: _Row) -> tuple[int, ...]:
    """Return the calls of which the guest is told here and, for sure, not there."""
    return tuple(asked for asked in sorted(here) if here[asked].advertised and not _may_be_told(there, asked))


def _may_be_told(row: _Row, asked: int) -> bool:
    return asked in row and row[asked].advertised is not False


def _answer(row: _Row) -> ToldAnswer:
    answer = next(iter(row.values()), None)
    if answer is None or answer.told_by != answer.discovery:
        return NOT_ASKED
    return ToldAnswer(answer.told.for_guest, answer.told.registers)


def _differ(old: ToldAnswer, new: ToldAnswer) -> bool:
    """Tell whether both values are known, and another."""
    return None not in {old.registers, new.registers} and old.registers != new.registers


def _version(registers: Registers) -> int:
    """Return a version as a number, -1 for none."""
    return -1 if registers[0] & SIGN else registers[0]


def _gathered(by_question: Mapping[_Question, Mapping[_Change, _Answers]]) -> Iterator[ToldDifference]:
    """Yield the differences; the arguments about which a call answers alike are one."""
    groups: dict[_Group, list[tuple[int | None, _Change]]] = {}
    for (discovery, x1), changes in by_question.items():
        for change, answered in changes.items():
            groups.setdefault((discovery, tuple(map(bool, change)), tuple(answered.items())), []).append((x1, change))
    for (discovery, _, by_kernel), members in groups.items():
        arguments = tuple(sorted(x1 for x1, _ in members if x1 is not None))
        gained, lost = (tuple(sorted({call for _, change in members for call in change[side]})) for side in (0, 1))
        kernels = tuple(kernel for kernel, _ in by_kernel)
        old, new = (tuple(pair[side] for _, pair in by_kernel) for side in (0, 1))
        yield ToldDifference(discovery, arguments, gained, lost, kernels, old, new)
