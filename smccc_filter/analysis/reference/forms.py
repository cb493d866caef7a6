"""What else an ID is: its names in headers, its other form, its call with the SVE hint, and whether KVM keeps it."""

from smccc_filter.kvm.filter import RESERVED
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import FAST_CALL, MUST_BE_ZERO, SMC64, SVE_HINT
from smccc_filter.smccc.intervals import Intervals, intersection
from smccc_filter.smccc.registry.aliases import ALIASES


def filterable(ids: Intervals) -> bool:
    """Tell whether a filter may select all of ``ids``: KVM refuses one that touches the Arm Architecture calls."""
    return not intersection(ids, RESERVED)


def macros(fid: int) -> tuple[str, ...]:
    """Return the names that headers give to an ID."""
    return tuple(name for name, value in ALIASES.items() if value == fid)


def other_form(fid: int) -> int | None:
    """Return the SMC64 form of an SMC32 call and the reverse.

    For an ID without a name: the other form, where that one has a name. ``None`` where there is none, and for an ID
    that is no plain fast call.
    """
    twin = fid ^ SMC64
    if not fid & FAST_CALL or fid & MUST_BE_ZERO:
        return None
    mine, theirs = registry.by_id(fid), registry.by_id(twin)
    return twin if theirs and (not mine or mine[0] in theirs) else None


def other_hint(fid: int) -> int | None:
    """Return the ID with which the same call is made with the SVE hint instead of without it, or the reverse."""
    return fid ^ SVE_HINT if fid & FAST_CALL and not fid & MUST_BE_ZERO else None
