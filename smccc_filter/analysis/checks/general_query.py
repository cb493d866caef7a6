"""A selector includes its owner's general queries without naming them.

Every owner keeps function numbers 0xFF00 to 0xFFFF for call count, UID and revision and what will join them. A guest
asks them to find out who answers at all: it knows KVM's services by the UID at 0x8600FF01. A rule for "all of an owner"
decides them too.

Instead: nothing, where that is meant. Otherwise take them out, as in `except: {ranges: [0x8600FF00-0x8600FFFF]}`, or
say that they are meant with a range of their own. An exception for some of them also shows that they were thought of.

Source: Arm DEN0028, section 6.2.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.subject import OWNERS, Subject, agree, by_rule, crossing, show_ids
from smccc_filter.analysis.resolve import Claim
from smccc_filter.smccc.function_id import FUNCTIONS, GENERAL_QUERIES, NUMBER_MASK, OWNER_BLOCK
from smccc_filter.smccc.intervals import Intervals, difference, in_span_of, intersection
from smccc_filter.words import plural

CODE = "A304"
NAME = "general-query"
SEVERITY = Severity.NOTE
WHOLE = False
ALLOWABLE = True

BLOCKS: Intervals = tuple((owner + GENERAL_QUERIES, owner + FUNCTIONS) for owner in OWNERS)


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each rule that includes such a block in something larger."""
    for _, claim, ids, others in by_rule(subject.resolution.claims, _queries):
        owners = {start // OWNER_BLOCK for start, _ in ids}
        whose = "its owner" if agree(ids, "one", "many") == "one" else f"their {plural(len(owners), 'owner')}"
        yield Problem(
            claim.selector.path,
            f"{show_ids(ids)} {agree(ids, 'is', 'are')} for the general queries (call UID, revision) of {whose}",
            f"take {agree(ids, 'it', 'them')} out with `except` unless {agree(ids, 'it is', 'they are')} meant",
            ids,
            others,
        )


def _queries(claim: Claim) -> Intervals:
    """Return the general queries that a claim selects by the way."""
    if all(_before_block(start, stop - 1) for start, stop in claim.ids):
        return ()
    blocks = in_span_of(claim.ids, BLOCKS)
    if crossing(claim.ids) or not difference(claim.ids, blocks):
        return ()
    unexcepted = tuple(
        block for block in blocks if intersection(claim.selector.ids, (block,)) == intersection(claim.ids, (block,))
    )
    return intersection(claim.ids, unexcepted)


def _before_block(first: int, last: int) -> bool:
    """Tell cheaply that an inclusive range ends before the block of the 65,536 numbers it starts in."""
    return first // FUNCTIONS == last // FUNCTIONS and last & NUMBER_MASK < GENERAL_QUERIES
