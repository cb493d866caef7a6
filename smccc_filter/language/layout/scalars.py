"""How one value is written: function IDs with eight upper-case digits, text without quotes where YAML allows it."""

import re

from smccc_filter.language.policy.language import FLAGS_PATTERN
from smccc_filter.language.policy.ranges import RangeParts, number, parts, read_parts
from smccc_filter.language.source import ScalarNode
from smccc_filter.language.source.scalars import resolve
from smccc_filter.language.source.tree import ScalarValue
from smccc_filter.smccc.function_id import show

VERSIONS = frozenset({"kernels", "psci", "version"})
"""Fields whose values look like numbers, and are always quoted, so that nobody learns to leave the quotes out."""
_IDS = frozenset({"ranges", "call"})

_PLAIN = re.compile(r"(?![-?:](?: |$)|---|\.\.\.)[^\s,\[\]{}#&*!|>'\"%@`](?:(?!: | #).)*(?<![ :])")
"""Text that needs no quotes behind a colon or a dash."""
_PLAIN_IN_FLOW = re.compile(r"[A-Za-z0-9][-A-Za-z0-9_./+]*")
_NUMBER = re.compile(r"[-+.]*[0-9][-+0-9A-Fa-fxXoO_.:]*")
"""What some reader of YAML takes for a number, a time or a date."""
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~"})
"""What some reader of YAML, in whatever case, takes for a truth value or for nothing."""
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def written(scalar: ScalarNode, field: str, *, flow: bool) -> str:
    """Return the text of a value of ``field``, which is its own key or that of the list it is in.

    ``flow`` says that it stands between brackets.
    """
    value = scalar.value
    if not isinstance(value, str):
        return _constant(value)
    if field in _IDS and (range_parts := parts(value)) and read_parts(range_parts):
        return _range(range_parts)
    if field == "features" and re.fullmatch(FLAGS_PATTERN, value):
        return f"0x{int(value, 16):X}"
    if field in VERSIONS or (flow and field == "reason"):
        return quoted(value)
    pattern = _PLAIN_IN_FLOW if flow else _PLAIN
    return value if pattern.fullmatch(value) and _reads_as_text(value) else quoted(value)


def quoted(value: str) -> str:
    """Write text in double quotes, or in single ones where that spares escapes; what does not print is escaped."""
    if value.isprintable() and ('"' in value or "\\" in value):
        return "'" + value.replace("'", "''") + "'"
    return '"' + "".join(map(_escaped, value)) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 1 << 8 else f"\\u{code:04x}" if code < 1 << 16 else f"\\U{code:08x}"


def _constant(value: ScalarValue) -> str:
    if value is None:
        return "null"
    return str(value).lower()


def _range(written: RangeParts) -> str:
    first = show(number(written.first))
    if written.last:
        return f"{first}-{show(number(written.last))}"
    return f"{first}+{_count(written.nr_functions)}" if written.nr_functions else first


def _count(text: str) -> str:
    """Write a number of functions in the base it was written in."""
    return f"0x{number(text):X}" if text[:2].lower() == "0x" else f"{number(text)}"


def _reads_as_text(value: str) -> bool:
    return (
        value.isprintable()
        and value.lower() not in _WORDS
        and not _NUMBER.fullmatch(value)
        and isinstance(resolve(value), str)
    )
