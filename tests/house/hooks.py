"""The hooks as pre-commit fetches them: README's configuration, and this tree in place of the published repository."""

from pathlib import Path
from typing import NamedTuple

from ruamel.yaml import YAML

from tests.house.blocks import blocks
from tests.house.tree import commit, copy_source, environment, run

(CONFIGURATION,) = (block.text for block in blocks() if block.file == ".pre-commit-config.yaml")
(PUBLISHED,) = YAML(typ="safe").load(CONFIGURATION)["repos"]


class Hooks(NamedTuple):
    """A folder with the repository of the hooks, and with what pre-commit keeps: it installs them one time."""

    folder: Path

    @property
    def repository(self) -> Path:
        """The stand-in for the published repository."""
        return self.folder / "repository"

    def set_up(self, home: Path, env: dict[str, str]) -> Path:
        """Have git and pre-commit, run with ``env`` at ``home``, find the hooks; return README's configuration."""
        env["PRE_COMMIT_HOME"] = str(self.folder / "kept")
        run("git", "config", "--global", f"url.{self.repository}.insteadOf", PUBLISHED["repo"], cwd=home, env=env)
        configuration = home / "configuration.yaml"
        configuration.write_text(CONFIGURATION, encoding="utf-8")
        return configuration


def make(folder: Path) -> None:
    """Make the repository, with README's version for a tag."""
    commit(copy_source(Hooks(folder).repository, tests=False), environment(folder), tag=PUBLISHED["rev"])
