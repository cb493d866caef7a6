"""The rows of the VMM's tables, whatever the language: what their comments say, and what is read back from them."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from smccc_filter.artefacts.backends.handlers import Handler, HandlerShape
from smccc_filter.artefacts.backends.program import VmmAnswerRow
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import show
from smccc_filter.smccc.signatures.shape import Returns

LONGEST = 68
"""Columns that a comment may take, so that its line stays within 80."""
ALL_BITS = 0xFFFF_FFFF
"""The mask of a row that is asked about a function ID; without one it is 0."""


RETURNS = {
    Returns.ALWAYS: "",
    Returns.NEVER: ": only an error comes back",
    Returns.DEPENDS: ": a success may not come back",
}
"""What a comment says of a call behind its name, which the decoders read."""


class VmmHalf(NamedTuple):
    """Which parts the text of the VMM's half has: a dispatcher with handlers, and the placing of TRNG_RND's entropy."""

    handlers: bool
    entropy: bool

    @property
    def kind(self) -> str:
        """What ``DRIVEN`` calls it, behind the rest of the text."""
        return f" vmm{' handlers' if self.handlers else ''}{' entropy' if self.entropy else ''}"


def half_of(handlers: tuple[Handler, ...]) -> VmmHalf:
    """Say which parts these handlers need."""
    return VmmHalf(bool(handlers), any(handler.shape is HandlerShape.ENTROPY for handler in handlers))


class VmmRows(NamedTuple):
    """Regular expressions for one row of each slot, and for the ``lines`` of any, but for those of ``ids``.

    The row of ``answered`` captures the comment, ID, mask, what is asked, and the four results, in hexadecimal digits.
    What the others capture is their decoder's own. A row's expression is compiled once, and only where it is read.
    """

    rows: Mapping[str, str]
    lines: str
    ids: str = ""

    def slots(self) -> dict[str, str]:
        """Return what may stand in the slots of the VMM's half, as far as is needed to find their ends."""
        return {"answers": r"\d+", "handled": r"\d+"} | dict.fromkeys(self.rows, self.lines) | {"ids": self.ids}

    def read(self, found: Mapping[str, str], slot: str) -> list[tuple[str, ...]]:
        """Return what the rows of a slot capture. Raises ValueError where it has anything else than rows."""
        text, at, captured = found.get(slot, ""), 0, []
        for match in re.finditer(self.rows[slot], text):
            if match.start() != at:
                break
            at = match.end()
            captured.append(match.groups(""))
        if text[at:].strip("\n"):
            raise ValueError(f"`{slot}` has {text[at:].splitlines()[0]!r}")
        return captured


def call_meaning(fid: int) -> str:
    """Name the call of an ID: ``PSCI_CPU_ON/64``."""
    return registry.name_of(fid) or "no known call"


def answer_meaning(func_id: int, asked: int | None) -> str:
    """Say what a row answers: ``PSCI_FEATURES of PSCI_CPU_ON/64``."""
    meaning = call_meaning(func_id)
    if asked is None:
        return meaning
    about = f"{meaning} of {registry.name_of(asked) or show(asked)}"
    return about if len(about) <= LONGEST else f"{meaning} of {show(asked)}"


def read_answers(found: Mapping[str, str], rows: VmmRows) -> tuple[VmmAnswerRow, ...]:
    """Read what needs no handler. Raises ValueError for a comment, a count or a mask that is wrong."""
    answers = []
    for comment, func_id, mask, asked, results in rows.read(found, "answered"):
        words = [number(word) for word in re.findall(r"0x([\dA-F_]+)", results)]
        masked, about = number(mask), number(asked)
        if masked not in {0, ALL_BITS} or about & ~masked:
            raise ValueError(f"a row compares with mask {mask}")
        answer = VmmAnswerRow(number(func_id), about if masked else None, (words[0], words[1], words[2], words[3]))
        if comment != answer_meaning(answer.func_id, answer.asked):
            raise ValueError(f"a comment says {comment} of {answer}")
        answers.append(answer)
    if found["answers"] != str(len(answers)):
        raise ValueError("a count is not that of its table's rows")
    return tuple(answers)


def returns_of(remark: str) -> Returns:
    """Read what a comment says of a call behind its name. Raises ValueError for another remark."""
    for returns, text in RETURNS.items():
        if text == remark:
            return returns
    raise ValueError(f"a comment says{remark}")


def number(digits: str) -> int:
    """Read hexadecimal digits, in groups or not."""
    return int(digits.replace("_", ""), 16)
