"""What all tests share: golden files, rewritten by ``pytest --update``, and what is built or installed once a run."""

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests import linux_headers as linux
from tests.browser import launched
from tests.house import distributions as releases
from tests.house import node
from tests.house.distributions import Distributions
from tests.house.once import once
from tests.house.tree import IN_CI
from tests.linux_headers import LinuxHeaders
from tests.paths import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

settings.register_profile("calm", deadline=None)
settings.load_profile("calm")  # a busy machine makes no property false
settings.register_profile("glance", deadline=None, max_examples=5)
"""For runs on other releases of Python and of what the tool needs, which look for what they change."""

Golden = Callable[[Path, str | bytes], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite golden files instead of comparing with them")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Return a function that compares a file with what it should hold, or with ``--update`` writes it."""
    update: bool = request.config.getoption("--update")

    def compare(path: Path, actual: str | bytes) -> None:
        data = actual.encode() if isinstance(actual, str) else actual
        if update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        assert path.exists(), f"{path} is missing: run pytest --update"
        if isinstance(actual, str):
            assert actual == path.read_text(encoding="utf-8")
        else:
            assert actual == path.read_bytes()

    return compare


@pytest.fixture(scope="session")
def node_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which npm's packages are."""
    return once(tmp_path_factory, "npm", node.install) / "node_modules"


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """Return the browser, one for all tests of a process."""
    with launched() as started:
        yield started


@pytest.fixture(scope="session")
def linux_headers(tmp_path_factory: pytest.TempPathFactory) -> LinuxHeaders:
    """Return the headers of a kernel that knows all that the tool does."""
    return LinuxHeaders(once(tmp_path_factory, "linux", linux.download))


@pytest.fixture(scope="session")
def online(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skip at a desk without the package index, which building and installing need; CI has it."""
    if IN_CI:
        return
    answer = once(tmp_path_factory, "online", lambda path: path.write_text(f"{releases.can_build()}"))
    if answer.read_text() != "True":
        pytest.skip("the package index can't be reached")


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory, online: None) -> Distributions:  # noqa: ARG001
    """Return both distributions, built as a release builds them."""
    return releases.built(once(tmp_path_factory, "distributions", releases.build))


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return one worker more than there are CPUs, as one waits for another program; golden files have one writer."""
    return 0 if config.getoption("--update") else len(os.sched_getaffinity(0)) + 1


PROGRAMS = ROOT / "tests" / "programs"
LONG = (
    "tests/programs/live/test_live.py",
    "tests/probe/test_live.py",
    "tests/house/test_documents.py",
    "tests/reports/map/page/test_page.py",
    "tests/house/test_pre_commit.py",
    "tests/house/test_packaging.py",
    "tests/house/test_builds.py",
)
"""What takes longest, the longest first."""


@pytest.hookimpl(trylast=True)  # hypothesis marks its own before
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Measure no coverage of laws and programs, and let each of xdist's workers begin with something long.

    To note lines takes longer than to run them, and those run the same ones over and over; what is to be covered is
    covered by cases. Workers get equal shares: nobody waits for what is long at the end.
    """
    for item in items:
        if item.get_closest_marker("hypothesis") or PROGRAMS in item.path.parents:
            item.add_marker("no_cover")
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    files = [ROOT / name for name in LONG]
    rest = [item for item in items if item.path not in files]
    share = -(-len(items) // workers)
    shares: list[list[pytest.Item]] = []
    for number in range(workers):
        mine = [item for path in files[number::workers] for item in items if item.path == path]
        missing = max(share - len(mine), 0)
        shares.append([*mine, *rest[:missing]])
        rest = rest[missing:]
    items[:] = [item for part in shares for item in part] + rest


def pytest_collection_finish() -> None:
    """Spare the garbage collector from going through thousands of collected tests each time."""
    gc.collect()
    gc.freeze()
