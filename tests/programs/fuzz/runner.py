"""The tool run in this process, over and over: nothing is set up twice, and what hangs is ended.

A process for each input would cost fifty times as much as most inputs do.
"""

import gc
import io
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NamedTuple, TypeVar

from smccc_filter import cli
from tests.cli.tool import environment

Result = TypeVar("Result")

HANG = 20
"""Seconds of this process's own time after which an input of some kilobytes is taken to hang."""
COLLECT = 200
"""Runs between two collections of what Python leaves in circles."""


class HangError(BaseException):
    """The tool did not come to an end; no ``except Exception`` of its own takes it."""


class Answer(NamedTuple):
    """What a run left behind: its status, what it wrote, and whether that is UTF-8."""

    status: int
    out: bytes
    err: str


class ToolRunner:
    """Runs command lines in a folder of its own, in which it has written what they work on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runs = 0

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Work in the folder, in the environment of a user with no wishes."""
        before, where = dict(os.environ), Path.cwd()
        handler = signal.signal(signal.SIGPROF, _hangs)
        enabled = gc.isenabled()
        gc.disable()
        try:
            os.chdir(self.folder)
            os.environ.clear()
            os.environ.update({"COLUMNS": "80", **{k: v for k, v in before.items() if k in environment()}})
            yield
        finally:
            os.chdir(where)
            os.environ.clear()
            os.environ.update(before)
            signal.signal(signal.SIGPROF, handler)
            gc.unfreeze()
            if enabled:
                gc.enable()

    def run(self, arguments: tuple[str, ...], given: bytes = b"") -> Answer:
        """Run one command line. Raises HangError."""
        self.runs += 1
        if self.runs % COLLECT == 0:
            gc.unfreeze()  # commands freeze what is there, as no process outlives one
            gc.collect()
        streams = sys.stdin, sys.stdout, sys.stderr
        out, err = io.BytesIO(), io.BytesIO()
        sys.stdin = io.TextIOWrapper(io.BytesIO(given), encoding="utf-8")
        sys.stdout = io.TextIOWrapper(out, encoding="utf-8")
        sys.stderr = io.TextIOWrapper(err, encoding="utf-8", errors="backslashreplace")
        try:
            status = bounded(lambda: cli.run(list(arguments)))
            sys.stdout.flush()
            sys.stderr.flush()
            return Answer(status, out.getvalue(), err.getvalue().decode())
        finally:
            sys.stdin, sys.stdout, sys.stderr = streams


def bounded(work: Callable[[], Result]) -> Result:
    """Do some work within the time that it may take. Raises HangError."""
    signal.setitimer(signal.ITIMER_PROF, HANG)
    try:
        return work()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _hangs(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise HangError(f"no end after {HANG} s")
