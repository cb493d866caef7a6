"""What happens to single calls: what the policy says, where it says so, and what the guest gets.

The policy decides once, for every kernel; what the guest gets depends on the kernel, since a call that the filter
leaves to KVM may be one that KVM does not service.
"""

from collections.abc import Sequence
from typing import NamedTuple

from smccc_filter.analysis.pipeline import Examination
from smccc_filter.guest.setup import VmSetup
from smccc_filter.kvm.handle_exit import call_of
from smccc_filter.kvm.machine import Call, Reply
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.places import Span
from smccc_filter.language.policy.model import Rule, Selector


class CallDecision(NamedTuple):
    """What becomes of one ID.

    ``rule`` is the one that decides, ``selector`` that item of it which selects the ID, and ``span`` where that stands;
    all are ``None`` where the default decides, or KVM. ``replies`` are what the guest gets on each kernel, the
    arguments being zeros.
    """

    func_id: int
    action: Action
    rule: Rule | None
    selector: Selector | None
    span: Span | None
    replies: tuple[tuple[VmSetup, Reply], ...]


def decide(examination: Examination, setups: Sequence[VmSetup], func_id: int) -> CallDecision:
    """Say what a policy, set up on some kernels, makes of one ID."""
    action, claim = examination.resolution.decisions[func_id]
    replies = tuple((setup, call_of(setup.machine, setup.conduit, Call(func_id))) for setup in setups)
    if claim is None:
        return CallDecision(func_id, action, None, None, None, replies)
    document = examination.document
    span = document.text.span(document.offsets(claim.selector.path))
    return CallDecision(func_id, action, claim.rule, claim.selector, span, replies)
