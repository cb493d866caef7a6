"""A single ID under `ranges` that is a call with a name.

Reviewers read `PSCI_CPU_ON/64`; of 0xC4000003 they have to look up what it is, and a wrong digit looks like a right
one. The name means the same ID and nothing else. IDs whose meaning is their vendor's own, as those of SiP services, are
not reported, for one vendor's name would be wrong for another.

Instead: write the name under `calls`. Where both forms of a call are meant, it needs no `/32` or `/64`.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from smccc_filter.analysis.diagnostics import Problem, Remedy, Severity
from smccc_filter.analysis.examination.subject import SHOWN, VENDOR_DEFINED, Subject
from smccc_filter.language.places import KeyOf, Path
from smccc_filter.language.policy.model import Rule
from smccc_filter.language.policy.selector import Selector, SelectorKind
from smccc_filter.smccc import registry
from smccc_filter.smccc.intervals import union
from smccc_filter.words import enumerated

if TYPE_CHECKING:
    from smccc_filter.language.changes import Change

CODE = "R207"
NAME = "numbered-call"
SEVERITY = Severity.NOTE
WHOLE = True
ALLOWABLE = True

UNNAMED = VENDOR_DEFINED - {"vendor-hyp"} | {"arch"}
"""Services whose IDs mean something else to each vendor; the vendor hypervisor's are KVM's here. Of the Arm
Architecture calls R202 says that no rule may have them, by whatever name."""


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for what a rule selects by ID, and one for what it excepts so."""
    for rule in subject.policy.rules:
        yield from _numbered(rule, rule.path, rule.selectors)
        if rule.exceptions:
            yield from _numbered(rule, (*rule.path, "except"), rule.exceptions)


def _numbered(rule: Rule, owner: Path, selectors: Sequence[Selector]) -> Iterator[Problem]:
    found = [selector for selector in selectors if _has_name(selector)]
    if not found:
        return
    from smccc_filter.analysis.examination.remedies import MAX_ITEMS, exact_names

    ids = union(interval for selector in found for interval in selector.ids)
    said = [f"`{selector.text}` is {registry.name_of(_id(selector))}" for selector in found]
    shown = said if len(said) <= SHOWN else [*said[: SHOWN - 1], f"{len(said) - SHOWN + 1} more are calls too"]
    names = exact_names(ids)
    yield Problem(
        found[0].path,
        f"{rule.label} {'excepts' if owner[-1] == 'except' else 'selects'} by number: {enumerated(shown)}",
        f"write `calls: [{', '.join(names)}]`" if names else "write the names under `calls`",
        ids,
        [(selector.path, "and here") for selector in found[1 : SHOWN + 1]],
        remedy=_remedy(owner, selectors, found) if len(found) <= MAX_ITEMS else None,
    )


def _has_name(selector: Selector) -> bool:
    """Tell whether a selector is one ID, by its number, that a name means exactly."""
    if selector.written is None or selector.written.size > 1:
        return False
    fid = selector.written.base
    name = registry.name_of(fid)
    if name is None or registry.by_name(name) != selector.ids or len(registry.by_id(fid)) > 1:
        return False
    service = registry.service_of(fid)
    return service is not None and service.name not in UNNAMED


def _remedy(owner: Path, selectors: Sequence[Selector], found: Sequence[Selector]) -> Remedy:
    """Rename the list where every item gets a name, so that each keeps its place; else move those that do."""
    from smccc_filter.analysis.examination.remedies import exact_names, new_calls
    from smccc_filter.language.changes import Append, Remove, Replace

    others = [selector for selector in selectors if selector.kind is not SelectorKind.SERVICE and selector not in found]
    names = exact_names(union(interval for selector in found for interval in selector.ids))
    changes: list[Change] = []
    if not others:
        waiting = list(names)
        changes.append(Replace(KeyOf((*owner, SelectorKind.RANGE)), (SelectorKind.CALL,)))
        for selector in found:
            name = next((name for name in waiting if _means(name, selector)), None)
            if name is None:
                changes.append(Remove(selector.path))
            else:
                waiting.remove(name)
                changes.append(Replace(selector.path, (name,)))
    else:
        changes += [Remove(selector.path) for selector in found]
        if any(selector.kind is SelectorKind.CALL for selector in others):
            changes.append(Append((*owner, SelectorKind.CALL), names))
        else:
            changes.append(new_calls(owner, names))
    return Remedy(f"write {enumerated(names)} under `calls`", safe=True, changes=tuple(changes))


def _means(name: str, selector: Selector) -> bool:
    ids = registry.by_name(name) or ()
    return any(start <= _id(selector) < stop for start, stop in ids)


def _id(selector: Selector) -> int:
    """Return the one ID of a selector."""
    ((fid, _),) = selector.ids
    return fid
