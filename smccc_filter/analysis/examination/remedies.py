"""Changes that several checks propose: IDs out of a rule, calls into a rule, calls left to KVM.

The changes are ``None`` where no short and clear text writes them.
"""

from collections.abc import Sequence

from smccc_filter.analysis.diagnostics import Remedy
from smccc_filter.analysis.examination.guest_groups import RuleNumber, all_names
from smccc_filter.analysis.examination.subject import Subject, unsafe
from smccc_filter.language.changes import Append, Change, Remove, Replace, SetKeys
from smccc_filter.language.places import Path
from smccc_filter.language.policy.language import fields_above
from smccc_filter.language.policy.model import Rule
from smccc_filter.language.policy.selector import Selector, SelectorKind
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import show_range
from smccc_filter.smccc.intervals import Intervals, difference, intersection, union

Changes = tuple[Change, ...]

MAX_ITEMS = 16
"""More items than a person would write in a list by hand are no remedy."""


def cut(rule: Rule, ids: Intervals) -> Changes | None:
    """Take IDs out of what a rule selects, by an exception where a service has them; a rule without any goes."""
    touched = [selector for selector in rule.selectors if intersection(selector.ids, ids)]
    return cut_selectors(rule, touched, ids)


def cut_selectors(rule: Rule, touched: list[Selector], ids: Intervals) -> Changes | None:
    """Take IDs out of some of a rule's selectors."""
    rests = {selector.path: difference(selector.ids, ids) for selector in touched}
    if len(touched) == len(rule.selectors) and not any(rests.values()):
        return (Remove(rule.path),)
    changes: list[Change] = []
    excepted: list[tuple[int, int]] = []
    for selector in touched:
        rest = rests[selector.path]
        if not rest:
            changes.append(Remove(selector.path))
        elif selector.kind is SelectorKind.SERVICE:
            excepted += intersection(selector.ids, ids)
        elif texts := _items(selector.kind, rest):
            changes.append(Replace(selector.path, texts))
        else:
            return None
    if excepted:
        exception = leave_out(rule, union(excepted))
        return None if exception is None else (*changes, *exception)
    return tuple(changes)


def leave_out(rule: Rule, ids: Intervals) -> Changes | None:
    """Add IDs to the exceptions of a rule."""
    kind = SelectorKind.CALL
    texts = _items(kind, ids)
    if not texts:
        kind, texts = SelectorKind.RANGE, _items(SelectorKind.RANGE, ids)
    if not texts:
        return None
    listed = f"[{', '.join(texts)}]"
    where = (*rule.path, "except")
    if any(exception.kind is kind for exception in rule.exceptions):
        return (Append((*where, kind), texts),)
    return (SetKeys(where, ((kind, listed),), fields_above("rules", "except")),)


def add(rule: Rule, ids: Intervals) -> Changes | None:
    """Add the calls with these IDs to what a rule selects, by name."""
    texts = _items(SelectorKind.CALL, ids)
    if not texts:
        return None
    if any(selector.kind is SelectorKind.CALL for selector in rule.selectors):
        return (Append((*rule.path, SelectorKind.CALL), texts),)
    return (new_calls(rule.path, texts),)


def new_calls(owner: Path, names: Sequence[str]) -> SetKeys:
    """Give a rule, or its exceptions, a list of calls where it has none."""
    return SetKeys(owner, ((SelectorKind.CALL, f"[{', '.join(names)}]"),), fields_above("rules", SelectorKind.CALL))


def call_selector(names: Sequence[str]) -> str:
    """Write the selector of calls by name."""
    return f"calls: [{', '.join(names)}]"


def leaving_hint(subject: Subject, rule: RuleNumber, it: str, selector: str) -> str:
    """Say how the calls of ``selector``, such as ``services: [cpu]``, which ``rule`` takes from KVM, are left to it."""
    if rule is None:
        return f"add the rule `{_leaving_rule(selector)}`"
    if subject.policy.rules[rule].exceptions:
        return f"take {it} out of the rule, or add `{selector}` to its `except`"
    return f"take {it} out of the rule, or write `except: {{{selector}}}` in it"


def leaving_remedy(subject: Subject, rule: RuleNumber, it: str, selector: str, ids: Intervals) -> Remedy | None:
    """Return the same as a remedy; ``ids`` are those of ``selector``."""
    if rule is None:
        return unsafe(f"leave {it} to KVM by a rule", _leave(subject, selector))
    decided = subject.policy.rules[rule]
    return unsafe(f"take {it} out of {decided.label}", cut(decided, ids))


def _leaving_rule(selector: str) -> str:
    return f"{{action: handle, {selector}}}"


def _leave(subject: Subject, selector: str) -> Changes:
    """Add a rule that leaves what ``selector`` selects to KVM."""
    text = _leaving_rule(selector)
    if subject.policy.rules:
        return (Append(("rules",), (text,)),)
    return (SetKeys((), (("rules", f"[{text}]"),), fields_above("", "rules")),)


def _items(kind: SelectorKind, ids: Intervals) -> tuple[str, ...]:
    """Write IDs as items of ``ranges`` or, if names mean exactly them, of ``calls``; no items if they are many."""
    if kind is SelectorKind.RANGE:
        return tuple(show_range(*interval) for interval in ids) if len(ids) <= MAX_ITEMS else ()
    return exact_names(ids)


def exact_names(ids: Intervals) -> tuple[str, ...]:
    """Name the calls that have these IDs and no others between them; nothing where there are no such names."""
    if difference(ids, registry.known_ids()):
        return ()
    names = all_names([fid for start, stop in ids for fid in range(start, stop)])
    meant = union(interval for name in names for interval in registry.by_name(name) or ())
    return tuple(names) if meant == ids and len(names) <= MAX_ITEMS else ()
