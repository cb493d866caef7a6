"""Findings of the checks that are new or gone between two policies; no verdict counts them.

A finding is the same where code, severity, message, the name of the rule and the reason of its allowance are. Where it
stands does not count, nor does the number of a rule without a name: both change with the lines above.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from smccc_filter.analysis.diagnostics import Diagnostic
from smccc_filter.language.policy.model import Policy
from smccc_filter.language.source import Document

_NUMBERED = re.compile(r"\brule \d+\b")


class RuleFinding(NamedTuple):
    """A finding, and the name of the rule in which it stands; ``None`` for one without a name, and in no rule."""

    rule: str | None
    finding: Diagnostic


class FindingChange(NamedTuple):
    """A finding that only one of two policies has: NEW where ``is_new``, or else OLD."""

    is_new: bool
    rule: str | None
    finding: Diagnostic


def findings_by_rule(policy: Policy, document: Document, diagnostics: Sequence[Diagnostic]) -> tuple[RuleFinding, ...]:
    """Name the rule of each finding."""
    if not diagnostics:
        return ()
    spans = [document.text.span(document.offsets(rule.path)) for rule in policy.rules]
    starts = [span.start for span in spans]

    def rule_at(finding: Diagnostic) -> str | None:
        at = bisect_right(starts, finding.span.start) - 1
        return policy.rules[at].name if at >= 0 and finding.span.start < spans[at].end else None

    return tuple(RuleFinding(rule_at(finding), finding) for finding in diagnostics)


def changed_findings(old: Sequence[RuleFinding] | None, new: Sequence[RuleFinding] | None) -> tuple[FindingChange, ...]:
    """Return what is new, then what is gone, each worst first; nothing where one side's checks were not asked."""
    if old is None or new is None:
        return ()
    return tuple(
        FindingChange(is_new, *each)
        for is_new, here, there in ((True, new, old), (False, old, new))
        for each in sorted(_only(here, there), key=lambda each: each.finding.severity.rank)
    )


def _only(here: Sequence[RuleFinding], there: Sequence[RuleFinding]) -> Iterator[RuleFinding]:
    left = Counter(map(_key, there))
    for each in here:
        key = _key(each)
        if left[key]:
            left[key] -= 1
        else:
            yield each


def _key(each: RuleFinding) -> tuple[object, ...]:
    found = each.finding
    return found.code, found.severity, each.rule, _NUMBERED.sub("rule", found.message), found.suppressed
