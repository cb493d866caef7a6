"""What all tests share: golden files, rewritten by ``pytest --update``, and what npm has for the tests."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from tests.house import node

settings.register_profile("calm", deadline=None)
settings.load_profile("calm")  # a busy machine makes no property false

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
    base = tmp_path_factory.getbasetemp()
    return node.install(base.parent if base.name.startswith("popen-") else base)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what waits for machines to boot, so that nobody waits for it at the end."""
    items.sort(key=lambda item: item.path.name != "test_live.py")
