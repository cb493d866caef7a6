"""Lines of one width, cut by ``struct``, and what their digits say without a look at each."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from struct import Struct
from typing import NamedTuple, cast

from smccc_filter.traces.event_line import seconds

POINT = ord(".")

Shape = tuple[bytes, bytes]
"""A line without its time: what stands before it and behind."""


class AlikeLines(NamedTuple):
    """Lines of one width, ends included, and where the time stands in them."""

    data: bytes
    width: int
    start: int
    stop: int
    are_ascending: bool = False

    def shapes(self) -> Iterator[Shape]:
        """Yield what stands around each time."""
        rows = _cut(f"{self.start}s{self.stop - self.start}x{self.width - self.stop - 1}sx").iter_unpack(self.data)
        return cast("Iterator[Shape]", rows)

    def rows(self) -> Iterator[tuple[bytes, bytes, bytes]]:
        """Yield what stands before each time, the time, and what stands behind."""
        rows = _cut(f"{self.start}s{self.stop - self.start}s{self.width - self.stop - 1}sx").iter_unpack(self.data)
        return cast("Iterator[tuple[bytes, bytes, bytes]]", rows)

    def columns(self) -> list[bytes]:
        """Return the digits of all times, place by place."""
        return [self.data[at :: self.width] for at in range(self.start, self.stop)]

    def times(self) -> list[float]:
        """Return the times, none where they are of a clock that counts no seconds."""
        if seconds(self.data[self.start : self.stop]) is None:
            return []
        cut = _cut(f"{self.start}x{self.stop - self.start}s{self.width - self.stop}x")
        return [float(time) for (time,) in cut.iter_unpack(self.data)]

    def ends(self) -> list[float]:
        """Return the first and the last time, none as ``times``."""
        last = len(self.data) - self.width
        times = (self.data[self.start : self.stop], self.data[last + self.start : last + self.stop])
        return [time for time in map(seconds, times) if time is not None]


def times_of(shapes: set[Shape], rows: Iterable[tuple[bytes, bytes, bytes]]) -> dict[Shape, float]:
    """Return the time in the first row of each shape; all are there."""
    found: dict[Shape, float] = {}
    if not shapes:
        return found
    waiting = set(shapes)
    for before, time, behind in rows:
        if (before, behind) in waiting:
            waiting.remove((before, behind))
            found[before, behind] = float(time)
            if not waiting:
                break
    return found


def is_ascending(columns: Sequence[bytes]) -> bool:
    """Tell whether numbers of as many digits ascend, or stay; ``columns`` are their digits, the highest first.

    The numbers are put into one, each with a bit above it. Less the same without its first number, that has lost the
    bit of each number that is more than the next.
    """
    telling = [column for column in columns if column.count(column[0]) != len(column)]
    size, number = len(telling) + 1, len(columns[0]) - 1
    if size == 1 or number == 0:
        return True
    rows = bytearray(size * (number + 1))
    for at, column in enumerate(telling, 1):
        rows[at::size] = column
    bits = _bits(size, number)
    return (int.from_bytes(rows[size:]) | bits) - int.from_bytes(rows[:-size]) & bits == bits


@lru_cache(maxsize=4)
def _bits(size: int, number: int) -> int:
    return int.from_bytes((b"\x01" + b"\0" * (size - 1)) * number)


@lru_cache(maxsize=256)
def _cut(layout: str) -> Struct:
    return Struct(layout)
