"""JSON for programs, and the shapes that every report writes alike: places in a file, and ranges of function IDs."""

import json
import json.encoder
import re
from collections.abc import Iterator, Mapping

from smccc_filter.language.places import Position, Span
from smccc_filter.smccc.function_id import show
from smccc_filter.smccc.intervals import Intervals

VERSION = 1
"""The version of every shape; it grows when a shape changes in a way that a program could notice."""

_quoted = json.encoder.encode_basestring
_BEYOND_ASCII = re.compile("[^\n -~]+")


def dumps(value: object) -> str:
    r"""Write JSON, indented by two, letters as they are and everything that does not print as ``\u001b``."""
    return _visible(_indented(value, 0)) + "\n"


def pieces(members: Mapping[str, object]) -> Iterator[str]:
    """Write an object as ``dumps`` does, piece by piece; a member that is an iterator becomes a list, item by item."""
    yield "{"
    for number, (key, value) in enumerate(members.items()):
        yield f"{',' * (number > 0)}\n  {json.dumps(key)}: "
        if isinstance(value, Iterator):
            yield from _list_pieces(value)
        else:
            yield _visible(_indented(value, 2))
    yield "\n}\n"


def _list_pieces(items: Iterator[object]) -> Iterator[str]:
    number = -1
    for number, item in enumerate(items):
        yield f"{'[,'[number > 0]}\n    {_visible(_indented(item, 4))}"
    yield "[]" if number < 0 else "\n  ]"


def _indented(value: object, margin: int) -> str:
    """Write a value that stands behind a margin as ``json.dumps`` does with an indent of two.

    That does it in Python too, in twice the time, and leaves a cycle of three kilobytes behind each time.
    """
    if isinstance(value, str):
        return _quoted(value)
    inner = margin + 2
    between, end = ",\n" + " " * inner, "\n" + " " * margin
    if isinstance(value, dict):
        entries = [f"{_quoted(key)}: {_indented(child, inner)}" for key, child in value.items()]
        return f"{{{between[1:]}{between.join(entries)}{end}}}" if entries else "{}"
    if isinstance(value, list | tuple):
        items = [_indented(child, inner) for child in value]
        return f"[{between[1:]}{between.join(items)}{end}]" if items else "[]"
    return json.dumps(value)


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


def _visible(text: str) -> str:
    return text if text.isascii() and "\x7f" not in text else _BEYOND_ASCII.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in match[0])
