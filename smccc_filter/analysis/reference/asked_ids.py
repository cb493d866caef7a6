"""Function IDs as people type them at a prompt: read as in a policy, and refused with the way to what was meant."""

from smccc_filter.language.policy.ranges import WrittenRange, is_several, parse
from smccc_filter.smccc.function_id import show
from smccc_filter.words import visible


def ids(word: str) -> WrittenRange:
    """Read an ID or a range, which may select nothing. Raises ValueError with what is wrong and what to do."""
    if written := parse(word):
        return written
    from smccc_filter.language.policy.malformed import malformed

    wrong = malformed(word)
    raise ValueError(visible(wrong.message), visible(wrong.hint))


def one_id(word: str) -> int:
    """Read one ID. Raises ValueError as ``ids`` does, and for a range."""
    base, size = ids(word)
    if is_several(word):
        raise ValueError(f"`{word}` is a range of {max(size, 0):,} IDs", f"ask for one ID, such as `{show(base)}`")
    return base
