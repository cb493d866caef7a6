"""What the VMM must do: what it writes and when, and the calls that it answers."""

from collections.abc import Iterator, Sequence

from smccc_filter.analysis.map import PolicyMap
from smccc_filter.analysis.vmm_duties import ForwardedCall, VmmAnswering, VmmDuties, vmm_duties
from smccc_filter.kvm.machine import Registers
from smccc_filter.kvm.uapi import REGISTER_OF_ID, Action
from smccc_filter.language.policy.model import Target
from smccc_filter.reports.paper.html import Markup, folded, joined, table, tag
from smccc_filter.smccc.function_id import show, show_range
from smccc_filter.smccc.intervals import Intervals, size
from smccc_filter.smccc.signatures.shape import CallValue
from smccc_filter.words import counted, cut

IN_SIGHT = 10
"""Forwarded calls that are in sight before the others are folded."""
RANGES = 6
"""Ranges of IDs that are named before the others are counted."""
ANSWERING = {
    VmmAnswering.TABLE: "from the policy",
    VmmAnswering.HANDLER: "by a handler",
    VmmAnswering.REFUSED: "NOT_SUPPORTED: not implemented",
    VmmAnswering.UNSAID: "the policy says nothing of it",
}
HEADS = ("call", "takes", "gives", "is answered", "rule")
NOTHING = "Nothing: no filter to install, no register to write, no call to answer."


def section(drawn: PolicyMap) -> Markup:
    """Write the VMM's half."""
    duties = vmm_duties(drawn)
    steps = list(_steps(duties, drawn.policy.target))
    return tag(
        "section",
        tag("h2", "What the VMM must do", id="vmm-title"),
        tag("ol", *(tag("li", step) for step in steps), class_="steps") if steps else tag("p", NOTHING),
        *_calls(duties),
        id="vmm",
        aria_labelledby="vmm-title",
    )


def _steps(duties: VmmDuties, target: Target) -> Iterator[Markup]:
    """Say what is to be done, in the order of time."""
    if duties.entries:
        forwards = sum(entry.action is Action.FORWARD for entry in duties.entries)
        denies = len(duties.entries) - forwards
        kinds = f"{forwards:,} forward, {denies:,} deny" if forwards and denies else "forward" if forwards else "deny"
        count = counted(len(duties.entries), "range")
        yield joined(
            f"Before any vCPU has run, install the filter: {count} ({kinds}), by ",
            tag("code", "KVM_ARM_VM_SMCCC_FILTER"),
            ". If KVM refuses one, discard the VM.",
        )
    if "system_suspend" in target.capabilities:
        yield joined("Enable ", tag("code", "KVM_CAP_ARM_SYSTEM_SUSPEND"), " on the VM.")
    if target.psci == "0.1":
        yield joined("Initialise vCPUs without ", tag("code", "KVM_ARM_VCPU_PSCI_0_2"), ".")
    if target.stolen_time:
        yield joined("Give each vCPU a stolen-time page, by ", tag("code", "KVM_ARM_VCPU_PVTIME_IPA"), ".")
    if duties.registers:
        lines = (tag("li", tag("code", reg.macro), _register(reg.id, reg.value)) for reg in duties.registers)
        yield joined(
            "Before any vCPU has run, and after whatever writes saved registers, write on a vCPU:",
            tag("ul", *lines, class_="plain"),
        )
    if duties.forwards:
        yield joined(
            "Answer each ",
            tag("code", "KVM_EXIT_HYPERCALL"),
            " of the calls below: arguments are in X1 and up, results go to X0 to X3, PC is past the call already.",
        )
    elif duties.entries or duties.registers:
        yield joined("Answer no call: nothing is forwarded.")


def _register(reg_id: int, value: int) -> str:
    words = REGISTER_OF_ID[reg_id].words_of(value)
    return f" = 0x{value:X}" + ("" if words is None else f" ({', '.join(words) or 'nothing'})")


def _calls(duties: VmmDuties) -> Iterator[Markup]:
    rows = [_row(call) for call in sorted(duties.calls, key=lambda call: call.answering is VmmAnswering.REFUSED)]
    if rows:
        yield tag("h3", f"Forwarded: {counted(len(rows), 'call')}")
        yield _table(rows[:IN_SIGHT])
    if len(rows) > IN_SIGHT:
        yield folded(f"Show {counted(len(rows) - IN_SIGHT, 'more call')}", _table(rows[IN_SIGHT:]))
    if duties.unnamed:
        total = counted(size(duties.unnamed), "ID")
        answer = "NOT_SUPPORTED, as no rule implements them" if duties.refused == duties.unnamed else _partly(duties)
        yield tag("p", f"Forwarded besides, named by no specification: {total}, {_ranges(duties.unnamed)}: {answer}.")


def _partly(duties: VmmDuties) -> str:
    if not duties.refused:
        return "the policy does not say what is answered"
    return f"NOT_SUPPORTED to {counted(size(duties.refused), 'ID')}, and the policy says nothing of the others"


def _ranges(ids: Intervals) -> str:
    shown = ", ".join(show_range(*interval) for interval in ids[:RANGES])
    return f"{shown} and {len(ids) - RANGES:,} more ranges" if len(ids) > RANGES else shown


def _table(rows: Sequence[tuple[str | None, ...]]) -> Markup:
    return table(HEADS, rows, "Forwarded calls", "list calls")


def _row(call: ForwardedCall) -> tuple[str | None, ...]:
    known = call.signature
    unknown = "not known"
    return (
        tag("div", tag("span", call.function.name, title=call.function.meaning), _ids(call.ids)),
        _values(known.arguments) if known else unknown,
        _values(known.results) if known else unknown,
        ANSWERING[call.answering] + (f": {_registers(call.registers)}" if call.registers else ""),
        tag("bdi", cut(call.rule.name or f"rule {call.rule.ordinal}")) if call.rule else "the default",
    )


def _ids(ids: Sequence[int]) -> Markup:
    shown = (tag("span", show(func_id), class_="id", data_id=show(func_id)) for func_id in ids)
    return tag("div", joined(*shown, between=" "), class_="ids")


def _values(values: Sequence[CallValue]) -> Markup:
    named = [tag("span", f"{value.registers} {value.name}", title=value.meaning) for value in values if value.name]
    return joined(*named, between=", ") if named else joined("nothing")


def _registers(registers: Registers) -> str:
    """Write what a table answers, without the zeros at the end."""
    values = list(registers)
    while len(values) > 1 and not values[-1]:
        values.pop()
    return ", ".join(f"X{number} 0x{value:X}" for number, value in enumerate(values))
