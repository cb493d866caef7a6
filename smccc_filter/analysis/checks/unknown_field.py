"""A key that the policy language does not have.

A key that nobody reads is a wish that nobody grants: `exept:` would leave its calls denied. So an unknown key is never
ignored.

Instead: write the key as the hint says, or take it out.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.subject import Subject, faults

CODE = "P102"
NAME = "unknown-field"
SEVERITY = Severity.ERROR
WHOLE = False
ALLOWABLE = False


def check(subject: Subject) -> Iterator[Problem]:
    """Yield what the reader of the document noted."""
    yield from faults(subject, CODE)
