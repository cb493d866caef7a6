"""What a policy says of its VMM as the tables that generated code answers by, where it says enough."""

from typing import TYPE_CHECKING, NamedTuple

from smccc_filter.kvm.uapi import Action
from smccc_filter.smccc.function_id import show
from smccc_filter.smccc.intervals import Intervals, difference, union
from smccc_filter.words import enumerated

if TYPE_CHECKING:
    from smccc_filter.analysis.examination.subject import Subject
    from smccc_filter.artefacts.backends.program import VmmProgram
    from smccc_filter.guests.setup import VmSetup


class GeneratedAnswers(NamedTuple):
    """The tables; where there are none although a rule has ``vmm``, ``missing`` says why."""

    program: "VmmProgram | None" = None
    missing: str = ""


def generated_answers(subject: "Subject") -> GeneratedAnswers:
    """Return the tables of a policy without errors: they must hold on every target kernel, for every forwarded call."""
    if not any(rule.vmm for rule in subject.policy.rules):
        return GeneratedAnswers()
    vms = [guest.vm for guest in subject.guests]
    if not vms:
        return GeneratedAnswers(missing="no target kernel takes a filter for the VM")
    if unknown := _undescribed(vms[0]):
        first, stop = unknown[0]
        ids = show(first) if stop - first == 1 else f"{show(first)}-{show(stop - 1)}"
        return GeneratedAnswers(missing=f"{ids} is forwarded, and no rule says what the VMM makes of it: add `vmm`")
    programs = [_program(vm) for vm in vms]
    if any(program != programs[0] for program in programs):
        names = enumerated([*dict.fromkeys(name for guest in subject.guests for name in guest.kernels)])
        return GeneratedAnswers(missing=f"its answers differ between kernels or with a stolen-time page: Linux {names}")
    return GeneratedAnswers(programs[0])


def _undescribed(vm: "VmSetup") -> Intervals:
    """Return the forwarded IDs of which no rule says whether the VMM implements them."""
    from smccc_filter.guests.vmm_answers import implemented_ids, refused_ids

    forwarded = vm.actions.where(lambda action: action is Action.FORWARD)
    return difference(forwarded, union((*implemented_ids(vm), *refused_ids(vm))))


def _program(vm: "VmSetup") -> "VmmProgram":
    from smccc_filter.artefacts.backends.program import NOT_SUPPORTED, VmmAnswerRow, VmmProgram
    from smccc_filter.guests.vmm_answers import handled_ids, vmm_answers

    answers = vmm_answers(vm)
    handled = tuple(fid for start, stop in handled_ids(vm, answers) for fid in range(start, stop))
    partly = frozenset(handled)
    rows = (
        VmmAnswerRow(func_id, asked, registers)
        for func_id, asked, registers in answers
        if registers is not None and (registers != NOT_SUPPORTED or func_id in partly)
    )
    return VmmProgram(tuple(rows), handled)
