"""What happens to single calls: what the policy says, where it says so, and what the guest gets.

The policy decides once, for every kernel; what the guest gets depends on the kernel, since a call that the filter
leaves to KVM may be one that KVM does not service.
"""

from collections.abc import Sequence
from typing import NamedTuple

from smccc_filter.analysis.pipeline import Examination
from smccc_filter.guests.setup import VmSetup
from smccc_filter.kvm.machine import Call, Outcome, Reply
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.places import Span
from smccc_filter.language.policy.model import Rule
from smccc_filter.language.policy.selector import Selector
from smccc_filter.smccc.function_id import show


class CallDecision(NamedTuple):
    """What becomes of one ID.

    ``rule`` is the one that decides, ``selector`` that item of it which selects the ID, and ``span`` where that stands;
    all are ``None`` where the default decides, or KVM. ``replies`` are what the guest gets on each kernel, of KVM or of
    a VMM of which the policy says what it implements, the arguments being zeros.
    """

    func_id: int
    action: Action
    rule: Rule | None
    selector: Selector | None
    span: Span | None
    replies: tuple[tuple[VmSetup, Reply], ...]

    @property
    def rule_name(self) -> str | None:
        """The name of the rule that decides, or ``rule 2`` for one without."""
        return self.rule and (self.rule.name or f"rule {self.rule.ordinal}")

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """What becomes of the call, by the name of the kernel."""
        return {setup.machine.profile.name: reply.for_guest for setup, reply in self.replies}

    @property
    def outcome(self) -> Outcome:
        """What becomes of the call on every kernel that was asked. Raises ValueError where they disagree."""
        found = set(self.outcomes.values())
        if len(found) > 1:
            raise ValueError(f"the kernels disagree about {show(self.func_id)}: ask one, or look at `outcomes`")
        return found.pop()


def decide(examination: Examination, setups: Sequence[VmSetup], func_id: int) -> CallDecision:
    """Say what a policy, set up on some kernels, makes of one ID."""
    action, claim = examination.resolution.decisions[func_id]
    replies = tuple((setup, setup.reply(Call(func_id))) for setup in setups)
    if claim is None:
        return CallDecision(func_id, action, None, None, None, replies)
    document = examination.document
    span = document.text.span(document.offsets(claim.selector.path))
    return CallDecision(func_id, action, claim.rule, claim.selector, span, replies)
