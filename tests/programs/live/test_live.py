"""The model and live kernels, as ``python -m tests.programs.live`` compares them: minutes, so on demand only.

CI sets ``SMCCC_FILTER_LIVE=1``; what is missing then fails the test.
"""

import os

import pytest

from tests.programs.live.__main__ import main
from tests.programs.live.machine import INSTALL

pytestmark = pytest.mark.skipif(
    os.environ.get("SMCCC_FILTER_LIVE") != "1", reason=f"needs SMCCC_FILTER_LIVE=1, and: {INSTALL}"
)


def test_kernels_and_guests_do_what_the_model_says(capfd: pytest.CaptureFixture[str]) -> None:
    """One test, so that runs in parallel neither share the machine's CPUs nor fetch the same packages twice."""
    assert main([]) == 0, capfd.readouterr()
    assert capfd.readouterr().out.count(" 0 policies differ\n") == 2
    assert main(["--guest"]) == 0, capfd.readouterr()
    assert capfd.readouterr().out.count("TRNG present\n") == 2
