"""What the page knows: the resolved map, what becomes of every call on every kernel, the rules and the findings.

It is all computed here, in the words of ``query`` and ``validate``, so that the page only has to look things up, by
bisection of sorted starts. Lists instead of objects keep a policy of ten thousand rules small.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from smccc_filter.analysis.diagnostics import Diagnostic
from smccc_filter.analysis.grid import HALVES, MAGNIFIED, REST
from smccc_filter.analysis.map import HolderKind, IdHolder, PolicyMap, named_calls
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.guests.setup import VmSetup
from smccc_filter.kvm.machine import Call
from smccc_filter.kvm.outcomes import reply_changes
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.policy.selector import Selector
from smccc_filter.language.policy.vmm_part import VmmPart
from smccc_filter.reports.findings.text import more_alike, refusal
from smccc_filter.reports.paper.excerpt import excerpt, split_lines
from smccc_filter.reports.query import refusals, replies_by_kernel
from smccc_filter.smccc import registry
from smccc_filter.smccc.intervals import Intervals, difference, intersection, union
from smccc_filter.smccc.registry.aliases import ALIASES
from smccc_filter.smccc.registry.owners import OWNERS
from smccc_filter.words import source_name, visible

ACTIONS = tuple(Action)
NONE = -1
"""Index of a rule or a selector where the default decides."""
KVM = -2
"""The same where KVM does, whose the Arm Architecture calls are."""
LINKED = 8
"""Ranges of one finding that lead to the map."""

_HOSTILE = {"<": r"\u003c", ">": r"\u003e", "&": r"\u0026", "\u2028": r"\u2028", "\u2029": r"\u2029"}


def payload(path: str, examination: Examination, setups: Sequence[VmSetup]) -> dict[str, object]:
    """Return everything that the page shows, as JSON has it; texts are printable."""
    drawn = PolicyMap.of(examination, setups)
    policy = drawn.policy
    lines = split_lines(examination.report.text)
    return {
        "name": visible(policy.name),
        "path": source_name(path),
        "description": visible(policy.description or ""),
        "default": policy.default,
        "kernels": drawn.kernels,
        "actions": ACTIONS,
        **_map(drawn),
        **_replies(drawn),
        "refusals": [(line.label, line.text) for line in refusals(setups)],
        **_words(),
        "owners": [(row.first, row.last, row.title) for row in OWNERS],
        "services": [(row.name, row.title, _ids(row)) for row in registry.services()],
        "magnified": list(_magnified()),
        "findings": [_finding(found, lines) for found in _shown(examination)],
        "leftOut": [(*left.kind, more_alike(left.number), left.number) for left in examination.report.left_out],
    }


def embedded(data: object) -> str:
    """Write data as JSON that can stand in a script element: nothing in it can end that, or begin a comment."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return "".join(_HOSTILE.get(c, c) for c in text) if any(c in text for c in _HOSTILE) else text


def _map(drawn: PolicyMap) -> dict[str, object]:
    """Return ``stretches`` (start, action, rule, selector, holder), and the tables that these are indices of."""
    holders: dict[IdHolder, int] = {}
    selectors: dict[Selector, int] = {}
    segments, sizes = [], Counter[int]()
    for segment in drawn.segments:
        nobody = KVM if segment.is_reserved_by_kvm else NONE
        rule = segment.rule.number if segment.rule else nobody
        selector = selectors.setdefault(segment.selector, len(selectors)) if segment.selector else NONE
        holder = holders.setdefault(segment.holder, len(holders))
        sizes[rule] += segment.stop - segment.start
        segments.append((segment.start, ACTIONS.index(segment.action), rule, selector, holder))
    return {
        "stretches": segments,
        "holders": [(holder.title, holder.service, holder.kind is not HolderKind.CALLS) for holder in holders],
        "selectors": [
            (selector.kind, visible(selector.text), *drawn.span(selector).start) for selector in selectors
        ],
        "rules": [
            (visible(rule.label), ACTIONS.index(rule.action), visible(rule.reason or ""), sizes[rule.number],
             [f"{selector.kind}: {visible(selector.text)}" for selector in rule.selectors],
             [f"{selector.kind}: {visible(selector.text)}" for selector in rule.exceptions], _vmm(rule.vmm))
            for rule in drawn.policy.rules
        ],
    }  # fmt: skip


def _vmm(part: VmmPart | None) -> list[tuple[str, str]]:
    """Return what a rule says of its VMM: keys of ``vmm``, each with its value as one text."""
    if part is None:
        return []
    values = {
        "version": [f"{stated.service} {stated.text}" if stated.service else stated.text for stated in part.versions],
        "implements": [call.text for call in part.implements],
        "features": [f"{stated.text} 0x{stated.flags:X}" for stated in part.features],
    }
    return [(key, visible(", ".join(texts))) for key, texts in values.items() if texts]


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


def _words() -> dict[str, object]:
    """Return ``names``, the name of every known ID, and ``calls``, the intervals of IDs that other names stand for."""
    calls = {name: ids for name in registry.all_names() if name not in ALIASES and (ids := registry.by_name(name))}
    forms = {
        f"{name}/{form}": ids for name in calls for form in (32, 64) if (ids := registry.by_name(f"{name}/{form}"))
    }
    aliases = {name: ((func_id, func_id + 1),) for name, func_id in ALIASES.items()}
    return {"names": [tuple(call) for call in named_calls()], "calls": calls, "forms": forms, "aliases": aliases}


def _ids(service: registry.Service) -> Intervals:
    return union((first, last + 1) for first, last in service.ranges)


def _magnified() -> Iterator[tuple[str, str, Intervals, Intervals]]:
    """Yield the services that deserve a closer look: name, title, and the IDs of each form.

    As in the picture, ``std`` is what the others leave of the Standard Secure range.
    """
    services = tuple(filter(None, map(registry.service, MAGNIFIED)))
    others = union(interval for service in services if service.name != REST for interval in _ids(service))
    for service in services:
        rest = service.name == REST
        ids = difference(_ids(service), others) if rest else _ids(service)
        smc32, smc64 = (intersection(ids, (half,)) for half in HALVES)
        yield f"{service.name}, the rest" if rest else service.name, service.title, smc32, smc64


def _shown(examination: Examination) -> list[Diagnostic]:
    """Return the findings, the worst first and what is allowed last."""
    return sorted(examination.report.diagnostics, key=lambda found: (found.suppressed is not None, found.severity.rank))


def _finding(found: Diagnostic, lines: Sequence[str]) -> dict[str, object]:
    start, end = found.span
    line = lines[start.line - 1] if start.line <= len(lines) else ""
    stop = end.column if end.line == start.line else len(line) + 1
    quoted = excerpt(line, start.column - 1, max(stop, start.column) - 1)
    answer = refusal(found)
    return {
        "code": found.code,
        "name": found.name,
        "severity": found.severity,
        "message": visible(found.message),
        "hint": visible(found.hint),
        "line": start.line,
        "column": start.column,
        "quote": quoted.line,
        "under": " " * quoted.indent + "^" * quoted.width + (f" {answer}" if answer else ""),
        "related": [(*other.span.start, visible(other.message)) for other in found.related],
        "ids": [(first, last - 1) for first, last in found.ids[:LINKED]],
        "more": max(0, len(found.ids) - LINKED),
        "allowed": None if found.suppressed is None else visible(found.suppressed),
    }
