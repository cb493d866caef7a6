"""Reads traces, whatever they come in, on all CPUs where one is large, and keeps the counts alone."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from io import BufferedReader
from typing import NamedTuple

from smccc_filter.traces import tables
from smccc_filter.traces.event_line import LINE, seconds
from smccc_filter.traces.event_lines import LineCounter
from smccc_filter.traces.opening import PARQUET, Fed, OpenedTrace, TraceError, opened
from smccc_filter.traces.recorded import CallTally, TraceSource

PIECE = 4 << 20
"""Bytes of a stream that are read together."""
RANGE, LARGEST_RANGE = 64 << 20, 1 << 30
"""Bytes of a file that one process reads at least and at most: each begins anew, and tells only when it is done."""
LARGE = 16 << 20
"""Bytes of a table from which on it is worth the quarter of a second that DuckDB takes to begin."""
TURNS = 4
"""Ranges that each process gets of a file between those."""
LONGEST = 1 << 16
"""Bytes of a line, after which it is looked at as if it ended."""

EMPTY = "it is empty, as where a recording failed: record again, and read what the tracer says"
"""Why a source without a byte is none: tracers write a head, but for ``perf script`` where there is no call."""


class FileRange(NamedTuple):
    """Bytes of a file, of which the lines count that begin in them."""

    start: int
    stop: int


def count_trace(path: str, file: BufferedReader, tally: CallTally, fed: Fed, processes: int) -> str:
    """Count the calls of a trace that ``file`` holds, and return what it came in.

    ``fed`` is told how many bytes more are read, and ``processes`` says how many may read a large file at once. What
    was counted is in ``tally`` also where something is raised: TraceError, and OSError where the file can't be read on.
    """
    if file.peek(len(PARQUET)).startswith(PARQUET) and os.path.isfile(path):
        from smccc_filter.traces.parquet import count_parquet

        count_parquet(path, tally, fed, processes)
        return "Parquet"
    with opened(path, file) as trace:
        if not trace.file.peek(1):
            raise TraceError(trace.fault() or EMPTY)
        kind = _count(trace, tally, fed, processes)
        if fault := trace.fault():
            raise TraceError(fault)
        return kind


def _count(trace: OpenedTrace, tally: CallTally, fed: Fed, processes: int) -> str:
    is_whole_file = trace.is_plain_file and trace.file.tell() == 0
    head = trace.file.peek(LONGEST)[:LONGEST]
    if head.lstrip().startswith(b"{"):
        if not (is_whole_file and _is_large_counted(trace.file, b"{", tally, fed, processes)):
            tables.count_json(_told(trace.file, fed), tally)
        return f"{trace.kind}, JSON lines"
    line = head.lstrip().partition(b"\n")[0]
    if tables.HEAD.fullmatch(line):
        is_first = head.startswith(line)
        if not (is_whole_file and is_first and _is_large_counted(trace.file, line, tally, fed, processes)):
            tables.count_csv(_told(trace.file, fed), tally)
        return f"{trace.kind}, CSV"
    if is_whole_file:
        _count_file(trace.file.fileno(), tally, fed, processes)
    else:
        _count_stream(trace.file, tally, fed)
    return trace.kind


def _is_large_counted(file: BufferedReader, head: bytes, tally: CallTally, fed: Fed, processes: int) -> bool:
    """Count a table in another way than line by line, if it is large and can be; tell whether it was."""
    if os.fstat(file.fileno()).st_size < LARGE:
        return False
    from smccc_filter.traces.large_tables import count_large_table

    return count_large_table(file.fileno(), head, tally, fed, processes)


def _told(file: BufferedReader, fed: Fed) -> Iterator[bytes]:
    """Yield the lines of a table; a line that does not end is cut."""
    while line := file.readline(LONGEST):
        fed(len(line))
        yield line


def _count_stream(file: BufferedReader, tally: CallTally, fed: Fed) -> None:
    """Count lines as they come, and those that came also where reading ends in an error."""
    counter = LineCounter(tally)
    rest = b""
    try:
        while piece := file.read(PIECE):
            data = rest + piece
            stop = data.rfind(b"\n") + 1
            if len(data) - stop > LONGEST:
                stop = len(data)
            rest = data[stop:]
            _feed(counter, data[:stop])
            fed(len(piece))
    finally:
        _feed(counter, rest)


def _feed(counter: LineCounter, data: bytes) -> None:
    counter.feed(lambda at, size: data[at : at + size], 0, len(data))


def _count_file(descriptor: int, tally: CallTally, fed: Fed, processes: int) -> None:
    size = os.fstat(descriptor).st_size
    step = min(max(RANGE, -(-size // (TURNS * processes))), LARGEST_RANGE)
    ranges = [FileRange(start, min(start + step, size)) for start in range(0, size, step)]
    if len(ranges) < 2 or processes < 2:
        counter = LineCounter(tally)
        counter.feed(partial(_read_at, descriptor), 0, size, fed)
        return
    from multiprocessing import get_context

    # Others may have threads by now, with which a fork would not be safe.
    with _left_alone():
        workers = get_context("spawn").Pool(min(processes, len(ranges)))
    with workers as pool:
        path = f"/proc/{os.getpid()}/fd/{descriptor}"
        for part, source in zip(ranges, pool.imap(partial(count_range, path), ranges), strict=True):
            tally.add_source(source)
            fed(part.stop - part.start)


@contextmanager
def _left_alone() -> Iterator[None]:
    """Let processes that are begun here never see Ctrl-C, from their first instruction on: it is for this process.

    They inherit which signals are blocked. Here a signal that comes meanwhile waits.
    """
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # which would let signals through as it begins
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def count_range(path: str, part: FileRange) -> TraceSource:
    """Count the lines that begin in a range of a file."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        start, stop = (_line_start(descriptor, at) for at in part)
        tally = CallTally()
        counter = LineCounter(tally, _time_before(descriptor, start))
        counter.feed(partial(_read_at, descriptor), start, stop)
        return tally.source(path, "text")
    finally:
        os.close(descriptor)


def _read_at(descriptor: int, at: int, size: int) -> bytes:
    return os.pread(descriptor, size, at)


def _line_start(descriptor: int, at: int) -> int:
    """Return where the first line begins that begins at ``at`` or behind; one without an end is cut."""
    if at == 0:
        return 0
    data = os.pread(descriptor, LONGEST, at - 1)
    found = data.find(b"\n")
    return at - 1 + (found + 1 if found >= 0 else max(1, len(data)))


def _time_before(descriptor: int, at: int) -> float | None:
    """Return the time of the line that ends where another begins, if it is a call."""
    start = max(0, at - LONGEST)
    *_, line, _ = (b"\n" + os.pread(descriptor, at - start, start)).rsplit(b"\n", 2)
    match = LINE.fullmatch(line)
    return seconds(match["time"]) if match else None
