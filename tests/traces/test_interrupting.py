"""Ctrl-C at a terminal while traces are read, and the bar before it: real processes, and large files."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pexpect
import pytest

from smccc_filter.traces.large_tables import LOOKED
from tests.paths import DATA

RECORDED = DATA / "linux-7.3-guest-2cpu.trace"
ROWS, LINES = 30_000_000, 12_000_000
TIMEOUT = 120.0
READ = re.compile(r"([\d.]+)/([\d.]+) [kMG]i?B")
"""How much is read of how much, as the bar says it."""


def policy(folder: Path) -> Path:
    path = folder / "p.yaml"
    path.write_text("version: 1\nname: p\nrules: []\n")
    return path


def parquet(folder: Path) -> Path:
    path = folder / "large.parquet"
    columns = "'0x84000003' AS id, 'vm-' || (i * 7919 % 1000) AS vm, (1 + i * 31 % 1009)::VARCHAR AS count"
    duckdb.execute(f"COPY (FROM range({ROWS}) AS rows(i) SELECT {columns}) TO '{path}' (FORMAT parquet)")
    return path


def csv(folder: Path) -> Path:
    path = folder / "large.csv"
    drawn = random.Random(1)  # noqa: S311 -- the same each time
    rows = "".join(f"vm-{drawn.randrange(1000)},{drawn.randrange(1, 1000)},0x84000003\n" for _ in range(100_000))
    with path.open("w") as file:
        file.write("vm,count,id\n")
        file.writelines([rows] * (LINES // 100_000))
    return path


@pytest.mark.parametrize(("written", "share"), [(parquet, 0.0), (csv, 1 / LOOKED)])
def test_ctrl_c_at_a_terminal_while_duckdb_works(tmp_path: Path, written: Callable[[Path], Path], share: float) -> None:
    path = written(tmp_path)
    command = ["-m", "smccc_filter", "audit", str(policy(tmp_path)), str(RECORDED), str(path)]
    child = pexpect.spawn(sys.executable, command, encoding="utf-8", timeout=TIMEOUT, dimensions=(24, 400))
    read, whole = 0.0, 1.0
    while read <= whole * (share + 0.01):
        child.expect(READ)
        assert isinstance(child.match, re.Match)
        read, whole = map(float, child.match.groups())
    child.sendintr()
    child.expect(pexpect.EOF)
    said = " ".join((child.before or "").split())
    child.close()
    assert (child.exitstatus, child.signalstatus) == (130, None), said
    assert "p.yaml: 42 calls of" in said
    assert "not read: interrupted" in said
    assert "this is of what was read until then" in said
    assert "Traceback" not in said
    assert not list(tmp_path.glob("**/.tmp"))


def children_of(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that nobody waited for has ended, too."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def trace(folder: Path) -> Path:
    """Write lines of several lengths, at which the pattern looks one by one."""
    path = folder / "large.trace"
    lines = [line + b" " * (number % 7) for number, line in enumerate(RECORDED.read_bytes().splitlines())]
    piece = b"\n".join([*lines * 200, b""])
    with path.open("wb") as file:
        file.writelines([piece] * ((256 << 20) // len(piece)))
    return path


@pytest.mark.parametrize("pause", [0, 0.5])
def test_ctrl_c_while_several_processes_read(tmp_path: Path, pause: float) -> None:
    path = trace(tmp_path)
    command = [sys.executable, "-m", "smccc_filter", "audit", str(policy(tmp_path)), str(RECORDED), str(path)]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run in the background ignores it
    try:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as child:
            deadline = time.monotonic() + TIMEOUT
            while len(children := children_of(child.pid)) < 3:  # a tracker of resources, and two that read
                assert time.monotonic() < deadline, "it begins no processes"
                assert child.poll() is None
                time.sleep(0.001)
            time.sleep(pause)
            os.killpg(child.pid, signal.SIGINT)
            out, err = child.communicate(timeout=TIMEOUT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert (child.returncode, err) == (130, b"smccc-filter: interrupted: this is of what was read until then\n")
    assert b"not read to its end: interrupted" in out or b"not read: interrupted" in out
    deadline = time.monotonic() + TIMEOUT
    while left := [pid for pid in children if is_alive(pid)]:  # the tracker sees a moment later that it is alone
        assert time.monotonic() < deadline, left
        time.sleep(0.01)
