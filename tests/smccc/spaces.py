"""A universe of sixteen cells laid over the ID space, small enough for a model that counts on its fingers."""

from collections.abc import Iterable

from hypothesis import strategies as st

from smccc_filter.smccc.function_id import SPACE
from smccc_filter.smccc.intervals import Interval, IntervalMap, Intervals, union

CELLS = 16
WIDTH = SPACE // CELLS
ENDS = [cell * WIDTH for cell in range(CELLS)] + [cell * WIDTH + WIDTH - 1 for cell in range(CELLS)]
"""First and last ID of every cell: what changes, changes there."""

runs: st.SearchStrategy[Interval] = (
    st.lists(st.integers(0, CELLS), min_size=2, max_size=2, unique=True)
    .map(sorted)
    .map(lambda ends: (ends[0] * WIDTH, ends[1] * WIDTH))
)
heaps = st.lists(runs, max_size=8)
"""Intervals in any order, overlapping or not."""
sets: st.SearchStrategy[Intervals] = heaps.map(union)
values = st.sampled_from("abc")
rows = st.lists(values, min_size=CELLS, max_size=CELLS)
"""A value for each cell."""
ids = st.integers(0, SPACE - 1) | st.sampled_from(ENDS)


def cells(intervals: Iterable[Interval]) -> set[int]:
    """Return the cells that the intervals hold."""
    return {cell for start, stop in intervals for cell in range(start // WIDTH, stop // WIDTH)}


def map_of(row: list[str]) -> IntervalMap[str]:
    return IntervalMap.of(((cell * WIDTH, (cell + 1) * WIDTH, value) for cell, value in enumerate(row)), "unused")


def is_canonical(intervals: Intervals) -> bool:
    """Tell whether the intervals ascend with a gap between neighbours, none empty, all in the space."""
    edges = [0, *(edge for interval in intervals for edge in interval), SPACE]
    inner = edges[1:-1]
    return edges == sorted(edges) and len(set(inner)) == len(inner)
