"""Editors that run the real language server, in a folder that holds the schema."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import need
from tests.language.editor.client import Editor
from tests.paths import SCHEMA


@pytest.fixture(scope="session")
def server(node_modules: Path) -> tuple[str | Path, ...]:
    """Return the command that starts yaml-language-server."""
    need("node")
    return (node_modules / ".bin" / "yaml-language-server", "--stdio")


@pytest.fixture(scope="module")
def editor(server: tuple[str | Path, ...], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """Return an editor whose settings say where the schema is and what it is for."""
    folder = tmp_path_factory.mktemp("folder")
    settings = {"yaml.schemaStore.enable": False, "yaml.schemas": {SCHEMA.as_uri(): ["*.smccc.yaml"]}}
    with Editor(server, folder, settings) as running:
        yield running
