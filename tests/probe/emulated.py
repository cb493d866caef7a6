"""The installed tool on an emulated arm64 host with KVM at EL2: Debian's kernel and Python, and aarch64 wheels."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.probe.debian import PYTHON, python, with_folders
from tests.programs.live.cpio import File
from tests.programs.live.errors import HarnessError
from tests.programs.live.machine import boot, end_of
from tests.programs.live.packages import Kernel

PLATFORMS = ("manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64")
INIT = Path(__file__).parent / "init.py"
BOOT_TIMEOUT = 300.0
MEMORY = 2048
"""MiB: the archive is unpacked into it."""
MOUNTED = ("dev", "proc")


class Run(NamedTuple):
    """What one run of the tool left behind; ``seconds`` are the machine's own."""

    status: int
    out: str
    err: str
    seconds: float

    def json(self) -> Any:  # noqa: ANN401
        """Read standard output."""
        return json.loads(self.out)


def wheels(tool: Path, folder: Path) -> list[Path]:
    """Download to ``folder`` what the wheel ``tool`` needs on the machine, itself too. HarnessError where pip fails."""
    platforms = [f"--platform={name}" for name in PLATFORMS]
    wanted = ("--only-binary=:all:", f"--python-version={PYTHON}", *platforms)
    _pip("download", "--dest", str(folder), *wanted, str(tool))
    return sorted(folder.glob("*.whl"))


def run(
    kernel: Kernel, installed: Iterable[Path], files: dict[str, bytes], commands: Sequence[Sequence[str]]
) -> list[Run]:
    """Run the tool with each of ``commands`` in one boot, ``files`` lying in the current folder.

    MissingToolError without QEMU; HarnessError where the machine does not answer.
    """
    content = files | {"init": INIT.read_bytes(), "commands": json.dumps(commands).encode()}
    for wheel in installed:
        with zipfile.ZipFile(wheel) as archive:
            content |= {f"packages/{name}": archive.read(name) for name in archive.namelist() if name[-1] != "/"}
    ours = [*(File(name, None) for name in MOUNTED), *with_folders(File(path, data) for path, data in content.items())]
    done = boot(kernel.image, ours, timeout=BOOT_TIMEOUT, memory=MEMORY, more=python())
    runs = [Run(**json.loads(line)) for line in done.answers.splitlines()]
    if len(runs) != len(commands):
        raise HarnessError(f"{len(runs)} answers to {len(commands)} commands\n{end_of(done.console)}")
    return runs


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise HarnessError(f"pip {arguments[0]} failed:\n{done.stderr.strip()}")
