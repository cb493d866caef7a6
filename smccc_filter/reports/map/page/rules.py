"""The rules, in the order of the file: of very many the page says which it leaves out."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from smccc_filter.analysis.map import PolicyMap
from smccc_filter.language.policy.model import Rule
from smccc_filter.language.policy.selector import Selector
from smccc_filter.language.policy.vmm_part import VmmPart
from smccc_filter.reports.paper.html import Markup, folded, joined, stranger, table, tag
from smccc_filter.words import counted, cut, visible

IN_SIGHT = 100
"""Rules that are in sight before the others are folded."""
FOLD = 1000
"""Rules of one fold."""
MOST = 10_000
"""Rules that the page lists; of the others it says how many there are."""
NAMED = 12
"""Selectors of one rule that are named before the others are counted."""
HEADS = ("rule", "action", "selects", "IDs", "reason")


def section(drawn: PolicyMap) -> Markup:
    """Write the rules."""
    rules = drawn.policy.rules
    sizes = Counter[int]()
    for segment in drawn.segments:
        if segment.rule:
            sizes[segment.rule.number] += segment.stop - segment.start
    title = f"{counted(len(rules), 'rule') if rules else 'No rules'}, default {drawn.policy.default}"
    return tag(
        "section", tag("h2", title, id="rules-title"), *_lists(rules, sizes), id="rules", aria_labelledby="rules-title"
    )


def _lists(rules: Sequence[Rule], sizes: Counter[int]) -> Iterator[Markup]:
    if not rules:
        yield tag("p", "The policy has none: the default decides.")
        return
    yield _table(rules[:IN_SIGHT], sizes)
    listed = min(len(rules), MOST)
    for start, stop in pairwise((IN_SIGHT, *range(FOLD, listed, FOLD), listed) if listed > IN_SIGHT else ()):
        yield folded(f"Rules {start + 1:,} to {stop:,}", _lines(rules[start:stop], sizes))
    if len(rules) > MOST:
        left = counted(len(rules) - MOST, "more rule")
        yield tag(
            "p", f"{left} are not listed here. Look up a call to see the rule that decides on it.", class_="notice"
        )


def _table(rules: Sequence[Rule], sizes: Counter[int]) -> Markup:
    return table(HEADS, [_row(rule, sizes[rule.number]) for rule in rules], "Table of rules", "list rules")


def _lines(rules: Sequence[Rule], sizes: Counter[int]) -> Markup:
    """Write rules as a list, a line each: a browser builds thousands of those in the time of hundreds of rows."""
    return tag("ol", *(_line(rule, sizes[rule.number]) for rule in rules), start=f"{rules[0].number + 1}")


def _line(rule: Rule, size: int) -> Markup:
    facts = (
        f"{rule.action} {selected(rule)}, {counted(size, 'ID')}",
        *(f"{key}: {text}" for key, text in vmm_words(rule.vmm)),
    )
    reason = tag("bdi", f" {rule.reason}") if rule.reason else None
    return tag("li", _name(rule), f": {'; '.join(facts)}.", reason)


def _name(rule: Rule) -> Markup:
    return tag("bdi", cut(visible(rule.name)) if rule.name else f"rule {rule.ordinal}")


def _row(rule: Rule, size: int) -> tuple[str | None, ...]:
    reason = [stranger(rule.reason)] if rule.reason else []
    vmm = [tag("p", f"{key}: {text}", class_="muted") for key, text in vmm_words(rule.vmm)]
    return (
        _name(rule),
        tag("span", rule.action, class_=f"badge {rule.action}"),
        selected(rule),
        f"{size:,}",
        joined(*reason, *vmm),
    )


def selected(rule: Rule) -> str:
    """Say what a rule selects."""
    exceptions = f" except {_texts(rule.exceptions)}" if rule.exceptions else ""
    return _texts(rule.selectors) + exceptions


def vmm_words(part: VmmPart | None) -> list[tuple[str, str]]:
    """Return what a rule says of its VMM: keys of ``vmm``, each with its value as one text."""
    if part is None:
        return []
    values = {
        "the VMM's version": [f"{it.service} {it.text}" if it.service else it.text for it in part.versions],
        "the VMM implements": [call.text for call in part.implements],
        "the VMM's features": [f"{it.text} 0x{it.flags:X}" for it in part.features],
    }
    return [(key, visible(", ".join(texts))) for key, texts in values.items() if texts]


def _texts(selectors: Sequence[Selector]) -> str:
    kinds: dict[str, list[str]] = {}
    for selector in selectors[:NAMED]:
        kinds.setdefault(selector.kind, []).append(cut(visible(selector.text)))
    said = "; ".join(f"{kind}: {', '.join(texts)}" for kind, texts in kinds.items())
    return f"{said} and {len(selectors) - NAMED:,} more" if len(selectors) > NAMED else said
