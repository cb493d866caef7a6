"""What the script looks up: the resolved map, what becomes of every call on every kernel, and all words for calls.

It is all computed here, in the words of ``query``, so that the script only has to look things up, by bisection of
sorted starts. Lists instead of objects keep a policy of ten thousand rules small.
"""

from collections.abc import Iterator

from smccc_filter.analysis.map import HolderKind, IdHolder, PolicyMap, named_calls
from smccc_filter.kvm.machine import Call
from smccc_filter.kvm.outcomes import reply_changes
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.policy.selector import Selector
from smccc_filter.reports.query import replies_by_kernel
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import FAST_CALL, is_smc64
from smccc_filter.smccc.intervals import Intervals, union
from smccc_filter.words import source_name, visible

ACTIONS = tuple(Action)
NONE = -1
"""Index of a rule or a selector where the default decides."""
KVM = -2
"""The same where KVM does, whose the Arm Architecture calls are."""
REASON = 400
"""Characters of a reason that an answer repeats; the list of rules has all of it."""


def payload(path: str, drawn: PolicyMap) -> dict[str, object]:
    """Return what the script needs, as JSON has it; texts are printable."""
    return {
        "path": source_name(path),
        "actions": ACTIONS,
        **_map(drawn),
        **_replies(drawn),
        **_words(),
        "services": [(row.name, row.title, _ids(row)) for row in registry.services()],
    }


def _map(drawn: PolicyMap) -> dict[str, object]:
    """Return ``stretches`` (start, action, rule, selector, holder), and the tables that these are indices of."""
    holders: dict[IdHolder, int] = {}
    selectors: dict[Selector, int] = {}
    segments = []
    for segment in drawn.segments:
        nobody = KVM if segment.is_reserved_by_kvm else NONE
        rule = segment.rule.number if segment.rule else nobody
        selector = selectors.setdefault(segment.selector, len(selectors)) if segment.selector else NONE
        holder = holders.setdefault(segment.holder, len(holders))
        segments.append((segment.start, ACTIONS.index(segment.action), rule, selector, holder))
    return {
        "stretches": segments,
        "holders": [(holder.title, holder.service, holder.kind is not HolderKind.CALLS) for holder in holders],
        "selectors": [
            (selector.kind, visible(selector.text), *drawn.span(selector).start) for selector in selectors
        ],
        "rules": [(visible(rule.label), _reason(rule.reason or "")) for rule in drawn.policy.rules],
    }  # fmt: skip


def _reason(reason: str) -> str:
    return visible(reason if len(reason) <= REASON else f"{reason[:REASON]}...")


def _replies(drawn: PolicyMap) -> dict[str, object]:
    """Return ``replies``, sorted pairs of a first ID and what the guest gets from there on, an index of ``answers``."""
    answers: dict[tuple[tuple[str, str], ...], int] = {}
    replies: list[tuple[int, int]] = []
    for func_id in sorted({*reply_changes(), *(segment.start for segment in drawn.segments), *_vmm_changes(drawn)}):
        made = [(setup, setup.reply(Call(func_id))) for setup in drawn.setups]
        lines = tuple((line.label, line.text) for line in replies_by_kernel(made, func_id))
        answer = answers.setdefault(lines, len(answers))
        if not replies or replies[-1][1] != answer:
            replies.append((func_id, answer))
    return {"replies": replies, "answers": list(answers)}


def _vmm_changes(drawn: PolicyMap) -> Iterator[int]:
    """Yield the IDs from which on the VMM makes something else of a call."""
    for setup in drawn.setups:
        if setup.vmm:
            yield from setup.vmm.made.starts


def words_told(func_id: int, name: str) -> set[str]:
    """Return the words that the name of one ID tells: itself, without its form, and with it where it has but one."""
    base, slash, _ = name.partition("/")
    form = f"{base}/{64 if is_smc64(func_id) else 32}"
    return {name, base, form} if func_id & FAST_CALL or slash else {name}


def _words() -> dict[str, object]:
    """Return ``names``, the name of every known ID, and ``words``, the IDs of those words that no name tells."""
    told: dict[str, list[tuple[int, int]]] = {}
    for func_id, name in named_calls():
        for word in words_told(func_id, name):
            told.setdefault(word, []).append((func_id, func_id + 1))
    every = {
        word: registry.by_name(word) for name in registry.all_names() for word in (name, f"{name}/32", f"{name}/64")
    }
    other = {word: ids for word, ids in every.items() if ids and ids != union(told.get(word, ()))}
    return {"names": [tuple(call) for call in named_calls()], "words": other}


def _ids(service: registry.Service) -> Intervals:
    return union((first, last + 1) for first, last in service.ranges)
