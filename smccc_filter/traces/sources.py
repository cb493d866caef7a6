"""The traces that a person names: files, folders and standard input, each read as far as it can be."""

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from io import BufferedReader
from typing import NamedTuple

from smccc_filter.traces.opening import Fed, TraceError
from smccc_filter.traces.reading import count_trace
from smccc_filter.traces.recorded import CallTally, TraceSource
from smccc_filter.words import DASH

INTERRUPTED = "interrupted"


class ReadTraces(NamedTuple):
    """What was read of all traces; ``is_interrupted`` says that a person did not wait for the end."""

    sources: tuple[TraceSource, ...]
    is_interrupted: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing could be read: no source has a call, and each has lines that are none, or a fault."""
        return all(not source.number and (source.fault or source.unread) for source in self.sources)


class TraceFile(NamedTuple):
    """A trace to read, and how many bytes it has, 0 where nobody knows."""

    path: str
    size: int


def trace_files(paths: Iterable[str]) -> tuple[TraceFile, ...]:
    """Return the traces that paths name: those in folders by name, but for hidden ones, and no file twice."""
    found: dict[str, TraceFile] = {}
    for path in paths:
        for each in _files(path):
            real = DASH if each == DASH else os.path.realpath(each)
            found.setdefault(real, TraceFile(each, _size(each)))
    return tuple(found.values())


def read_traces(files: Iterable[TraceFile], fed: Fed, processes: int | None = None) -> ReadTraces:
    """Read traces one after the other. KeyboardInterrupt ends it with what was read so far.

    ``fed`` is told how many bytes more were read, and ``processes`` says how many may read one trace, by default as
    many as there are CPUs.
    """
    sources: list[TraceSource] = []
    for file in files:
        source = _source(file.path, fed, processes or os.cpu_count() or 1)
        sources.append(source)
        if source.fault == INTERRUPTED:
            return ReadTraces(tuple(sources), is_interrupted=True)
    return ReadTraces(tuple(sources))


def _files(path: str) -> Iterator[str]:
    if path == DASH or not os.path.isdir(path):
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (os.path.join(folder, name) for name in sorted(names) if not name.startswith("."))


def _size(path: str) -> int:
    try:
        status = os.fstat(sys.stdin.fileno()) if path == DASH and sys.stdin else os.stat(path)
    except (OSError, ValueError):
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else 0


def _source(path: str, fed: Fed, processes: int) -> TraceSource:
    """Read one trace as far as it can be."""
    tally = CallTally()
    kind, fault = "unread", ""
    try:
        if path == DASH:
            if sys.stdin is None:
                return tally.source(path, kind, "standard input is closed")
            kind = count_trace(path, _buffered(sys.stdin.buffer), tally, fed, processes)
        else:
            with open(path, "rb") as file:
                kind = count_trace(path, file, tally, fed, processes)
    except TraceError as error:
        fault = str(error)
    except OSError as error:
        fault = error.strerror or str(error)
    except KeyboardInterrupt:
        fault = INTERRUPTED
    return tally.source(path, kind, fault)


def _buffered(stream: object) -> BufferedReader:
    if not isinstance(stream, BufferedReader):
        raise TraceError("standard input can't be read in bytes")
    return stream
