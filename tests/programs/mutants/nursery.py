"""Processes: one that reports verdicts, one for each mutant, and the pytest that they share."""

import json
import os
import resource
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, NoReturn

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.paths import ROOT
from tests.programs.mutants.mutations import Mutant

DIED, SURVIVED, TIMED_OUT, ELSEWHERE = "died", "survived", "timed out", "elsewhere"
"""What became of a mutant; ELSEWHERE that the code had run before it could be changed."""
OPTIONS = (
    *("-p", "no:cacheprovider", "--capture=no", "--tb=no", "--assert=plain", "--hypothesis-profile=mutants"),
    *("--override-ini", "addopts=--import-mode=importlib", "--override-ini", "tmp_path_retention_policy=none"),
)
PLUGINS = ("_hypothesis_pytestplugin", "pytest_asyncio.plugin", "xdist.plugin")
"""The plugins that the tests need, the second for a setting alone and the third for a hook."""
PATIENCE = 10
"""How many times as long as it should a test may take, after SLACK seconds of processor time."""
SLACK = 3.0
LOADING = 60.0
"""Seconds of processor time that importing a mutant and a file of tests may take."""
LONGEST = 600
"""Seconds after which a mutant that waits for something is given up."""
BROKEN = 70
"""The exit status of a process of this program that failed."""
MEMORY = 4 << 30
"""Bytes of address space after which a mutant gets no more."""

settings.register_profile(
    "mutants",
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


class Verdict(NamedTuple):
    """What became of a mutant, by its number, and the test that it died of."""

    number: int
    outcome: str
    test: str = ""


def run_pytest(files: Iterable[Path], plugin: object, folder: Path) -> int:
    """Run pytest in this process, over some files of tests and in a folder for what they write."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(folder)  # each mutant makes its own there; a --basetemp would be emptied
    os.environ.pop("PYTEST_ADDOPTS", None)  # whoever runs the mutants says how, also where a test does
    sys.pycache_prefix, sys.dont_write_bytecode = str(folder), False
    arguments = [*OPTIONS, f"--rootdir={ROOT}", *map(str, files)]
    return int(pytest.main(arguments, plugins=[*map(import_module, PLUGINS), plugin]))


def in_child(work: Callable[[Callable[[Verdict], None]], None]) -> Iterator[Verdict]:
    """Fork a process that works in silence; yield the verdicts that it reports. Raises RuntimeError where it fails."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        with os.fdopen(writing, "w") as pipe:

            def report(verdict: Verdict) -> None:
                pipe.write(json.dumps(verdict) + "\n")
                pipe.flush()

            _end(partial(work, report))
    os.close(writing)
    with os.fdopen(reading) as pipe:
        yield from (Verdict(*json.loads(line)) for line in pipe)
    _, status = os.waitpid(child, 0)
    if status:
        raise RuntimeError(f"a process that runs mutants ended with {os.waitstatus_to_exitcode(status)}")


def _end(work: Callable[[], object]) -> NoReturn:
    """Work and leave the process, with exit status BROKEN and a traceback where that fails."""
    status = BROKEN
    try:
        _silence()
        work()
        status = 0
    except BaseException:  # noqa: BLE001 (nothing of this process may return into its parent's work)
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(status)


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)


class Nursery:
    """Forks a process for each mutant, some at a time, and reports what becomes of them."""

    def __init__(
        self, mutants: dict[int, Mutant], report: Callable[[Verdict], None], jobs: int, killers: Iterable[str]
    ) -> None:
        """Take the mutants by their numbers, and the tests that others died of last."""
        self.mutants, self._report, self._jobs = mutants, report, jobs
        self._running: dict[int, tuple[int, int]] = {}
        self.killers = deque(killers, maxlen=40)
        """The tests that mutants died of last, the latest first."""

    def run(self, live: Callable[[Mutant, "Life"], None]) -> None:
        """Let each mutant live."""
        for number, mutant in self.mutants.items():
            while len(self._running) >= self._jobs:
                self._wait()
            reading, writing = os.pipe()
            child = os.fork()
            if not child:
                os.close(reading)
                _end(partial(live, mutant, Life(writing)))
            os.close(writing)
            self._running[child] = number, reading
        while self._running:
            self._wait()

    def _wait(self) -> None:
        child, status = os.wait()
        if child not in self._running:
            return
        number, reading = self._running.pop(child)
        with os.fdopen(reading) as pipe:
            said = pipe.read()
        outcome, _, test = said.partition(" ")
        if not said:
            code = os.waitstatus_to_exitcode(status)
            if code == BROKEN:
                raise RuntimeError("a mutant's process failed where no test ran")
            outcome = TIMED_OUT if code in {-signal.SIGPROF, -signal.SIGALRM} else DIED if code else SURVIVED
        if test:
            if test in self.killers:
                self.killers.remove(test)
            self.killers.appendleft(test)
        self._report(Verdict(number, outcome, test))


class Life:
    """A mutant's own process, from inside: it runs tests until one fails."""

    def __init__(self, writing: int) -> None:
        """Take the pipe for the last words."""
        self._writing = writing
        signal.alarm(LONGEST)
        signal.setitimer(signal.ITIMER_PROF, LOADING)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    def die(self, test: str) -> NoReturn:
        """End, as a test failed."""
        self._say(f"{DIED} {test}")

    def go_elsewhere(self) -> NoReturn:
        """End, as this process can't be changed."""
        self._say(ELSEWHERE)

    def _say(self, words: str) -> NoReturn:
        os.write(self._writing, words.encode())
        os._exit(1)

    def run(self, items: Sequence[pytest.Item], seconds: Callable[[pytest.Item], float]) -> None:
        """Run tests in their order."""
        for item, following in zip(items, [*items[1:], None], strict=False):
            limit = SLACK + PATIENCE * seconds(item)
            signal.setitimer(signal.ITIMER_PROF, limit)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        signal.setitimer(signal.ITIMER_PROF, LOADING)
