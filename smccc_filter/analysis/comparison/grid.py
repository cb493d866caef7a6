"""Two filters side by side on one grid, and on a third side where something changes."""

from smccc_filter.analysis.comparison.comparison import Comparison
from smccc_filter.analysis.comparison.pairing import completed
from smccc_filter.analysis.grid import GridRow, PolicyGrid, grid
from smccc_filter.analysis.map import named_calls
from smccc_filter.analysis.resolve import NumberedAction
from smccc_filter.kvm.machine import Call, Outcome
from smccc_filter.kvm.uapi import Action
from smccc_filter.smccc.intervals import IntervalMap

OLD, NEW, CHANGED = range(3)
"""The sides of every bar. Pieces of the third are decided where something changes; their action says nothing."""


def compared_grid(comparison: Comparison) -> PolicyGrid:
    """Return the rows of a comparison. Calls are marked as answered where NEW's guest gets an answer on some kernel."""
    old, new, _ = completed(comparison.old, comparison.new)
    pieces = ((change.start, change.stop, NumberedAction(Action.HANDLE, 0)) for change in comparison.changes)
    changed = IntervalMap.of(pieces, NumberedAction(Action.HANDLE, None))
    answered = frozenset(
        call.func_id
        for call in named_calls()
        if any(setup.reply(Call(call.func_id)).for_guest is Outcome.ANSWERED for setup in comparison.new_setups)
    )
    return grid((old.decisions, new.decisions, changed), answered)


def is_changed(row: GridRow) -> bool:
    """Tell whether anything changes in a row."""
    return bool(row.rules(CHANGED))
