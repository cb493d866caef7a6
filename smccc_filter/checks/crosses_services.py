"""One contiguous range that crosses from one owner, calling convention or call type to another.

Owners and conventions are 16,777,216 IDs apart, and what lies between is invalid or somebody else's: a range from
0x84000000 to 0xC400001F covers PSCI in both conventions, and every vendor, Trusted OS and reserved owner between them.

Instead: write one range for each owner and convention, or select by `services`.
"""

from collections.abc import Iterator

from smccc_filter.checks.subject import Subject, by_rule, show_ids
from smccc_filter.diagnostics import Problem, Severity
from smccc_filter.function_id import FAST_CALL, OWNER_BLOCK
from smccc_filter.intervals import Intervals
from smccc_filter.policy.model import Kind
from smccc_filter.resolve import Claim

CODE = "A303"
NAME = "crosses-services"
SEVERITY = Severity.WARNING
WHOLE = False
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each rule that has such ranges."""
    for _, claim, ids, others in by_rule(subject.resolution.claims, _crossing):
        first, last = ids[0][0], ids[-1][1] - 1
        types = "call types" if first < FAST_CALL <= last else "owners or calling conventions"
        yield Problem(
            claim.selector.path,
            f"the range {show_ids(ids)} crosses {types}",
            "write one range for each owner and convention, or select by `services`",
            ids,
            others,
        )


def _crossing(claim: Claim) -> Intervals:
    written = claim.selector.written
    if claim.selector.kind is not Kind.RANGE or not written or not claim.selector.ids:
        return ()
    first, last = written.base, written.base + written.size - 1
    if last < FAST_CALL or first // OWNER_BLOCK == last // OWNER_BLOCK:
        return ()
    return claim.selector.ids
