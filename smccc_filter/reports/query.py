"""What happens to single calls, as text and as JSON: what the policy says, where it says so, and what the guest gets.

The policy decides once, for every kernel; what the guest gets depends on the kernel, since a call that the filter
leaves to KVM may be one that KVM does not service.
"""

from collections.abc import Sequence

from smccc_filter.analysis.decision import CallDecision
from smccc_filter.guests.beliefs import show_version
from smccc_filter.guests.setup import VmSetup
from smccc_filter.kvm.filter import RESERVED
from smccc_filter.kvm.hypercalls import GATES
from smccc_filter.kvm.machine import Conduit, Outcome, Reply, Why
from smccc_filter.kvm.uapi import FIRMWARE_REGISTERS
from smccc_filter.reports.guest.tree import refused
from smccc_filter.reports.paper.columns import LabelledLine, listing, prose
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import show
from smccc_filter.words import source_name, visible

BITS = {
    (register.key, 1 << number): name for register in FIRMWARE_REGISTERS for number, name in enumerate(register.bits)
}
"""Name of each firmware bit, by register and mask."""

DETAILS = {
    Why.FILTER: "",
    Why.DEFAULT_ALLOWED: "",
    Why.NOT_ALLOWED: "no register gates it either",
    Why.NOT_IMPLEMENTED: "the kernel has no such call",
    Why.RESERVED: "no filter can touch the Arm Architecture calls",
    Why.CAPABILITY: "the VMM does not enable `system_suspend`",
    Why.STOLEN_TIME: "the VMM gives the vCPU none",
    Why.EL2_FAST_PATH: "KVM's exception vector answers before any filter",
    Why.PROTECTED: "the hypervisor answers before KVM sees the call",
    Why.NESTED: "the call goes to the guest's own EL2",
    Why.SMC_IMMEDIATE: "KVM takes no other immediate than 0",
    Why.AARCH32: "KVM's PSCI has no SMC64 call for it",
    Why.VMM_IMPLEMENTS: "",
    Why.VMM_REFUSES: "",
}
"""What there is to add to a reason that needs no look at the machine."""


def render_json(decisions: Sequence[CallDecision], setups: Sequence[VmSetup]) -> str:
    """Write what becomes of the calls, and what the kernels refuse of the policy's VM."""
    from smccc_filter.reports.guest.json import refusal
    from smccc_filter.reports.paper.json import VERSION, dumps

    refused_rows = [{"kernel": _kernel(setup)} | refusal(row) for setup in setups for row in setup.refusals]
    results = [_result(decision) for decision in decisions]
    return dumps({"version": VERSION, "results": results, "refusals": refused_rows})


def render_text(path: str, decisions: Sequence[CallDecision], setups: Sequence[VmSetup], width: int | None) -> str:
    """Write what becomes of the calls; kernels on which the same becomes of one share a line."""
    lines = refusals(setups)
    pieces = [_text(path, decision, width) for decision in decisions]
    return "\n".join([*pieces, *([listing(lines, width)] if lines else [])])


def refusals(setups: Sequence[VmSetup]) -> list[LabelledLine]:
    """Say what the kernels refuse of the policy's VM, a line each."""
    return [
        LabelledLine(_kernel(setup), f"refuses {refused(row)}, and keeps its default")
        for setup in setups
        for row in setup.refusals
    ]


def _result(decision: CallDecision) -> dict[str, object]:
    from smccc_filter.reports.paper.json import span_object

    function = next(iter(registry.by_id(decision.func_id)), None)
    replies = [(_kernel(setup), setup.conduit, reply) for setup, reply in decision.replies]
    return {
        "id": show(decision.func_id),
        "name": function.name if function else None,
        "action": decision.action,
        "rule": decision.rule_name,
        "span": decision.span and span_object(decision.span),
        "outcomes": decision.outcomes,
        "why": {kernel: reply.why for kernel, _, reply in replies},
        "conduits": {kernel: conduit for kernel, conduit, _ in replies},
    }


def _text(path: str, decision: CallDecision, width: int | None) -> str:
    name = registry.name_of(decision.func_id)
    title = f"{show(decision.func_id)}{f' {name}' if name else ''}: {decision.action}"
    lines = [_rule(path, decision), *replies_by_kernel(decision.replies, decision.func_id)]
    return prose(title, width) + listing(lines, width)


def replies_by_kernel(replies: Sequence[tuple[VmSetup, Reply]], func_id: int) -> list[LabelledLine]:
    """Say what the guest gets for a call and why; kernels on which that is the same share a line."""
    kernels: dict[str, list[str]] = {}
    for setup, reply in replies:
        kernels.setdefault(_reply(setup, reply, func_id), []).append(_kernel(setup))
    return [LabelledLine(", ".join(names), text) for text, names in kernels.items()]


def _rule(path: str, decision: CallDecision) -> LabelledLine:
    """Say what decides, and where that stands."""
    rule, selector, span = decision.rule, decision.selector, decision.span
    if rule and selector and span:
        place = f"{source_name(path)}:{span.start.line}:{span.start.column}"
        return LabelledLine("by", f"{visible(rule.label)}, {selector.kind}: {visible(selector.text)}, {place}")
    reserved = any(start <= decision.func_id < stop for start, stop in RESERVED)
    return LabelledLine("by", "KVM, which reserves the Arm Architecture calls" if reserved else "the default")


def _reply(setup: VmSetup, reply: Reply, func_id: int) -> str:
    """Say what the guest gets, and why."""
    conduit = " by SMC" if setup.conduit is Conduit.SMC else ""
    detail = _detail(setup, reply, func_id)
    return f"{reply.for_guest}{conduit}: {reply.why}{f', {detail}' if detail else ''}"


def _detail(setup: VmSetup, reply: Reply, func_id: int) -> str:
    if reply.why is Why.REGISTER:
        register, bit = GATES[func_id]
        state = "set" if reply.outcome is Outcome.ANSWERED else "clear"
        return f"`{BITS[register, bit]}` of firmware `{register}` is {state}"
    if reply.why is Why.STOLEN_TIME and reply.outcome is Outcome.ANSWERED:
        return "if the VMM gives the vCPU one, else not_supported"
    if reply.why is Why.PSCI_VERSION:
        return f"the VM's PSCI {show_version(setup.machine.kvm_psci_version())} lacks the call"
    return DETAILS[reply.why]


def _kernel(setup: VmSetup) -> str:
    return setup.machine.profile.name
