"""The traces that a command reads, with a bar on a terminal while it does."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from smccc_filter.commands import files
from smccc_filter.words import counted, source_name, visible

if TYPE_CHECKING:
    from smccc_filter.traces.opening import Fed
    from smccc_filter.traces.recorded import TraceSource
    from smccc_filter.traces.sources import ReadTraces, TraceFile


def read(paths: Sequence[str]) -> "ReadTraces":
    """Read traces as far as they can be. Raises files.UnusableError where there is no call, and no trace without."""
    from smccc_filter.traces.sources import read_traces, trace_files

    found = trace_files(paths)
    with _shown(found) as fed:
        traces = read_traces(found, fed)
    if not found:
        raise files.UnusableError(f"no trace in {visible(paths[0])}: it is an empty folder")
    if traces.is_empty and not traces.is_interrupted:
        raise files.UnusableError("; ".join(map(_why, traces.sources)))
    return traces


def _why(source: "TraceSource") -> str:
    unread = f"{counted(source.unread, 'line')} and no call of a guest among them"
    return f"{source_name(source.path)}: {visible(source.fault) or unread}"


@contextmanager
def _shown(traces: "Sequence[TraceFile]") -> "Iterator[Fed]":
    """Show how much is read, with the rate and what remains, on a terminal."""
    total = sum(trace.size for trace in traces)
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    columns = (BarColumn(), DownloadColumn(binary_units=True), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total or None)
        yield lambda size: progress.advance(task, size)
