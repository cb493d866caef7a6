"""A single function ID inside a service whose specification does not define it.

Either a digit slipped, or the ID is one of a draft or of a vendor. KVM services no such ID. Ranges are not reported,
since they cover the numbers that a specification may define later; nor are owners that leave their numbers to vendors,
but for the numbers from 0xFF00 on, which SMCCC keeps for general queries.

Instead: check the ID against the specification; `smccc-filter explain ID` shows what surrounds it.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.subject import SHOWN, VENDOR_DEFINED, Subject, agree, by_rule, show_ids
from smccc_filter.analysis.resolve import Claim
from smccc_filter.kvm.filter import RESERVED
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import FAST_CALL, GENERAL_QUERIES, NUMBER_MASK
from smccc_filter.smccc.intervals import Intervals, intersection, size
from smccc_filter.smccc.registry import Service
from smccc_filter.words import enumerated

CODE = "A305"
NAME = "unknown-function"
SEVERITY = Severity.NOTE
WHOLE = False
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each rule that selects such IDs."""
    for _, claim, ids, others in by_rule(subject.resolution.claims, _unknown):
        functions = agree(ids, "is no function", "are no functions")
        yield Problem(
            claim.selector.path,
            f"{show_ids(ids)} {functions} that {_specifications(ids)}",
            f"check the digits; `smccc-filter explain` shows what surrounds {agree(ids, 'the ID', 'an ID')}",
            ids,
            others,
        )


def _unknown(claim: Claim) -> Intervals:
    if size(claim.ids) != 1:
        return ()
    ((fid, _),) = claim.ids
    if registry.by_id(fid) or intersection(claim.ids, RESERVED):
        return ()
    service = registry.service_of(fid)
    return () if service is None or _vendor_defines(service, fid) else claim.ids


def _vendor_defines(service: Service, fid: int) -> bool:
    return service.name in VENDOR_DEFINED and (not fid & FAST_CALL or fid & NUMBER_MASK < GENERAL_QUERIES)


def _specifications(ids: Intervals) -> str:
    """Name the services, and their specifications, that could define ``ids`` and do not."""
    found = dict.fromkeys(registry.service_of(fid) for start, stop in ids for fid in range(start, stop))
    named = [f"`{service.name}` ({service.spec})" for service in found if service]
    shown = named if len(named) <= SHOWN else [*named[:SHOWN], f"{len(named) - SHOWN} more services"]
    return f"{enumerated(shown)} {'define' if len(named) > 1 else 'defines'}"
