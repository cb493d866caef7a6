"""What an editor writes beside a policy: what ranges hold, what a guest gets, and where the specifications are."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator

from lsprotocol import types

from smccc_filter.analysis.map import named_calls
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.analysis.targets import set_up_on
from smccc_filter.editor.text import EditorText
from smccc_filter.kvm.machine import Outcome
from smccc_filter.language.places import Offsets, Path
from smccc_filter.language.policy.model import Policy
from smccc_filter.language.policy.selector import Selector, SelectorKind
from smccc_filter.smccc import registry
from smccc_filter.smccc.intervals import IntervalMap, Intervals, size, union
from smccc_filter.version import page_of
from smccc_filter.words import counted, enumerated

COMPILE = "smccc-filter.compile"
SHOW_PAGE = "smccc-filter.showPage"
OUTCOMES = {Outcome.NOT_SUPPORTED: "NOT_SUPPORTED", Outcome.GUEST_EL2: "the guest's EL2"}
"""What a guest gets, where the outcome's own name is not its name in the field."""
_NAMED = 2
"""Calls of a range that are named before all are counted."""
_ARM = re.compile(r"\bDEN(\d{4})")
_LINUX = re.compile(r"\bLinux Documentation/([\w/.-]+)\.rst")


def hints(examination: Examination, text: EditorText, within: types.Range) -> Iterator[types.InlayHint]:
    """Yield behind ranges what they hold, behind services how many IDs, and behind expectations what a guest gets."""
    policy = _understood(examination)
    if policy is None:
        return
    first, last = text.offset(within.start), text.offset(within.end)
    for rule in policy.rules:
        for selector in (*rule.selectors, *rule.exceptions):
            at = examination.document.offsets(selector.path)
            if first <= at.end <= last and (said := _held(selector)):
                yield _hint(text, at.end, said)
    outcomes: list[tuple[str, IntervalMap[Outcome]]] = []
    for expectation in policy.tests:
        at = examination.document.offsets((*expectation.path, "expect"))
        if first <= at.end <= last:
            outcomes = outcomes or _outcomes(examination, policy)
            yield _hint(text, at.end, _got(outcomes, expectation.ids))


def lenses(examination: Examination, text: EditorText, uri: str) -> Iterator[types.CodeLens]:
    """Yield what can be made of a policy, and above each rule what a guest gets of its calls on which kernels."""
    policy = _understood(examination)
    if policy is None:
        return
    top = text.range(Offsets(0, 0))
    if not examination.has_errors:
        yield types.CodeLens(top, types.Command("Compile to C", COMPILE, arguments=[uri, "c"]))
        yield types.CodeLens(top, types.Command("Compile to Rust", COMPILE, arguments=[uri, "rust"]))
    yield types.CodeLens(top, types.Command("Show as a page", SHOW_PAGE, arguments=[uri]))
    outcomes = _outcomes(examination, policy)
    for rule in policy.rules:
        ids = union(interval for claim in examination.resolution.claims_of(rule) for interval in claim.ids)
        place = text.range(examination.document.offsets(rule.path))
        title = f"{counted(size(ids), 'ID')}: {_got(outcomes, ids)}"
        yield types.CodeLens(types.Range(place.start, place.start), types.Command(title, SHOW_PAGE, arguments=[uri]))


def links(examination: Examination, text: EditorText, *, tooltips: bool = True) -> Iterator[types.DocumentLink]:
    """Yield links from calls and services to what defines them, and from codes to their manuals."""
    policy = _understood(examination)
    if policy is None:
        return
    for path, word, target in _linked(policy):
        if target:
            place = text.range(examination.document.offsets(path))
            yield types.DocumentLink(place, target=target, tooltip=f"What defines {word}" if tooltips else None)


def specification_url(spec: str) -> str | None:
    """Return where a specification is on the web; ``None`` for one that has no page of its own."""
    if arm := _ARM.search(spec):
        return f"https://developer.arm.com/documentation/den{arm[1]}/latest"
    linux = _LINUX.search(spec)
    return f"https://docs.kernel.org/{linux[1]}.html" if linux else None


def _understood(examination: Examination) -> Policy | None:
    """Return a policy of which it is clear what it says."""
    return examination.policy if examination.is_understood else None


def _linked(policy: Policy) -> Iterator[tuple[Path, str, str | None]]:
    """Yield the place of each word that something defines, the word, and where that is."""
    for rule in policy.rules:
        for selector in (*rule.selectors, *rule.exceptions):
            if service := registry.service(selector.text):
                yield selector.path, selector.text, specification_url(service.spec)
            elif function := registry.described(selector.text):
                yield selector.path, selector.text, specification_url(function.spec)
    for expectation in policy.tests:
        if function := registry.described(expectation.call):
            yield (*expectation.path, "call"), expectation.call, specification_url(function.spec)
    for allowance in (*policy.allow, *(each for rule in policy.rules for each in rule.allow)):
        yield (*allowance.path, "code"), allowance.code, page_of(allowance.code)


def _held(selector: Selector) -> str:
    """Say what a selector holds that its text does not."""
    if selector.kind is SelectorKind.CALL:
        return ""
    number = size(selector.ids)
    if selector.kind is SelectorKind.SERVICE:
        return counted(number, "ID")
    known = named_calls()
    bounds = ((bisect_left(known, start, key=_id), bisect_left(known, stop, key=_id)) for start, stop in selector.ids)
    names = [call.name for low, high in bounds for call in known[low:high]]
    if number == 1:
        return "".join(names)
    calls = enumerated(names) if 0 < len(names) <= _NAMED else counted(len(names), "known call")
    return f"{counted(number, 'ID')}, {calls}"


def _id(call: tuple[int, str]) -> int:
    return call[0]


def _outcomes(examination: Examination, policy: Policy) -> list[tuple[str, IntervalMap[Outcome]]]:
    """Return the outcome of every call, by the kernel's name."""
    setups = set_up_on(policy, examination.resolution.actions)
    return [(setup.machine.profile.name, setup.outcomes_for_guest()) for setup in setups]


def _got(outcomes: list[tuple[str, IntervalMap[Outcome]]], ids: Intervals) -> str:
    """Say what a guest gets of some calls, the kernels together on which that is the same."""
    kernels: dict[str, list[str]] = {}
    for kernel, outcome in outcomes:
        counts: Counter[Outcome] = Counter()
        for interval in ids:
            for start, stop, value in outcome.within(*interval):
                counts[value] += stop - start
        words = [(OUTCOMES.get(value, value.value), counts[value]) for value in Outcome if counts[value]]
        said = ", ".join(f"{number:,} {word}" if len(words) > 1 else word for word, number in words)
        kernels.setdefault(said, []).append(kernel)
    return "; ".join(f"{said} on {enumerated(names)}" for said, names in kernels.items())


def _hint(text: EditorText, offset: int, said: str) -> types.InlayHint:
    return types.InlayHint(text.position(offset), said, padding_left=True)
