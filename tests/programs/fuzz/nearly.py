"""Text that is nearly right: a number, a range, a name or a version with a slip of the pen, or as others write it."""

from collections.abc import Callable
from random import Random

DIGIT_ZEROS = (0x0660, 0x0966, 0xFF10, 0x1D7CE)
"""Zeros of other scripts and widths, whose nine successors are digits too."""
ODD = (
    *"0123456789abcdefABCDEFxXoObBhHuUlLgG_+-.,:;~#$&*!?'\"\\/|()[]{}<>=%@^` \t\n\r\x00\x1b\x7f\x85",
    *("\u00a0", "\u00b2", "\u00bd", "\u0131", "\u017f", "\u2013", "\u2028", "\u202e", "\ufeff", "\ud800", "\U0001f642"),
)
NUMBERS = (
    *("0", "1", "-1", "-0", "+1", "00", "010", "0x", "0X0", "0b1", "0o7", "1e3", "1.5", ".5", "1_000", "_", "1F", "FF"),
    *("0x1x2", "0x0x1", "0xG", "4294967295", "4294967296", "0xFFFFFFFF", "0x100000000", "84000003", "2214592515"),
    *("9" * 20, "9" * 41, "9" * 5000, "0x" + "F" * 5000, "0" * 5000 + "1", "\u0663", "\u00b2", "\uff11", "1u", "0x1UL"),
)
SIGNS = ("-", "+", "--", "++", "+-", "..", " - ", "\u2013", "/", "//", ":", ",", " to ")
ENDINGS = (
    "h",
    "H",
    "U",
    "UL",
    "ULL",
    "u32",
    "_u32",
    "as u32",
    "/32",
    "/64",
    "/",
    "/16",
    "-rc1",
    ".0",
    ".112",
    " ",
    "\n",
)
MANY = 3000
"""How often a character is repeated at most."""

Slip = Callable[[Random, str, int], str]


def _drop(random: Random, text: str, at: int) -> str:
    return text[:at] + text[at + random.choice((1, 1, 2, 8)) :]


def _double(random: Random, text: str, at: int) -> str:
    times: int = random.choice((2, 2, 2, 3, 50, MANY))
    return text[:at] + text[at : at + 1] * times + text[at + 1 :]


def _exchange(random: Random, text: str, at: int) -> str:
    del random
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]


def _put(random: Random, text: str, at: int) -> str:
    return f"{text[:at]}{random.choice(ODD)}{text[at:]}"


def _mistake(random: Random, text: str, at: int) -> str:
    return f"{text[:at]}{random.choice(ODD)}{text[at + 1 :]}"


def _other_digit(random: Random, text: str, at: int) -> str:
    digits = [place for place, character in enumerate(text) if character in "0123456789"]
    place = random.choice(digits) if digits else at
    zero = random.choice(DIGIT_ZEROS)
    shown = "".join(chr(zero + int(c)) for c in text[place : place + 1] if c in "0123456789")
    return text[:place] + shown + text[place + 1 :]


def _underscore(random: Random, text: str, at: int) -> str:
    return text[:at] + random.choice(("_", "__", "'")) + text[at:]


def _prefix(random: Random, text: str, at: int) -> str:
    """Take the 0x off one number, or give it another prefix."""
    place = text.find("0x", at) if "0x" in text[at:] else text.find("0x")
    if place < 0:
        return random.choice(("0x", "0b", "0o", "v", "linux-", "$", "#", "x")) + text
    return (
        text[:place] + random.choice(("", "", "", "0X", "x", "0x0x", "0b", "0o", "0x_", "Ox", "$")) + text[place + 2 :]
    )


def _case(random: Random, text: str, at: int) -> str:
    del random, at
    return text.swapcase()


def _half(random: Random, text: str, at: int) -> str:
    """Leave out one side of a sign, or the sign."""
    for sign in "-+/.":
        if sign in text:
            before, _, after = text.partition(sign)
            return random.choice((before + sign, sign + after, before + after, before + sign * 2 + after, sign))
    return text[:at]


def _ending(random: Random, text: str, at: int) -> str:
    del at
    return random.choice((text + random.choice(ENDINGS), random.choice((" ", "\t", "\n", "+", "-")) + text))


def _join(random: Random, text: str, at: int) -> str:
    del at
    return text + random.choice(SIGNS) + random.choice((text, random.choice(NUMBERS)))


def _other_count(random: Random, text: str, at: int) -> str:
    """Put a number that nobody would write behind the sign."""
    del at
    return text.partition("+")[0].partition("-")[0] + random.choice("+-") + random.choice(NUMBERS)


def _number(random: Random, text: str, at: int) -> str:
    del text, at
    return random.choice(NUMBERS)


SLIPS: tuple[Slip, ...] = (
    *(_drop, _double, _exchange, _put, _mistake, _other_digit, _underscore, _prefix, _case, _half, _ending, _join),
    *(_other_count, _other_count, _number),
)


def nearly(random: Random, text: str) -> str:
    """Return a text with a slip or two, seldom none."""
    for _ in range(random.choice((0, 1, 1, 1, 1, 1, 2, 2, 3))):
        text = random.choice(SLIPS)(random, text, random.randrange(len(text) + 1))
    return text
