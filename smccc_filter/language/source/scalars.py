"""Which type a plain scalar has: YAML 1.2's core schema, but that hexadecimal numbers, being IDs here, stay text."""

import re

from smccc_filter.language.source.tree import ScalarValue

MAX_DIGITS = 40
"""A longer number stays text: nothing in the language is so large, and Python converts 4,300 digits at most."""

_FORBIDDEN = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]"
_NUMBER_STARTS = frozenset("0123456789+-.")
_FLOAT = r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
_CONSTANTS = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}


def forbidden(text: str) -> re.Match[str] | None:
    """Find the first character that YAML 1.2 calls not printable, or that only YAML 1.1 takes for a line's end."""
    return None if text.replace("\n", "").isprintable() else re.search(_FORBIDDEN, text)


def resolve(text: str) -> ScalarValue:
    """Return the value of a plain scalar."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] in _NUMBER_STARTS and len(text) <= MAX_DIGITS:
        digits = text[1:] if text[0] in "+-" else text
        if digits.isascii() and digits.isdigit():
            return int(text)
        if "x" not in text and re.fullmatch(_FLOAT, text):  # most are function IDs
            return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text
