"""JSON for programs, and the shapes that every report writes alike: places in a file, and ranges of function IDs."""

import json
import re

from smccc_filter.language.places import Position, Span
from smccc_filter.smccc.function_id import show
from smccc_filter.smccc.intervals import Intervals

VERSION = 1
"""The version of every shape; it grows when a shape changes in a way that a program could notice."""

_BEYOND_ASCII = re.compile("[^\n -~]+")


def dumps(value: object) -> str:
    r"""Write JSON, indented by two, letters as they are and everything that does not print as ``\u001b``."""
    return _BEYOND_ASCII.sub(_escape, json.dumps(value, ensure_ascii=False, indent=2)) + "\n"


def span_object(span: Span) -> dict[str, dict[str, int]]:
    """Describe a part of a file: lines and columns count from 1, and ``end`` is one past the last character."""
    return {"start": _position(span.start), "end": _position(span.end)}


def inclusive(start: int, stop: int) -> list[str]:
    """Write a half-open range of IDs as its first and its last."""
    return [show(start), show(stop - 1)]


def id_ranges(ids: Intervals) -> list[list[str]]:
    """Write a set of IDs as such pairs."""
    return [inclusive(start, stop) for start, stop in ids]


def _position(position: Position) -> dict[str, int]:
    return {"line": position.line, "column": position.column}


def _escape(match: re.Match[str]) -> str:
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in match[0])
