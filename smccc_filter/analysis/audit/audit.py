"""What a policy would have done to the calls that guests were recorded to make.

The outcome of each is compared with the one before: that under another policy, or that of the same VM without any, as
the trace was most likely recorded. What a trace does not show nobody knows: KVM traces no SMC, and a guest makes calls
in its next release that it did not make in this.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.audit.use import CallUse, call_uses, duration
from smccc_filter.analysis.decision import CallDecision, decide
from smccc_filter.analysis.diagnostics import Diagnostic
from smccc_filter.analysis.examination.subject import RECORDED, HotCall
from smccc_filter.analysis.map import NamedId, named_calls
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.analysis.resolve import Claim
from smccc_filter.analysis.targets import set_up_on
from smccc_filter.guests.setup import EVERYTHING_HANDLED, VmSetup
from smccc_filter.kvm.machine import Call, Conduit, Outcome
from smccc_filter.kvm.profiles import Profile
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.policy.model import Policy, Rule
from smccc_filter.traces.recorded import TraceSource

HOT = 1000.0
"""Calls of one VM in a second from which on it matters that they are forwarded: some percent of a CPU."""


class CallEffect(StrEnum):
    """What a policy changes for a call that was made, the worst first."""

    NEWLY_DENIED = "newly-denied"
    """Some kernel answered or forwarded it before, and it is refused now."""
    CHANGED = "changed"
    """It ends in another way on some kernel, and is not refused."""
    SAME = "same"


class AuditedCall(NamedTuple):
    """A recorded call, what the policy decides, and how it ends on each kernel, before and after.

    ``is_added_exit`` says that each such call leaves the kernel now, and did not before.
    """

    use: CallUse
    decision: CallDecision
    before: tuple[Outcome, ...]
    after: tuple[Outcome, ...]
    is_forwarded: bool
    is_added_exit: bool

    @property
    def effect(self) -> CallEffect:
        """What the policy changes."""
        pairs = set(zip(self.before, self.after, strict=True))
        if any(then is not now and now is Outcome.NOT_SUPPORTED for then, now in pairs):
            return CallEffect.NEWLY_DENIED
        return CallEffect.SAME if all(then is now for then, now in pairs) else CallEffect.CHANGED


class Audit(NamedTuple):
    """What a policy would have done.

    ``calls`` are those that were made, the worst effect first and then by number. ``unseen`` are calls that no trace
    has, and that the policy lets through to somebody who answers. ``unused`` are the items of rules that let calls
    through, each a call, a range or a service, of which no call was made; ``idle`` are the rules that decided on none.
    ``findings`` are those of the checks that look at recorded calls. ``seconds`` is how long the traces are together.
    """

    policy: Policy
    kernels: tuple[str, ...]
    sources: tuple[TraceSource, ...]
    seconds: float
    calls: tuple[AuditedCall, ...]
    unseen: tuple[NamedId, ...]
    unused: tuple[Claim, ...]
    idle: tuple[Rule, ...]
    findings: tuple[Diagnostic, ...]
    is_comparison: bool
    is_nested: bool

    @property
    def forwarded(self) -> float | None:
        """How many calls a second leave the kernel for the VMM; ``None`` where no trace has times."""
        return self._rate(call for call in self.calls if call.is_forwarded)

    @property
    def added_exits(self) -> float | None:
        """How many of them did not before: each is an exit to user space more."""
        return self._rate(call for call in self.calls if call.is_added_exit)

    def number(self, effect: CallEffect) -> int:
        """Count the calls, each ID once, that have an effect."""
        return sum(call.effect is effect for call in self.calls)

    def _rate(self, calls: Iterator[AuditedCall]) -> float | None:
        return sum(call.use.rate or 0.0 for call in calls) if self.seconds else None


def audit(
    examination: Examination,
    sources: Sequence[TraceSource],
    kernels: Sequence[Profile] = (),
    old: Examination | None = None,
    hot: float = HOT,
) -> Audit:
    """Say what an understood policy would have done to recorded calls, on ``kernels`` or else on its own.

    ``old`` is the policy before, also understood; without it there was none. Calls that one VM makes ``hot`` times in a
    second or more are findings where they are forwarded. Raises ValueError for a policy that is none.
    """
    policy = _policy_of(examination)
    setups = set_up_on(policy, examination.resolution.actions, kernels)
    profiles = tuple(setup.machine.profile for setup in setups)
    if old is None:
        bare = policy._replace(firmware={}, default=Action.HANDLE, rules=())
        before = set_up_on(bare, EVERYTHING_HANDLED, profiles)
    else:
        before = set_up_on(_policy_of(old), old.resolution.actions, profiles)
    uses = call_uses(sources)
    calls = sorted(
        (_audited(examination, use, _by_hvc(setups), _by_hvc(before)) for use in uses),
        key=lambda call: (list(CallEffect).index(call.effect), -call.use.number, call.use.func_id),
    )
    busy = tuple(HotCall(use.func_id, use.busiest) for use in uses if use.busiest is not None and use.busiest >= hot)
    deciding = {call.decision.rule and call.decision.rule.number for call in calls}
    return Audit(
        policy,
        tuple(profile.name for profile in profiles),
        tuple(sources),
        sum(map(duration, sources)),
        tuple(calls),
        tuple(_unseen(setups, frozenset(use.func_id for use in uses))),
        tuple(_unused(examination, calls)),
        tuple(rule for rule in policy.rules if rule.number not in deciding),
        tuple(_findings(examination, busy)),
        old is not None,
        policy.target.nested,
    )


def _policy_of(examination: Examination) -> Policy:
    if examination.policy is None:
        raise ValueError(f"{examination.path} holds no policy")
    return examination.policy


def _by_hvc(setups: Sequence[VmSetup]) -> list[VmSetup]:
    """Return the setups as the traced calls find them."""
    return [setup._replace(conduit=Conduit.HVC) for setup in setups]


def _audited(
    examination: Examination, use: CallUse, setups: Sequence[VmSetup], before: Sequence[VmSetup]
) -> AuditedCall:
    decision = decide(examination, setups, use.func_id)
    then = [setup.reply(Call(use.func_id)) for setup in before]
    now = [reply for _, reply in decision.replies]
    exits = [reply.outcome is Outcome.FORWARDED for reply in now]
    return AuditedCall(
        use,
        decision,
        tuple(reply.for_guest for reply in then),
        tuple(reply.for_guest for reply in now),
        any(exits),
        any(is_exit and reply.outcome is not Outcome.FORWARDED for is_exit, reply in zip(exits, then, strict=True)),
    )


def _unseen(setups: Sequence[VmSetup], seen: frozenset[int]) -> Iterator[NamedId]:
    """Yield the calls with a name that nobody made, and that somebody would answer."""
    answered = [setup.outcomes_for_guest() for setup in setups]
    for call in named_calls():
        ends = {outcomes[call.func_id] for outcomes in answered}
        if call.func_id not in seen and ends & {Outcome.ANSWERED, Outcome.FORWARDED}:
            yield call


def _unused(examination: Examination, calls: Sequence[AuditedCall]) -> Iterator[Claim]:
    """Yield what rules name to let it through, and nobody called: of a call, in none of the forms that it means."""
    used = {call.decision.selector.path for call in calls if call.decision.selector}
    for claim in examination.resolution.claims:
        if claim.rule.action is not Action.DENY and claim.selector.path not in used:
            yield claim


def _findings(examination: Examination, hot: tuple[HotCall, ...]) -> Iterator[Diagnostic]:
    if hot:
        report = pipeline.reported_with(examination, hot).report
        yield from (found for found in report.diagnostics if found.code in RECORDED)
