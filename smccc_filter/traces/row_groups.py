"""Rows of tables that name the same ID and the same VM, put together before anybody asks what the ID means.

Python and DuckDB read tables into these, so that what a cell means is said once.
"""

import math
import re
from typing import NamedTuple

from smccc_filter.traces.event_line import MASK
from smccc_filter.traces.recorded import CallTally, RecordedCall

MOST = 1 << 62
"""A larger count is none of calls."""
BLANKS = " \t"
"""What may stand around an ID or a count in text."""
COUNT = r"[0-9]{1,19}"
"""The text of a count."""
MOST_GROUPS = 1 << 16
"""Groups that are kept before they are counted, of which each takes half a kilobyte."""
_COUNT = re.compile(COUNT)
_ID = re.compile("0[xX][0-9a-fA-F]{1,16}")


class RowGroup(NamedTuple):
    """Rows with one ID and one VM: how many there are, how many of them have a count, and the sum of that.

    ``first`` and ``last`` are the least and the greatest time of those with a count, in seconds.
    """

    func_id: object
    vm: str
    rows: int
    counted: int
    number: int
    first: float | None
    last: float | None


def count_group(group: RowGroup, tally: CallTally) -> None:
    """Count the rows of a group, as unread where they are none of calls."""
    func_id = func_id_of(group.func_id)
    if func_id is None:
        tally.unread += group.rows
        return
    tally.unread += group.rows - group.counted
    if group.counted:
        tally.add(RecordedCall(func_id, group.vm, group.number, group.first, group.last))


class _GroupTally:
    """What a group has of its rows until now."""

    __slots__ = ("counted", "first", "last", "number", "rows")

    def __init__(self) -> None:
        self.rows = self.counted = self.number = 0
        self.first, self.last = math.inf, -math.inf

    def group(self, func_id: object, vm: str) -> RowGroup:
        has_times = self.first <= self.last
        times = (self.first, self.last) if has_times else (None, None)
        return RowGroup(func_id, vm, self.rows, self.counted, self.number, *times)


class RowCounter:
    """Groups rows that come one by one, and counts the groups into a tally."""

    def __init__(self, tally: CallTally) -> None:
        self._tally = tally
        self._groups: dict[tuple[str | int | None, str], _GroupTally] = {}

    def add(self, func_id: object, vm: object, count: object, time: object) -> None:
        """Add a row by its cells."""
        key = func_id if isinstance(func_id, str) else func_id_of(func_id), "" if vm is None else str(vm)
        group = self._groups.get(key)
        if group is None:
            if len(self._groups) >= MOST_GROUPS:
                self.finish()
            group = self._groups[key] = _GroupTally()
        group.rows += 1
        number = number_of(count)
        if number is None:
            return
        group.counted += 1
        group.number += number
        seconds = None if time is None else time_of(time)
        if seconds is not None:
            group.first = min(group.first, seconds)
            group.last = max(group.last, seconds)

    def finish(self) -> None:
        """Count what was grouped until now."""
        for (func_id, vm), group in self._groups.items():
            count_group(group.group(func_id, vm), self._tally)
        self._groups.clear()


def func_id_of(value: object) -> int | None:
    """Return the ID that a cell means: hexadecimal text with ``0x``, or a whole number of 64 bits."""
    if isinstance(value, str) and _ID.fullmatch(value.strip(BLANKS)):
        return int(value.strip(BLANKS), 16) & MASK
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 64:
        return value & MASK
    return None


def number_of(value: object) -> int | None:
    """Return how many calls a cell means, at least one."""
    if isinstance(value, str) and _COUNT.fullmatch(value.strip(BLANKS)):
        value = int(value.strip(BLANKS))
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < MOST else None


def time_of(value: object) -> float | None:
    """Return the seconds that a cell means, as far as they are finite."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        if isinstance(value, str) and not value.isascii():
            return None
        try:
            time = float(value)
        except (ValueError, OverflowError):
            return None
        return time if math.isfinite(time) else None
    return None
