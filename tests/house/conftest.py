"""What the tests of the house share: the distributions, built once a run."""

import fcntl
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.house.tree import IN_CI, copy_source, environment, run


class Distributions(NamedTuple):
    """The source distribution, and the wheel that was built from it."""

    sdist: Path
    wheel: Path


@pytest.fixture(scope="session")
def online() -> None:
    """Skip at a desk without the package index, which building and installing need; CI has it."""
    asked = (sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "hatchling")
    if not IN_CI and subprocess.run(asked, capture_output=True, check=False).returncode:
        pytest.skip("the package index can't be reached")


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory, online: None) -> Distributions:  # noqa: ARG001
    """Build both distributions as a release does, one time for all of xdist's workers."""
    folder = tmp_path_factory.getbasetemp()
    if folder.name.startswith("popen-"):
        folder = folder.parent
    out = folder / "distributions"
    with (folder / "distributions.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not out.exists():
            source = copy_source(tmp_path_factory.mktemp("source") / "tree")
            partial = folder / "distributions.partial"
            command = (sys.executable, "-m", "build", "--outdir", partial, ".")
            run(*command, cwd=source, env=environment(folder, PYTHONSAFEPATH="1"))
            partial.rename(out)
    return Distributions(next(out.glob("*.tar.gz")), next(out.glob("*.whl")))
