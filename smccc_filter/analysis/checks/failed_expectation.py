"""An entry of `tests` does not hold.

The entries say what the policy is for in terms of calls. They keep a later edit from deciding something else, and they
are checked by every `validate`. A name stands for every ID the call has, so `PSCI_CPU_ON` holds only if its SMC32 and
its SMC64 form both get what is expected. Where two selectors claim an ID (R201) and one of them says what is expected,
that is for R201 to report.

Instead: fix the rules, or the expectation where the policy was meant to change.
"""

from collections.abc import Iterator
from functools import cache, partial

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.subject import Subject, agree, show_ids
from smccc_filter.kvm.filter import RESERVED
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.places import Path
from smccc_filter.language.policy.model import Expectation
from smccc_filter.language.policy.ranges import is_number
from smccc_filter.smccc.intervals import Intervals, difference, in_span_of, intersection, union
from smccc_filter.words import enumerated

CODE = "P106"
NAME = "failed-expectation"
SEVERITY = Severity.ERROR
WHOLE = True
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield the expectations that the resolved policy does not meet."""
    disputed = cache(partial(_disputed, subject))
    for test in subject.policy.tests:
        wrong = _wrong(subject, test)
        ids = difference(wrong, in_span_of(wrong, disputed(test.expect)))
        if not ids:
            continue
        decisions = [decision for interval in ids for _, _, decision in subject.resolution.decisions.within(*interval)]
        actions = enumerated(list(dict.fromkeys(f"`{decision.action}`" for decision in decisions)))
        rules = [rule for rule in dict.fromkeys(decision.rule_number for decision in decisions) if rule is not None]
        related: list[tuple[Path, str]] = [(("rules", rule, "action"), "decided here") for rule in rules]
        which = "" if is_number(test.call) else f" ({show_ids(ids)})"
        yield Problem(
            (*test.path, "expect"),
            f"`{test.call}`{which} gets {actions}, not `{test.expect}`",
            _hint(subject, ids, len(rules)),
            ids,
            related,
        )


def _wrong(subject: Subject, test: Expectation) -> Intervals:
    """Return the IDs of a test that get something else."""
    return union(
        (start, stop)
        for interval in test.ids
        for start, stop, decision in subject.resolution.decisions.within(*interval)
        if decision.action is not test.expect
    )


def _disputed(subject: Subject, expected: Action) -> Intervals:
    """Return the IDs that another selector has and that a later one claims with an action."""
    return union(
        interval
        for overlap in subject.resolution.overlaps
        if overlap.later.rule.action is expected
        for interval in overlap.ids
    )


def _hint(subject: Subject, ids: Intervals, rules: int) -> str:
    if rules:
        return f"fix the {'rule' if rules == 1 else 'rules'}, or the expectation"
    if intersection(ids, RESERVED):
        return "expect `handle`: KVM reserves the Arm Architecture calls, so no filter decides them"
    them = agree(ids, "it", "them")
    return f"no rule selects {them}: add one, or fix the expectation (the default is `{subject.policy.default}`)"
