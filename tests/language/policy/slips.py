"""Texts that are nearly ranges: any slip at all in a range that is right, and slips through which a reader must see."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[Any]], Any]

ODD = "0123456789abcdefABCDEFxXoObBhHuUlL_+- .:~#$\u0663\uff11\u2013\u00b2\u00bd"
right = st.sampled_from(
    (
        *("0x84000003", "0x84000000-0x8400001F", "0xC6000040+2", "0x8600_0000+0x1F", "0x84000000+FF"),
        *("2214592512-2214592543", "84000003", "0xC4000000+1_000"),
    )
)


@st.composite
def _slipped(draw: st.DrawFn) -> str:
    """Draw a range with a few characters dropped, doubled, exchanged or put in."""
    text: str = draw(right)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        kind = draw(st.sampled_from(("drop", "double", "exchange", "put", "many")))
        before, here, after = text[:at], text[at : at + 1], text[at + 1 :]
        text = {
            "drop": before + after,
            "double": before + here * 2 + after,
            "exchange": before + after[:1] + here + after[1:],
            "put": before + draw(st.sampled_from(ODD)) + here + after,
            "many": before + here * 2000 + after,
        }[kind]
    return text


nearly = _slipped() | st.text(st.sampled_from(ODD), max_size=24) | st.text(max_size=8)


def _count_without_prefix(draw: Draw, first: int, last: int) -> tuple[str, str]:
    del draw
    digits = f"{min(last - first + 1, 0xFFFFFF):x}"
    digits = digits if any(c in "abcdef" for c in digits) else f"{digits[-5:]}f"
    base = first & 0xFF
    return f"0x{base:08X}+0x{digits}", f"0x{base:08X}+{digits}"


def _ends_without_prefix(draw: Draw, first: int, last: int) -> tuple[str, str]:
    digits = f"{first:08X}", f"{last | 0xA:08X}"
    dropped = draw(st.sampled_from((digits[0], f"0x{digits[0]}")))
    return f"0x{digits[0]}-0x{digits[1]}", f"{dropped}-{digits[1]}"


def _other_dash(draw: Draw, first: int, last: int) -> tuple[str, str]:
    dash = draw(st.sampled_from((" - ", "\u2013", "\u2014", "\u2212", "..", "...", ":", "~", " to ", "--", "- ")))
    return f"0x{first:08X}-0x{last:08X}", f"0x{first:08X}{dash}0x{last:08X}"


def _other_notation(draw: Draw, first: int, last: int) -> tuple[str, str]:
    del last
    digits = f"{first:08X}"
    notation = draw(st.sampled_from(("{}h", "{}H", "${}", "#0x{}", "x{}", "0x0x{}", "0x{}U", "0x{}UL", "0x{}ULL")))
    return f"0x{digits}", notation.format(digits)


def _other_digits(draw: Draw, first: int, last: int) -> tuple[str, str]:
    del last
    text = f"0x8{first & 0xFFFFFFF:07X}"
    zero = draw(st.sampled_from((0x0660, 0x0966, 0xFF10)))
    return text, "0x" + "".join(chr(zero + int(c)) if c.isdecimal() else c for c in text[2:]).replace("A", "\uff21")


def _odd_underscores(draw: Draw, first: int, last: int) -> tuple[str, str]:
    del last
    digits = f"{first:08X}"
    odd = draw(st.sampled_from((f"0x_{digits}", f"0x{digits}_", f"0x{digits[:4]}__{digits[4:]}")))
    return f"0x{digits}", odd


SLIPS: dict[str, Callable[[Draw, int, int], tuple[str, str]]] = {
    "count without prefix": _count_without_prefix,
    "ends without prefix": _ends_without_prefix,
    "other dash": _other_dash,
    "other notation": _other_notation,
    "other digits": _other_digits,
    "odd underscores": _odd_underscores,
}
"""By what went wrong: what was meant, and what was written instead, for a first and a last ID."""
