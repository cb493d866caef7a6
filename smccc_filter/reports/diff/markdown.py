"""A comparison as markdown, for the comment of a merge request: the verdict, then a table.

Names and places come from files. All of them stand in code, where nobody is mentioned and nothing is a link; what could
end the code or the cell is written as character references.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain

from smccc_filter.analysis.comparison.compared import ComparedSide, Decider
from smccc_filter.analysis.comparison.comparison import ChangeSide, Comparison, MapChange
from smccc_filter.analysis.comparison.told import ToldDifference
from smccc_filter.analysis.comparison.verdict import ComparisonVerdict
from smccc_filter.reports.diff.answers import call_name, call_names, effects, told_half, where_told
from smccc_filter.reports.diff.findings import heading, place, said_of, status
from smccc_filter.reports.diff.rows import (
    SENTENCES,
    alike,
    few,
    ids_of,
    names_in,
    outcomes,
    place_of,
    services_in,
    setting_key,
    setting_value,
    totals,
    where,
)
from smccc_filter.reports.guest.tree import refused
from smccc_filter.words import counted, cut, source_name, visible

OPEN_ROWS = 20
"""Rows that are seen at once; the others are folded away."""
FOLDED_ROWS = 180
"""Rows that are folded away at most: GitHub takes 65,536 characters."""
HEADER = (("IDs", "calls", "services", "change", "old", "new"), ("---",) * 6)
TOLD_HEADER = (("told by", "of", "discovers", "change", "old", "new"), ("---",) * 6)
_ENDS_CODE = re.compile(r"[`|\\]|^\s|\s$|^$")


def render(comparison: Comparison, page: str | None = None) -> str:
    """Write the comment; it ends in one line end. ``page`` is the address of the page that shows the same."""
    return "\n".join(_lines(comparison, page)).rstrip("\n") + "\n"


def code(text: str) -> str:
    """Write any text as code within a table's cell."""
    text = visible(text)
    if not _ENDS_CODE.search(text):
        return f"`{text}`"
    return f"<code>{''.join(c if c.isalnum() else f'&#{ord(c)};' for c in text)}</code>"


def _lines(comparison: Comparison, page: str | None) -> Iterator[str]:
    old, new = (code(source_name(side.path)) for side in (comparison.old, comparison.new))
    kernels, sentence = ", ".join(comparison.kernels), SENTENCES[comparison.verdict]
    yield f"**{comparison.verdict}**: {old} → {new} on Linux {kernels}: {sentence}."
    yield ""
    if page:
        yield f"[What changes, as one page with its map](<{page}>)"
        yield ""
    if notes := [*(f"- {code(sentence)}" for sentence in comparison.assumed), *_settings(comparison)]:
        yield from (*notes, "")
    if in_guest := comparison.in_guest:
        yield f"{_total(in_guest)} changed for the guest:"
        yield ""
        yield from _table(comparison, [(change,) for change in in_guest[:OPEN_ROWS]])
        yield ""
        yield from _folded(comparison, [(change,) for change in in_guest[OPEN_ROWS:]], "more")
    if comparison.told:
        yield f"{counted(len(comparison.told), 'answer')} to discovery changed for the guest:"
        yield ""
        rows = (*TOLD_HEADER, *(_told(comparison, found) for found in comparison.told))
        yield from (f"| {' | '.join(row)} |" for row in rows)
        yield ""
    yield from _findings(comparison)
    yield from _folded(comparison, alike(comparison.in_words), "of another action, and no change in the guest")


def _total(changes: Sequence[MapChange]) -> str:
    return totals(changes).replace(", ", " with ", 1)


def _settings(comparison: Comparison) -> Iterator[str]:
    for each in comparison.settings:
        old, new = (code(setting_value(each.key, words)) for words in (each.old, each.new))
        yield f"- {code(setting_key(each))}: {old} → {new}"
    for side, setups in ((comparison.old, comparison.old_setups), (comparison.new, comparison.new_setups)):
        for setup in setups:
            for row in setup.refusals:
                kernel, path = setup.machine.profile.name, source_name(side.path)
                yield f"- Linux {kernel} refuses {code(refused(row))} of {code(path)}"


def _findings(comparison: Comparison) -> Iterator[str]:
    if not comparison.findings:
        return
    yield "Findings that are new or gone, which the verdict does not count:"
    yield ""
    for each in comparison.findings[:OPEN_ROWS]:
        yield f"- {status(each)}: {code(heading(each))} {code(said_of(each))}, {code(place(comparison, each))}"
    if rest := comparison.findings[OPEN_ROWS:]:
        yield f"- and {len(rest):,} more"
    yield ""


def _folded(comparison: Comparison, groups: Sequence[Sequence[MapChange]], what: str) -> Iterator[str]:
    """Fold a table away, and count what would be too long for a comment."""
    if not groups:
        return
    yield f"<details><summary>{_total([*chain(*groups)])} {what}</summary>"
    yield ""
    yield from _table(comparison, groups[:FOLDED_ROWS])
    if rest := [*chain(*groups[FOLDED_ROWS:])]:
        yield ""
        yield f"{_total(rest)} more are not shown here: see `smccc-filter diff`."
    yield ""
    yield "</details>"
    yield ""


def _table(comparison: Comparison, groups: Sequence[Sequence[MapChange]]) -> Iterator[str]:
    """Yield a row for each group, which differs in its IDs only."""
    rows = (*HEADER, *(_row(comparison, group) for group in groups))
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _row(comparison: Comparison, group: Sequence[MapChange]) -> tuple[str, ...]:
    first = group[0]
    names = dict.fromkeys(name for change in group for name in names_in(change))
    services = dict.fromkeys(service for change in group for service in services_in(change))
    return (
        few([code(ids_of(change)) for change in group]),
        few([code(name) for name in names]),
        few([code(service) for service in services]),
        "" if first.verdict is ComparisonVerdict.EQUIVALENT else f"{first.verdict}{where(comparison, first)}",
        _half(comparison, first, first.old, comparison.old),
        _half(comparison, first, first.new, comparison.new),
    )


def _told(comparison: Comparison, found: ToldDifference) -> tuple[str, ...]:
    return (
        code(call_name(found.discovery)),
        few([code(name) for name in call_names(found.arguments)]),
        "; ".join(map(code, effects(found))),
        f"{found.verdict}{where_told(comparison, found)}",
        told_half(found, found.old),
        told_half(found, found.new),
    )


def _half(comparison: Comparison, change: MapChange, half: ChangeSide, side: ComparedSide) -> str:
    return f"{half.action}: {outcomes(comparison, change, half)}<br>{_by(side, half.by)}"


def _by(side: ComparedSide, by: Decider) -> str:
    words = (cut(by.rule or by.label), cut(by.text or ""), place_of(side, by))
    return ", ".join(code(word) for word in words if word)
