"""What a file costs grows as the file does, whatever it is made of: counted in calls, so that no machine matters.

Of three sizes, each twice the one before, the second step costs twice the first where the work is proportional, and
four times where it is quadratic; what a run costs anyway falls out.
"""

import io
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from smccc_filter import cli
from smccc_filter.language.layout import scalars
from smccc_filter.language.source import ScalarNode
from tests.programs.hostile.commands import COMMANDS, OTHER, POLICY
from tests.programs.hostile.shapes import SHAPES
from tests.work import calls_of

SIZES = (1024, 2048, 4096)
SLACK = 1.3
NOISE = 1000
"""Calls that a step may cost whatever the file is: a cache that was empty, a table that was not there."""


def work(arguments: tuple[str, ...]) -> int:
    """Count the calls that a command makes."""
    sink = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with redirect_stdout(sink), redirect_stderr(sink):
        return calls_of(lambda: cli.run(list(arguments)))


def works(command: str, shape: str) -> list[int]:
    """Count the calls for each size, after a run that is not counted: it leaves what is imported and kept."""
    found = []
    for size in (SIZES[0], *SIZES):
        Path(POLICY).write_bytes(SHAPES[shape](size))
        Path(OTHER).write_bytes(SHAPES["rules apart"](size))
        found.append(work(COMMANDS[command]))
    return found[1:]


def grows(counts: list[int]) -> float:
    """Return how many times as much as the first step the second costs, by half: 1 for what is proportional."""
    small, middle, large = counts
    return (large - middle) / (2 * max(middle - small, 1)) if large - middle > NOISE else 0


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("shape", SHAPES)
def test_validate_takes_no_more_than_in_proportion(shape: str) -> None:
    counts = works("validate", shape)
    assert grows(counts) < SLACK, counts


@pytest.mark.parametrize(
    "shape",
    ["services in a line", "ranges with comments", "rules on one ID", "rules with exceptions", "comments in a list"],
)
def test_fmt_takes_no_more_than_in_proportion(shape: str) -> None:
    counts = works("fmt", shape)
    assert grows(counts) < SLACK, counts


def test_a_long_list_is_not_written_in_a_line_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of its items is written once, since so many fit into no line."""
    written: list[int] = []
    write = scalars.written

    def counted(scalar: ScalarNode, field: str, *, flow: bool) -> str:
        written.append(scalar.start)
        return write(scalar, field, flow=flow)

    monkeypatch.setattr("smccc_filter.language.layout.printer.written", counted)
    Path(POLICY).write_bytes(SHAPES["services in a line"](SIZES[0]))
    work(COMMANDS["fmt"])
    assert len(written) == len(set(written))
