"""The resolved map as JSON for programs, in a versioned shape of its own.

The shape is a promise, so it is written out here instead of following the classes: these may change, it may not.
"""

from collections.abc import Iterator

from smccc_filter.analysis.map import MapSegment, PolicyMap
from smccc_filter.reports.guest.json import refusal
from smccc_filter.reports.paper.json import VERSION, inclusive, pieces, span_object
from smccc_filter.smccc.function_id import show


def render(policy_map: PolicyMap) -> Iterator[str]:
    """Write every segment, ascending and without gap, and what the kernels refuse of the policy's VM.

    ``range`` is inclusive. ``rule``, ``selector`` and ``span`` are null where the default decides, or KVM, whose the
    Arm Architecture calls are (``reserved_by_kvm``). ``outcomes`` are those that ``query`` gives for every ID of the
    range.
    """
    refusals = [
        {"kernel": kernel} | refusal(row)
        for kernel, setup in zip(policy_map.kernels, policy_map.setups, strict=True)
        for row in setup.refusals
    ]
    return pieces(
        {
            "version": VERSION,
            "name": policy_map.policy.name,
            "default": policy_map.policy.default,
            "kernels": policy_map.kernels,
            "stretches": (_segment(policy_map, segment) for segment in policy_map.segments),
            "refusals": refusals,
        }
    )


def _segment(policy_map: PolicyMap, segment: MapSegment) -> dict[str, object]:
    rule, selector = segment.rule, segment.selector
    return {
        "range": inclusive(segment.start, segment.stop),
        "action": segment.action,
        "rule": rule and (rule.name or f"rule {rule.ordinal}"),
        "selector": selector and {"kind": selector.kind, "text": selector.text},
        "span": selector and span_object(policy_map.span(selector)),
        "reserved_by_kvm": segment.is_reserved_by_kvm,
        "kind": segment.holder.kind,
        "service": segment.holder.service,
        "holder": segment.holder.title,
        "calls": [{"id": show(call.func_id), "name": call.name} for call in segment.calls],
        "outcomes": dict(zip(policy_map.kernels, segment.outcomes, strict=True)),
    }
