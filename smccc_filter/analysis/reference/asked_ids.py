"""Function IDs as people type them at a prompt: read as in a policy, and refused with the way to what was meant."""

from smccc_filter.language.policy.ranges import ID_PATTERN, MalformedRangeError, WrittenRange, parse
from smccc_filter.smccc.function_id import show
from smccc_filter.words import visible

ID_DIGITS = 8
"""Hexadecimal digits of a function ID."""


def lacks_prefix(word: str) -> bool:
    """Tell whether the word is the eight digits of a function ID that was copied without its 0x."""
    from string import hexdigits

    return len(word) == ID_DIGITS and all(character in hexdigits for character in word)


def ids(word: str) -> WrittenRange:
    """Read an ID or a range, which may select nothing. Raises ValueError with what is wrong and what to do."""
    import re

    try:
        return parse(word)
    except MalformedRangeError as error:
        if re.fullmatch(f"{ID_PATTERN}|[0-9_]+|.*[-+].*", word, re.DOTALL):
            also = f", or `0x{word}` if it is that already" if lacks_prefix(word) else _shorter(word)
            raise ValueError(visible(error.message), error.hint + also) from None
        hint = f"did you mean `0x{word}`?" if lacks_prefix(word) else "write it in hexadecimal, as in 0x84000003"
        raise ValueError(f"`{visible(word)}` is not a function ID", hint) from None


def one_id(word: str) -> int:
    """Read one ID. Raises ValueError as ``ids`` does, and for a range."""
    base, size = ids(word)
    if any(sign in word for sign in "+-"):
        raise ValueError(f"`{word}` is a range of {max(size, 0):,} IDs", f"ask for one ID, such as `{show(base)}`")
    return base


def _shorter(word: str) -> str:
    """Offer the call that nine digits are but for one that was typed twice."""
    from smccc_filter.smccc import registry

    digits = word[2:]
    if word[:2].lower() != "0x" or len(digits) != ID_DIGITS + 1 or not digits.isalnum():
        return ""
    once = (int(digits[:i] + digits[i + 1 :], 16) for i in range(1, len(digits)) if digits[i] == digits[i - 1])
    return next((f"; did you mean `{show(fid)}`, {name}?" for fid in once if (name := registry.name_of(fid))), "")
