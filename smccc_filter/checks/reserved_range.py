"""A selector touches the Arm Architecture calls, 0x80000000-0x8000FFFF and 0xC0000000-0xC000FFFF.

KVM keeps both ranges for itself, so that no VMM can lie to a guest about its mitigations, and answers EEXIST whatever
the action. The ranges hold the present ARCH_WORKAROUND calls and every future one: they are called on hot paths, so
their IDs are values that a single A64 instruction can load (MOVZ, MOVN or ORR with a bitmask immediate).

Instead: leave these ranges out; what the guest is told there is set by firmware registers and the host's CPU. To deny
everything else use `default: deny`, which goes around them.
"""

from collections.abc import Iterator

from smccc_filter import registry
from smccc_filter.checks.subject import Subject, by_rule, show_ids
from smccc_filter.diagnostics import Errno, Problem, Severity
from smccc_filter.intervals import Intervals, intersection
from smccc_filter.kernel.kvm import RESERVED
from smccc_filter.resolve import Claim

CODE = "R202"
NAME = "reserved-range"
SEVERITY = Severity.ERROR
WHOLE = False
ALLOWABLE = False

ONE_INSTRUCTION = frozenset(
    {base | (1 << ones) - 1 for base in (0x8000_0000, 0xC000_0000) for ones in range(17)} | {0x8000_8000, 0xC000_C000}
)
"""The IDs of both ranges that one A64 instruction can load. Source: Arm DDI0487, logical (immediate) and MOVN."""

SMCCC_ARCH_WORKAROUND_4 = 0x8000_0004
"""The one workaround that breaks the rule: it is only asked about, never called."""


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each rule that touches the ranges."""
    for _, claim, ids, others in by_rule(subject.resolution.claims, _reserved):
        yield Problem(
            claim.selector.path,
            f"{show_ids(ids)} belongs to the Arm Architecture calls, which KVM reserves{_workarounds(ids)}",
            "leave it out; `default: deny` goes around the reserved ranges",
            ids,
            others,
            Errno.EEXIST,
        )


def _reserved(claim: Claim) -> Intervals:
    return intersection(claim.ids, RESERVED)


def _workarounds(ids: Intervals) -> str:
    """Name the ARCH_WORKAROUND calls among ``ids``, and count the IDs that a future one can have."""
    candidates = [
        (fid, functions[0].name if (functions := registry.by_id(fid)) else None)
        for fid in sorted(ONE_INSTRUCTION | {SMCCC_ARCH_WORKAROUND_4})
        if any(start <= fid < stop for start, stop in ids)
    ]
    present = [name for _, name in candidates if name and "_WORKAROUND_" in name]
    future = sum(name is None for _, name in candidates)
    if not present and not future:
        return ""
    said = [*present, f"{future} ID{'s' * (future > 1)} that a future ARCH_WORKAROUND may take"] if future else present
    return f"; among them {', '.join(said)}"
