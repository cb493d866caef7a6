"""The VMM's answers of one VM as plain tables, for whoever writes them down.

Of what is forwarded and described, every ID is in one of three: answered by a table, answered by a handler, or refused.
"""

from collections.abc import Sequence
from typing import NamedTuple

from smccc_filter.guests.setup import VmSetup
from smccc_filter.guests.vmm import COUNT_CALLS, FEATURES_CALLS, VERSION_CALLS, VmmAnswerer, asked_about, has
from smccc_filter.kvm.hypercalls import VENDOR_HYP_CALL_UID, VENDOR_HYP_KVM_FEATURES
from smccc_filter.kvm.machine import Call, Registers
from smccc_filter.kvm.uapi import Action
from smccc_filter.smccc.intervals import Intervals, difference, intersection, union


class VmmAnswer(NamedTuple):
    """What a call answers: X0 to X3, or ``None`` where a handler answers.

    ``asked`` is the low half of X1 for a call that takes a function ID, and ``None`` for any other. About an ID that is
    in no answer such a call says NOT_SUPPORTED.
    """

    func_id: int
    asked: int | None
    registers: Registers | None


def vmm_answers(vm: VmSetup) -> tuple[VmmAnswer, ...]:
    """Return what implemented calls answer without a handler, ascending, and a discovery call about every known ID.

    ``registers`` is ``None`` only about an ID of which nobody here knows whether it is answered: its rule forwards it
    and says nothing of the VMM.
    """
    if vm.vmm is None:
        return ()
    registers_of = VmmAnswerer(vm.vmm, vm.machine, vm.conduit).registers
    result: list[VmmAnswer] = []
    for func_id in _answering(vm):
        if func_id in FEATURES_CALLS:
            calls = (Call(func_id, asked) for asked in asked_about(func_id))
            result.extend(VmmAnswer(func_id, call.x1, registers_of(call)) for call in calls)
        elif registers := registers_of(Call(func_id)):
            result.append(VmmAnswer(func_id, None, registers))
    return tuple(result)


def handled_ids(vm: VmSetup, answers: Sequence[VmmAnswer]) -> Intervals:
    """Return the implemented IDs that need a handler beside ``answers``, be it for some questions only."""
    handled = {answer.func_id for answer in answers if answer.registers is None}
    answered = {answer.func_id for answer in answers} - handled
    return difference(implemented_ids(vm), union((func_id, func_id + 1) for func_id in answered))


def implemented_ids(vm: VmSetup) -> Intervals:
    """Return the forwarded IDs that the VMM implements."""
    return _made(vm, of=True)


def refused_ids(vm: VmSetup) -> Intervals:
    """Return the forwarded IDs that the VMM refuses: those of rules that say what it implements, and not this."""
    return _made(vm, of=False)


def _made(vm: VmSetup, *, of: bool) -> Intervals:
    if vm.vmm is None:
        return ()
    forwarded = vm.actions.where(lambda action: action is Action.FORWARD)
    return intersection(vm.vmm.made.where(lambda made: made is of), forwarded)


def _answering(vm: VmSetup) -> list[int]:
    """Return the implemented calls that may be answered without a handler, ascending."""
    versions = (call.func_id for call in VERSION_CALLS.values())
    may = {*versions, *FEATURES_CALLS, VENDOR_HYP_KVM_FEATURES, VENDOR_HYP_CALL_UID, *COUNT_CALLS}
    implemented = implemented_ids(vm)
    return [func_id for func_id in sorted(may) if has(implemented, func_id)]
