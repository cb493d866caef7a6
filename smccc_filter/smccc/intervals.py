"""Sets of function IDs and total maps over them, in one canonical form, so that equal meaning is ``==``.

Every interval is half-open, ``(start, stop)`` with ``0 <= start < stop <= 2**32``. A set is a tuple of intervals,
ascending, disjoint and with a gap between neighbours. A map gives every ID exactly one value and merges neighbours of
equal value.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from typing import Final, Generic, TypeVar

from smccc_filter.smccc.function_id import SPACE

Interval = tuple[int, int]
Intervals = tuple[Interval, ...]

LONG = 8
"""Intervals of which it is worth to search the first that matters."""
T = TypeVar("T")
U = TypeVar("U")


def union(intervals: Iterable[Interval]) -> Intervals:
    """Bring intervals in any order, overlapping or not, into canonical form. O(n log n)."""
    result: list[Interval] = []
    for start, stop in sorted(intervals):
        if result and start <= result[-1][1]:
            if stop > result[-1][1]:
                result[-1] = (result[-1][0], stop)
        else:
            result.append((start, stop))
    return tuple(result)


def intersection(left: Intervals, right: Intervals) -> Intervals:
    """Return the IDs in both of two canonical sets. O(n + m), of which what is before the other costs O(log n)."""
    result: list[Interval] = []
    i = j = 0
    if len(left) > LONG and right:
        i = bisect_right(left, right[0][0], key=itemgetter(1))
    if len(right) > LONG and left:
        j = bisect_right(right, left[0][0], key=itemgetter(1))
    while i < len(left) and j < len(right):
        start = max(left[i][0], right[j][0])
        stop = min(left[i][1], right[j][1])
        if start < stop:
            result.append((start, stop))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(result)


def difference(left: Intervals, right: Intervals) -> Intervals:
    """Return the IDs in ``left`` and not in ``right``, both canonical, in the time of ``intersection``."""
    result: list[Interval] = []
    j = bisect_right(right, left[0][0], key=itemgetter(1)) if left and len(right) > LONG else 0
    for start, stop in left:
        at = start
        while j < len(right) and right[j][1] <= at:
            j += 1
        k = j
        while k < len(right) and right[k][0] < stop:
            if at < right[k][0]:
                result.append((at, right[k][0]))
            at = max(at, right[k][1])
            k += 1
        if at < stop:
            result.append((at, stop))
    return tuple(result)


def in_span_of(ids: Intervals, table: Intervals) -> Intervals:
    """Return the intervals of a canonical ``table`` that meet the span from the first to the last of canonical ``ids``.

    What is left of a long table is all that an intersection with ``ids`` has to look at. O(log n) where they lie close.
    """
    if not ids:
        return ()
    first = bisect_right(table, ids[0][0], key=itemgetter(1))
    return table[first : bisect_left(table, ids[-1][1], lo=first, key=itemgetter(0))]


def size(intervals: Intervals) -> int:
    """Count the IDs of a canonical set."""
    return sum(stop - start for start, stop in intervals)


class IntervalMap(Generic[T]):
    """A total map from the 2**32 IDs to values.

    ``values[i]`` holds from ``starts[i]`` to the next start, the last one to 2**32. Make one with ``IntervalMap.of``;
    it is canonical then, and two maps that say the same are equal.
    """

    __slots__ = ("starts", "values")

    def __init__(self, starts: tuple[int, ...], values: tuple[T, ...]) -> None:
        self.starts: Final = starts
        self.values: Final = values

    def __eq__(self, other: object) -> bool:
        """Tell whether two maps say the same of every ID."""
        return isinstance(other, IntervalMap) and (self.starts, self.values) == (other.starts, other.values)

    def __hash__(self) -> int:
        """Agree with ``==``, where the values can be hashed."""
        return hash((self.starts, self.values))

    def __repr__(self) -> str:
        """Show the segments."""
        return f"IntervalMap(starts={self.starts}, values={self.values})"

    @classmethod
    def of(cls, segments: Iterable[tuple[int, int, T]], default: T) -> "IntervalMap[T]":
        """Build from disjoint ``(start, stop, value)`` in ascending order; ``default`` fills what they leave.

        Raises ValueError where segments overlap, are empty, unsorted or outside the ID space: a caller's bug.
        """
        starts: list[int] = []
        values: list[T] = []
        at = 0
        for start, stop, value in segments:
            if not at <= start < stop <= SPACE:
                raise ValueError(f"segment [{start:#x}, {stop:#x}) after {at:#x}")
            if at < start and (not at or values[-1] != default):
                starts.append(at)
                values.append(default)
            if not start or values[-1] != value:
                starts.append(start)
                values.append(value)
            at = stop
        if at < SPACE and (not at or values[-1] != default):
            starts.append(at)
            values.append(default)
        return cls(tuple(starts), tuple(values))

    def __getitem__(self, fid: int) -> T:
        """Return the value of one ID. O(log n)."""
        return self.values[bisect_right(self.starts, fid) - 1]

    def segments(self) -> Iterator[tuple[int, int, T]]:
        """Yield ``(start, stop, value)`` over the whole space, ascending."""
        return zip(self.starts, (*self.starts[1:], SPACE), self.values, strict=True)

    def within(self, start: int, stop: int) -> Iterator[tuple[int, int, T]]:
        """Yield the segments of ``[start, stop)``, cut to it."""
        i = bisect_right(self.starts, start) - 1
        end = bisect_left(self.starts, stop)
        for k in range(i, end):
            after = self.starts[k + 1] if k + 1 < len(self.starts) else SPACE
            yield max(start, self.starts[k]), min(stop, after), self.values[k]

    def first_values(self, start: int, stop: int, most: int) -> tuple[T, ...]:
        """Return the values of the first ``most`` segments of ``[start, stop)``. O(log n) and as many."""
        first = bisect_right(self.starts, start) - 1
        return self.values[first : min(first + most, bisect_left(self.starts, stop))]

    def map(self, function: Callable[[T], U]) -> "IntervalMap[U]":
        """Apply ``function`` to every value and merge what becomes equal."""
        starts: list[int] = []
        values: list[U] = []
        for start, value in zip(self.starts, map(function, self.values), strict=True):
            if not start or values[-1] != value:
                starts.append(start)
                values.append(value)
        return IntervalMap(tuple(starts), tuple(values))

    def where(self, predicate: Callable[[T], bool]) -> Intervals:
        """Return the IDs whose value satisfies ``predicate``."""
        return union((start, stop) for start, stop, value in self.segments() if predicate(value))
