"""Whole processes, timed in turn, so that whatever else the machine does strikes both sides of a ratio alike."""

import os
import statistics
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

Command = tuple[str, ...]
LOOK = 0.02


class Run(NamedTuple):
    """One process: wall clock seconds, and the most memory it had, in bytes.

    Linux counts what the process was before it became the command, so that ``memory`` is at least this one's own.
    """

    seconds: float
    memory: int


class Spread(NamedTuple):
    """What several measurements say."""

    least: float
    median: float
    most: float

    @classmethod
    def of(cls, values: Iterable[float]) -> "Spread":
        """Summarise measurements, at least one."""
        ordered = sorted(values)
        return cls(ordered[0], statistics.median(ordered), ordered[-1])


class Pair(NamedTuple):
    """Two commands measured in turn."""

    ours: tuple[Run, ...]
    theirs: tuple[Run, ...]

    def ratio(self) -> Spread:
        """Return ours by theirs: the ratio of the medians, and the least and most that two neighbouring runs show."""
        pairs = Spread.of(ours.seconds / theirs.seconds for ours, theirs in zip(self.ours, self.theirs, strict=True))
        medians = [statistics.median(run.seconds for run in side) for side in self]
        return pairs._replace(median=medians[0] / medians[1])


def run(command: Command) -> Run:
    """Run a command to its end, its output thrown away. Raises RuntimeError where it does not end with status 0."""
    quiet = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_RDWR, 0) for stream in range(3)]
    start = time.perf_counter()
    process = os.posix_spawn(command[0], command, os.environ, file_actions=quiet)
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - start
    if status != 0:
        raise RuntimeError(f"exit status {os.waitstatus_to_exitcode(status)} of {' '.join(command)[:200]}")
    return Run(seconds, usage.ru_maxrss * 1024)


def memory_of_all(command: Command) -> int:
    """Return the most memory that a command and all processes that it begins have at once, in bytes.

    It is looked at every ``LOOK`` seconds, and what processes share counts once (Linux's PSS), so that it is not timed.
    Raises RuntimeError as ``run``.
    """
    most = 0
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            most = max(most, sum(map(_proportional, _tree(process.pid))))
            time.sleep(LOOK)
    if process.returncode:
        raise RuntimeError(f"exit status {process.returncode} of {' '.join(command)[:200]}")
    return most


def _tree(pid: int) -> Iterator[int]:
    yield pid
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _tree(int(child))


def _proportional(pid: int) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            name, _, value = line.partition(":")
            if name == "Pss":
                return int(value.split()[0]) * 1024
    return 0


def in_turn(ours: Command, theirs: Command, times: int) -> Pair:
    """Run both commands ``times`` times, ABAB, after one run of each that does not count."""
    for command in (ours, theirs):
        run(command)
    runs = [(run(ours), run(theirs)) for _ in range(times)]
    return Pair(*zip(*runs, strict=True))
