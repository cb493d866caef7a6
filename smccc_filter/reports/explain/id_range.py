"""The explanation of a range of function IDs as text: bounded lists, each with what it leaves out."""

from collections.abc import Sequence

from smccc_filter.analysis.reference import id_range as ranges
from smccc_filter.analysis.reference.groups import service_ids
from smccc_filter.analysis.reference.id_range import IdRange
from smccc_filter.reports.explain.explanation import RESERVED, Explanation, block, labelled
from smccc_filter.reports.paper.columns import LabelledLine
from smccc_filter.smccc import registry
from smccc_filter.smccc.fields import decode
from smccc_filter.smccc.function_id import show_range
from smccc_filter.smccc.intervals import Intervals, size
from smccc_filter.smccc.registry.partition import Allocation
from smccc_filter.words import plural

_ROWS = 8
"""Owners, services and ranges that are listed."""
_CALLS = 32


def explain(asked: IdRange) -> Explanation:
    """Explain a range."""
    count = asked.stop - asked.start
    lines = [LabelledLine("written", f"{show_range(asked.start, asked.stop)} or {block(asked.start, asked.stop)}")]
    holders = [
        f"{show_range(max(row.first, asked.start), min(row.last + 1, asked.stop))}, {_holder(row)}: {row.status}"
        for row in ranges.allocations(asked)
    ]
    lines += labelled("held by", _bounded(holders, _ROWS))
    services = [f"{row.name}, {_of(common, total)}: {row.title}" for row, common, total in ranges.services(asked)]
    lines += labelled("services", _bounded(services, _ROWS))
    if wrong := ranges.nonconforming(asked):
        lines.append(LabelledLine("bits 23:17", f"are set in {wrong:,} of the IDs: no conforming call has such an ID"))
    lines.append(LabelledLine("KVM", _serviced(ranges.serviced(asked))))
    lines += _filter(asked)
    calls = ranges.calls(asked)
    longest = max((len(function.name) for function, _ in calls[:_CALLS]), default=0)
    named = [f"{function.name:{longest}}  {','.join(block(*one) for one in ids)}" for function, ids in calls]
    lines += labelled("calls", _bounded(named, _CALLS, ": see `smccc-filter list calls`") or ["none that is known"])
    return Explanation(
        f"{show_range(asked.start, asked.stop)}: {count:,} IDs, {_title(asked, len(calls))}", tuple(lines)
    )


def _title(asked: IdRange, calls: int) -> str:
    whole = [row.name for row in registry.services() if service_ids(row) == asked.ids]
    within = [row.name for row, common, _ in ranges.services(asked) if common == asked.stop - asked.start]
    known = f"{calls or 'no'} known {plural(calls, 'call')}"
    if whole:
        return f"all of {whole[0]}, with {known}"
    return f"inside {within[0]}, with {known}" if within else f"with {known}"


def _serviced(ids: Intervals) -> str:
    if not ids:
        return "services none of them: what a filter leaves to it gets NOT_SUPPORTED"
    shown = ", ".join(_bounded([show_range(*one) for one in ids], _ROWS))
    return f"services {size(ids)} of them, on some kernel and machine: {shown}"


def _filter(asked: IdRange) -> list[LabelledLine]:
    """Tell whether a filter may select the range, and if so how a policy does it."""
    kept = ranges.reserved(asked)
    if not kept:
        return [
            LabelledLine("filter", "may select it"),
            LabelledLine("in a policy", f"ranges: [{show_range(asked.start, asked.stop)}]"),
        ]
    touched = " and ".join(show_range(*one) for one in kept)
    free = _bounded([show_range(*one) for one in ranges.selectable(asked)], _ROWS)
    lines = [LabelledLine("filter", f"may not select it, as it touches {touched}. {RESERVED}")]
    return [*lines, LabelledLine("in a policy", f"ranges: [{', '.join(free)}]")] if free else lines


def _holder(row: Allocation) -> str:
    fields = decode(row.first)
    return f"SMC{64 if fields.smc64 else 32} {row.service}" if fields.fast else row.service


def _of(common: int, total: int) -> str:
    return f"all {total:,} IDs" if common == total else f"{common:,} of {total:,} IDs"


def _bounded(texts: Sequence[str], most: int, where: str = "") -> list[str]:
    """Return the first of ``texts``, and how many more there are."""
    more = len(texts) - most
    return [*texts] if more <= 0 else [*texts[:most], f"and {more:,} more{where}"]
