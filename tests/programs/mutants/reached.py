"""Which suites of statements each test runs, and how long it takes: measured once, with a counter in each suite."""

import ast
import builtins
import gc
import hashlib
import json
import os
from collections.abc import Generator, Iterable
from functools import _lru_cache_wrapper
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.programs.mutants import package
from tests.programs.mutants.mutations import ModuleMutants

Suites = frozenset[str]
HIT = "_suite_is_run"
FILE = ""
"""In the place of a test: what importing its file and preparing what its tests share runs."""


class ReachedSuites(NamedTuple):
    """What a test runs, and in how many seconds of processor time."""

    seconds: float
    suites: Suites


FileReach = dict[str, ReachedSuites]
"""What the tests of a file run, by their IDs; of the whole file under FILE."""


class Reach(NamedTuple):
    """What importing the package runs, and what each file of tests does."""

    imported: Suites
    files: dict[Path, FileReach]

    def quick(self, seconds: float) -> "Reach":
        """Return the same without the tests that take longer."""
        files = {
            file: {test: reached for test, reached in tests.items() if test == FILE or reached.seconds <= seconds}
            for file, tests in self.files.items()
        }
        return Reach(self.imported, files)


def suite_name(module: str, number: int) -> str:
    """Return what a suite is called here."""
    return f"{module}:{number}"


def counting(module: str) -> ast.Module:
    """Return a module's tree in which each suite says that it is run."""
    tree = package.tree_of(module)
    for suite in ModuleMutants(module, tree, texts=False).suites:
        call = ast.Expr(ast.Call(ast.Name(HIT, ast.Load()), [ast.Constant(suite_name(module, suite.number))], []))
        suite.body.insert(1 if ast.get_docstring(ast.Module(suite.body, []), clean=False) is not None else 0, call)
    return tree


class Measure:
    """A plugin of pytest that measures; has its ``reach`` after the run."""

    def __init__(self, modules: Iterable[str]) -> None:
        """Take the modules whose suites count."""
        self._modules = set(modules)
        self.hits: set[str] = set()
        self.reach = Reach(frozenset(), {})
        self._caches: list[Any] = []
        self._failed: set[str] = set()
        self._running = Path()
        setattr(builtins, HIT, self.hits.add)

    def pytest_collection(self) -> None:
        """Import the whole package, changed."""
        package.load_changed({module: counting(module) for module in self._modules})
        package.load(package.files())
        self.reach = Reach(self._taken(), {})

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Generator[None, Any, Any]:
        """Note what importing a file of tests runs."""
        self._taken()
        before = _seconds()
        report = yield
        if isinstance(collector, pytest.Module):
            self._shared(collector.path, _seconds() - before, self._taken())
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
        """Note what preparing something that tests share runs."""
        if fixturedef.scope == "function":
            return (yield)
        kept = self._taken()
        result = yield
        self._shared(self._running, 0, self._taken())
        self.hits |= kept
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Note what a test runs that passes."""
        self._running = item.path
        self._caches = self._caches or caches()
        for cached in self._caches:
            cached.cache_clear()
        self._taken()
        before = _seconds()
        result = yield
        if item.nodeid not in self._failed:
            tests = self.reach.files.setdefault(item.path, {})
            tests[item.nodeid] = ReachedSuites(_seconds() - before, self._taken())
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note which tests do not pass; they show nothing of a mutant."""
        if not report.passed:
            self._failed.add(report.nodeid)

    def _taken(self) -> Suites:
        taken = frozenset(self.hits)
        self.hits.clear()
        return taken

    def _shared(self, path: Path, seconds: float, suites: Suites) -> None:
        tests = self.reach.files.setdefault(path, {})
        before = tests.get(FILE, ReachedSuites(0, frozenset()))
        tests[FILE] = ReachedSuites(before.seconds + seconds, before.suites | suites)


def caches() -> list[Any]:
    """Return everything that keeps what functions of the package or the tests returned."""
    gc.unfreeze()
    return [
        found
        for found in gc.get_objects()
        if isinstance(found, _lru_cache_wrapper) and found.__module__.startswith((package.PACKAGE, "tests."))
    ]


def _seconds() -> float:
    return sum(os.times()[:4])


def write(reach: Reach, modules: Iterable[str], path: Path) -> None:
    """Write what was measured, with what it was measured of."""
    seen = (one.suites for file in reach.files.values() for one in file.values())
    names = sorted(reach.imported.union(*seen))
    numbers = {name: number for number, name in enumerate(names)}

    def packed(suites: Suites) -> list[int]:
        return sorted(numbers[name] for name in suites)

    files = {
        str(file): (_digest(_read_by(file)), {test: (one.seconds, packed(one.suites)) for test, one in tests.items()})
        for file, tests in reach.files.items()
    }
    of = _digest(package.files()[module] for module in sorted(modules))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"of": of, "names": names, "imported": packed(reach.imported), "files": files}))


def read(path: Path, modules: Iterable[str]) -> Reach | None:
    """Return what was measured of files of tests that are as they were; None if the modules are not, or never were."""
    data: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {"of": ""}
    if data["of"] != _digest(package.files()[module] for module in sorted(modules)):
        return None

    def unpacked(numbers: list[int]) -> Suites:
        return frozenset(data["names"][number] for number in numbers)

    files = {
        Path(file): {test: ReachedSuites(seconds, unpacked(suites)) for test, (seconds, suites) in tests.items()}
        for file, (digest, tests) in data["files"].items()
        if Path(file).exists() and digest == _digest(_read_by(Path(file)))
    }
    return Reach(unpacked(data["imported"]), files)


def _read_by(file: Path) -> list[Path]:
    """Return a file of tests, and the data in its folder, which its tests may read."""
    return [
        file,
        *sorted(data for data in file.parent.rglob("*") if data.is_file() and data.suffix not in {".py", ".pyc"}),
    ]


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()
