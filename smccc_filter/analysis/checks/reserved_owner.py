"""Function IDs that SMCCC allocates to nobody.

Owners 8 to 47 and the yielding IDs outside the two ranges in use are reserved: no conforming guest has a reason to make
such a call, so a rule for one guards nothing, and a later specification may give the ID a meaning that the policy then
decides unseen. A selector of nothing but IDs that software uses all the same, such as KVM's own PSCI 0.1 calls, is not
reported; what a range covers on its way to another owner is A303's.

Instead: check the ID against its specification. To refuse everything unknown use `default: deny`.

Source: Arm DEN0028, tables 6-1 and 6-2.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.subject import Subject, by_rule, crossing, show_ids
from smccc_filter.analysis.resolve import Claim
from smccc_filter.smccc import registry
from smccc_filter.smccc.intervals import Intervals, in_span_of, intersection
from smccc_filter.smccc.registry.owners import UNALLOCATED

CODE = "A301"
NAME = "reserved-owner"
SEVERITY = Severity.WARNING
WHOLE = False
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each rule that selects such IDs."""
    for _, claim, ids, others in by_rule(subject.resolution.claims, _reserved):
        yield Problem(
            claim.selector.path,
            f"SMCCC allocates {show_ids(ids)} to nobody",
            "check the digits; to refuse everything unknown use `default: deny`",
            ids,
            others,
        )


def _reserved(claim: Claim) -> Intervals:
    if not (reserved := in_span_of(claim.ids, UNALLOCATED)) or crossing(claim.ids):
        return ()
    ids = intersection(claim.ids, reserved)
    return () if all(registry.by_id(fid) for start, stop in ids for fid in range(start, stop)) else ids
