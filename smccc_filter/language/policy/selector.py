"""What a policy selects calls by: their names, ranges of IDs, and services."""

from enum import StrEnum
from typing import NamedTuple

from smccc_filter.language.places import Path
from smccc_filter.language.policy.ranges import WrittenRange
from smccc_filter.smccc.intervals import Intervals


class SelectorKind(StrEnum):
    """Which key a selector stands under."""

    CALL = "calls"
    RANGE = "ranges"
    SERVICE = "services"


class Selector(NamedTuple):
    """One item of ``calls``, ``ranges`` or ``services``; ``written`` is set for a range, whose ``ids`` may be none."""

    kind: SelectorKind
    text: str
    path: Path
    ids: Intervals
    written: WrittenRange | None = None
