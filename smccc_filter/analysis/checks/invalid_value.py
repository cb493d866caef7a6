"""A value of the wrong type or form: a bad range, a decimal ID, an action that does not exist, a missing field.

Function IDs are hexadecimal here as in every specification; a decimal one is a slip more often than a choice, and YAML
reads some numbers differently than people do. Kernels are quoted, since YAML reads 6.10 as 6.1.

An allowance for a finding that can't be allowed is one too: where a kernel refuses the entry, or where the file does
not say what was meant, no reason makes it right.

Instead: write what the hint says.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.subject import Subject

CODE = "P103"
NAME = "invalid-value"
SEVERITY = Severity.ERROR
WHOLE = False
ALLOWABLE = False


def check(subject: Subject) -> Iterator[Problem]:
    """Yield the allowances for what can't be allowed."""
    for allowance in subject.allowances():
        if subject.allowable.get(allowance.code) is False:
            yield Problem(
                (*allowance.path, "code"),
                f"{allowance.code} can't be allowed",
                f"fix what it reports; `smccc-filter explain {allowance.code}` says how",
            )
