"""A comparison as JSON for programs, in a versioned shape of its own.

The shape is a promise, so it is written out here instead of following the classes: these may change, it may not.
"""

from collections.abc import Iterator

from smccc_filter.analysis.comparison.compared import ComparedSide, Decider
from smccc_filter.analysis.comparison.comparison import ChangeSide, Comparison, MapChange, reasons
from smccc_filter.analysis.comparison.findings import FindingChange
from smccc_filter.analysis.comparison.told import ToldAnswer, ToldDifference
from smccc_filter.analysis.comparison.verdict import ComparisonVerdict
from smccc_filter.guests.setup import VmSetup
from smccc_filter.reports.diff.answers import call_name
from smccc_filter.reports.diff.findings import status
from smccc_filter.reports.diff.rows import calls_in, services_in
from smccc_filter.reports.guest.json import refusal
from smccc_filter.reports.paper.json import inclusive, pieces, span_object
from smccc_filter.smccc.function_id import show

VERSION = 2
"""2 has ``findings`` and ``told``, which the verdict counts too: it may differ from that of all changes."""


def render(comparison: Comparison) -> Iterator[str]:
    """Write the verdict, the sides, what differs of the VM, and every change, ascending.

    ``range`` is inclusive. A change whose ``verdict`` is ``equivalent`` is one of the action alone, and ``summary``
    counts the IDs of each verdict. ``why`` is what decides the outcome of the witness, as ``query`` says it. ``told``
    are the discovery calls that answer something else: ``argument`` of the ``witness`` is X1, null for a call that
    takes none, and ``old`` and ``new`` are its answers. ``findings`` are new or gone; ``span`` is in the file that has
    the finding, and ``allowed`` is the reason of its allowance.
    """
    return pieces(
        {
            "version": VERSION,
            "verdict": comparison.verdict,
            "order": comparison.order,
            "old": _side(comparison.old),
            "new": _side(comparison.new),
            "kernels": comparison.kernels,
            "assumed": comparison.assumed,
            "settings": [{"key": each.key, "old": each.old, "new": each.new} for each in comparison.settings],
            "refusals": [*_refusals("old", comparison.old_setups), *_refusals("new", comparison.new_setups)],
            "changes": (_change(comparison, change) for change in comparison.changes),
            "told": (_told(found) for found in comparison.told),
            "findings": (_finding(change) for change in comparison.findings),
            "summary": {
                verdict: sum(change.size for change in comparison.changes if change.verdict is verdict)
                for verdict in ComparisonVerdict
            },
        }
    )


def _side(side: ComparedSide) -> dict[str, object]:
    return {"path": side.path, "format": side.format, "name": side.name}


def _refusals(side: str, setups: tuple[VmSetup, ...]) -> list[dict[str, object]]:
    return [
        {"side": side, "kernel": setup.machine.profile.name} | refusal(row)
        for setup in setups
        for row in setup.refusals
    ]


def _change(comparison: Comparison, change: MapChange) -> dict[str, object]:
    return {
        "range": inclusive(change.start, change.stop),
        "verdict": change.verdict,
        "witness": show(change.witness),
        "calls": [{"id": show(call.func_id), "name": call.name} for call in calls_in(change)],
        "services": services_in(change),
        "old": _half(comparison, change, change.old, comparison.old_setups),
        "new": _half(comparison, change, change.new, comparison.new_setups),
    }


def _told(found: ToldDifference) -> dict[str, object]:
    return {
        "discovery": _call(found.discovery),
        "verdict": found.verdict,
        "witness": {
            "call": show(found.discovery),
            "argument": show(found.arguments[0]) if found.arguments else None,
        },
        "asked": list(map(_call, found.arguments)),
        "gained": list(map(_call, found.gained)),
        "lost": list(map(_call, found.lost)),
        "kernels": found.kernels,
        "old": _answers(found, found.old),
        "new": _answers(found, found.new),
    }


def _finding(change: FindingChange) -> dict[str, object]:
    found = change.finding
    return {
        "status": status(change),
        "code": found.code,
        "name": found.name,
        "severity": found.severity,
        "rule": change.rule,
        "message": found.message,
        "hint": found.hint,
        "allowed": found.suppressed,
        "span": span_object(found.span),
    }


def _call(func_id: int) -> dict[str, object]:
    return {"id": show(func_id), "name": call_name(func_id)}


def _answers(found: ToldDifference, half: tuple[ToldAnswer, ...]) -> dict[str, object]:
    """Describe the answer on each kernel; where a guest does not get as far as to ask, ``outcome`` is null."""
    return {
        kernel: {
            "outcome": answer.outcome,
            "registers": answer.registers and [f"0x{value:X}" for value in answer.registers],
        }
        for kernel, answer in zip(found.kernels, half, strict=True)
    }


def _half(
    comparison: Comparison, change: MapChange, half: ChangeSide, setups: tuple[VmSetup, ...]
) -> dict[str, object]:
    return {
        "action": half.action,
        **_by(half.by),
        "outcomes": dict(zip(comparison.kernels, half.outcomes, strict=True)),
        "why": dict(zip(comparison.kernels, reasons(setups, change.witness), strict=True)),
    }


def _by(by: Decider) -> dict[str, object]:
    span = by.span and span_object(by.span)
    return {"by": by.label, "rule": by.rule, "selector": by.text, "place": by.place, "span": span}
