"""What all reports of a comparison say of a discovery call that answers something else."""

from collections.abc import Sequence

from smccc_filter.analysis.comparison.comparison import Comparison
from smccc_filter.analysis.comparison.told import VERSIONS, ToldAnswer, ToldDifference
from smccc_filter.guests.beliefs import show_version
from smccc_filter.kvm.machine import NOT_SUPPORTED, U32_MAX
from smccc_filter.reports.diff.rows import by_kernel, few
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import show

NO_ANSWER = (NOT_SUPPORTED, U32_MAX)
"""-1 in X0 of a guest in AArch64 and in AArch32."""


def call_name(func_id: int) -> str:
    """Return what a call is called, or its ID."""
    return registry.name_of(func_id) or show(func_id)


def call_names(calls: Sequence[int]) -> list[str]:
    """Return what calls are called."""
    return list(map(call_name, calls))


def title(found: ToldDifference) -> str:
    """Say which call tells, and about what it is asked."""
    about = f" of {few(call_names(found.arguments))}" if found.arguments else ""
    return f"told by {call_name(found.discovery)}{about}"


def where_told(comparison: Comparison, found: ToldDifference) -> str:
    """Return `` on 7.3`` where the answer does not differ on every kernel."""
    return f" on {', '.join(found.kernels)}" if len(found.kernels) < len(comparison.kernels) else ""


def effects(found: ToldDifference) -> list[str]:
    """Say what a guest discovers by the answer, or that its value alone differs."""
    rows = (("discoverable now", found.gained), ("no longer discoverable", found.lost))
    said = [f"{what}: {few(call_names(calls))}" for what, calls in rows if calls]
    return said or ["another value"]


def told_half(found: ToldDifference, half: Sequence[ToldAnswer]) -> str:
    """Say what one side answers; kernels that agree are named once."""
    return by_kernel([_answer(found.discovery, each) for each in half], found.kernels)


def _answer(discovery: int, answer: ToldAnswer) -> str:
    if answer.outcome is None:
        return "not asked"
    if answer.registers is None:
        return answer.outcome
    first, *others = answer.registers
    if first in NO_ANSWER:
        return f"{answer.outcome} -1"
    if discovery in VERSIONS:
        return f"{answer.outcome} 0x{first:X} ({show_version(first)})"
    while others and not others[-1]:
        others.pop()
    return " ".join([answer.outcome, *(f"0x{value:X}" for value in (first, *others))])
