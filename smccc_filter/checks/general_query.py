"""A selector includes its owner's general queries without naming them.

Every owner keeps function numbers 0xFF00 to 0xFFFF for call count, UID and revision and what will join them. A guest
asks them to find out who answers at all: it knows KVM's services by the UID at 0x8600FF01. A rule for "all of an owner"
decides them too.

Instead: nothing, where that is meant; otherwise take them out with `except`, as in `except: {ranges: [...]}`, or say
that they are meant by a range of their own.

Source: Arm DEN0028, section 6.2.
"""

from collections.abc import Iterator

from smccc_filter.checks.subject import Subject, by_rule, show_ids
from smccc_filter.diagnostics import Problem, Severity
from smccc_filter.function_id import FAST_CALL, FUNCTIONS, GENERAL_QUERIES, NUMBER_MASK, OWNER_BLOCK, SPACE
from smccc_filter.intervals import Intervals, difference, intersection
from smccc_filter.policy.model import Kind
from smccc_filter.resolve import Claim

CODE = "A304"
NAME = "general-query"
SEVERITY = Severity.NOTE
WHOLE = False
ALLOWABLE = True

BLOCKS: Intervals = tuple(
    (owner + GENERAL_QUERIES, owner + FUNCTIONS) for owner in range(FAST_CALL, SPACE, OWNER_BLOCK)
)


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each rule that includes such a block in something larger."""
    for _, claim, ids, others in by_rule(subject.resolution.claims, _queries):
        yield Problem(
            claim.selector.path,
            f"{show_ids(ids)} is the owner's block of general queries (call UID, revision)",
            "take it out with `except` unless it is meant",
            ids,
            others,
        )


def _queries(claim: Claim) -> Intervals:
    if claim.selector.kind is Kind.CALL or all(_before_block(start, stop - 1) for start, stop in claim.ids):
        return ()
    ids = intersection(claim.ids, BLOCKS)
    return ids if difference(claim.ids, BLOCKS) else ()


def _before_block(first: int, last: int) -> bool:
    """Tell cheaply that an inclusive range ends before the block of the 65,536 numbers it starts in."""
    return first // FUNCTIONS == last // FUNCTIONS and last & NUMBER_MASK < GENERAL_QUERIES
