"""An exception that removes nothing from its rule.

Whoever wrote it thought that the rule selects the call. Either the selector is narrower than it looks, or another
exception has removed the same already.

Instead: take the exception out, or widen the selector.
"""

from collections.abc import Iterator

from smccc_filter.checks.subject import Subject
from smccc_filter.diagnostics import Problem, Severity
from smccc_filter.intervals import difference, intersection, union

CODE = "R206"
NAME = "idle-except"
SEVERITY = Severity.WARNING
WHOLE = True
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield the exceptions that find nothing left to remove; those that select nothing are reported elsewhere."""
    for rule in subject.policy.rules:
        if not rule.exceptions:
            continue
        left = union(interval for selector in rule.selectors for interval in selector.ids)
        for exception in rule.exceptions:
            if exception.ids and not intersection(left, exception.ids):
                message = f"`{exception.text}` removes nothing from {rule.label}"
                yield Problem(exception.path, message, "take it out, or widen what the rule selects", exception.ids)
            left = difference(left, exception.ids)
