"""Text that people read, ``description`` and ``reason``, over several lines.

A block scalar keeps its style and its lines, which its author broke where they read well. Other text that is too long
for its line is folded at ``WIDTH``.
"""

import re

from smccc_filter.language.layout.lines import WIDTH
from smccc_filter.language.source import ScalarNode
from smccc_filter.language.source.comments import is_block_scalar
from smccc_filter.language.source.text import LINE_END

FIELDS = frozenset({"description", "reason"})

_WORD = re.compile(r"\S+(?: {2,}\S+)*")
"""Words that only a single space parts from their neighbours, since a line can be broken there and nowhere else."""
_BLANKS = (" ", "\t")


def is_block(scalar: ScalarNode, text: str) -> bool:
    """Tell whether a value of the document ``text`` is a block scalar that has anything in it to keep."""
    return is_block_scalar(text, scalar) and isinstance(scalar.value, str) and scalar.value.strip() != ""


def block(scalar: ScalarNode, text: str) -> list[str]:
    """Return a block scalar of the document ``text``: its header, and its lines without indentation."""
    value = str(scalar.value)
    if text[scalar.start] == ">" and (lines := _as_folded(scalar, text)):
        return [f">{_indicators(lines, value)}", *lines, *_kept(value)]
    lines = value.rstrip("\n").split("\n")
    return [f"|{_indicators(lines, value)}", *lines, *_kept(value)]


def folded(value: str, indent: int) -> list[str] | None:
    """Return a text as a block scalar whose lines, indented, fit into ``WIDTH``; ``None`` where it can't be folded."""
    words = _WORD.findall(value)
    if not value.isprintable() or " ".join(words) != value:
        return None
    lines = [""]
    for word in words:
        if lines[-1] and indent + len(lines[-1]) + 1 + len(word) > WIDTH:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return [">-", *lines]


def _indicators(lines: list[str], value: str) -> str:
    """Return what the header says of the indentation, where the first line hides it, and of the last line ends."""
    first = next(number for number, line in enumerate(lines) if line.strip())
    hidden = any(line.startswith(_BLANKS) for line in lines[: first + 1])
    ends = len(value) - len(value.rstrip("\n"))
    return ("2" if hidden else "") + ("-", "", "+")[min(ends, 2)]


def _kept(value: str) -> list[str]:
    """Return the empty lines at the end of a value that has more than one line end there."""
    return [""] * (len(value) - len(value.rstrip("\n")) - 1)


def _as_folded(scalar: ScalarNode, text: str) -> list[str] | None:
    """Return the lines of a folded scalar as they were broken, or ``None`` if they would not be read as its value."""
    value = str(scalar.value)
    body = LINE_END.split(text[scalar.start : scalar.end])[1:]
    indent = _first_indent(body) - _first_indent(value.split("\n"))
    lines = [line[indent:] for line in body]
    return lines if _unfolded(lines) == value.rstrip("\n") else None


def _first_indent(lines: list[str]) -> int:
    first = next((line for line in lines if line.strip()), "")
    return len(first) - len(first.lstrip(" "))


def _unfolded(lines: list[str]) -> str:
    """Read the lines of a folded scalar: a line end between two that are not indented is a space, as YAML has it."""
    result, ends = "", 0
    before = ""
    for line in lines:
        if line:
            folds = bool(before) and not before.startswith(_BLANKS) and not line.startswith(_BLANKS)
            result += " " if folds and ends == 1 else "\n" * (ends - folds)
            result += line
            before = line
            ends = 1
        else:
            ends += 1
    return result
