"""The installed tool as its users run it: arguments, streams and an exit status.

``run_process`` starts a process, as a shell does. ``run`` does the same within the process of the tests, in a
twentieth of the time: it is for what the tool says and how it ends. ``test_tool`` holds the two together.
"""

import io
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from smccc_filter import cli
from smccc_filter.reports.paper import hyperlinks

_SCRIPT = shutil.which("smccc-filter", path=sysconfig.get_path("scripts"))
TOOL = [_SCRIPT] if _SCRIPT else [sys.executable, "-m", "smccc_filter"]

GOOD = b"version: 1\nname: good\nrules:\n  - {action: deny, ranges: [0x82000000]}\n"
"""Has a note, and nothing else."""
WARNED = b"version: 1\nname: warned\nrules:\n  - {action: deny, ranges: [0x88000000]}\n"
"""Has a warning, and no error."""
BAD = b"version: 1\nname: bad\nrules:\n  - {action: dney, calls: [PSCI_CPU_ON]}\n"
TIMEOUT = 120
"""Seconds after which a run is taken to hang."""

UNMEASURED: dict[str, str | None] = {"COVERAGE_PROCESS_START": None, "COVERAGE_PROCESS_CONFIG": None}
"""Changes to an environment that keep coverage out of a run, for which it would import and write too much."""

_WITHOUT_CAPABILITIES = """
import ctypes, os, sys
PR_CAPBSET_DROP = 24
CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_FSETID = range(5)
for capability in (CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_FSETID):
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""

Argument = str | bytes | Path
Changes = dict[str, str]


class Outcome(NamedTuple):
    """What a run left behind."""

    status: int
    out: str
    err: str


def environment(**changes: str | None) -> dict[str, str]:
    """Return this process's environment without what decides about colours and letters, changed; None removes."""
    fixed = {"NO_COLOR", "FORCE_COLOR", "TERM", "COLUMNS", "PYTHONIOENCODING", "_SMCCC_FILTER_COMPLETE"}
    fixed |= {"FORCE_HYPERLINK", "VTE_VERSION", "TERM_PROGRAM", *hyperlinks.MARKS}
    kept: dict[str, str | None] = {name: value for name, value in os.environ.items() if name not in fixed}
    return {name: value for name, value in (kept | changes).items() if value is not None}


def run(
    *arguments: Argument,
    input: bytes = b"",  # noqa: A002 -- as subprocess.run calls it
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Outcome:
    """Run the tool in this process, with streams, an environment and a current folder of its own.

    What only a new interpreter obeys, such as PYTHONHASHSEED and locales, needs ``run_process``, and so do streams
    that are closed, full, or known by a descriptor.
    """
    outcome = run_unchecked(*arguments, input=input, cwd=cwd, env=env)
    check(outcome)
    return outcome


def run_unchecked(
    *arguments: Argument,
    input: bytes = b"",  # noqa: A002 -- as subprocess.run calls it
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Outcome:
    """Run the tool as ``run`` does, however it ends."""
    stdin, stdout, stderr = io.BytesIO(input), io.BytesIO(), io.BytesIO()
    with (
        chdir(cwd or Path.cwd()),
        mock.patch.dict(os.environ, environment() if env is None else env, clear=True),
        mock.patch.object(sys, "stdin", _text(stdin)),
        redirect_stdout(_text(stdout)),
        redirect_stderr(_text(stderr, errors="backslashreplace")),
    ):
        status = cli.run([os.fsdecode(argument) for argument in arguments])
        sys.stdout.flush()
        sys.stderr.flush()
        return Outcome(status, stdout.getvalue().decode(), stderr.getvalue().decode())


def run_process(*arguments: Argument, **options: Any) -> Outcome:  # noqa: ANN401
    """Run the tool in a process of its own; ``options`` are those of ``subprocess.run``."""
    return _outcome([*TOOL, *arguments], **options)


def through_shell(script: str, *arguments: Argument, **options: Any) -> Outcome:  # noqa: ANN401
    """Run the tool from a shell, in which ``"$@"`` is its command line."""
    return _outcome(["sh", "-c", script, "sh", *TOOL, *arguments], **options)


def run_unprivileged(*arguments: Argument, **options: Any) -> Outcome:  # noqa: ANN401
    """Run the tool as somebody to whom the permissions of files mean something, which they do not to root."""
    return _outcome([sys.executable, "-c", _WITHOUT_CAPABILITIES, *TOOL, *arguments], **options)


def on_terminal(
    *arguments: Argument, command: Sequence[str] = TOOL, changes: Changes | None = None, typed: str = ""
) -> Outcome:
    """Run the tool with all its streams on one terminal of 80 columns; ``changes`` are to the environment."""
    master, slave = os.openpty()
    os.write(master, typed.encode())
    env = environment(TERM="xterm-256color", COLUMNS="80") | (changes or {})
    try:
        child = subprocess.Popen([*command, *arguments], stdin=slave, stdout=slave, stderr=slave, env=env)
        os.close(slave)
        seen = b"".join(iter(lambda: _read(master), b""))
        outcome = Outcome(child.wait(timeout=TIMEOUT), seen.decode(), "")
    finally:
        os.close(master)
    check(outcome)
    return outcome


def check(outcome: Outcome) -> None:
    """Hold what is true of every run: a documented status, never a bug or a traceback."""
    assert outcome.status in {0, 1, 2, 130}, outcome
    assert "Traceback" not in outcome.out + outcome.err
    assert "a bug in the tool:" not in outcome.out + outcome.err


def _outcome(command: Sequence[Argument], **options: Any) -> Outcome:  # noqa: ANN401
    streams = {} if "stdin" in options else {"input": options.pop("input", b"")}
    streams |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": environment()}
    done = subprocess.run(command, check=False, timeout=TIMEOUT, **streams | options)
    outcome = Outcome(done.returncode, *((stream or b"").decode() for stream in (done.stdout, done.stderr)))
    check(outcome)
    return outcome


def _text(stream: io.BytesIO, errors: str = "strict") -> io.TextIOWrapper:
    return io.TextIOWrapper(stream, encoding="utf-8", errors=errors)


def _read(master: int) -> bytes:
    try:
        return os.read(master, 65536)
    except OSError:  # EIO: nobody has the other end any more
        return b""
