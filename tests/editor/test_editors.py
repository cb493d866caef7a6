"""The settings of docs/editors.md: a real Neovim works with its own, and all start this server for policies alone."""

import json
import os
import re
import subprocess
import sysconfig
import tomllib
from pathlib import Path

from smccc_filter import cli
from smccc_filter.commands import status
from smccc_filter.commands.serving.analysis import is_policy
from tests.paths import DOCS, SUFFIX

EDITORS_PAGE = DOCS / "editors.md"
PAGE = EDITORS_PAGE.read_text(encoding="utf-8")
BROKEN = """\
version: 1
name: a
rules:
- action: handle
  calls: [PSCI_CPU_ON]
- action: forward
  calls: [PSCI_SYSTEM_RESET2]   # the board "😀" resets
  ranges: [0x84000050-0x84000051]
  reason: the board
"""
PATHS = (
    *("a.smccc.yaml", "b/a.smccc.yml", "smccc/a.yaml", "smccc-policies/b/a.yml", "b/smccc/c/a.yaml"),
    *("a.yaml", "smccc.yaml", "b/a-smccc.yaml", "smccc/a.txt", "smccc-policy/a.yaml"),
)


def block(editor: str) -> str:
    """Return the first block of settings of an editor."""
    section = PAGE.partition(f"## {editor}\n")[2].partition("\n## ")[0]
    found = re.search(r"^```\w+\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def test_neovim_edits_a_policy(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    policy, seen, settings = tmp_path / f"a{SUFFIX}", tmp_path / "seen.json", tmp_path / "init.lua"
    policy.write_text(BROKEN)
    settings.write_text(block("Neovim"))
    scripts = sysconfig.get_path("scripts")
    env = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "NVIM"))}
    env |= {"HOME": str(tmp_path), "PATH": f"{scripts}{os.pathsep}{env['PATH']}"}
    env |= {"POLICY": str(policy), "SEEN": str(seen)}
    edit = Path(__file__).with_name("edit.lua")
    command = [f"{scripts}/nvim", "--headless", "--clean", "-u", str(settings), "-c", f"luafile {edit}"]
    done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}{seen.read_text() if seen.exists() else ''}"
    found = json.loads(seen.read_text())
    assert found["client"] == "smccc-filter"
    assert found["hint"] == "2 IDs, TRNG_VERSION and TRNG_FEATURES"
    assert found["hover"]["contents"]["value"].startswith("**PSCI_CPU_ON**: power up a core")
    assert "R205" in found["before"]
    assert "R205" not in found["after"]
    assert policy.read_text() == (
        "version: 1\nname: a\nrules:\n  - action: forward\n"
        '    calls: [PSCI_SYSTEM_RESET2]  # the board "😀" resets\n    ranges: [0x84000050-0x84000051]\n'
        "    reason: the board\n"
    )
    assert cli.run(["fmt", "--check", "--isolated", str(policy)]) == status.OK


def test_every_editor_starts_the_server() -> None:
    helix = tomllib.loads(block("Helix"))
    server = helix["language-server"]["smccc-filter"]
    assert helix["language"][0]["language-servers"] == ["smccc-filter"]
    code = json.loads(block("VS Code"))
    zed = json.loads(block("Zed"))["lsp"]["yaml-language-server"]["binary"]
    assert (
        [server["command"], *server["args"]]
        == [code["glspc.server.command"], *code["glspc.server.commandArguments"]]
        == [zed["path"], *zed["arguments"]]
        == ["smccc-filter", "server"]
    )
    assert '("smccc-filter" "server")' in block("Emacs")
    assert "cmd = { 'smccc-filter', 'server' }" in block("Neovim")


def test_editors_that_tell_policies_from_other_files_do_it_as_the_tool(tmp_path: Path) -> None:
    """Emacs by its patterns, which differ from Python's in what a backslash makes of a bracket and of quotes."""
    patterns = re.findall(r"""'\("(.+?)" \. smccc-policy-mode\)""", block("Emacs"))
    assert len(patterns) == 2
    known = [
        each.replace("\\\\", "\\").replace(r"\(", "(").replace(r"\)", ")").replace(r"\'", r"\Z") for each in patterns
    ]
    globs = [each["glob"] for each in tomllib.loads(block("Helix"))["language"][0]["file-types"]]
    assert globs == ["*.smccc.{yaml,yml}", "{smccc,smccc-policies}/**/*.{yaml,yml}"]
    for name in PATHS:
        path = str(tmp_path / name)
        assert any(re.search(pattern, path) for pattern in known) == is_policy(path, [str(tmp_path)], isolated=True), (
            name
        )
