"""The fenced blocks of the documents, each with its language and, where its first line says so, its file."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.paths import DOCS, ROOT

README = ROOT / "README.md"
FILE_NAME = re.compile(r"(?:#|//|/\*|--|;;) ([\w./-]*\.[\w-]+|Makefile)(?: \*/)?")


class Block(NamedTuple):
    """One block; ``line`` is that of its opening fence, from 1, and ``section`` the headings that it stands under."""

    line: int
    language: str
    text: str
    section: tuple[str, ...] = ()

    @property
    def file(self) -> str | None:
        """The file that the block is the content of."""
        match = FILE_NAME.fullmatch(self.text.partition("\n")[0])
        return match[1] if match else None


def pages() -> tuple[Path, ...]:
    """Return README and all pages but the reference, which is made of the code."""
    written = (page for page in sorted(DOCS.rglob("*.md")) if not page.is_relative_to(DOCS / "reference"))
    return README, *written


@cache
def blocks(page: Path) -> tuple[Block, ...]:
    """Return the blocks of a page in order. Raises ValueError where it has one that this can't read."""
    found: list[Block] = []
    opening: tuple[int, str] | None = None
    body: list[str] = []
    section: tuple[str, ...] = ()
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        fence = line.lstrip().startswith(("```", "~~~"))
        if fence and not re.fullmatch(r"```[a-z]*", line):
            raise ValueError(f"{page.name}:{number}: a fence is ``` and a language, at the start of a line")
        if fence and opening:
            found.append(Block(*opening, "".join(f"{line}\n" for line in body), section))
            opening, body = None, []
        elif fence:
            opening = number, line[3:]
        elif opening:
            body.append(line)
        elif heading := re.fullmatch("(#+) (.*)", line):
            section = (*section[: len(heading[1]) - 1], heading[2])
        elif line.startswith(("    ", "\t")):
            raise ValueError(f"{page.name}:{number}: an indented block can't be run: fence it, and say its language")
    if opening:
        raise ValueError(f"{page.name}:{opening[0]}: the block has no end")
    return tuple(found)
