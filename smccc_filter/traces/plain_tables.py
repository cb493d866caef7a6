"""Looks whether Python and DuckDB read a table alike, fast, in whole lines.

Both read nearly any table alike. Where they do not, the file shows it: in a CSV, DuckDB takes two kinds of end of line
for a fault, leaves out what is no UTF-8, and reads quotes inside a cell otherwise; in JSON, it takes a comma too many
and ``nan`` in any case, and does not tell a count of ``null`` from none. Such a table is Python's, and so is one with
lines so long that Python takes them apart.
"""

import os
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from smccc_filter.traces.opening import Fed

BLOCK = 4 << 20
"""Bytes that are looked at together."""
LONGEST_LINE = 4000
"""Bytes of a line: Python reads no number of more than 4,300 digits, and takes lines of 64 KiB apart."""
DEEPEST = 100
"""Brackets of a line: Python goes about a thousand deep."""
NO_CELL = "\x01"
"""What DuckDB takes for a cell that is not there."""
_NO_NUMBER = re.compile(rb"(?i)[:,\[\s+-](?:nan|inf)")
_COMMA = re.compile(rb",\s*[}\]]")
_NULL_COUNT = re.compile(rb'"count"\s*:\s*null')


class _LineEnds(NamedTuple):
    """The lines of a block that hold something, and the ends of all, those of DOS too."""

    lines: int
    ends: int
    dos_ends: int


def plain_csv(descriptor: int, delimiter: str, columns: int, fed: Fed) -> int | None:
    """Look at a CSV, and return how many lines hold something; ``None`` where it is Python's.

    ``fed`` is told of bytes that were looked at.
    """
    return _looked(descriptor, lambda block: _is_plain_csv(block, delimiter.encode(), columns), fed)


def plain_json(descriptor: int, fed: Fed) -> bool:
    """Tell whether lines of JSON are read alike, as ``plain_csv``."""
    return _looked(descriptor, _is_plain_json, fed) is not None


def _looked(descriptor: int, is_plain: Callable[[bytes], bool], fed: Fed) -> int | None:
    lines = ends = dos_ends = 0
    for block in _blocks(descriptor):
        found = _line_ends(block)
        if found is None or not is_plain(block):
            return None
        lines, ends, dos_ends = lines + found.lines, ends + found.ends, dos_ends + found.dos_ends
        if dos_ends not in {0, ends}:
            return None
        fed(len(block))
    return lines


def _blocks(descriptor: int) -> Iterator[bytes]:
    """Yield a file in whole lines, but for those that are too long; only the last may lack its end."""
    at = 0
    while data := os.pread(descriptor, BLOCK, at):
        size = data.rfind(b"\n") + 1 if len(data) == BLOCK else len(data)
        block = data[: size or len(data)]
        yield block
        at += len(block)


def _line_ends(block: bytes) -> _LineEnds | None:
    """Count the lines of a block; ``None`` where one is too long, or a carriage return ends none."""
    ends = block.count(b"\n")
    returns = block.count(b"\r")
    if returns and returns != block.count(b"\r\n"):
        return None
    at = 0
    while len(block) - at > LONGEST_LINE:
        end = block.rfind(b"\n", at, at + LONGEST_LINE)
        if end < 0:
            return None
        at = end + 1
    empty = block.startswith((b"\n", b"\r\n"))
    if empty or b"\n\n" in block or b"\n\r\n" in block:
        lines = sum(line not in {b"", b"\r"} for line in block.split(b"\n"))
    else:
        lines = ends + (not block.endswith(b"\n"))
    return _LineEnds(lines, ends, returns)


def _is_plain_csv(block: bytes, delimiter: bytes, columns: int) -> bool:
    if b"\0" in block or NO_CELL.encode() in block or not _is_utf8(block):
        return False
    if _ends_in_cells_too_many(block, delimiter, columns):
        return False
    return b'"' not in block or _quoted_rows(delimiter).fullmatch(block) is not None


def _ends_in_cells_too_many(block: bytes, delimiter: bytes, columns: int) -> bool:
    """Tell whether a line has an empty cell too many, which DuckDB overlooks before 2.0, or might have."""
    if all(delimiter + end not in block for end in (b"\n", b"\r")) and not block.endswith(delimiter):
        return False
    lines = (line.removesuffix(b"\r") for line in block.split(b"\n"))
    return any(line.endswith(delimiter) and line.count(delimiter) >= columns for line in lines)


@cache
def _quoted_rows(delimiter: bytes) -> re.Pattern[bytes]:
    """Return the pattern of rows whose quotes stand around whole cells, and of which none goes over a line."""
    sign = re.escape(delimiter)
    cell = rb'(?:"[^"\n]*+(?:""[^"\n]*+)*+"|[^"\r\n' + sign + rb"]*+)"
    row = cell + rb"(?:" + sign + cell + rb")*+"
    return re.compile(rb"(?:" + row + rb"\r?\n)*+(?:" + row + rb")?+")


def _is_plain_json(block: bytes) -> bool:
    lower = block.lower()
    if (b"nan" in lower or b"inf" in lower) and _NO_NUMBER.search(block):
        return False
    if b"null" in block and _NULL_COUNT.search(block):
        return False
    brackets = block.count(b"{") + block.count(b"[")
    if brackets > block.count(b"\n") + DEEPEST and any(
        line.count(b"{") + line.count(b"[") > DEEPEST for line in block.split(b"\n")
    ):
        return False
    return _COMMA.search(block) is None


def _is_utf8(block: bytes) -> bool:
    if block.isascii():
        return True
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True
