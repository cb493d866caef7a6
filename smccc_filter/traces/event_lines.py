"""Counts the calls in a trace in text, fast where lines are alike.

A line of a trace differs from its neighbours in the time, and hardly in anything else. So lines of one width are cut by
``struct``, the time is blanked in them, what is left is counted by C code, and the pattern of a line looks only at what
is different. It decides alone, also of lines that are not alike: what is counted is what ``LINE`` finds line by line.
"""

from collections import Counter
from collections.abc import Callable, Iterator, KeysView, Mapping, Sequence
from itertools import groupby
from operator import gt
from typing import NamedTuple

from smccc_filter.traces.alike_lines import POINT, AlikeLines, Shape, is_ascending, times_of
from smccc_filter.traces.event_line import EVENT, LINE, LOST, OVERWRITTEN, func_id_of, seconds, vm_of
from smccc_filter.traces.recorded import CallTally, RecordedCall

BLOCK = 1 << 20
"""Bytes that are looked at together."""
FEW = 8
"""Lines that are not worth being counted together."""
MOST_SHAPES = 1 << 16
"""Shapes that are remembered, of which each takes half a kilobyte."""
_DIGITS = b"0123456789"

Caller = tuple[str, int]
"""A VM and the function ID that it calls."""

ReadAt = Callable[[int, int], bytes]
"""Returns what stands at a place, so many bytes."""


class _BlockPlace(NamedTuple):
    """Where a block lies, and how its lines are cut."""

    at: int
    size: int
    width: int
    start: int
    stop: int


class _ShapeTally:
    """How often lines of one shape were seen, the time of the first, and the block that has the last."""

    __slots__ = ("caller", "count", "first", "place")

    def __init__(self, caller: Caller, first: float, place: _BlockPlace) -> None:
        self.caller, self.first, self.place = caller, first, place
        self.count = 0


class LineCounter:
    """Counts the calls of a trace that is fed piece by piece, each of whole lines, in the order of the file.

    ``before`` is the time of the line above the first.
    """

    def __init__(self, tally: CallTally, before: float | None = None) -> None:
        self._tally = tally
        self._known: dict[Shape, Caller] = {}
        self._shapes: dict[Shape, _ShapeTally] = {}
        self._latest = float("-inf")
        self._previous = self._latest if before is None else before

    def feed(self, read: ReadAt, start: int, stop: int, fed: Callable[[int], None] = lambda _: None) -> None:
        """Count what is in whole lines from ``start`` to ``stop``; only the last may lack its end.

        ``read`` returns as many bytes as it is asked for, the same each time, and ``fed`` is told of bytes that are
        counted.
        """
        at, width = start, 1
        while at < stop:
            block = read(at, min(BLOCK // width * width, stop - at))
            size = len(block) if at + len(block) >= stop else block.rfind(b"\n") + 1 or len(block)
            if not size:
                break
            width = self._block(block[:size], at)
            at += size
            if len(self._shapes) > MOST_SHAPES:
                self._finish(read)
            fed(size)
        self._finish(read)

    def _block(self, block: bytes, at: int) -> int:
        """Count a block, and return the width of its lines, or 1 where they are not alike."""
        width = block.find(b"\n") + 1
        number, rest = divmod(len(block), width or 1)
        found = None
        if width and not rest and number >= FEW and block[width - 1 :: width] == b"\n" * number:
            found = self._alike(block, width, at)
        if found is None:
            self._pass(self._mixed(block))
            return 1
        self._pass(found.ends() if found.are_ascending else found.times())
        return width

    def _pass(self, times: Sequence[float]) -> None:
        """Note when the lines of a block were, in their order."""
        if times:
            self._tally.backward += sum(map(gt, (self._previous, *times), times))
            self._previous = times[-1]
            self._latest = max(self._latest, *times)

    def _mixed(self, block: bytes) -> list[float]:
        """Count lines that are not all alike, those of one width together, and return their times."""
        lines = block.split(b"\n")
        mine = [line for line in lines if EVENT in line]
        if len(mine) < len(lines):
            self._others(line for line in lines if EVENT not in line)
        times: dict[int, float] = {}
        widths = list(map(len, mine))
        for width, numbers in groupby(sorted(range(len(mine)), key=widths.__getitem__), key=widths.__getitem__):
            group = list(numbers)
            found = None
            if len(group) >= FEW:
                found = self._alike(b"".join(mine[number] + b"\n" for number in group), width + 1)
            if found is None:
                times |= {number: time for number in group if (time := self._single(mine[number])) is not None}
            elif passed := found.times():
                times |= zip(group, passed, strict=True)
        return [time for _, time in sorted(times.items())]

    def _single(self, line: bytes) -> float | None:
        """Count one line by the pattern, and return its time, if it is a call with one."""
        match = LINE.fullmatch(line)
        if match is None:
            self._tally.unread += 1
            return None
        time = seconds(match["time"])
        self._tally.add(RecordedCall(func_id_of(match), vm_of(match), 1, time, time))
        return time

    def _others(self, lines: Iterator[bytes]) -> None:
        """Count lines of which none is a call. Comments and what is empty count for nothing."""
        for line in lines:
            if match := LOST.search(line):
                self._tally.gaps += 1
                self._tally.lost += int(match["lost"] or match["dropped"] or match["perf"] or 0)
            elif match := OVERWRITTEN.match(line):
                overwritten = int(match[2]) - int(match[1])
                self._tally.gaps += overwritten > 0
                self._tally.lost += max(0, overwritten)
            elif not line.startswith(b"#") and line.strip():
                self._tally.unread += 1

    def _alike(self, data: bytes, width: int, at: int | None = None) -> AlikeLines | None:
        """Count lines of one width; ``None`` where the pattern must see each, and none is counted.

        ``at`` is where they lie, if they lie one behind the other.
        """
        match = LINE.fullmatch(data, 0, width - 1)
        if match is None:
            return None
        lines = AlikeLines(data, width, *match.span("time"))
        columns = lines.columns()
        if any(column.translate(None, _DIGITS) for column in columns if column[0] != POINT):
            return None
        if any(column.count(POINT) != len(column) for column in columns if column[0] == POINT):
            return None
        counts = Counter(lines.shapes())
        if not self._know(lines, counts.keys(), match["time"]):
            return None
        if seconds(match["time"]) is None:
            for shape, count in counts.items():
                self._tally.add(_call(self._known[shape], count, None, None))
        elif at is not None and is_ascending(columns) and float(match["time"]) >= self._latest:
            self._count(counts, lines, _BlockPlace(at, len(data), width, *match.span("time")))
            return lines._replace(are_ascending=True)
        else:
            self._count_one_by_one(lines)
        return lines

    def _know(self, lines: AlikeLines, shapes: KeysView[Shape], time: bytes) -> bool:
        """Tell whether all shapes are those of calls, with times as long as ``time``."""
        if shapes <= self._known.keys():
            return True
        new = list(shapes - self._known.keys())
        if len(self._known) + len(new) > MOST_SHAPES:
            self._known.clear()
            new = list(shapes)
        for shape in new:
            match = LINE.fullmatch(lines.line(shape, time))
            if match is None or match.start("time") != lines.start or match["time"] != time:
                return False
            self._known[shape] = vm_of(match), func_id_of(match)
        return True

    def _count(self, counts: Mapping[Shape, int], lines: AlikeLines, place: _BlockPlace) -> None:
        """Count lines that ascend in time, and of which none is before what was counted already."""
        tallies = self._shapes
        if not counts.keys() <= tallies.keys():
            for shape, first in times_of(counts.keys() - tallies.keys(), lines.rows()).items():
                tallies[shape] = _ShapeTally(self._known[shape], first, place)
        for shape, count in counts.items():
            tally = tallies[shape]
            tally.count += count
            tally.place = place

    def _count_one_by_one(self, lines: AlikeLines) -> None:
        found: dict[Shape, tuple[int, bytes, bytes]] = {}
        for shape, time in lines.rows():
            count, first, last = found.get(shape, (0, time, time))
            found[shape] = count + 1, min(first, time), max(last, time)
        for shape, (count, first, last) in found.items():
            self._tally.add(_call(self._known[shape], count, float(first), float(last)))

    def _finish(self, read: ReadAt) -> None:
        """Put what was counted by shape into the tally."""
        by_place: dict[_BlockPlace, set[Shape]] = {}
        for shape, tally in self._shapes.items():
            by_place.setdefault(tally.place, set()).add(shape)
        for place, shapes in by_place.items():
            lines = AlikeLines(read(place.at, place.size), *place[2:])
            for shape, last in times_of(shapes, reversed(list(lines.rows()))).items():
                tally = self._shapes[shape]
                self._tally.add(_call(tally.caller, tally.count, tally.first, last))
        self._shapes.clear()


def _call(caller: Caller, count: int, first: float | None, last: float | None) -> RecordedCall:
    vm, func_id = caller
    return RecordedCall(func_id, vm, count, first, last)
