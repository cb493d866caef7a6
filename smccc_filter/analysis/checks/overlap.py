"""Two selectors claim the same function ID.

KVM keeps its filter as disjoint ranges and answers EEXIST to a range that touches an earlier one, whatever the two
actions are. The policy would load in part, nothing can be undone, and the VM would have to be thrown away.

Instead: narrow one selector, or take the common IDs out with `except`.

Source: Linux arch/arm64/kvm/hypercalls.c, kvm_smccc_set_filter(); Documentation/virt/kvm/devices/vm.rst, section 6.
"""

from collections.abc import Iterator
from functools import partial

from smccc_filter.analysis.diagnostics import Problem, Remedy, Severity, UnsaidProblem
from smccc_filter.analysis.examination.subject import SHOWN, Subject, agree, show_ids
from smccc_filter.analysis.resolve import Overlap
from smccc_filter.kvm.uapi import Errno
from smccc_filter.language.policy.selector import SelectorKind
from smccc_filter.words import enumerated

CODE = "R201"
NAME = "overlap"
SEVERITY = Severity.ERROR
WHOLE = False
ALLOWABLE = False


def check(subject: Subject) -> Iterator[UnsaidProblem]:
    """Yield one finding for each selector that claims what earlier ones have."""
    for overlap in subject.resolution.overlaps:
        place, say = overlap.later.selector.path, partial(_problem, overlap)
        yield UnsaidProblem(place, say, not _is_service_of_rule(overlap), Errno.EEXIST)


def _problem(overlap: Overlap) -> Problem:
    return Problem(
        overlap.later.selector.path,
        f"{show_ids(overlap.ids)} {agree(overlap.ids, 'is', 'are')} already selected by {_earlier(overlap)}",
        "narrow one of the two, or take the common IDs out with `except`",
        overlap.ids,
        [(claim.selector.path, "first selected here") for claim in overlap.earlier[:SHOWN]],
        Errno.EEXIST,
        remedy=_remedy(overlap),
    )


def _remedy(overlap: Overlap) -> Remedy | None:
    """Cut the IDs out of the later selector. It changes nothing where all have one action and the later rule stays."""
    from smccc_filter.analysis.examination.remedies import cut_selectors
    from smccc_filter.language.changes import Remove

    rule, selector, _ = overlap.later
    if _is_service_of_rule(overlap):
        return None
    changes = cut_selectors(rule, [selector], overlap.ids)
    if changes is None:
        return None
    safe = overlap.is_alike and Remove(rule.path) not in changes
    return Remedy(f"take {show_ids(overlap.ids)} out of {rule.label}", safe, changes)


def _is_service_of_rule(overlap: Overlap) -> bool:
    """Tell whether the later selector is a service, and its own rule has some of the IDs: which to cut is not clear."""
    rule, selector, _ = overlap.later
    return selector.kind is SelectorKind.SERVICE and any(claim.rule is rule for claim in overlap.earlier)


def _earlier(overlap: Overlap) -> str:
    """Name the rules that have the IDs."""
    later = overlap.later.rule
    rules = dict.fromkeys(claim.rule.number for claim in overlap.earlier)
    labels = {claim.rule.number: claim.rule.label for claim in overlap.earlier} | {later.number: "the same rule"}
    named = [labels[number] for number in rules]
    if len(named) > SHOWN:
        least = "at least " if overlap.has_more else ""
        named = [*named[: SHOWN - 1], f"{least}{len(named) - SHOWN + 1} more rules"]
    return enumerated(named)
