"""What is wrong with a text that is no range of function IDs, and what was meant.

A function ID comes out of a header, a specification, a debugger or a table, each with a way of its own to write it. So
what is nearly a range is read as all of these write numbers, and offered as a policy has it. Only a decimal number is
certainly the same; whatever else is offered is a guess.
"""

import re
from typing import NamedTuple

from smccc_filter.language.policy.ranges import DECIMAL, HEX, number, parse, parts
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SPACE, show
from smccc_filter.smccc.spelling import call_meant, service_meant
from smccc_filter.words import cut

ID_DIGITS = 8
"""Hexadecimal digits of a function ID."""
MAX_MEANT = 100
"""Characters of a text in which something meant is looked for."""

FORMS = "write first-last, base+count or one ID, as in 0x84000000-0x8400001F"
ONE = "write one function ID; add an entry for each that matters"
_SPAN = f"write {show(0)} to {show(SPACE - 1)}"
_NO_ID = "write `0x` and hexadecimal digits, as in 0x84000003"
_NO_COUNT = "write a count in decimal, or in hexadecimal with `0x`, as in 32 or 0x20"

_DECIMALS = f"(?:{HEX}|(?P<first>{DECIMAL}))(?:-(?:{HEX}|(?P<last>{DECIMAL}))|\\+(?:{HEX}|{DECIMAL}))?"
"""A range that is right, but that its IDs may be decimal."""
_DASHES = r"[\u2010-\u2015\u2212]|(?<=[0-9A-Za-z])(?:\.\.+|to|~|:|=)(?=[0-9A-Za-z$#])"
"""What stands for the minus of a range elsewhere."""
_HALVES = r"([^-+]*)(?:(-+|\++)([^-+]*))?"
_WRITTEN_ELSEWHERE = (
    r"(?P<sign>[#$&]*)(?P<prefix>(?:[0oO]?[xX])*)(?P<digits>[0-9A-Fa-f]+?)(?P<suffix>[hH]|[uU]?[lL]{0,2}|[lL]{1,2}[uU])"
)
_BASES = {"0b": 2, "0o": 8}


class MalformedRange(NamedTuple):
    """Why a text is no range, and what to do. ``instead`` is what was meant, where that can be told.

    ``certain`` says that its numbers are those of the text. Where ``instead`` is a name, ``under`` is the list in which
    it belongs.
    """

    message: str
    hint: str
    instead: str | None = None
    certain: bool = False
    under: str | None = None


def malformed(text: str) -> MalformedRange:
    """Say what is wrong with a text that ``ranges.parse`` does not take."""
    if re.fullmatch("-[0-9]+", text):
        return MalformedRange(f"a function ID is never negative: {cut(text)}", _SPAN)
    if written := parts(text):
        return _too_large(text, next(part for part in written if part and number(part) >= SPACE))
    if match := re.fullmatch(_DECIMALS, text):
        return _decimal(text, match["first"] or match["last"])
    if len(text) > MAX_MEANT:
        return MalformedRange(f"`{cut(text)}` is not a range of function IDs", FORMS)
    return _named(text) or _nearly(text)


def offer(meant: str) -> str:
    """Write a hint that offers a range, with the call's name where it is one ID that has one."""
    written = parse(meant)
    name = registry.name_of(written.base) if written and written.size == 1 else None
    return f"did you mean `{meant}`, which is {name}?" if name else f"did you mean `{meant}`?"


def meant_by_a_name(word: str) -> str | None:
    """Return the range that was meant where a name should stand: one whose first ID lacks nothing but its prefix."""
    wrong = malformed(word) if len(word) <= MAX_MEANT else None
    if wrong is None or wrong.instead is None or wrong.under:
        return None
    meant = wrong.instead
    first = parts(meant).first  # type: ignore[union-attr] # what is meant is a range
    digits = first[2:].replace("_", "")
    return meant if len(digits) == ID_DIGITS and digits.casefold() in word.casefold() else None


def _too_large(text: str, part: str) -> MalformedRange:
    where = "" if part == text else f" in `{cut(text)}`"
    hint = f"a function ID, and the kernel's count of them, has 32 bits: {_SPAN}"
    digits = part[2:]
    if part == text and len(digits) == ID_DIGITS + 1 and digits.isalnum():
        for i in range(1, len(digits)):
            fid = int(digits[:i] + digits[i + 1 :], 16)
            if digits[i] == digits[i - 1] and registry.by_id(fid):
                return MalformedRange(f"{part} has more than 32 bits", offer(show(fid)), show(fid))
    return MalformedRange(f"{cut(part)}{where} has more than 32 bits", hint)


def _decimal(text: str, written: str) -> MalformedRange:
    """Say that ``written``, an ID in a range that is right otherwise, is decimal."""
    value = number(written)
    if meant := _with_prefixes(text):
        where = "" if written == text else f" in `{text}`"
        return _meant(f"`{written}`{where} is a decimal number, for it has no `0x`", meant, _NO_ID)
    if value >= SPACE:
        return MalformedRange(f"{cut(written)} has more than 32 bits", _SPAN)
    digits = written.replace("_", "")
    also = f", or `0x{digits}` if it is that already" if len(digits) == ID_DIGITS else ""
    meant = _in_hexadecimal(text)
    hint = f"write it in hexadecimal: {show(value)}{also}"
    return MalformedRange(f"decimal function ID {value}", hint, meant, certain=meant is not None)


def _with_prefixes(text: str) -> str | None:
    """Give the IDs of a range their ``0x``; ``None`` where one that lacks it is no ID that is allocated to anybody."""
    sign = "-" if "-" in text else "+"
    base, _, rest = text.partition(sign)
    ends = [base, rest] if rest and sign == "-" else [base]
    if not all(end[:2].lower() == "0x" or _is_allocated(end.replace("_", "")) for end in ends):
        return None
    shown = [end if end[:2].lower() == "0x" else f"0x{end.replace('_', '')}" for end in ends]
    return sign.join(shown if sign == "-" or not rest else [*shown, rest])


def _is_allocated(digits: str) -> bool:
    """Tell whether digits are an ID's in hexadecimal, and the ID is that of a call or allocated to a service."""
    if len(digits) != ID_DIGITS:
        return False
    fid = int(digits, 16)
    return registry.service_of(fid) is not None or bool(registry.by_id(fid))


def _in_hexadecimal(text: str) -> str | None:
    """Write the decimal IDs of a range in hexadecimal; ``None`` where one may lack nothing but its ``0x``."""
    sign = "-" if "-" in text else "+"
    base, _, rest = text.partition(sign)
    ends = [base, rest] if rest and sign == "-" else [base]
    decimals = [end for end in ends if end[:2].lower() != "0x"]
    if any(_lacks_prefix(end) for end in decimals):
        return None
    shown = [show(number(end)) if end in decimals else end for end in ends]
    written = sign.join(shown if sign == "-" or not rest else [*shown, rest])
    return written if parse(written) else None


def _lacks_prefix(decimal: str) -> bool:
    """Tell whether decimal digits are those of a fast call's ID in hexadecimal, as in 84000003."""
    digits = decimal.replace("_", "")
    return len(digits) == ID_DIGITS and digits[0] in "89"


def _nearly(text: str) -> MalformedRange:
    """Read a text half by half as others write numbers."""
    none = f"`{text}` is not a range of function IDs"
    match = re.fullmatch(_HALVES, _in_ascii(text))
    if not match:
        return MalformedRange(none, FORMS)
    base, signs, rest = match.groups()
    if not signs:
        hint = _NO_ID if any(map(str.isdecimal, text)) else FORMS
        return _meant(f"`{text}` is not a function ID", _id(base, hexadecimal=not base.isdecimal()), hint)
    if not base or not rest:
        where = "behind" if base else "before"
        return MalformedRange(f"nothing stands {where} the `{signs}` in `{text}`", FORMS)
    counts = signs[0] == "+"
    hexadecimal = any(not end.isdecimal() for end in ((base,) if counts else (base, rest)))
    first = _id(base, hexadecimal=hexadecimal)
    second = _count(rest) if counts else _id(rest, hexadecimal=hexadecimal)
    wrong = none
    if not re.fullmatch(HEX, base):
        wrong = f"`{base}` in `{text}` is not a function ID"
    elif not re.fullmatch(f"{HEX}|{DECIMAL}" if counts else HEX, rest):
        wrong = f"`{rest}` in `{text}` is not {'a count' if counts else 'a function ID'}"
    meant = f"{first}{signs[0]}{second}" if first and second else None
    return _meant(wrong, meant, _NO_COUNT if counts and first else _NO_ID)


def _meant(message: str, meant: str | None, hint: str) -> MalformedRange:
    """Offer what was meant, unless that is nothing or selects nothing."""
    if meant is None:
        return MalformedRange(message, hint)
    written = parse(meant)
    if written is None or not written.ids:
        return MalformedRange(message, FORMS)
    return MalformedRange(message, offer(meant), meant)


def _named(text: str) -> MalformedRange | None:
    """Say where a policy has a name that stands among ranges."""
    if call := call_meant(text):
        return MalformedRange(f"`{text}` is a call, not a range", f"write `calls: [{call}]`", call, under="calls")
    if service := service_meant(text):
        message = f"`{text}` is a service, not a range"
        return MalformedRange(message, f"write `services: [{service}]`", service, under="services")
    return None


def _in_ascii(text: str) -> str:
    """Write digits and dashes of every script and width as ASCII has them, without white space and underscores."""
    from unicodedata import decimal, normalize

    digits = ("".join(text.split())).replace("_", "")
    ascii_digits = "".join(c if c.isascii() else str(decimal(c, c)) for c in normalize("NFKC", digits))
    return re.sub(_DASHES, "-", ascii_digits)


def _id(text: str, *, hexadecimal: bool) -> str | None:
    """Write an ID as a policy has it; ``None`` where it is no number. One that may be decimal is, unless told.

    What begins with ``0b`` is binary, but with an ID's eight digits, which are hexadecimal.
    """
    match = re.fullmatch(_WRITTEN_ELSEWHERE, text)
    if not match or (text[:2].lower() in _BASES and len(text) != ID_DIGITS):
        return None
    if text.isdecimal() and not hexadecimal and not _lacks_prefix(text):
        return show(number(text))
    return f"0x{match['digits']}"


def _count(text: str) -> str | None:
    """Write a count as a policy has it; ``None`` where it is no number."""
    if base := _BASES.get(text[:2].lower()):
        try:
            return str(int(text[2:], base))
        except ValueError:
            return None
    match = re.fullmatch(_WRITTEN_ELSEWHERE, text)
    if not match:
        return None
    marked = match["sign"] or match["prefix"] or match["suffix"] in {"h", "H"}
    digits = match["digits"]
    return digits if digits.isdecimal() and not marked else f"0x{digits}"
