"""Somebody who reads a page from top to bottom, and does what it says."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.house.blocks import Block, blocks
from tests.house.tree import copy_source, environment, run

Ask = Callable[[str], Any]
"""Makes a fixture once somebody asks for it, by its name."""


class Reader:
    """Somebody with a clone, an installed tool, and the files that the page has shown so far."""

    def __init__(self, folder: Path, page: Path, ask: Ask, *, update: bool) -> None:
        self.page, self.ask, self.update = page, ask, update
        self.text = page.read_text(encoding="utf-8")
        self.folder = copy_source(folder / "clone", tests=".venv/bin/pytest" in self.text)
        self.env = environment(folder)
        self.before = self.files()

    def run(self, *command: str | Path, status: int = 0) -> str:
        """Run a command in the clone and return what it says."""
        return run(*command, cwd=self.folder, env=self.env, status=status)

    def files(self) -> set[Path]:
        """Return the files of the clone."""
        return {path.relative_to(self.folder) for path in self.folder.rglob("*") if path.is_file()}

    def left_behind(self) -> list[Path]:
        """Return the new files that the page does not speak of, by their name or by that of a folder around them."""
        new = (path for path in sorted(self.files() - self.before) if not {".git", "__pycache__"} & set(path.parts))
        return [path for path in new if not any(part in self.text for part in path.parts)]

    def stand_in(self, program: str) -> Path:
        """Put a program on PATH that does nothing but note what it was called with; return the file of these notes."""
        scripts = self.folder.parent / "stand-ins"
        scripts.mkdir(exist_ok=True)
        log, path = scripts / f"{program}.log", scripts / program
        log.unlink(missing_ok=True)
        path.write_text(f'#!/bin/sh\necho "$@" >> "{log}"\ntest ! -e comment.md || cat comment.md >> "{log}"\n')
        path.chmod(0o755)
        self.env["PATH"] = f"{scripts}{os.pathsep}{self.env['PATH']}"
        return log

    def read(self, runners: Mapping[str, Callable[["Reader", Block], None]]) -> None:
        """Write each file that the page shows, and run each block, in order, by the runner of its language."""
        setup = [block for block in blocks(self.page) if block.language == "sh"]
        for block in blocks(self.page):
            if block.file:
                (self.folder / block.file).parent.mkdir(parents=True, exist_ok=True)
                (self.folder / block.file).write_text(block.text, encoding="utf-8")
            if block in setup[1:]:
                continue
            if block in setup:  # for a fresh machine: each continues where the one before it ended
                block = Block(block.line, "sh", "".join(each.text for each in setup))  # noqa: PLW2901
            assert block.language in runners, f"{self.page.name}:{block.line}: a block that can't be run"
            runners[block.language](self, block)
