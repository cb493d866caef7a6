"""The value of an integer expression of Rust: exact, or an explanation why it can't be known.

Literals, names, parentheses, ``as``, and the operators ``+ - * << & ^ |``. Rust drops the bits that do not fit a type
where a value is cast, so each value carries the largest number that its type surely holds, and no result exceeds it.
"""

import re
from typing import NamedTuple, Protocol

from smccc_filter.artefacts.readers.rust.text import RustTokens
from smccc_filter.artefacts.readers.rust.tree import Stretch
from smccc_filter.artefacts.readers.source.expression import OPERATIONS, PRECEDENCE, UnreadableError
from smccc_filter.artefacts.readers.source.tokens import NUMBER

MOST = 10_000
"""Values in one expression, without those of its names."""
_I32_MAX = 0x7FFF_FFFF
U8_MAX, U32_MAX, U64_MAX = 0xFF, 0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF
WRITE_NUMBER = "write the number itself"

_INTEGER = re.compile(
    r"(?:0x(_*[\da-fA-F][\da-fA-F_]*)|0b(_*[01][01_]*)|0o(_*[0-7][0-7_]*)|(\d[\d_]*))([ui](?:8|16|32|64|128|size))?",
    re.ASCII,
)
_BASES = (16, 2, 8, 10)
_LONGEST = 64
"""Digits of a number."""
LIMITS = {
    **dict.fromkeys(("u8", "__u8", "c_uchar"), U8_MAX),
    **dict.fromkeys(("u16", "__u16", "c_ushort"), 0xFFFF),
    **dict.fromkeys(("u32", "__u32", "c_uint", "kvm_smccc_filter_action"), U32_MAX),
    **dict.fromkeys(("u64", "__u64", "usize", "c_ulong", "c_ulonglong", "u128"), U64_MAX),
    "i8": 0x7F,
    "i16": 0x7FFF,
    "i32": _I32_MAX,
    "c_int": _I32_MAX,
    **dict.fromkeys(("i64", "isize", "i128", "c_long"), U64_MAX >> 1),
}
"""The largest number of each type on arm64."""


RANGE_PARTS = frozenset(("start", "end", "len", "count"))
"""Fields and methods of a range that are numbers."""
_SAME = frozenset(("clone", "expect", "to_owned", "unwrap"))
_CONVERTING = frozenset(("into", "try_into"))
_REFERENCES = frozenset(("&", "&&", "*"))


class RustValue(NamedTuple):
    """A number and the largest that its type surely holds; ``flexible`` where the type is not decided yet.

    ``converted`` says that ``into()`` gives it whatever type it meets, which must be one of numbers.
    """

    number: int
    limit: int
    flexible: bool
    converted: bool = False


class ExpressionScope(Protocol):
    """What an expression asks of the place in which it stands; each method raises UnreadableError."""

    def value(self, expression: Stretch) -> RustValue:
        """Return the value of an expression in brackets."""
        ...

    def named(self, first: int, last: int) -> RustValue:
        """Return the value of a path."""
        ...

    def called(self, first: int, last: int) -> RustValue:
        """Return the value of a call, of the path from ``first`` to ``last``."""
        ...

    def part(self, first: int, last: int, name: int, *, called: bool) -> RustValue:
        """Return the value of a field or method, whose name is at ``name``, of the path from ``first`` to ``last``."""
        ...

    def keeps(self, name: int) -> bool:
        """Tell whether a method of a number, whose name is at ``name``, gives the same number."""
        ...

    def limit(self, type_: Stretch) -> int | None:
        """Return the largest number of a type; ``None`` where that is not known."""
        ...


def surely(number: int) -> int:
    """Return the largest number that every type holds which can hold ``number``."""
    return next((limit for limit in (0x7F, 0x7FFF) if number <= limit), U32_MAX)


class RustExpression:
    """Precedence climbing over one stretch of tokens."""

    def __init__(self, source: RustTokens, expression: Stretch, scope: ExpressionScope) -> None:
        self.source = source
        self.at, self.stop = expression
        self.scope = scope
        self.values = 0

    def value(self) -> RustValue:
        """Return the value of the whole. Raises UnreadableError."""
        result = self._binary(0)
        if self.at < self.stop:
            raise self._cannot(self.at)
        return result

    def _binary(self, least: int) -> RustValue:
        left = self._cast()
        while self.at < self.stop and PRECEDENCE.get(self.source.text(self.at), 0) > least:
            at, operator = self.at, self.source.text(self.at)
            self.at += 1
            right = self._binary(PRECEDENCE[operator])
            number = OPERATIONS[operator](left.number, right.number)
            flexible = left.flexible and (operator == "<<" or right.flexible)
            limits = [value.limit for value in (left, right)[: 1 + (operator != "<<")] if not value.flexible]
            converted = left.converted or right.converted
            left = RustValue(number, min(limits, default=U32_MAX), flexible, converted)
            if not 0 <= number <= left.limit:
                message = f"the result of `{operator}` does not fit the {left.limit.bit_length()} bits that are sure"
                raise UnreadableError(self.source.tokens[at], message, WRITE_NUMBER)
        return left

    def _cast(self) -> RustValue:
        while self.at < self.stop - 1 and self.source.text(self.at) in _REFERENCES:
            self.at += 1
        value = self._suffixed(self._primary())
        while self.at < self.stop and self.source.text(self.at) == "as":
            start = self.at = self.at + 1
            while self.source.text(self.at + 1) == "::" and self.at + 2 < self.stop:
                self.at += 2
            self.at += 1
            limit = self.scope.limit(Stretch(start, min(self.at, self.stop)))
            word = self.source.text(self.at - 1)
            if limit is None and word == "_":
                limit = surely(value.number)
            token = self.source.tokens[min(start, self.stop - 1)]
            if limit is None:
                raise UnreadableError(token, f"a cast to `{word}` can't be read here", WRITE_NUMBER)
            may_be_negative = value.flexible and value.limit == U32_MAX and value.number > _I32_MAX
            if value.number > limit or (may_be_negative and limit > U32_MAX):
                raise UnreadableError(token, f"{value.number:#x} does not surely fit `{word}`", WRITE_NUMBER)
            value = RustValue(value.number, limit, flexible=False)
        return value

    def _primary(self) -> RustValue:
        at = self.at
        self.values += 1
        if at >= self.stop:
            raise UnreadableError(self.source.tokens[self.stop - 1], "the expression ends too soon", "complete it")
        if self.values > MOST:
            raise UnreadableError(self.source.tokens[at], "the expression is too long or too deep", WRITE_NUMBER)
        if self.source.tokens[at].kind == NUMBER:
            self.at += 1
            return self._number(at)
        if self.source.is_name(at):
            return self._path(at)
        if self.source.text(at) == "(" and self.source.close(at) < self.stop:
            self.at = self.source.close(at) + 1
            inside = Stretch(at + 1, self.at - 1)
            if inside.start >= inside.stop:
                raise self._cannot(at)
            return self.scope.value(inside)
        raise self._cannot(at)

    def _suffixed(self, value: RustValue) -> RustValue:
        """Apply methods that give the same number, maybe as another type."""
        while self.at < self.stop and self.source.text(self.at) in {".", "?"}:
            at = self.at
            if self.source.text(at) == "?":
                self.at += 1
                continue
            name = self.source.text(at + 1)
            if self.source.text(at + 2) != "(" or name not in _SAME | _CONVERTING or not self.scope.keeps(at + 1):
                raise self._cannot(at)
            self.at = self.source.close(at + 2) + 1
            if name in _CONVERTING:
                value = RustValue(value.number, value.limit, flexible=False, converted=True)
        return value

    def _path(self, first: int) -> RustValue:
        last = first
        while self.source.text(last + 1) == "::" and self.source.is_name(last + 2) and last + 2 < self.stop:
            last += 2
        self.at = last + 1
        if self.at < self.stop and self.source.text(self.at) == "(":
            self.at = self.source.close(self.at) + 1
            return self.scope.called(first, last)
        if self.at < self.stop - 1 and self.source.text(self.at) == "." and self.source.text(last + 2) in RANGE_PARTS:
            called = self.source.text(last + 3) == "("
            self.at = self.source.close(last + 3) + 1 if called else last + 3
            return self.scope.part(first, last, last + 2, called=called)
        return self.scope.named(first, last)

    def _number(self, at: int) -> RustValue:
        token = self.source.tokens[at]
        match = _INTEGER.fullmatch(token.text)
        if match is None:
            raise UnreadableError(token, f"`{token.text}` is no whole number", "write a hexadecimal number")
        *groups, suffix = match.groups()
        digits, base = next((group, base) for group, base in zip(groups, _BASES, strict=True) if group)
        digits = digits.replace("_", "")
        number = int(digits, base) if len(digits) <= _LONGEST else U64_MAX + 1
        limit = LIMITS[suffix] if suffix else U64_MAX
        if number > limit:
            raise UnreadableError(token, f"`{token.text}` does not fit {limit.bit_length()} bits", "correct the number")
        return RustValue(number, limit, flexible=not suffix)

    def _cannot(self, at: int) -> UnreadableError:
        return UnreadableError(self.source.tokens[at], f"`{self.source.text(at)}` can't be computed here", WRITE_NUMBER)
