"""Policies of which `guest` and `query` are asked, and how."""

from inspect import signature
from pathlib import Path
from typing import Any

from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.cli import cli
from tests.policies import shipped

FOLDER = Path(__file__).parent / "policies"
OWN = tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))
HEAD = "version: 1\nname: a\n"


def runner() -> CliRunner:
    """Return click's runner, with what is said and what is complained about apart, as click has it from 8.2 on."""
    words: dict[str, Any] = {"mix_stderr": False} if "mix_stderr" in signature(CliRunner).parameters else {}
    return CliRunner(**words)


def path(name: str) -> str:
    """Return the path of one of these policies, or of one that the project ships."""
    return str(FOLDER / f"{name}.yaml" if name in OWN else shipped.path(name))


def examine(name: str) -> Examination:
    return pipeline.examine(name, Path(path(name)).read_bytes())


def invoke(*arguments: str, policy: str | None = None) -> Result:
    """Run a command; ``policy`` is what standard input holds."""
    return runner().invoke(cli, arguments, input=policy)


def answered(*arguments: str, policy: str | None = None) -> str:
    """Return what a command says of a policy without errors."""
    result = invoke(*arguments, policy=policy)
    assert (result.exit_code, result.stderr, result.exception) == (0, "", None)
    return result.stdout


def completions(incomplete: str, *before: str) -> list[str]:
    shell = ShellComplete(cli, {}, "smccc-filter", "_SMCCC_FILTER_COMPLETE")
    return [item.value for item in shell.get_completions(list(before), incomplete)]
