"""Two selectors claim the same function ID.

KVM keeps its filter as disjoint ranges and answers EEXIST to a range that touches an earlier one, whatever the two
actions are. The policy would load in part, nothing can be taken back, and the VM would have to be thrown away.

Instead: narrow one selector, or take the common IDs out with `except`.
"""

from collections.abc import Iterator

from smccc_filter.checks.subject import SHOWN, Subject, show_ids
from smccc_filter.diagnostics import Errno, Problem, Severity

CODE = "R201"
NAME = "overlap"
SEVERITY = Severity.ERROR
WHOLE = False
ALLOWABLE = False


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each selector that claims what earlier ones have."""
    for overlap in subject.resolution.overlaps:
        later, first = overlap.later, overlap.earlier[0]
        by = "the same rule" if first.rule is later.rule else first.rule.label
        others = len(overlap.earlier) - 1
        yield Problem(
            later.selector.path,
            f"{show_ids(overlap.ids)} is already selected by {by}" + (f" and {others} more" if others else ""),
            "narrow one of the two, or take the common IDs out with `except`",
            overlap.ids,
            [(claim.selector.path, "first selected here") for claim in overlap.earlier[:SHOWN]],
            Errno.EEXIST,
        )
