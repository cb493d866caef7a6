"""The form of an explanation: a title that answers the question, then labelled lines, then a manual if there is one."""

from collections.abc import Iterator
from typing import NamedTuple

from smccc_filter.reports.paper.columns import LabelledLine, listing, prose
from smccc_filter.smccc.function_id import show

RESERVED = "KVM keeps the Arm Architecture calls: EEXIST to a filter that touches them, see `smccc-filter explain R202`"


class Explanation(NamedTuple):
    """``title`` and the first ``lines`` say what it is, ``manual`` is prose and may be empty."""

    title: str
    lines: tuple[LabelledLine, ...]
    manual: str = ""

    def render(self, width: int | None) -> str:
        """Write it, wrapped where it is for a terminal of ``width`` columns."""
        pieces = [prose(self.title, width), listing(self.lines, width)]
        if self.manual:
            pieces.insert(1, prose(self.manual, width))
        return "\n".join(pieces)


def block(start: int, stop: int) -> str:
    """Write a half-open range as a policy may: one ID, or ``base+count``."""
    return show(start) if stop - start == 1 else f"{show(start)}+{stop - start}"


def labelled(label: str, texts: list[str] | tuple[str, ...]) -> Iterator[LabelledLine]:
    """Yield several lines under one label."""
    return (LabelledLine("" if number else label, text) for number, text in enumerate(texts))
