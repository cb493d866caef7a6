"""Lines of one width, cut by ``struct``, and what their digits say without a look at each."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from struct import Struct
from typing import NamedTuple

from smccc_filter.traces.event_line import seconds

POINT = ord(".")

Shape = bytes
"""A line with an end of line in place of each byte of its time: no line has one elsewhere."""


class AlikeLines(NamedTuple):
    """Lines of one width, ends included, and where the time stands in them."""

    data: bytes
    width: int
    start: int
    stop: int
    are_ascending: bool = False

    def shapes(self) -> Iterator[Shape]:
        """Yield what each line is without its time."""
        data = bytearray(self.data)
        blank = b"\n" * (len(data) // self.width)
        for at in range(self.start, self.stop):
            data[at :: self.width] = blank
        rows = _cut(f"{self.width - 1}sx").iter_unpack(data)
        return map(itemgetter(0), rows)

    def line(self, shape: Shape, time: bytes) -> bytes:
        """Return the line of a shape at a time."""
        return shape[: self.start] + time + shape[self.stop :]

    def rows(self) -> Iterator[tuple[Shape, bytes]]:
        """Yield the shape of each line and its time."""
        return zip(self.shapes(), self._times(), strict=True)

    def columns(self) -> list[bytes]:
        """Return the digits of all times, place by place."""
        return [self.data[at :: self.width] for at in range(self.start, self.stop)]

    def times(self) -> list[float]:
        """Return the times, none where they are of a clock that counts no seconds."""
        if seconds(self.data[self.start : self.stop]) is None:
            return []
        return list(map(float, self._times()))

    def ends(self) -> list[float]:
        """Return the first and the last time, none as ``times``."""
        last = len(self.data) - self.width
        times = (self.data[self.start : self.stop], self.data[last + self.start : last + self.stop])
        return [time for time in map(seconds, times) if time is not None]

    def _times(self) -> Iterator[bytes]:
        rows = _cut(f"{self.start}x{self.stop - self.start}s{self.width - self.stop}x").iter_unpack(self.data)
        return map(itemgetter(0), rows)


def times_of(shapes: set[Shape], rows: Iterable[tuple[Shape, bytes]]) -> dict[Shape, float]:
    """Return the time in the first row of each shape; all are there."""
    found: dict[Shape, float] = {}
    if not shapes:
        return found
    waiting = set(shapes)
    for shape, time in rows:
        if shape in waiting:
            waiting.remove(shape)
            found[shape] = float(time)
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
