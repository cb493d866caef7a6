"""Every command's help ends with examples, and each example does what it shows in a folder that has what it names."""

import lzma
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from smccc_filter.cli import COMMANDS, cli
from smccc_filter.commands.status import FINDINGS, OK, PROGRAM, USAGE
from tests.cli.tool import run
from tests.house import tree
from tests.paths import DATA

PIPES = ("|", ">")
STATUS = {
    "smccc-filter init": USAGE,  # asks, and there is no terminal
    "smccc-filter validate --fail-on warning policies/": FINDINGS,
    "smccc-filter validate --diff --unsafe-fixes policy.yaml | git apply": FINDINGS,
    "smccc-filter diff old.yaml new.yaml": FINDINGS,
    "smccc-filter audit --fail-on unseen policy.yaml traces/": FINDINGS,
    "smccc-filter diff --html review.html old.yaml new.yaml": FINDINGS,
    "smccc-filter fmt --check policies/": FINDINGS,
    "smccc-filter fmt --diff policy.yaml | git apply": FINDINGS,
    "timeout 60 my-vmm --kernel guest.img | smccc-filter probe policy.yaml --log -": USAGE,  # it prints nothing
    "smccc-filter diff --format markdown old.yaml new.yaml > comment.md": FINDINGS,
    "smccc-filter server": FINDINGS,  # an editor that is gone before it said anything
    "smccc-filter server --isolated": FINDINGS,
    "smccc-filter audit policy.yaml trace.txt": FINDINGS,
    "trace-cmd report | smccc-filter audit policy.yaml -": FINDINGS,
    "perf script | smccc-filter audit policy.yaml -": FINDINGS,
    "smccc-filter audit --format json policy.yaml trace.txt.xz | jq '.calls[].name'": FINDINGS,
}
"""What an example ends with where that is not 0."""
NO_KVM = "smccc-filter probe"
"""Begins the examples that ask this machine's KVM, which it may not have."""
OLD = """version: 1
name: policy
rules:
  - {action: deny, calls: [TRNG_RND/64], allow: [{code: F501, reason: the guest knows}]}
"""
"""Lies to the guest, has something to fix, and is not in the layout of `fmt`."""
NEW = f"{OLD}  - {{action: forward, calls: [PSCI_SYSTEM_RESET2], reason: the board resets}}\n"
C = """#include <linux/kvm.h>
static const struct kvm_smccc_filter filter[] = {
\t{ .base = 0x84000000, .nr_functions = 32, .action = KVM_SMCCC_FILTER_FWD_TO_USER },
};
"""
STAND_INS = {
    "generate-policy": "cat old.yaml",
    "less": "cat",
    "my-vmm": "true",
    "perf": "cat trace.txt",
    "trace-cmd": "cat trace.txt",
    "xxd": "od -tx1",
}
"""Programs of other people, which an example only shows at the other end of a pipe."""


def examples(name: str) -> list[str]:
    """Return the lines that the help of a command ends with."""
    group = click.Context(cli, **cli.context_settings)
    command = cli.get_command(group, name)
    assert command
    shown = command.get_help(click.Context(command, info_name=name, terminal_width=80, parent=group))
    _, heading, text = shown.partition("\n  Examples:\n")
    assert heading, f"`{PROGRAM} {name} --help` has no Examples"
    lines = text.rstrip("\n").split("\n")
    wrong = [line for line in lines if not re.match(" {4}[^ ]", line)]
    assert wrong == [], f"`{PROGRAM} {name} --help` does not end with its examples, one a line"
    return [line.strip() for line in lines]


def uses(line: str) -> Iterator[list[str]]:
    """Yield the arguments of each use of the tool in a line of a shell."""
    words: list[str] = []
    for word in [*shlex.split(line), "|"]:
        if word not in PIPES:
            words.append(word)
            continue
        if words[:1] == [PROGRAM]:
            yield words[1:]
        words = []


CASES = [(name, line) for name in COMMANDS for line in examples(name)]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_examples_of_a_command_show_it(name: str) -> None:
    used = [arguments[0] for line in examples(name) for arguments in uses(line)]
    assert used.count(name) > 1, f"`{PROGRAM} {name} --help` shows too few uses of it"


@pytest.mark.parametrize(("name", "line"), CASES, ids=[line for _, line in CASES])
def test_the_command_line_takes_an_example(name: str, line: str) -> None:
    assert PROGRAM in line, f"an example of {name} without {PROGRAM}"
    for command, *arguments in uses(line):
        assert command in COMMANDS
        group = cli.make_context(PROGRAM, [command, *arguments])
        found = cli.get_command(group, command)
        assert found
        found.make_context(command, arguments, parent=group)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository that has every file that an example names, with a change that is not committed."""
    here = tmp_path_factory.mktemp("examples") / "here"
    for inside in ("arm64", "build", "policies", "src", "traces"):
        (here / inside).mkdir(parents=True)
    recorded = (DATA / "linux-7.3-guest-2cpu.trace").read_bytes()
    for name, data in {"trace.txt": recorded, "traces/one": recorded, "trace.txt.xz": lzma.compress(recorded)}.items():
        (here / name).write_bytes(data)
    texts = {"policy.yaml": OLD, "old.yaml": OLD, "new.yaml": NEW, "policies/trng.smccc.yaml": OLD, "kvm.c": C}
    for name, text in {**texts, "arm64/kvm.c": C}.items():
        (here / name).write_text(text, encoding="utf-8")
    for artefact in ("build/policy.h", "src/vm.rs", "filter.bin", "policy.bin"):
        assert run("compile", "policy.yaml", "-o", artefact, cwd=here).status == OK
    tree.commit(here, tree.environment(here.parent))
    tree.run("git", "update-ref", "refs/remotes/origin/main", "HEAD", cwd=here, env=tree.environment(here.parent))
    (here / "policy.yaml").write_text(OLD.replace("knows", "ignores it"), encoding="utf-8")
    stand_ins = here.parent / "bin"
    stand_ins.mkdir()
    for name, command in STAND_INS.items():
        (stand_ins / name).write_text(f"#!/bin/sh\n{command}\n", encoding="utf-8")
        (stand_ins / name).chmod(0o755)
    return here


@pytest.mark.parametrize("line", dict.fromkeys(line for _, line in CASES))
def test_an_example_runs(line: str, folder: Path, tmp_path: Path) -> None:
    here = shutil.copytree(folder, tmp_path / "here")
    for program in ("jq", "git", "aarch64-linux-gnu-gcc"):
        if re.search(rf"(^|\| ){program} ", line):
            tree.need(program)
    if imported := re.fullmatch(f"{PROGRAM} import .* -o (.*)", line):
        (here / imported[1]).unlink()
    env = tree.environment(tmp_path)
    env["PATH"] = f"{folder.parent / 'bin'}:{env['PATH']}"
    command = ["bash", "-o", "pipefail", "-c", line]
    done = subprocess.run(command, cwd=here, env=env, input="", capture_output=True, text=True, check=False)
    said = f"{line}\nexit status {done.returncode}\n{done.stdout}{done.stderr}"
    assert "a bug in the tool" not in said
    if line.startswith(NO_KVM):
        assert done.returncode in {OK, FINDINGS, USAGE}, said
    else:
        assert done.returncode == STATUS.get(line, OK), said


def test_every_exception_is_an_example() -> None:
    assert set(STATUS) <= {line for _, line in CASES}
    assert any(line.startswith(NO_KVM) for _, line in CASES)
