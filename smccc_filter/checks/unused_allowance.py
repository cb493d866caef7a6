"""An entry of `allow` that suppresses nothing.

An allowance outlives what it was for, and then hides the next finding of its kind.

Instead: take it out, or move it to the rule that it is about.
"""

from collections.abc import Iterator

from smccc_filter.checks.subject import Subject
from smccc_filter.diagnostics import Problem, Severity

CODE = "P107"
NAME = "unused-allowance"
SEVERITY = Severity.WARNING
WHOLE = True
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield the allowances that ``subject.used`` lacks; the runner asks once everything else is known."""
    for allowance in subject.allowances():
        if subject.allowable.get(allowance.code) and allowance.path not in subject.used:
            where = "in this rule" if allowance.path[0] == "rules" else "in this policy"
            yield Problem(allowance.path, f"nothing {where} is reported as {allowance.code}", "take the allowance out")
