"""Lines into a text: comments behind code in columns, empty lines one at a time.

Comments behind consecutive lines begin in one column, as gofmt has it, since that is how a key and its neighbours are
read; not where it would make one of them longer than ``WIDTH``.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

WIDTH = 120
"""Characters that a line should have at most."""
_BEFORE_COMMENT = 2


class LayoutLine(NamedTuple):
    """One line. ``comments`` is what stands behind it, further lines of that below it.

    ``spaced`` asks for an empty line above. ``open`` says that an empty line below would be part of a value.
    """

    text: str
    comments: tuple[str, ...] = ()
    spaced: bool = False
    open: bool = False


def joined(lines: Iterable[LayoutLine]) -> str:
    """Return the text, which ends with a line feed."""
    pieces: list[str] = []
    for run in _runs(lines):
        column = max(len(line.text) for line in run) + _BEFORE_COMMENT
        if column + max(len(text) for line in run for text in line.comments or ("",)) > WIDTH:
            column = 0
        for line in run:
            if line.spaced:
                pieces.append("")
            pieces += _with_comments(line, column or len(line.text) + _BEFORE_COMMENT)
    return "\n".join([*pieces, ""])


def _runs(lines: Iterable[LayoutLine]) -> Iterator[list[LayoutLine]]:
    """Group the lines whose comments are consecutive; every other line is by itself. No first line is spaced."""
    run: list[LayoutLine] = []
    before = LayoutLine("", open=True)
    for line in lines:
        spaced = line.spaced and not before.open
        if run and (spaced or not (line.comments and before.comments)):
            yield run
            run = []
        run.append(line._replace(spaced=spaced) if line.spaced else line)
        before = line
    if run:
        yield run


def _with_comments(line: LayoutLine, column: int) -> Iterator[str]:
    text = line.text
    for comment in line.comments:
        yield f"{text:<{column}}{comment}"
        text = ""
    if not line.comments:
        yield text
