"""A single function ID inside a service whose specification does not define it.

Either a digit slipped, or the ID is one of a draft or of a vendor. KVM services no such ID. Ranges are not reported,
since they cover the numbers that a specification may define later; nor are owners that leave their numbers to vendors.

Instead: check the ID against the specification; `smccc-filter explain ID` shows what surrounds it.
"""

from collections.abc import Iterator

from smccc_filter import registry
from smccc_filter.checks.subject import Subject, by_rule, show_ids
from smccc_filter.diagnostics import Problem, Severity
from smccc_filter.intervals import Intervals, intersection
from smccc_filter.kernel.kvm import RESERVED
from smccc_filter.policy.model import Kind
from smccc_filter.resolve import Claim

CODE = "A305"
NAME = "unknown-function"
SEVERITY = Severity.NOTE
WHOLE = False
ALLOWABLE = True

VENDOR_DEFINED = frozenset(
    {
        "cpu",
        "sip",
        "oem",
        "vendor-hyp",
        "vendor-el3",
        "trusted-app",
        "trusted-os",
        "trusted-os-yielding",
        "armv7-legacy",
    }
)
"""Services whose numbers are their owner's to define, so that no specification could."""


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each rule that selects such IDs."""
    for _, claim, ids, others in by_rule(subject.resolution.claims, _unknown):
        service = registry.service_of(ids[0][0])
        where = f"`{service.name}` ({service.spec})" if service else "its service"
        yield Problem(
            claim.selector.path,
            f"{show_ids(ids)} is no function that {where} defines",
            "check the digits; `smccc-filter explain` shows what surrounds the ID",
            ids,
            others,
        )


def _unknown(claim: Claim) -> Intervals:
    if claim.selector.kind is not Kind.RANGE or len(claim.ids) != 1:
        return ()
    fid, stop = claim.ids[0]
    if stop - fid > 1 or registry.by_id(fid) or intersection(claim.ids, RESERVED):
        return ()
    service = registry.service_of(fid)
    return claim.ids if service and service.name not in VENDOR_DEFINED else ()
