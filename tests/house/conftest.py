"""What the tests of the house share: the hooks, which pre-commit installs once a run."""

import pytest

from tests.house import hooks as repository
from tests.house.hooks import Hooks
from tests.house.once import once


@pytest.fixture(scope="session")
def hooks(tmp_path_factory: pytest.TempPathFactory, online: None) -> Hooks:  # noqa: ARG001
    """Return the hooks; installing them needs the package index."""
    return Hooks(once(tmp_path_factory, "hooks", repository.make))
