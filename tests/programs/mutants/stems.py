"""Where mutants are forked from: processes of pytest that have loaded as much as the mutants can share."""

import ast
import gc
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import pytest

from tests.paths import ROOT
from tests.programs.mutants import package
from tests.programs.mutants.mutations import IMPORTED, Mutant
from tests.programs.mutants.nursery import Life, Nursery
from tests.programs.mutants.reached import FILE, Reach, caches, suite_name

TRIED_FIRST = 12
"""How many of the tests that mutants died of last are tried on the next before anything else."""


class Stem:
    """A plugin of pytest, in whose process mutants are forked."""

    def __init__(self, reach: Reach, nursery: Nursery, trees: dict[str, ast.Module]) -> None:
        """Take what tests reach, the mutants, and the trees that they change."""
        self.reach, self.nursery, self.trees = reach, nursery, trees
        self.life: Life | None = None

    def code_of(self, module: str) -> CodeType:
        """Return the code of a module's tree as it is now."""
        return package.compiled(self.trees[module], package.files()[module])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """End the mutant's life where a test fails."""
        if report.failed and self.life:
            self.life.die(report.nodeid)

    def seconds(self, item: pytest.Item) -> float:
        """Return how long a test should take."""
        reached = self.reach.files[item.path].get(item.nodeid)
        return reached.seconds if reached else 0

    def in_order(self, items: Iterable[pytest.Item], *, ours: Callable[[pytest.Item], bool]) -> list[pytest.Item]:
        """Return the tests that are ours, what killed lately first, then the fastest."""
        killers = {test: place for place, test in enumerate(self.nursery.killers)}
        last = len(killers)
        chosen = [item for item in items if ours(item)]
        return sorted(chosen, key=lambda item: (killers.get(item.nodeid, last), self.seconds(item)))


class CollectedStem(Stem):
    """Forks where all tests have been collected, and changes functions in place that nothing has called yet.

    A module that only the tests themselves import is loaded changed.
    A test counts whose file does not run the function when it is imported: that was before the change.
    """

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the mutants instead of the tests."""
        for cached in caches():
            cached.cache_clear()
        functions = [found for found in gc.get_objects() if isinstance(found, FunctionType)]
        paths = {str(path): module for module, path in package.files().items()}
        live: dict[str, list[FunctionType]] = {}
        for function in functions:
            live.setdefault(paths.get(function.__code__.co_filename, ""), []).append(function)
        del functions
        gc.freeze()

        def grow(mutant: Mutant, life: Life) -> None:
            suite = suite_name(mutant.module, mutant.suite)
            self.life = life
            mutant.apply()
            if mutant.module not in sys.modules:
                package.load_changed({mutant.module: self.trees[mutant.module]})
            elif not _change(live.get(mutant.module, []), self.code_of(mutant.module)):
                life.go_elsewhere()
            life.run(self.in_order(session.items, ours=partial(self._is_ours, suite)), self.seconds)

        self.nursery.run(grow)
        return True

    def _is_ours(self, suite: str, item: pytest.Item) -> bool:
        tests = self.reach.files[item.path]
        if FILE in tests and suite in tests[FILE].suites:
            return False
        return item.nodeid in tests and suite in tests[item.nodeid].suites


def _give_to_every_file(plugins: pytest.PytestPluginManager) -> None:
    """Give the fixtures of each ``conftest.py`` to all tests: pytest gives them to what it collects first, and no more.

    Without them a test that needs one would fail, and every mutant die of that.
    """
    for plugin in plugins.get_plugins():
        if isinstance(plugin, ModuleType) and Path(plugin.__file__ or "").name == "conftest.py":
            fixtures = ModuleType(f"fixtures of {plugin.__file__}")
            vars(fixtures).update({name: each for name, each in vars(plugin).items() if not name.startswith("pytest_")})
            plugins.register(fixtures)


def _change(functions: Iterable[FunctionType], code: CodeType) -> int:
    """Give functions the code that a changed module has for them; return how many changed, 0 where one can't."""
    new = {(each.co_qualname, each.co_firstlineno): each for each in _codes_in(code)}
    changed = 0
    for function in functions:
        old = function.__code__
        if old.co_name.startswith("<"):
            continue
        found = new[old.co_qualname, old.co_firstlineno]
        if found != old:
            if found.co_freevars != old.co_freevars:
                return 0
            function.__code__ = found
            changed += 1
    return changed


def _codes_in(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes_in(constant)


class ImportingStem(Stem):
    """Forks where nothing that depends on the changed module has been imported yet, for code that importing runs.

    All mutants are of one module. It counts a test that runs something of it or of a module that imports it, all of a
    file that imports it itself, and what runs nothing in a file that imports one of those: it may look at constants.
    """

    def pytest_collection(self, session: pytest.Session) -> bool:
        """Run the mutants instead of collecting tests."""
        _give_to_every_file(session.config.pluginmanager)
        (module,) = {mutant.module for mutant in self.nursery.mutants.values()}
        package.load(package.independent_of(module))
        gc.freeze()
        near = {module, *package.importers(module)}
        imports = {file: {*package.imported(ast.parse(file.read_bytes()))} for file in self.reach.files}

        def is_ours(item: pytest.Item) -> bool:
            reached = self.reach.files[item.path].get(item.nodeid)
            if not reached:
                return False
            if module in imports[item.path] or any(name.partition(":")[0] in near for name in reached.suites):
                return True
            return not reached.suites and not near.isdisjoint(imports[item.path])

        def grow(mutant: Mutant, life: Life) -> None:
            self.life = life
            mutant.apply()
            package.load_changed({module: self.trees[module]})
            try:
                package.load([module])
            except Exception:  # noqa: BLE001 (whatever a mutant raises)
                life.die("the import")
            killers = set(islice(self.nursery.killers, TRIED_FIRST))
            collected: dict[Path, list[pytest.Item]] = {}
            files = self._files(mutant)
            deadly = {(ROOT / test.partition("::")[0]).resolve() for test in killers}
            for file in deadly.intersection(files):
                collected[file] = self._collected(session, file, life)
                life.run(self.in_order(collected[file], ours=lambda item: item.nodeid in killers), self.seconds)
            for file in files:
                items = collected.get(file) or self._collected(session, file, life)
                life.run(self.in_order(items, ours=is_ours), self.seconds)

        self.nursery.run(grow)
        return True

    def pytest_runtestloop(self) -> bool:
        """Run no tests."""
        return True

    def _collected(self, session: pytest.Session, file: Path, life: Life) -> list[pytest.Item]:
        gc.disable()  # it would look through thousands of new objects again and again
        items = list(session.perform_collect([str(file)]))
        gc.enable()
        if session.testsfailed:
            life.die(str(file))
        return items

    def _files(self, mutant: Mutant) -> list[Path]:
        """Return the files of tests, the fastest first."""
        files = self.reach.files
        suite = suite_name(mutant.module, mutant.suite)
        if mutant.suite != IMPORTED and suite not in self.reach.imported:
            found = [file for file, tests in files.items() if FILE in tests and suite in tests[FILE].suites]
            files = {file: files[file] for file in found} or files
        return sorted(files, key=lambda file: sum(reached.seconds for reached in files[file].values()))
