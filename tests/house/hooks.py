"""The hooks as pre-commit fetches them: the page's configuration, and this tree in place of what is published."""

from pathlib import Path
from typing import NamedTuple

from ruamel.yaml import YAML

from tests.house.blocks import blocks
from tests.house.tree import commit, copy_source, environment, run
from tests.paths import DOCS

(CONFIGURATION,) = (
    block.text for block in blocks(DOCS / "how-to" / "ci.md") if block.file == ".pre-commit-config.yaml"
)
(PUBLISHED,) = YAML(typ="safe").load(CONFIGURATION)["repos"]


class Hooks(NamedTuple):
    """A folder with the repository of the hooks, and with what pre-commit keeps: it installs them one time."""

    folder: Path

    @property
    def repository(self) -> Path:
        """The stand-in for the published repository."""
        return self.folder / "repository"

    def set_up(self, home: Path, env: dict[str, str]) -> Path:
        """Have git and pre-commit, run with ``env`` at ``home``, find the hooks; return the page's configuration."""
        env["PRE_COMMIT_HOME"] = str(self.folder / "kept")
        run("git", "config", "--global", f"url.{self.repository}.insteadOf", PUBLISHED["repo"], cwd=home, env=env)
        configuration = home / "configuration.yaml"
        configuration.write_text(CONFIGURATION, encoding="utf-8")
        return configuration


def make(folder: Path) -> None:
    """Make the repository, with the page's version for a tag."""
    commit(copy_source(Hooks(folder).repository, tests=False), environment(folder), tag=PUBLISHED["rev"])
