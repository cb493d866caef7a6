"""How a policy leaves calls to KVM that a rule or the default takes from it, as the line to write and as changes."""

from collections.abc import Sequence

from smccc_filter.analysis.diagnostics import Remedy
from smccc_filter.analysis.examination.guest_groups import RuleNumber
from smccc_filter.analysis.examination.remedies import cut, hand_over
from smccc_filter.analysis.examination.subject import Subject, unsafe
from smccc_filter.smccc.intervals import Intervals


def leave(subject: Subject, rule: RuleNumber, it: str, selector: str) -> str:
    """Return how the calls of ``selector``, such as ``services: [cpu]``, come to be KVM's, for a hint."""
    if rule is None:
        return f"add the rule `{{action: handle, {selector}}}`"
    if subject.policy.rules[rule].exceptions:
        return f"take {it} out of the rule, or add `{selector}` to its `except`"
    return f"take {it} out of the rule, or write `except: {{{selector}}}` in it"


def remedy(subject: Subject, rule: RuleNumber, it: str, selector: str, ids: Intervals) -> Remedy | None:
    """Return that as changes; ``ids`` are those of ``selector``."""
    if rule is None:
        return unsafe(f"leave {it} to KVM by a rule", hand_over(subject, selector))
    decided = subject.policy.rules[rule]
    return unsafe(f"take {it} out of {decided.label}", cut(decided, ids))


def calls(names: Sequence[str]) -> str:
    """Return the selector of calls by name."""
    return f"calls: [{', '.join(names)}]"
