"""Function IDs that SMCCC allocates to nobody.

Owners 8 to 47 and the yielding IDs outside the two Trusted OS ranges are reserved: no conforming guest has a reason to
make such a call, so a rule for one guards nothing, and a later specification may give the ID a meaning that the policy
then decides unseen. IDs that software uses all the same, such as KVM's own PSCI 0.1 calls, are known by name and not
reported.

Instead: check the ID against its specification. To refuse everything unknown use `default: deny`.

Source: Arm DEN0028, tables 6-1 and 6-2.
"""

from collections.abc import Iterator

from smccc_filter import registry
from smccc_filter.checks.subject import Subject, by_rule, show_ids
from smccc_filter.diagnostics import Problem, Severity
from smccc_filter.intervals import Intervals, difference, intersection
from smccc_filter.resolve import Claim

CODE = "A301"
NAME = "reserved-owner"
SEVERITY = Severity.WARNING
WHOLE = False
ALLOWABLE = True

RESERVED_OWNERS: Intervals = (
    (0x0101_0000, 0x0200_0000),
    (0x2000_0000, 0x8000_0000),
    (0x8800_0000, 0xB000_0000),
    (0xC800_0000, 0xF000_0000),
)


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each rule that selects such IDs."""
    for _, claim, ids, others in by_rule(subject.resolution.claims, _reserved):
        yield Problem(
            claim.selector.path,
            f"SMCCC allocates {show_ids(ids)} to nobody",
            "check the ID; to refuse everything unknown use `default: deny`",
            ids,
            others,
        )


def _reserved(claim: Claim) -> Intervals:
    ids = intersection(claim.ids, RESERVED_OWNERS)
    return difference(ids, registry.known_ids()) if ids else ids
