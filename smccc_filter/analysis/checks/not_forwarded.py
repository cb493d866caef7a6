"""The VMM is said to implement a call that its rule does not forward.

What a rule says under `vmm` is about what the rule forwards. A call that KVM answers or refuses never reaches the VMM,
so that its handler is never called and no discovery call of the VMM can announce it: whoever wrote the rule believes
the call to be elsewhere than it is. The name of a call means every form, of which the rule may forward some only.

Instead: let the rule forward the call, or take it out of `implements`. What another rule forwards belongs under that
rule's `vmm`.

Source: Linux 7.3.4 Documentation/virt/kvm/api.rst, KVM_EXIT_HYPERCALL.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.subject import SHOWN, Subject
from smccc_filter.language.policy.selector import Selector
from smccc_filter.smccc.intervals import Intervals, intersection, union
from smccc_filter.words import counted, enumerated

CODE = "V701"
NAME = "not-forwarded"
SEVERITY = Severity.ERROR
WHOLE = True
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each rule."""
    for rule, part in subject.vmm_rules:
        own = union(interval for claim in subject.resolution.claims_of(rule) for interval in claim.ids)
        said = [item for item in part.implements if item.path != (*part.path, "implements")]
        wrong = [item for item in said if not _decided(subject, rule.number, intersection(item.ids, own))]
        if not wrong:
            continue
        first, *others = wrong
        names = [item.text for item in wrong[:SHOWN]]
        if len(wrong) > SHOWN:
            names.append(counted(len(wrong) - SHOWN, "more call"))
        it = "it" if len(wrong) == 1 else "them"
        yield Problem(
            first.path,
            f"{rule.label} does not forward {enumerated(names)}, which the VMM is said to implement",
            f"let the rule forward {it}, or take {it} out of `implements`",
            _ids(wrong),
            tuple((item.path, "and here") for item in others[:SHOWN]),
        )


def _decided(subject: Subject, rule: int, ids: Intervals) -> bool:
    """Tell whether a rule decides on some of what it selects: KVM keeps what it reserves to itself."""
    decisions = subject.resolution.decisions
    return any(found.rule_number == rule for interval in ids for _, _, found in decisions.within(*interval))


def _ids(items: list[Selector]) -> Intervals:
    return union(interval for item in items for interval in item.ids)
