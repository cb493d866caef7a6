"""A rule whose action is the policy's default.

It decides nothing. KVM's documents advise against spelling out `handle`, as an entry takes memory in the kernel and can
only collide with others; the compiler leaves such rules out.

Instead: take the rule out. Where it documents an intent, an entry of `tests` says the same and is checked.
"""

from collections.abc import Iterator

from smccc_filter.checks.subject import Subject
from smccc_filter.diagnostics import Problem, Severity
from smccc_filter.intervals import union

CODE = "R205"
NAME = "redundant-rule"
SEVERITY = Severity.NOTE
WHOLE = True
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield the rules that repeat the default."""
    default = subject.policy.default
    for rule in subject.policy.rules:
        if rule.action is default:
            ids = union(interval for selector in rule.selectors for interval in selector.ids)
            hint = "take the rule out; `tests` can say the same and is checked"
            yield Problem((*rule.path, "action"), f"{rule.label} repeats the default, `{default}`", hint, ids)
