"""A real editor: Neovim opens a broken policy, shows what is wrong, fixes it, formats and saves."""

import json
import os
import subprocess
import sys
from pathlib import Path

from smccc_filter import cli
from smccc_filter.commands import status
from tests.paths import SUFFIX

BROKEN = """\
version: 1
name: a
rules:
- action: handle
  calls: [PSCI_CPU_ON]
- action: forward
  calls: [PSCI_SYSTEM_RESET2]   # the board "😀" resets
  reason: the board
"""


def test_neovim_edits_a_policy(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    policy, seen = tmp_path / f"a{SUFFIX}", tmp_path / "seen.json"
    policy.write_text(BROKEN)
    script = Path(__file__).with_name("edit.lua")
    server = [sys.executable, "-m", "smccc_filter", "server"]
    env = {**os.environ, "HOME": str(tmp_path), "POLICY": str(policy), "SEEN": str(seen), "SERVER": json.dumps(server)}
    command = [str(Path(sys.executable).with_name("nvim")), "--headless", "--clean", "-c", f"luafile {script}"]
    done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}{seen.read_text() if seen.exists() else ''}"
    found = json.loads(seen.read_text())
    assert found["client"] == "smccc-filter"
    assert found["hover"]["contents"]["value"].startswith("**PSCI_CPU_ON**: power up a core")
    assert "R205" in found["before"]
    assert "R205" not in found["after"]
    assert policy.read_text() == (
        "version: 1\nname: a\nrules:\n  - action: forward\n"
        '    calls: [PSCI_SYSTEM_RESET2]  # the board "😀" resets\n    reason: the board\n'
    )
    assert cli.run(["fmt", "--check", "--isolated", str(policy)]) == status.OK
    assert cli.run(["validate", "--isolated", str(policy)]) == status.OK
