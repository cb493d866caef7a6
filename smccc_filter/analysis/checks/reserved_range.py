"""A selector touches the Arm Architecture calls, 0x80000000-0x8000FFFF and 0xC0000000-0xC000FFFF.

KVM keeps both ranges for itself, so that no VMM can mislead a guest about its mitigations, and answers EEXIST whatever
the action. The ranges hold the present ARCH_WORKAROUND calls and every future one. Those that a guest makes on a hot
path have IDs that one A64 instruction can load (MOVZ, MOVN, or ORR with a bitmask immediate), so that a future one can
be predicted: the message counts such IDs.

Instead: leave these ranges out; what the guest is told there is set by firmware registers and the host's CPU. To deny
everything else use `default: deny`, which goes around them.

Source: Linux arch/arm64/kvm/hypercalls.c, kvm_smccc_filter_insert_reserved(); Arm DEN0028; Arm DDI0487.
"""

from bisect import bisect_left
from collections.abc import Iterator
from functools import cache

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.subject import Subject, agree, by_rule, show_ids, unsafe
from smccc_filter.analysis.resolve import Claim
from smccc_filter.kvm.filter import RESERVED
from smccc_filter.kvm.uapi import Errno
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import FAST_CALL, SMC64
from smccc_filter.smccc.intervals import Intervals, intersection, size
from smccc_filter.words import enumerated

CODE = "R202"
NAME = "reserved-range"
SEVERITY = Severity.ERROR
WHOLE = False
ALLOWABLE = False

ONE_INSTRUCTION = frozenset(
    {base | (1 << ones) - 1 for base in (FAST_CALL, FAST_CALL | SMC64) for ones in range(17)}
    | {0x8000_8000, 0xC000_C000}
)
"""The IDs of both ranges that one A64 instruction can load. Source: Arm DDI0487, ORR (immediate), MOVZ and MOVN."""


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each rule that touches the ranges."""
    for rule, claim, ids, others in by_rule(subject.resolution.claims, _reserved):
        from smccc_filter.analysis.examination.remedies import cut

        belong = agree(ids, "belongs", "belong")
        yield Problem(
            claim.selector.path,
            f"{show_ids(ids)} {belong} to the Arm Architecture calls, which KVM reserves{_workarounds(ids)}",
            f"leave {agree(ids, 'it', 'them')} out; `default: deny` goes around the reserved ranges",
            ids,
            others,
            Errno.EEXIST,
            remedy=unsafe(f"take {show_ids(ids)} out of {rule.label}", cut(rule, ids)),
        )


def _reserved(claim: Claim) -> Intervals:
    return intersection(claim.ids, RESERVED)


@cache
def predictable() -> tuple[int, ...]:
    """Return the IDs that a future ARCH_WORKAROUND may take, ascending: loaded by one instruction, the number free."""
    return tuple(fid for fid in sorted(ONE_INSTRUCTION) if not registry.by_id(fid) and not registry.by_id(fid ^ SMC64))


@cache
def present() -> dict[str, Intervals]:
    """Return the workarounds that there are, in their order."""
    names = sorted(row.name for row in registry.functions_of("arch") if row.name.startswith("SMCCC_ARCH_WORKAROUND_"))
    return {name: ids for name in names if (ids := registry.by_name(name))}


def _workarounds(ids: Intervals) -> str:
    """Name the ARCH_WORKAROUND calls among ``ids``, and count the IDs that a future one may have."""
    said = [name for name, named in present().items() if intersection(ids, named)]
    free = predictable()
    future = sum(bisect_left(free, stop) - bisect_left(free, start) for start, stop in ids)
    if future:
        some, each = ("an ID", "it") if future == 1 else (f"{future} IDs", "each")
        said.append(f"{some} that a future ARCH_WORKAROUND may take (one A64 instruction loads {each})")
    if not said:
        return ""
    return f"; {'it is' if size(ids) == 1 else 'among them'} {enumerated(said)}"
