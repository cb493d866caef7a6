"""One command over a hostile file, in a process of its own: the time of its CPU, its memory, and how much it wrote."""

import gc
import os
import resource
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from smccc_filter import cli

PATIENCE = 60
"""Seconds of CPU after which a process is ended."""


class Cost(NamedTuple):
    """What a command took: seconds of CPU, the most bytes of memory, bytes written, and its exit status.

    A process that was ended has the number of the signal, negative, as its status. Bytes of memory count what the
    modules of the tool take.
    """

    seconds: float
    memory: int
    written: int
    status: int


def cost(arguments: Sequence[str], folder: Path, patience: int = PATIENCE) -> Cost:
    """Run the tool in a folder, without input; what it imports for the first time counts."""
    with tempfile.TemporaryFile() as output:
        sys.stdout.flush()
        child = os.fork()
        if not child:
            _run(arguments, folder, patience, output.fileno())
        _, status, usage = os.wait4(child, 0)
        written = os.fstat(output.fileno()).st_size
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, written, os.waitstatus_to_exitcode(status))


def _run(arguments: Sequence[str], folder: Path, patience: int, output: int) -> None:
    """Be the tool, and end."""
    status = 255
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (patience, patience))
        for stream in (1, 2):
            os.dup2(output, stream)
        os.chdir(folder)
        gc.disable()
        status = cli.run(list(arguments))
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)
