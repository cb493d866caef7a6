"""The source distribution and the wheel, built as a release builds them."""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.house.tree import copy_source, environment, run


class Distributions(NamedTuple):
    """The source distribution, and the wheel that was built from it."""

    sdist: Path
    wheel: Path


def build(folder: Path) -> None:
    """Build both in ``folder / "dist"``."""
    source = copy_source(folder / "source")
    command = (sys.executable, "-m", "build", "--outdir", folder / "dist", ".")
    run(*command, cwd=source, env=environment(folder, PYTHONSAFEPATH="1"))


def built(folder: Path) -> Distributions:
    """Return what was built in ``folder``."""
    return Distributions(next(folder.glob("dist/*.tar.gz")), next(folder.glob("dist/*.whl")))


def can_build() -> bool:
    """Tell whether the package index can be reached, which building and installing need."""
    asked = (sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "hatchling")
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0
