"""The page of the public face: each function with its manual, each value with its fields."""

import dataclasses
import inspect
import re
from collections.abc import Iterator
from enum import Enum

import smccc_filter
from tests.programs.reference import markdown

LEAD = """\
`import smccc_filter` imports nothing more until it is asked. Everything that is not on this page is private, and may
change with any version. Values are frozen.
"""


def page() -> str:
    """Return the page."""
    names = [name for name in smccc_filter.__all__ if not name.startswith("__")]
    functions = [name for name in names if inspect.isfunction(getattr(smccc_filter, name))]
    values = [name for name in names if name not in functions]
    parts = [LEAD, "## Functions"]
    for name in functions:
        parts += _function(name)
    parts.append("## Values")
    for name in values:
        parts += _value(name)
    return markdown.page("The Python API", *parts)


def _function(name: str) -> Iterator[str]:
    function = getattr(smccc_filter, name)
    yield f"### `{name}`"
    yield markdown.block("python", f"smccc_filter.{name}{_signature(function)}")
    yield _manual(function)


def _value(name: str) -> Iterator[str]:
    value = getattr(smccc_filter, name)
    yield f"### `{name}`"
    yield _manual(value)
    if issubclass(value, Enum):
        yield ", ".join(f"`{member.name}` (`{member.value}`)" for member in value)
        return
    rows = list(_fields(value))
    if rows:
        yield markdown.table(("attribute", "type", "meaning"), rows)


def _fields(value: type) -> Iterator[tuple[str, str, str]]:
    """Yield the attributes of a class: its fields, then its properties."""
    fields = getattr(value, "_fields", None) or [field.name for field in _dataclass_fields(value)]
    annotations = inspect.get_annotations(value)
    for field in fields:
        if not field.startswith("_"):
            yield f"`{field}`", f"`{_type(annotations[field])}`", ""
    for name, member in vars(value).items():
        found = inspect.unwrap(getattr(member, "func", None) or getattr(member, "fget", None) or member)
        if not name.startswith("_") and inspect.isfunction(found) and not inspect.isfunction(member):
            yield f"`{name}`", f"`{_type(found.__annotations__['return'])}`", _first_line(found)


def _dataclass_fields(value: type) -> tuple["dataclasses.Field[object]", ...]:
    return dataclasses.fields(value) if dataclasses.is_dataclass(value) else ()


def _signature(function: object) -> str:
    assert callable(function)
    signature = inspect.signature(function)
    params = [param.replace(annotation=_Bare(_type(param.annotation))) for param in signature.parameters.values()]
    return str(signature.replace(parameters=params, return_annotation=_Bare(_type(signature.return_annotation))))


class _Bare:
    """An annotation that is shown as it is written."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _type(annotation: object) -> str:
    """Write a type without the modules that its parts are from."""
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    bare = text.replace("ForwardRef('", "").replace("')", "")
    return re.sub(r"\b(?:\w+\.)+(?=\w)", "", bare)


def _manual(value: object) -> str:
    return (inspect.getdoc(value) or "").replace("``", "`")


def _first_line(value: object) -> str:
    return _manual(value).partition("\n")[0]
