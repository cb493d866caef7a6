"""An exception that removes nothing from its rule.

Whoever wrote it thought that the rule selects the call. Either the selector is narrower than it looks, or another
exception has removed the same already.

Instead: take the exception out, or widen the selector.
"""

from collections.abc import Iterator
from itertools import islice

from smccc_filter.analysis.diagnostics import Problem, Remedy, Severity
from smccc_filter.analysis.examination.subject import SHOWN, Subject
from smccc_filter.analysis.resolve import MAX_CONFLICTS, first_claims
from smccc_filter.language.places import Path
from smccc_filter.language.policy.model import Rule
from smccc_filter.smccc.intervals import IntervalMap, in_span_of, intersection, union

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
    from smccc_filter.language.changes import Remove

    selected = union(interval for selector in rule.selectors for interval in selector.ids)
    parts = [intersection(in_span_of(exception.ids, selected), exception.ids) for exception in rule.exceptions]
    segments = sorted((*piece, number) for number, part in enumerate(parts) for piece in part)
    removals = list(first_claims(segments))
    removing = {number for _, _, number in removals}
    remover = IntervalMap.of(removals, len(parts))
    for number, (exception, part) in enumerate(zip(rule.exceptions, parts, strict=True)):
        remedy = Remedy(f"take the exception `{exception.text}` out", safe=True, changes=(Remove(exception.path),))
        if not part:
            message = f"`{exception.text}` removes nothing: {rule.label} does not select it"
            hint = "take it out, or widen what the rule selects"
            yield Problem(exception.path, message, hint, exception.ids, remedy=remedy)
            continue
        if number not in removing:
            pieces = islice((owner for piece in part for _, _, owner in remover.within(*piece)), MAX_CONFLICTS)
            earlier = sorted(set(pieces))[:SHOWN]
            removed: list[tuple[Path, str]] = [(rule.exceptions[one].path, "removed here") for one in earlier]
            message = f"`{exception.text}` removes nothing: it is removed from {rule.label} already"
            yield Problem(exception.path, message, "take it out", exception.ids, removed, remedy=remedy)
