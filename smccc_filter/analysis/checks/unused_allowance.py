"""An entry of `allow` that suppresses nothing.

An allowance outlives what it was for, and then hides the next finding of its kind. One on a rule covers the findings of
that rule, one at top level those of the whole policy; where both could, the rule's does. What only recorded calls can
show is not missed without them.

Instead: take it out, or move it to the rule that it is about.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Remedy, Severity
from smccc_filter.analysis.examination.subject import RECORDED, Subject

CODE = "P107"
NAME = "unused-allowance"
SEVERITY = Severity.WARNING
WHOLE = True
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield the allowances that ``subject.used`` lacks; those for P107 itself come last, as these findings use them."""
    used = set(subject.used)
    unasked = RECORDED if subject.hot is None else frozenset()
    for allowance in sorted(subject.allowances(), key=lambda allowance: allowance.code == CODE):
        if subject.allowable.get(allowance.code) and allowance.path not in used and allowance.code not in unasked:
            from smccc_filter.language.changes import Remove

            if own := subject.allowance(CODE, allowance.path):
                used.add(own.path)
            in_rule = allowance.path[0] == "rules"
            yield Problem(
                allowance.path,
                f"the allowance for {allowance.code} suppresses nothing{' in this rule' if in_rule else ''}",
                "take it out" + (", or move it to the rule that it is about" if in_rule else ""),
                remedy=Remedy("take the allowance out", safe=True, changes=(Remove(allowance.path),)),
            )
