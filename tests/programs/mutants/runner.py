"""Runs the mutants of some modules against some files of tests: measures what tests reach, and grows each mutant."""

import ast
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from tests.programs.mutants import package
from tests.programs.mutants.mutations import IMPORTED, Mutant
from tests.programs.mutants.nursery import ELSEWHERE, SURVIVED, Nursery, Verdict, in_child, run_pytest
from tests.programs.mutants.reached import FILE, Measure, Reach, read, suite_name, write
from tests.programs.mutants.stems import CollectedStem, ImportingStem, Stem

Trees = dict[str, ast.Module]


def measured(files: Sequence[Path], modules: Collection[str], kept: Path, folder: Path) -> Reach:
    """Return what files of tests reach, out of the file ``kept`` where it still holds. Raises RuntimeError."""
    reach = read(kept, files)
    if reach:
        return reach

    def work(_report: Callable[[Verdict], None]) -> None:
        measure = Measure({*modules, *(other for module in modules for other in package.importers(module))})
        run_pytest(files, measure, folder)
        write(measure.reach, kept)

    for _ in in_child(work):
        pass
    reach = read(kept, files)
    if not reach:
        raise RuntimeError("the tests of some file can't be measured: run pytest first")
    return reach


def grow(mutants: Sequence[Mutant], trees: Trees, reach: Reach, jobs: int, folder: Path) -> Iterator[Verdict]:
    """Yield what becomes of each mutant, by its place in the sequence, in no order."""
    killers: deque[str] = deque(maxlen=40)

    def stem(kind: type[Stem], numbers: Sequence[int], files: Sequence[Path]) -> Iterator[Verdict]:
        def work(report: Callable[[Verdict], None]) -> None:
            nursery = Nursery({number: mutants[number] for number in numbers}, report, jobs, killers)
            if run_pytest(files, kind(reach, nursery, trees), folder) not in {0, 5}:
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
