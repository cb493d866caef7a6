"""An audit as JSON for programs, in a versioned shape of its own."""

from collections.abc import Iterator, Sequence

from smccc_filter.analysis.audit.audit import Audit, AuditedCall
from smccc_filter.kvm.machine import Outcome
from smccc_filter.reports.paper.json import VERSION, id_ranges, pieces, span_object
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import show
from smccc_filter.traces.recorded import TraceSource


def render(audit: Audit) -> Iterator[str]:
    """Write every call, those whose outcome changes first, and what the traces were.

    ``rate``, ``seconds`` and times are in seconds, null where no trace has times. ``rule`` is null where the default
    decides, or KVM. ``unseen`` are calls that somebody would answer and nobody made, ``unused`` what rules name to let
    it through and nobody called. ``forwarded`` and ``added_exits`` are calls in a second.
    """
    return pieces(
        {
            "version": VERSION,
            "name": audit.policy.name,
            "kernels": audit.kernels,
            "traces": [_trace(source) for source in audit.sources],
            "smc_traced": False,
            "seconds": audit.seconds or None,
            "calls": (_call(audit, call) for call in audit.calls),
            "unseen": ({"id": show(call.func_id), "name": call.name} for call in audit.unseen),
            "unused": (
                {
                    "rule": claim.rule.name or f"rule {claim.rule.ordinal}",
                    "selector": {"kind": claim.selector.kind, "text": claim.selector.text},
                }
                for claim in audit.unused
            ),
            "idle_rules": [rule.name or f"rule {rule.ordinal}" for rule in audit.idle],
            "forwarded": audit.forwarded,
            "added_exits": audit.added_exits,
            "findings": [
                {
                    "code": found.code,
                    "name": found.name,
                    "severity": found.severity,
                    "message": found.message,
                    "hint": found.hint,
                    "span": span_object(found.span),
                    "ids": id_ranges(found.ids),
                    "suppressed": found.suppressed,
                }
                for found in audit.findings
            ],
        }
    )


def _trace(source: TraceSource) -> dict[str, object]:
    return {
        "path": source.path,
        "kind": source.kind,
        "calls": source.number,
        "unread": source.unread,
        "gaps": source.gaps,
        "lost": source.lost,
        "backward": source.backward,
        "not_kept_apart": source.beyond,
        "fault": source.fault or None,
    }


def _call(audit: Audit, call: AuditedCall) -> dict[str, object]:
    use = call.use
    return {
        "id": show(use.func_id),
        "name": registry.name_of(use.func_id),
        "count": use.number,
        "rate": use.rate,
        "first": use.first,
        "last": use.last,
        "vms": use.vms,
        "action": call.decision.action,
        "rule": call.decision.rule_name,
        "effect": call.effect,
        "before": _outcomes(audit, call.before),
        "outcomes": _outcomes(audit, call.after),
    }


def _outcomes(audit: Audit, outcomes: Sequence[Outcome]) -> dict[str, Outcome]:
    return dict(zip(audit.kernels, outcomes, strict=True))
