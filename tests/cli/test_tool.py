"""What the tests run in their own process says and does what the installed tool does in one of its own."""

from pathlib import Path

import pytest

from smccc_filter.cli import COMMANDS
from tests.cli import inputs
from tests.cli.tool import BAD, GOOD, UNMEASURED, WARNED, Argument, Outcome, environment, run, run_process

POLICIES = {"good.yaml": GOOD, "bad.yaml": BAD, "warned.yaml": WARNED, "--.yaml": GOOD}
CASES = (
    (),
    ("--version",),
    ("--help",),
    *((command, "--help") for command in COMMANDS),
    ("validat",),
    ("validate", b"--\xff"),
    ("validate", "good.yaml", "bad.yaml", "gone.yaml"),
    ("validate", "--format", "sarif", "."),
    ("validate", "--notes", "-"),
    ("validate", "--fix", "-"),
    ("compile", "good.yaml", "-o", "out"),
    ("compile", "good.yaml", "-o", "out.h"),
    ("compile", "bad.yaml", "-o", "out.h"),
    ("compile", "-", "--format", "rust", "-o", "-"),
    ("query", "good.yaml", "PSCI_CPU_ON"),
    ("show", "-"),
    ("show", "good.yaml", "--svg", "-"),
    ("guest", "good.yaml"),
    ("diff", "good.yaml", "warned.yaml"),
    ("fmt", "good.yaml", "-"),
    ("init",),
    ("init", "--template", "lockdown"),
    ("import", "good.yaml"),
    ("probe", "good.yaml"),
    ("explain", "R201"),
    ("list", "calls"),
)
CHANGES: tuple[dict[str, str], ...] = (
    {"FORCE_COLOR": "1"},
    {"_SMCCC_FILTER_COMPLETE": "bash_complete", "COMP_WORDS": "smccc-filter comp", "COMP_CWORD": "1"},
)


def in_a_process(*arguments: Argument, data: bytes, cwd: Path, **changes: str) -> Outcome:
    return run_process(*arguments, input=data, cwd=cwd, env=environment(**UNMEASURED, **changes))


def folder(path: Path) -> Path:
    path.mkdir()
    for name, data in POLICIES.items():
        (path / name).write_bytes(data)
    return path


def files(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.iterdir()}


@pytest.mark.parametrize("arguments", CASES, ids=lambda arguments: ascii(arguments)[1:-1])
def test_a_run_is_what_a_process_is(arguments: tuple[str | bytes, ...], tmp_path: Path) -> None:
    here, there = folder(tmp_path / "here"), folder(tmp_path / "there")
    assert run(*arguments, input=GOOD, cwd=here) == in_a_process(*arguments, data=GOOD, cwd=there)
    assert files(here) == files(there)


@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_a_run_obeys_its_environment_as_a_process_does(changes: dict[str, str], tmp_path: Path) -> None:
    ran = run("validate", "-", input=BAD, env=environment(**changes))
    assert ran == in_a_process("validate", "-", data=BAD, cwd=tmp_path, **changes)


@pytest.mark.parametrize("case", inputs.CASES[::8], ids=[case.name for case in inputs.CASES[::8]])
def test_bad_input_ends_a_run_as_it_ends_a_process(case: inputs.Case, tmp_path: Path) -> None:
    assert run("validate", "-", input=case.data) == in_a_process("validate", "-", data=case.data, cwd=tmp_path)
