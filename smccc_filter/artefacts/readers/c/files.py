"""The C files that are given together, and which of them an ``#include`` means."""

from collections.abc import Sequence
from typing import NamedTuple

from smccc_filter.artefacts.readers.source.tokens import STRING, Tokens, is_punctuation


class CLines(NamedTuple):
    """One file: its whole path, its lines, and the macro that keeps it from being included twice, if any."""

    path: str
    lines: Sequence[Tokens]
    guard: str | None


class CFiles:
    """The files that are given together, by number."""

    def __init__(self, files: Sequence[CLines]) -> None:
        self.files = files
        self._by_name: dict[str, list[int]] = {}
        for number, file in enumerate(files):
            self._by_name.setdefault(file.path.split("/")[-1], []).append(number)

    def called(self, name: str) -> list[int]:
        """Return the files that an ``#include`` of a name may mean: those whose path ends with the name."""
        parts = [part for part in name.split("/") if part not in {"", ".", ".."}]
        near = self._by_name.get(parts[-1], []) if parts else []
        return [number for number in near if self.files[number].path.split("/")[-len(parts) :] == parts]


def is_directive(line: Tokens, *words: str) -> bool:
    """Tell whether a line is one of these directives."""
    return len(line) > 1 and is_punctuation(line[0], "#") and line[1].text in words


def included_name(text: str, line: Tokens) -> str:
    """Return the name that an ``#include`` has between quotes or angles; empty for anything else."""
    rest = line[2:]
    if len(rest) == 1 and rest[0].kind == STRING:
        return rest[0].text.strip('"')
    if len(rest) > 2 and rest[0].text == "<" and rest[-1].text == ">":
        return text[rest[0].end : rest[-1].start].strip()
    return ""


def guard_of(lines: Sequence[Tokens]) -> str | None:
    """Return the macro around a whole file that keeps it from being included twice: nobody defines it before."""
    if len(lines) < 3 or not is_directive(lines[0], "ifndef") or not is_directive(lines[1], "define"):
        return None
    name = lines[0][2:]
    if len(name) != 1 or [token.text for token in lines[1][2:]] != [name[0].text]:
        return None
    depth = 0
    for i, line in enumerate(lines):
        if is_directive(line, "if", "ifdef", "ifndef"):
            depth += 1
        elif is_directive(line, "endif"):
            depth -= 1
            if not depth:
                return name[0].text if i == len(lines) - 1 else None
        elif depth == 1 and is_directive(line, "else", "elif", "elifdef", "elifndef"):
            return None
    return None
