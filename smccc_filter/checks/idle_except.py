"""An exception that removes nothing from its rule.

Whoever wrote it thought that the rule selects the call. Either the selector is narrower than it looks, or another
exception has removed the same already.

Instead: take the exception out, or widen the selector.
"""

from collections.abc import Iterator

from smccc_filter.checks.subject import SHOWN, Subject
from smccc_filter.diagnostics import Path, Problem, Severity
from smccc_filter.intervals import difference, intersection, union
from smccc_filter.policy.model import Rule

CODE = "R206"
NAME = "idle-except"
SEVERITY = Severity.WARNING
WHOLE = True
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield the exceptions that find nothing left to remove."""
    for rule in subject.policy.rules:
        if rule.exceptions:
            yield from _idle(rule)


def _idle(rule: Rule) -> Iterator[Problem]:
    selected = left = union(interval for selector in rule.selectors for interval in selector.ids)
    for number, exception in enumerate(rule.exceptions):
        if not intersection(selected, exception.ids):
            message = f"`{exception.text}` removes nothing: {rule.label} does not select it"
            yield Problem(exception.path, message, "take it out, or widen what the rule selects", exception.ids)
        elif not intersection(left, exception.ids):
            removed: list[tuple[Path, str]] = [
                (earlier.path, "removed here")
                for earlier in rule.exceptions[:number]
                if intersection(earlier.ids, exception.ids)
            ]
            message = f"`{exception.text}` removes nothing: it is removed from {rule.label} already"
            yield Problem(exception.path, message, "take it out", exception.ids, removed[:SHOWN])
        left = difference(left, exception.ids)
