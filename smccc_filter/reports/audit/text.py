"""An audit as text: what changes for whom first, then every call, then what the traces do not say."""

from collections.abc import Iterator, Sequence

from smccc_filter.analysis.audit.audit import Audit, AuditedCall, CallEffect
from smccc_filter.analysis.diagnostics import FileReport
from smccc_filter.kvm.machine import Outcome
from smccc_filter.reports.findings import text
from smccc_filter.reports.paper.columns import LabelledLine, listing, table
from smccc_filter.reports.paper.styles import plain
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import show
from smccc_filter.traces.recorded import TraceSource
from smccc_filter.words import counted, enumerated, source_name, visible

SHOWN = 8
"""VMs and traces that are named before the others are counted."""
SHOWN_UNSEEN = 24
HEADINGS = {
    CallEffect.NEWLY_DENIED: "Newly denied",
    CallEffect.CHANGED: "Changed",
    CallEffect.SAME: "Unchanged",
}
NO_SMC = "KVM has no tracepoint for SMC: what guests call by SMC is not in a trace, and not in this audit"


def render(path: str, audit: Audit, report: FileReport, width: int | None) -> str:
    """Write the audit of the policy in ``path``; ``report`` has the lines that its findings quote."""
    parts = [summary(path, audit)]
    for effect, heading in HEADINGS.items():
        if calls := [call for call in audit.calls if call.effect is effect]:
            parts.append(f"{heading}:\n{table([HEADER, *map(row, calls)], width)}")
    if audit.findings:
        parts.append(plain(text.render([report._replace(diagnostics=audit.findings, left_out=())], notes=True)))
    parts.append(listing(list(notes(audit)), width))
    return "\n".join(parts)


HEADER = ("ID", "CALL", "COUNT", "PER SECOND", "FIRST", "LAST", "VMS", "ACTION", "BY", "OUTCOME")


def summary(path: str, audit: Audit) -> str:
    """Return the first line: how much was recorded, and what the policy changes for it."""
    calls = sum(call.use.number for call in audit.calls)
    vms = len({vm for call in audit.calls for vm in call.use.vms})
    whom = f" by {counted(vms, 'VM')}" if vms else ""
    during = f" in {audit.seconds:,.1f} s" if audit.seconds else ""
    ids = counted(len(audit.calls), "function ID")
    found = [
        f"{audit.number(CallEffect.NEWLY_DENIED)} newly denied",
        f"{audit.number(CallEffect.CHANGED)} changed",
    ]
    return f"{source_name(path)}: {counted(calls, 'call')} of {ids}{whom}{during}: {', '.join(found)}\n"


def row(call: AuditedCall) -> tuple[str, ...]:
    """Return the cells of a call, as ``HEADER`` names them."""
    use, decision = call.use, call.decision
    return (
        show(use.func_id),
        registry.name_of(use.func_id) or "-",
        f"{use.number:,}",
        "-" if use.rate is None else f"{use.rate:,.2f}",
        *("-" if time is None else f"{time:.6f}" for time in (use.first, use.last)),
        f"{len(use.vms):,}",
        decision.action,
        visible(decision.rule.label) if decision.rule else "default",
        _outcome(call.before, call.after),
    )


def _outcome(before: Sequence[Outcome], after: Sequence[Outcome]) -> str:
    """Say how a call ends, each way once, and how it ended before where that was another."""
    then, now = ("/".join(dict.fromkeys(ends)) for ends in (before, after))
    return now if tuple(before) == tuple(after) else f"{now}, was {then}"


def notes(audit: Audit) -> Iterator[LabelledLine]:
    """Yield what else there is to know, and what nobody knows."""
    if audit.forwarded is not None and any(call.is_forwarded for call in audit.calls):
        exits = f"{audit.forwarded:,.2f} a second, an estimated {audit.added_exits:,.2f} exits to the VMM more"
        yield LabelledLine("forwarded", f"{exits} than before")
    if audit.idle:
        yield LabelledLine("idle rules", enumerated([visible(rule.label) for rule in audit.idle]))
    if audit.unused:
        names = [f"{visible(claim.selector.text)} ({visible(claim.rule.label)})" for claim in audit.unused]
        shown = [*names[:SHOWN_UNSEEN], f"{len(names) - SHOWN_UNSEEN:,} more"] if len(names) > SHOWN_UNSEEN else names
        yield LabelledLine("never used", f"{enumerated(shown)}, which rules let through")
    if audit.unseen:
        names = [call.name for call in audit.unseen[:SHOWN_UNSEEN]]
        more = len(audit.unseen) - len(names)
        beyond = f" and {more:,} more" if more else ""
        yield LabelledLine("never called", f"{', '.join(names)}{beyond}, which somebody would answer")
    vms = sorted({vm for call in audit.calls for vm in call.use.vms})
    if vms:
        others = f" and {len(vms) - SHOWN:,} more" if len(vms) > SHOWN else ""
        yield LabelledLine("VMs", f"{', '.join(map(visible, vms[:SHOWN]))}{others}")
    for source in audit.sources:
        yield from (LabelledLine(source_name(source.path), said) for said in _said(source))
    if audit.is_nested:
        yield LabelledLine(
            "warning", "the guest has EL2, and its HVCs never reach a filter: a trace tells nothing of it"
        )
    yield LabelledLine("warning", NO_SMC)


def _said(source: TraceSource) -> Iterator[str]:
    """Yield what there is to say of a trace, besides its calls."""
    yield f"{source.kind}, {counted(source.number, 'call')}"
    if source.fault:
        yield f"not read to its end: {visible(source.fault)}" if source.number else f"not read: {visible(source.fault)}"
    if source.gaps:
        lost = f", at least {counted(source.lost, 'event')}" if source.lost else ""
        yield f"the tracer lost events in {counted(source.gaps, 'place')}{lost}: a call may be missing here"
    if source.unread:
        yield f"{counted(source.unread, 'line')} without such a call"
    if source.backward:
        yield f"the time goes back {counted(source.backward, 'time')}, so rates are too low or too high"
    if source.beyond:
        yield f"{counted(source.beyond, 'call')} of too many VMs and IDs to keep apart"
