"""Fast function IDs with one of bits 23:17 set, which no conforming call has.

The bits are reserved and must be zero, so of the 16,777,216 IDs of an owner only 65,536 name a function, and as many
again name it with the SVE hint. A range to 0x84FFFFFF where 0x8400FFFF was meant is nearly all such IDs. KVM services
none of them. Those of reserved owners are A301's, and those that a range covers on its way to another owner A303's.

Instead: end the range at number 0xFFFF of its owner.

Source: Arm DEN0028, table 2-1.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.subject import Subject, agree, by_rule, crossing, show_ids, unsafe
from smccc_filter.analysis.resolve import Claim
from smccc_filter.language.policy.model import Rule
from smccc_filter.language.policy.selector import SelectorKind
from smccc_filter.smccc.function_id import FAST_CALL, FUNCTIONS, MUST_BE_ZERO, OWNER_BLOCK, SVE_HINT, show, show_range
from smccc_filter.smccc.intervals import Intervals, difference, intersection
from smccc_filter.smccc.registry.owners import UNALLOCATED

if TYPE_CHECKING:
    from smccc_filter.language.changes import Change

CODE = "A302"
NAME = "nonzero-reserved-bits"
SEVERITY = Severity.WARNING
WHOLE = False
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each rule that selects such IDs."""
    for rule, claim, ids, others in by_rule(subject.resolution.claims, _invalid):
        owner = ids[0][0] // OWNER_BLOCK * OWNER_BLOCK
        end = owner + FUNCTIONS
        last = show(end - 1)
        overrun = any(owner <= start < end for start, _ in claim.ids)
        yield Problem(
            claim.selector.path,
            f"{show_ids(ids)} {agree(ids, 'has', 'have')} nonzero bits 23:17, as no conforming call has",
            f"end the range at {last}" if overrun else f"check the digits: this owner's IDs end at {last}",
            ids,
            others,
            remedy=unsafe(f"end the range at {last}", _ended(rule, ids)),
        )


def _ended(rule: Rule, ids: Intervals) -> "tuple[Change, ...] | None":
    """End each range that begins among the functions of its owner and ends among what is no function of it."""
    from smccc_filter.language.changes import Replace

    changes: list[Change] = []
    for selector in rule.selectors:
        if not intersection(selector.ids, ids):
            continue
        if selector.kind is not SelectorKind.RANGE:
            return None
        ((start, stop),) = selector.ids
        end = start // OWNER_BLOCK * OWNER_BLOCK + FUNCTIONS
        if start >= end or stop > end - FUNCTIONS + OWNER_BLOCK:
            return None
        changes.append(Replace(selector.path, (show_range(start, end),)))
    return tuple(changes)


def _invalid(claim: Claim) -> Intervals:
    invalid = tuple(
        (max(start, start // OWNER_BLOCK * OWNER_BLOCK + 2 * SVE_HINT), stop)
        for start, stop in claim.ids
        if (stop - 1) & MUST_BE_ZERO and start >= FAST_CALL
    )
    return difference(invalid, UNALLOCATED) if invalid and not crossing(claim.ids) else ()
