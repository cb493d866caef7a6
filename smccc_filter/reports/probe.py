"""Prediction beside truth, as text and as JSON: every call, and at the end what differs and who wants to know it."""

from collections.abc import Iterable, Sequence

from smccc_filter.probe.session import CallResult, ProbeResult, StepResult
from smccc_filter.reports.paper.columns import prose, table
from smccc_filter.reports.paper.json import VERSION, dumps
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import show

HEADER = ("", "by", "call", "predicted", "observed")
DIFFERS = "!"


def render_text(title: str, result: ProbeResult, report_to: str | None, width: int | None) -> str:
    """Write a table; conduits by which the same was predicted and seen share a line. ``!`` marks what differs.

    ``report_to`` is the address for wrong predictions, ``None`` where the kernel was predicted as another one.
    """
    rows = [*_steps(result.set_up), *_calls(result.probes)]
    parts = [prose(title, width), table([HEADER, *rows], width)]
    differing = [row for row in rows if row[0] == DIFFERS]
    if differing and len(differing) < len(rows):
        parts.append(table([HEADER, *differing], width))
    parts.append("".join(prose(line, width) for line in _conclusion(result, report_to)))
    return "\n".join(parts)


def render_json(kernel: str, profile: str, result: ProbeResult) -> str:
    """Write everything that was seen on ``kernel``, as it calls itself, and predicted as ``profile``."""
    return dumps(
        {
            "version": VERSION,
            "kernel": kernel,
            "profile": profile,
            "set_up": [
                {"step": row.name, "predicted": row.predicted, "observed": row.observed, "agrees": row.agrees}
                for row in result.set_up
            ],
            "probes": [_probe(row) for row in result.probes],
            "undefined": result.undefined,
            "summary": {"probes": len(result.probes), "differ": len(result.differing)},
        }
    )


def _probe(row: CallResult) -> dict[str, object]:
    function = next(iter(registry.by_id(row.call.func_id)), None)
    return {
        "id": show(row.call.func_id),
        "name": function.name if function else None,
        "conduit": row.conduit,
        "argument": show(row.call.x1),
        "predicted": str(row.predicted),
        "observed": str(row.observed),
        "agrees": row.agrees,
    }


def _steps(rows: Sequence[StepResult]) -> list[tuple[str, ...]]:
    return [(_mark(row), "VMM", row.name, row.predicted, row.observed) for row in rows]


def _calls(probes: Iterable[CallResult]) -> list[tuple[str, ...]]:
    conduits: dict[tuple[str, str, str, str], list[str]] = {}
    for row in probes:
        cells = (_mark(row), _call(row), str(row.predicted), str(row.observed))
        conduits.setdefault(cells, []).append(row.conduit)
    return [(mark, ", ".join(by), *cells) for (mark, *cells), by in conduits.items()]


def _mark(row: StepResult | CallResult) -> str:
    return "" if row.agrees else DIFFERS


def _call(row: CallResult) -> str:
    """Write the ID, the name, and the argument where there is one."""
    func_id, x1 = row.call.func_id, row.call.x1
    name = registry.name_of(func_id)
    argument = f" ({registry.name_of(x1) or show(x1)})" if x1 else ""
    return f"{show(func_id)} {name}{argument}" if name else show(func_id)


def _conclusion(result: ProbeResult, report_to: str | None) -> Iterable[str]:
    for conduit in result.undefined:
        yield f"{conduit.upper()} is an undefined instruction on this host's CPUs, so no call was made by it."
    differing, calls = len(result.differing), len(result.probes)
    if not calls:
        yield "No call was made, because the VM is not the one that was asked for."
    if not differing:
        yield f"All agree: {calls:,} calls."
        return
    yield f"{differing:,} differ{'s' * (differing == 1)}."
    if report_to:
        yield "Unless somebody changed this kernel, the prediction is wrong: please report it, with the policy, at"
        yield report_to
