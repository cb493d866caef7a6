"""Runs the mutants of some modules against some files of tests: measures what tests reach, and grows each mutant."""

import ast
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import pytest

from tests.programs.mutants import package
from tests.programs.mutants.mutations import IMPORTED, Mutant
from tests.programs.mutants.nursery import ELSEWHERE, SURVIVED, Nursery, Verdict, in_child, run_pytest
from tests.programs.mutants.reached import FILE, Measure, Reach, read, suite_name, write
from tests.programs.mutants.stems import CollectedStem, ImportingStem, Stem

Trees = dict[str, ast.Module]


def measured(files: Sequence[Path], modules: Collection[str], kept: Path, folder: Path) -> Reach:
    """Return what files of tests reach in modules, out of the file ``kept`` where it still holds."""
    counted = {*modules, *(other for module in modules for other in package.importers(module))}
    reach = read(kept, counted) or Reach(frozenset(), {})
    if missing := [file for file in files if file not in reach.files]:

        def work(_report: Callable[[Verdict], None]) -> None:
            measure = Measure(counted)
            if run_pytest(missing, measure, folder) not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
                raise RuntimeError("the tests can't be run: pytest says why")
            write(Reach(measure.reach.imported, reach.files | measure.reach.files), counted, kept)

        for _ in in_child(work):
            pass
        reach = read(kept, counted) or reach
    return Reach(reach.imported, {file: reach.files.get(file, {}) for file in files})


def grow(mutants: Sequence[Mutant], trees: Trees, reach: Reach, jobs: int, folder: Path) -> Iterator[Verdict]:
    """Yield what becomes of each mutant, by its place in the sequence, in no order."""
    killers: deque[str] = deque(maxlen=40)

    def stem(kind: type[Stem], numbers: Sequence[int], files: Sequence[Path]) -> Iterator[Verdict]:
        def work(report: Callable[[Verdict], None]) -> None:
            nursery = Nursery({number: mutants[number] for number in numbers}, report, jobs, killers)
            if run_pytest(files, kind(reach, nursery, trees), folder) not in {
                pytest.ExitCode.OK,
                pytest.ExitCode.NO_TESTS_COLLECTED,
            }:
                raise RuntimeError("pytest does not run")

        for verdict in in_child(work):
            if verdict.test:
                killers.appendleft(verdict.test)
            yield verdict

    files = list(reach.files)
    late = [
        number
        for number, mutant in enumerate(mutants)
        if mutant.suite != IMPORTED and suite_name(mutant.module, mutant.suite) not in reach.imported
    ]
    left = {*range(len(mutants))} - {*late}
    if late:
        for verdict in stem(CollectedStem, late, files):
            if verdict.outcome == ELSEWHERE or (
                verdict.outcome == SURVIVED and _is_early(mutants[verdict.number], reach)
            ):
                left.add(verdict.number)
            else:
                yield verdict
    for module in sorted({mutants[number].module for number in left}):
        numbers = [number for number in sorted(left) if mutants[number].module == module]
        yield from stem(ImportingStem, numbers, files[:1])


def _is_early(mutant: Mutant, reach: Reach) -> bool:
    """Tell whether importing some file of tests runs the mutant's suite."""
    suite = suite_name(mutant.module, mutant.suite)
    return any(suite in tests[FILE].suites for tests in reach.files.values() if FILE in tests)
