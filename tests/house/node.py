"""Programs from the npm registry that the tests run against: installed outside the tree."""

import subprocess
from pathlib import Path

import pytest

from tests.house.tree import IN_CI, need

PACKAGES = ("axe-core@4", "yaml-language-server@1.25.0")
"""The accessibility rules that browsers' own tools use, and the language server behind every editor's YAML.

The server's messages are compared, hence its whole version.
"""


def install(folder: Path) -> None:
    """Install ``PACKAGES`` in ``folder / "node_modules"``.

    At a desk that has no npm or can't reach its registry the test is skipped; in CI that is a failure.
    """
    npm = need("npm")
    folder.mkdir()
    quiet = ("--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts")
    command = (npm, "install", *quiet, "--prefix", str(folder), *PACKAGES)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        if IN_CI:
            pytest.fail(f"npm can't install {PACKAGES}:\n{done.stderr}")
        pytest.skip("the npm registry can't be reached")
