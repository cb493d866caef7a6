"""Fast function IDs with one of bits 23:17 set, which no conforming call has.

The bits are reserved and must be zero, so of the 16,777,216 IDs of an owner only 65,536 name a function, and as many
again name it with the SVE hint. A range that runs from one owner to the next, or to 0x84FFFFFF where 0x8400FFFF was
meant, is nearly all such IDs. KVM services none of them, whatever a policy says.

Instead: end the range at number 0xFFFF of its owner.

Source: Arm DEN0028, table 2-1.
"""

from collections.abc import Iterator

from smccc_filter import registry
from smccc_filter.checks.reserved_owner import RESERVED_OWNERS
from smccc_filter.checks.subject import Subject, by_rule, show_ids
from smccc_filter.diagnostics import Problem, Severity
from smccc_filter.function_id import FAST_CALL, MUST_BE_ZERO, OWNER_BLOCK, SPACE, SVE_HINT
from smccc_filter.intervals import Intervals, difference, intersection
from smccc_filter.resolve import Claim

CODE = "A302"
NAME = "nonzero-reserved-bits"
SEVERITY = Severity.WARNING
WHOLE = False
ALLOWABLE = True

INVALID: Intervals = tuple(
    (block + 2 * SVE_HINT, block + OWNER_BLOCK) for block in range(FAST_CALL, SPACE, OWNER_BLOCK)
)


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each rule that selects such IDs; those of reserved owners are A301's."""
    for _, claim, ids, others in by_rule(subject.resolution.claims, _invalid):
        yield Problem(
            claim.selector.path,
            f"{show_ids(ids)}: no conforming call has bits 23:17 set",
            "end the range at number 0xFFFF of its owner",
            ids,
            others,
        )


def _invalid(claim: Claim) -> Intervals:
    if all(_conforming(start, stop - 1) for start, stop in claim.ids):
        return ()
    ids = difference(intersection(claim.ids, INVALID), RESERVED_OWNERS)
    return difference(ids, registry.known_ids())


def _conforming(first: int, last: int) -> bool:
    """Tell cheaply that an inclusive range has no such ID: yielding, or within one owner's valid numbers."""
    if last < FAST_CALL:
        return True
    return first >= FAST_CALL and not (first | last) & MUST_BE_ZERO and first // OWNER_BLOCK == last // OWNER_BLOCK
