"""An entry of `tests` does not hold.

The entries say what the policy is for in terms of calls. They keep a later edit from deciding something else, and they
are checked by every `validate`.

Instead: mend the rules, or the expectation where the policy was meant to change.
"""

from collections.abc import Iterator

from smccc_filter.checks.subject import Subject, show_ids
from smccc_filter.diagnostics import Path, Problem, Severity
from smccc_filter.intervals import union

CODE = "P106"
NAME = "failed-expectation"
SEVERITY = Severity.ERROR
WHOLE = True
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield the expectations that the resolved policy does not meet."""
    for test in subject.policy.tests:
        wrong = [
            (start, stop, decision)
            for interval in test.ids
            for start, stop, decision in subject.resolution.decisions.within(*interval)
            if decision.action is not test.expect
        ]
        if not wrong:
            continue
        actions = " and ".join(dict.fromkeys(f"`{decision.action}`" for _, _, decision in wrong))
        ids = union((start, stop) for start, stop, _ in wrong)
        rules = dict.fromkeys(decision.rule for _, _, decision in wrong)
        related: list[tuple[Path, str]] = [(("rules", rule), "decided here") for rule in rules if rule is not None]
        yield Problem(
            (*test.path, "expect"),
            f"`{test.call}` ({show_ids(ids)}) gets {actions}, not `{test.expect}`",
            "mend the rules" if related else "no rule selects it: add one, or mend the expectation",
            ids,
            related,
        )
