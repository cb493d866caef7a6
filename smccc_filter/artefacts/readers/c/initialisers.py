"""C initialisers: which expression each field of an entry gets, by position or by designator, as C has it.

What an initialiser leaves out is zero. What can't be told apart without the compiler's knowledge of types (an entry
without braces of its own, a range of elements) is not read.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from smccc_filter.artefacts.readers.source.entries import ZERO
from smccc_filter.artefacts.readers.source.expression import UnreadableError
from smccc_filter.artefacts.readers.source.tokens import NAME, Token, Tokens, is_punctuation, matching, pieces

BRACES = "give each entry braces of its own"
LONGEST_PADDING = 200
"""Tokens of all values of the padding."""
MOST_ELEMENTS = 1 << 20


class StructFields(NamedTuple):
    """The expressions of a struct's fields, and those of its padding, all of which must be zero."""

    values: Mapping[str, Tokens]
    padding: tuple[Tokens, ...]


def elements(tokens: Tokens, size: Tokens, whole: Token, number: Callable[[Tokens], int]) -> Iterator[Tokens]:
    """Yield the initialiser of each element of an array, in the array's order, with their braces.

    ``tokens`` are the array's braces with all between them, ``size`` what stands between its brackets, ``number`` gives
    the value of an index. Raises UnreadableError.
    """
    found: dict[int, Tokens] = {}
    at = 0
    for item in pieces(tokens[1:-1]):
        place = item[0] if item else whole
        value = item
        if item and is_punctuation(item[0], "["):
            end = matching(item, 0)
            if end == 1:
                raise UnreadableError(place, "this designator can't be read", BRACES)
            at = number(item[1:end])
            value = _assigned(item[end + 1 :], place)
        value = _without_cast(value)
        if not value or not is_punctuation(value[0], "{") or matching(value, 0) != len(value) - 1:
            raise UnreadableError(place, "an element of the array is no entry in braces", BRACES)
        if at in found or at >= MOST_ELEMENTS:
            raise UnreadableError(place, f"element {at} is given twice, or is too far", "write each element once")
        found[at] = value
        at += 1
    length = number(size) if size else max(found, default=-1) + 1
    if length != len(found) or max(found, default=-1) >= length:
        message = f"the array has {length:,} elements, and {len(found):,} are written: what is left out is zero"
        raise UnreadableError(whole, message, "write all elements, and no others")
    for index in sorted(found):
        yield found[index]


def fields(tokens: Tokens, names: tuple[str, ...], scalars: tuple[str, ...]) -> StructFields:
    """Return the expressions of one struct whose fields are ``names``; ``tokens`` has its braces.

    Fields that are not among ``scalars`` are padding. Raises UnreadableError.
    """
    values: dict[str, Tokens] = {}
    padding: list[Tokens] = []
    at = 0
    for item in pieces(tokens[1:-1]):
        place = item[0] if item else tokens[0]
        name, value = _designated(item, place)
        if name is not None:
            if name not in names:
                raise UnreadableError(place, f"the struct has no field `{name}`", "correct the field's name")
            at = names.index(name)
        field = names[min(at, len(names) - 1)]  # an array that comes last goes on without braces
        if field not in scalars:
            if len(value) > LONGEST_PADDING:
                raise UnreadableError(place, "the padding has too many values", "leave the padding out")
            padding += _flat(value)
        elif at >= len(names) or field in values:
            raise UnreadableError(place, "the entry has a value too many", "leave it out")
        else:
            values[field] = _unbraced(value)
        at += 1
    return StructFields({name: values.get(name, ZERO) for name in scalars}, tuple(padding))


def _designated(item: Tokens, place: Token) -> tuple[str | None, Tokens]:
    """Split ``.name = value``, or the older ``name: value``; the name is ``None`` without a designator."""
    if len(item) > 2 and item[0].kind == NAME and is_punctuation(item[1], ":"):
        return item[0].text, item[2:]
    if len(item) > 1 and is_punctuation(item[0], "."):
        rest = item[2:]
        if rest and is_punctuation(rest[0], "["):
            rest = rest[matching(rest, 0) + 1 :]
        return item[1].text, _assigned(rest, place)
    return None, item


def _assigned(tokens: Tokens, place: Token) -> Tokens:
    """Return what stands behind ``=``, which C++ leaves out before braces."""
    if tokens and is_punctuation(tokens[0], "="):
        return tokens[1:]
    if tokens and is_punctuation(tokens[0], "{"):
        return tokens
    raise UnreadableError(place, "this designator can't be read", BRACES)


def _without_cast(tokens: Tokens) -> Tokens:
    """Return a compound literal without its type, anything else as it is."""
    if tokens and is_punctuation(tokens[0], "("):
        end = matching(tokens, 0)
        if end + 1 < len(tokens) and is_punctuation(tokens[end + 1], "{"):
            return tokens[end + 1 :]
    return tokens


def _unbraced(value: Tokens) -> Tokens:
    """Return a scalar without the braces that it may have."""
    return value[1:-1] if value and is_punctuation(value[0], "{") else value


def _flat(value: Tokens) -> list[Tokens]:
    """Return the elements of an array of numbers: in braces, or one without."""
    if not value or not is_punctuation(value[0], "{"):
        return [value]
    result = []
    for item in pieces(value[1:-1]):
        if item and is_punctuation(item[0], "["):
            item = _assigned(item[matching(item, 0) + 1 :], item[0])  # noqa: PLW2901 -- without its designator
        result.append(item)
    return result
