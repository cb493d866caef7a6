"""The fields of one literal: ``kvm_smccc_filter { base: ..., nr_functions: ..., action: ..., pad: [0; 15] }``."""

from collections.abc import Collection
from typing import NamedTuple

from smccc_filter.artefacts.readers.rust.text import RustTokens
from smccc_filter.artefacts.readers.rust.tree import Stretch
from smccc_filter.artefacts.readers.source.entries import WRITE_OUT
from smccc_filter.artefacts.readers.source.expression import UnreadableError
from smccc_filter.artefacts.readers.source.linux import VALUE_FIELDS
from smccc_filter.artefacts.readers.source.tokens import Token

PATTERN_ENDS = {"=", "=>", "in", ":", "|"}
"""What stands behind braces that take an entry apart."""
MOST_TOKENS = 2000
"""Tokens of one literal."""


class RustLiteral(NamedTuple):
    """One literal: base, nr_functions and action, ``None`` where the default gives zero, and what its padding holds.

    ``rest`` is the index of ``..``, 0 where there is none.
    """

    first: int
    whole: Token
    fields: tuple[Stretch | None, Stretch | None, Stretch | None]
    padding: tuple[Stretch, ...]
    rest: int


def literal_at(source: RustTokens, first: int, at: int, fields: Collection[str]) -> RustLiteral | None:
    """Read the literal whose path begins at ``first`` and ends at ``at``; ``None`` where it is a pattern.

    ``fields`` are the names that its fields can have. Raises UnreadableError.
    """
    end = source.closing[at + 1]
    if source.text(end + 1) in PATTERN_ENDS:
        return None
    if end - at > MOST_TOKENS:
        raise UnreadableError(source.tokens[at], "the entry is too long to be read", WRITE_OUT)
    whole = source.token(first, end)
    values: dict[str, Stretch] = {}
    padding: list[Stretch] = []
    given: set[str] = set()
    rest = 0
    for start, stop in source.pieces(at + 2, end):
        name = source.text(start)
        _must_be_a_field(source, whole, start, stop)
        if name != ".." and (name not in fields or name in given):
            message = f"`{name}` is given twice" if name in given else f"the entry has no field `{name}`"
            raise UnreadableError(source.tokens[start], message, "correct the entry")
        given.add(name)
        if name == "..":
            rest = start
            if not _is_default(source, start + 1, stop):
                raise UnreadableError(source.tokens[start], "the rest of the entry comes from elsewhere", WRITE_OUT)
        elif stop == start + 1:
            values[name] = Stretch(start, stop)
        elif name in VALUE_FIELDS:
            values[name] = Stretch(start + 2, stop)
        else:
            padding += _array(source, Stretch(start + 2, stop))
    missing = [field for field in VALUE_FIELDS if field not in values]
    if missing and not rest:
        raise UnreadableError(whole, f"the entry has no `{missing[0]}`", "complete the entry")
    base, nr_functions, action = (values.get(field) for field in VALUE_FIELDS)
    padding += [value for name, value in values.items() if name not in VALUE_FIELDS]
    return RustLiteral(first, whole, (base, nr_functions, action), tuple(padding), rest)


def _must_be_a_field(source: RustTokens, whole: Token, start: int, stop: int) -> None:
    """Raise UnreadableError where something else stands between two commas."""
    if start >= stop:
        raise UnreadableError(whole, "a field is missing between two commas", "complete the entry")
    name = source.text(start)
    if stop > start + 1 and name != ".." and source.text(start + 1) != ":":
        raise UnreadableError(source.tokens[start], f"`{name}` is no field with a value", "complete the entry")


def _is_default(source: RustTokens, start: int, stop: int) -> bool:
    """Tell whether an expression is ``Default::default()``, of the trait or of a type."""
    return [source.text(at) for at in range(stop - 4, stop)] == ["::", "default", "(", ")"] and all(
        source.is_name(at) or source.text(at) == "::" for at in range(start, stop - 2)
    )


def _array(source: RustTokens, value: Stretch) -> list[Stretch]:
    """Return the elements of ``[0; 15]`` or ``[0, 0]`` as expressions, none of ``Default::default()``."""
    start, stop = value
    if source.text(start) == "[" and source.close(start) == stop - 1:
        return [next(source.pieces(*item, ";"), item) for item in source.pieces(start + 1, stop - 1)]
    return [] if _is_default(source, start, stop) else [value]
