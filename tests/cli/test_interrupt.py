import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.tool import TIMEOUT, TOOL, environment


@pytest.fixture(autouse=True)
def _interruptible() -> Iterator[None]:
    """Let children start with Ctrl-C's own meaning, also where whoever started the tests had switched it off."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(
    "arguments",
    [
        ["validate", "policy.yaml"],
        ["validate", "--format", "json", "policy.yaml"],
        ["compile", "policy.yaml", "-o", "a.h"],
    ],
    ids=lambda arguments: "-".join(arguments[:-1]),
)
def test_ctrl_c_while_a_policy_is_read(arguments: list[str], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "policy.yaml")
    (tmp_path / "a.h").write_text("old")
    with (
        subprocess.Popen(
            [*TOOL, *arguments], cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as child,
        (tmp_path / "policy.yaml").open("wb"),
    ):  # returns once the tool has opened the other end
        _wait_until_it_waits(child)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=TIMEOUT)
    assert (child.returncode, out, err) == (130, b"", b"smccc-filter: interrupted\n")
    assert (tmp_path / "a.h").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.h", "policy.yaml"]


def test_ctrl_c_while_a_pipe_is_written(tmp_path: Path) -> None:
    rules = "".join(f"  - {{action: deny, ranges: [0x{0x82000000 + 2 * number:X}]}}\n" for number in range(4000))
    (tmp_path / "large.yaml").write_text(f"version: 1\nname: large\nrules:\n{rules}")
    with subprocess.Popen(
        [*TOOL, "compile", "large.yaml", "--format", "c", "-o", "-"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        assert child.stdout
        assert child.stderr
        assert child.stdout.read(1) == b"/"  # more than a pipe holds is to come
        _wait_until_it_waits(child)
        child.send_signal(signal.SIGINT)
        assert child.wait(timeout=TIMEOUT) == 130
        assert child.stderr.read() == b"smccc-filter: interrupted\n"


def _wait_until_it_waits(child: "subprocess.Popen[bytes]") -> None:
    """Return once a process sleeps in a system call, here a read or a write that nothing but a signal will end.

    A signal that comes just before the call is seen by Python only after it, which a person mends by a second Ctrl-C.
    """
    deadline = time.monotonic() + TIMEOUT
    while Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[0] != "S":
        assert time.monotonic() < deadline, "it never waits"
        time.sleep(0.001)
