"""One batch of inputs in one process, and what failed of it."""

import re
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.programs.fuzz.inputs import FuzzInput, made
from tests.programs.fuzz.laws import answer
from tests.programs.fuzz.minimise import minimised
from tests.programs.fuzz.runner import HangError, ToolRunner

BATCH = 200
"""Inputs of one kind that are drawn one after the other."""
LONGEST = 600
"""Characters of an error's own words that are kept."""
MADE_SMALL = 2
"""Failures of a batch that are made small; one bug can be behind all."""
CLOSELY = 4
"""Of so many policies one is looked at closely."""


class Batch(NamedTuple):
    """A kind, a seed and the number of its first input."""

    kind: str
    seed: int
    first: int


class Failure(NamedTuple):
    """An input whose answer was not sound: how to draw it again, why, and the smallest that fails so."""

    kind: str
    seed: int
    number: int
    why: str
    smallest: str

    def shown(self) -> str:
        """Write it for people."""
        return f"\nmade({self.kind!r}, {self.seed}, {self.number}): {self.why}\n{self.smallest}"


class BatchResult(NamedTuple):
    """What a batch showed."""

    batch: Batch
    failures: list[Failure]


def run(batch: Batch, folder: str, size: int = BATCH) -> BatchResult:
    """Run a batch in a folder of its own below ``folder``."""
    failures: list[Failure] = []
    with tempfile.TemporaryDirectory(dir=folder) as own:
        runner = ToolRunner(Path(own))
        with runner.entered():
            for number in range(batch.first, batch.first + size):
                one = made(batch.kind, batch.seed, number)
                closely = number % CLOSELY == 0
                if why := _why(runner, one, closely=closely):
                    smallest = _smallest(runner, one, why, closely=closely) if len(failures) < MADE_SMALL else one
                    failures.append(Failure(batch.kind, batch.seed, number, why, _shown(smallest)))
    return BatchResult(batch, failures)


def _why(runner: ToolRunner, one: FuzzInput, *, closely: bool) -> str:
    """Say why an answer is not sound, after where that showed; nothing where it is."""
    try:
        answer(runner, one, closely=closely)
    except (Exception, HangError) as error:  # noqa: BLE001 -- any is a failure
        trace, where = error.__traceback__, ""
        while trace:
            where, trace = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}", trace.tb_next
        told = re.search(r"\(smccc_filter[\w.]*:\d+\)", str(error))
        where = told.group().strip("()") if told else "" if isinstance(error, HangError) else where
        return f"{type(error).__name__} at {where}: {ascii(str(error))[:LONGEST]}"
    return ""


def _smallest(runner: ToolRunner, one: FuzzInput, why: str, *, closely: bool) -> FuzzInput:
    """Return the smallest input that fails at the same place."""
    place = why.partition(": ")[0]
    return minimised(one, lambda other: _why(runner, other, closely=closely).startswith(place))


def _shown(one: FuzzInput) -> str:
    return "\n".join([*(f"  {name}: {data!r}" for name, data in one.files.items()), f"  {one.commands}"])
