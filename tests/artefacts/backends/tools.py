"""Compilers that the tests of generated code need: absent, a test is skipped at a desk and fails in CI."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


def tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{name} is not installed, and CI must not skip its tests")
        pytest.skip(f"{name} is not installed")
    return path


def run(*command: str | Path) -> str:
    """Run a compiler or what it built; its messages are the failure's text."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout
