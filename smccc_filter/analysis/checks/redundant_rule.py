"""A rule whose action is the policy's default.

It decides nothing. KVM's documents advise against spelling out `handle`, as an entry takes memory in the kernel and can
only collide with others; the compiler leaves such rules out.

Instead: take the rule out. Where it documents an intent, an entry of `tests` says the same and is checked.

Source: Linux Documentation/virt/kvm/devices/vm.rst, section 6.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Remedy, Severity
from smccc_filter.analysis.examination.subject import Subject, by_rule
from smccc_filter.analysis.resolve import Claim
from smccc_filter.smccc.intervals import Intervals

CODE = "R205"
NAME = "redundant-rule"
SEVERITY = Severity.NOTE
WHOLE = True
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield the rules that repeat the default."""
    default = subject.policy.default

    def repeats(claim: Claim) -> Intervals:
        return claim.ids if claim.rule.action is default else ()

    for rule, _, ids, _ in by_rule(subject.resolution.claims, repeats):
        from smccc_filter.language.changes import Remove

        hint = "take the rule out; `tests` can say the same and is checked"
        alone = not rule.allow and not subject.resolution.overlaps
        remedy = Remedy(f"take {rule.label} out", safe=True, changes=(Remove(rule.path),)) if alone else None
        message = f"{rule.label} repeats the default, `{default}`"
        yield Problem((*rule.path, "action"), message, hint, ids, remedy=remedy)
