"""The events of a text from either of ruamel.yaml's parsers, which differ in speed and at the edges of YAML."""

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import FileMark, MarkedYAMLError
from ruamel.yaml.events import StreamEndEvent

CParser: Any
try:
    from ruamel.yaml.cyaml import CParser  # type: ignore[attr-defined,no-redef,unused-ignore] # it is Cython
except ImportError:  # the C parser is an extra of ruamel.yaml
    CParser = None

_TOO_LARGE = r"\\U(?!000|0010)|[0-9]{1000}"
"""An escape beyond U+10FFFF, or a version in a directive."""


def c_events(text: str) -> Iterator[Any]:
    """Yield the events of the C parser, which must be there. Raises YAMLError."""
    get_event = CParser(text).get_event
    while type(event := get_event()) is not StreamEndEvent:
        yield event


def pure_events(text: str) -> Iterator[Any]:
    """Yield the events of the Python parser. Raises YAMLError."""
    at = 0
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            at = event.end_mark.index
            yield event
    except (OverflowError, ValueError) as error:  # ruamel.yaml leaves it to chr() and int() to object
        found = re.compile(_TOO_LARGE).search(text, at)
        mark = FileMark("", found.start() if found else at, 0, 0)
        raise MarkedYAMLError(problem="found a number that is too large", problem_mark=mark) from error
