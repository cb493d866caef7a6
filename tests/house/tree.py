"""The source tree, copies of it, and the commands that tests of the house run."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.paths import ROOT

SCRIPTS = Path(sysconfig.get_path("scripts"))
IN_CI = os.environ.get("CI") == "true"

NOT_SOURCE = shutil.ignore_patterns(
    ".git", ".venv", "build", "dist", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis", ".coverage*"
)

FOREIGN = ("PYTEST_", "COV_", "COVERAGE_", "PYTHON", "VIRTUAL_ENV", "GIT_", "XDG_", "_SMCCC")
"""What surrounds the test run and must not leak into a command that stands for a user's."""


def copy_source(to: Path, *, tests: bool = True) -> Path:
    """Copy what a clone holds, or all of it but the tests, which are most of its files."""

    def ignored(folder: str, names: list[str]) -> set[str]:
        return NOT_SOURCE(folder, names) | ({"tests"} if Path(folder) == ROOT and not tests else set())

    shutil.copytree(ROOT, to, ignore=ignored)
    return to


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return a user's environment: this one's tools and downloads, a home of its own, nothing of the test run."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    who = {f"GIT_{role}_{key}": "user@example.com" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
    path = os.pathsep.join([str(SCRIPTS), os.environ["PATH"]])
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    rustup = os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup"))
    return {
        **kept,
        **who,
        "GIT_CONFIG_NOSYSTEM": "1",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "PATH": path,
        "PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR", str(caches / "pip")),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_COMPILE": "1",  # Python compiles what it imports
        "RUSTUP_HOME": rustup,  # where rustc comes from rustup, it looks for its toolchain at home
        **more,
    }


def run(*command: str | Path, cwd: Path, env: Mapping[str, str], status: int = 0) -> str:
    """Run a command and return both its outputs as one; any other exit status fails the test with them."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == status, f"{command}: exit status {done.returncode}\n{done.stdout}"
    return done.stdout


def commit(folder: Path, env: Mapping[str, str], *, tag: str | None = None) -> None:
    """Make a git repository of everything in ``folder``."""
    run("git", "init", "--quiet", cwd=folder, env=env)
    run("git", "add", "--all", cwd=folder, env=env)
    run("git", "commit", "--quiet", "--message", "Everything", cwd=folder, env=env)
    if tag:
        run("git", "tag", tag, cwd=folder, env=env)


def venv(folder: Path, env: Mapping[str, str], *requirements: str | Path) -> Path:
    """Make a virtual environment with ``requirements``, and no pip of its own; return its folder of scripts."""
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder.parent, env=env)
    pip(folder / "bin", "install", *requirements, env=env)
    return folder / "bin"


def pip(scripts: Path, *arguments: str | Path, env: Mapping[str, str]) -> None:
    """Run this environment's pip on another."""
    command = (sys.executable, "-m", "pip", "--quiet", "--python", scripts / "python", *arguments)
    run(*command, cwd=scripts, env=env)


def need(program: str) -> str:
    """Return where a program is; absent, the test is skipped at a desk and fails in CI."""
    path = shutil.which(program)
    if path is None:
        if IN_CI:
            pytest.fail(f"{program} is not installed, and CI must not skip its tests")
        pytest.skip(f"{program} is not installed")
    return path
