"""The model and live kernels, as ``python -m tests.kernel`` compares them: minutes of emulation, so on demand only.

CI sets ``SMCCC_FILTER_LIVE=1``; what is missing then fails the test.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kernel.machine import INSTALL

pytestmark = pytest.mark.skipif(
    os.environ.get("SMCCC_FILTER_LIVE") != "1", reason=f"needs SMCCC_FILTER_LIVE=1, and: {INSTALL}"
)


def run(*arguments: str) -> str:
    command = [sys.executable, "-m", "tests.kernel", *arguments]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    return done.stdout


def test_kernels_and_guests_do_what_the_model_says() -> None:
    """One test, so that runs in parallel neither share the machine's CPUs nor fetch the same packages twice."""
    assert run().count(" 0 policies differ\n") == 2
    assert run("--guest").count("TRNG present\n") == 2
