"""Runs an installation over many command lines: one process that has imported everything, and a child for each line."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.programs.same.inputs import CommandLine

WORKER = """
import gc, importlib, json, os, pkgutil, sys
import smccc_filter
from smccc_filter import cli

for module in pkgutil.walk_packages(smccc_filter.__path__, "smccc_filter."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
lines = json.loads(sys.stdin.read())
gc.disable()
for number, arguments in enumerate(lines):
    os.makedirs("out", exist_ok=True)
    child = os.fork()
    if not child:
        for stream, name in ((0, os.devnull), (1, "../stdout"), (2, "../stderr")):
            os.dup2(os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC), stream)
        try:
            status = cli.run(arguments)
            sys.stdout.flush()
            sys.stderr.flush()
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            status = 255
        os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    made = f"../{number}"
    os.rename("out", made)
    for name in ("stdout", "stderr"):
        os.rename(f"../{name}", f"{made}/{name}")
    with open(f"{made}/status", "w") as file:
        file.write(str(status))
"""


class Ran(NamedTuple):
    """What one command line left behind: its streams and the files that it made, by name."""

    arguments: CommandLine
    status: int
    outputs: dict[str, bytes]


def run_all(
    environments: Sequence[Path], lines: Sequence[CommandLine], inputs: Path, folder: Path
) -> tuple[tuple[Ran, ...], ...]:
    """Run all environments at once over all lines, each over a copy of the inputs."""
    started = [_start(environment, lines, inputs, folder / str(n)) for n, environment in enumerate(environments)]
    if any(process.wait() for process in started):
        raise RuntimeError("an installation can't be run")
    return tuple(tuple(_ran(lines, folder / str(number))) for number in range(len(started)))


def _start(environment: Path, lines: Sequence[CommandLine], inputs: Path, folder: Path) -> subprocess.Popen[bytes]:
    work = folder / "work"
    shutil.copytree(inputs, work)
    (folder / "lines.json").write_text(json.dumps(lines))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    with (folder / "lines.json").open() as stdin:
        command = (environment / "bin" / "python", "-c", WORKER)
        return subprocess.Popen(command, stdin=stdin, cwd=work, env=kept | {"COLUMNS": "100"})


def _ran(lines: Sequence[CommandLine], folder: Path) -> Iterator[Ran]:
    for number, arguments in enumerate(lines):
        made = {file.name: file.read_bytes() for file in (folder / str(number)).iterdir()}
        yield Ran(arguments, int(made.pop("status")), made)
