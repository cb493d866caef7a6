"""How GitHub's code scanning tells one line of a file from another, so that a finding is known again when it has moved.

The upload action hashes the files itself where it finds them; who uploads otherwise has only what stands in the log.

Source: github/codeql-action src/fingerprints.ts, ``hash()``.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator

BLOCK = 100
"""UTF-16 code units that are hashed, from the first of a line that is neither a space nor a tab."""
_MULTIPLIER = 37
_END = "\uffff"
"""What stands for the end of the file; zeros fill the block behind it."""


def line_hashes(text: str, wanted: Iterable[int]) -> dict[int, str]:
    """Return the hash of each wanted line, counted from 1, with the number of its occurrence: ``39fa2ee980eb94b0:1``.

    A line beyond the last has the hash of that. O(n) for the text, and O(BLOCK) for each hash.
    """
    lines = sorted(set(wanted))
    if not lines:
        return {}
    units, starts = _units(text)
    last = len(starts)
    seen: Counter[str] = Counter()
    found: dict[int, str] = {}
    asked = {min(line, last): line for line in lines}
    for number, start in enumerate(starts[: max(asked)], start=1):
        block = units[start : start + BLOCK]
        seen[block] += 1
        if number in asked:
            found[number] = f"{_hash(block):x}:{seen[block]}"
    return {line: found[min(line, last)] for line in lines}


def _units(text: str) -> tuple[str, list[int]]:
    """Return the code units that count, one a character, and where the lines start."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = "".join(map(chr, array("H", text.encode("utf-16-le", "surrogatepass"))))
    units = text.replace(" ", "").replace("\t", "") + _END
    return units, [0, *_after_line_feeds(units)]


def _after_line_feeds(units: str) -> Iterator[int]:
    at = units.find("\n")
    while at >= 0:
        yield at + 1
        at = units.find("\n", at + 1)


def _hash(block: str) -> int:
    value: int = 0
    for unit in block:
        value = value * _MULTIPLIER + ord(unit)
    value *= pow(_MULTIPLIER, BLOCK - len(block))
    return value % (1 << 64)
