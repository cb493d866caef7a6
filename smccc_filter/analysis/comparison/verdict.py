"""How NEW stands to OLD: in one change, and in all of them together."""

from collections.abc import Iterable
from enum import StrEnum


class ComparisonVerdict(StrEnum):
    """How NEW stands to OLD: in one change, and altogether."""

    EQUIVALENT = "equivalent"
    WIDER = "wider"
    NARROWER = "narrower"
    INCOMPARABLE = "incomparable"
    """Wider here and narrower there: among IDs, among kernels, or among answers."""

    @property
    def widens(self) -> bool:
        """Whether anything is more permissive than it was."""
        return self in {ComparisonVerdict.WIDER, ComparisonVerdict.INCOMPARABLE}


def of_steps(steps: Iterable[int]) -> ComparisonVerdict:
    """Judge by steps in permissiveness, from OLD to NEW: above zero is up, below it down."""
    signs = {(step > 0) - (step < 0) for step in steps} - {0}
    if len(signs) > 1:
        return ComparisonVerdict.INCOMPARABLE
    return {(): ComparisonVerdict.EQUIVALENT, (1,): ComparisonVerdict.WIDER, (-1,): ComparisonVerdict.NARROWER}[
        tuple(signs)
    ]


def together(verdicts: Iterable[ComparisonVerdict]) -> ComparisonVerdict:
    """Judge several changes as one."""
    found = set(verdicts) - {ComparisonVerdict.EQUIVALENT}
    if len(found) > 1:
        return ComparisonVerdict.INCOMPARABLE
    return found.pop() if found else ComparisonVerdict.EQUIVALENT
