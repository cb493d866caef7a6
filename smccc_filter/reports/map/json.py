"""The resolved map as JSON for programs, in a versioned shape of its own.

The shape is a promise, so it is written out here instead of following the classes: these may change, it may not.
"""

from smccc_filter.analysis.map import MapStretch, PolicyMap
from smccc_filter.reports.guest.json import refusal
from smccc_filter.reports.paper.json import VERSION, dumps, inclusive, span_object
from smccc_filter.smccc.function_id import show


def render(atlas: PolicyMap) -> str:
    """Write every stretch, ascending and without gap, and what the kernels refuse of the policy's VM.

    ``range`` is inclusive. ``rule``, ``selector`` and ``span`` are null where the default decides, or KVM, whose the
    Arm Architecture calls are (``reserved_by_kvm``). ``outcomes`` are those that ``query`` gives for every ID of the
    range.
    """
    refusals = [
        {"kernel": kernel} | refusal(row)
        for kernel, setup in zip(atlas.kernels, atlas.setups, strict=True)
        for row in setup.refusals
    ]
    return dumps(
        {
            "version": VERSION,
            "name": atlas.policy.name,
            "default": atlas.policy.default,
            "kernels": atlas.kernels,
            "stretches": [_stretch(atlas, stretch) for stretch in atlas.stretches],
            "refusals": refusals,
        }
    )


def _stretch(atlas: PolicyMap, stretch: MapStretch) -> dict[str, object]:
    rule, selector = stretch.rule, stretch.selector
    return {
        "range": inclusive(stretch.start, stretch.stop),
        "action": stretch.action,
        "rule": rule and (rule.name or f"rule {rule.ordinal}"),
        "selector": selector and {"kind": selector.kind, "text": selector.text},
        "span": selector and span_object(atlas.span(selector)),
        "reserved_by_kvm": stretch.is_reserved_by_kvm,
        "kind": stretch.holder.kind,
        "service": stretch.holder.service,
        "holder": stretch.holder.title,
        "calls": [{"id": show(call.func_id), "name": call.name} for call in stretch.calls],
        "outcomes": dict(zip(atlas.kernels, stretch.outcomes, strict=True)),
    }
