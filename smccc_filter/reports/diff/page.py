"""A comparison as one page: what a reviewer of a change looks at, from the verdict down to the map."""

from collections.abc import Iterable, Iterator, Sequence

from smccc_filter.analysis.comparison.compared import ComparedSide
from smccc_filter.analysis.comparison.comparison import ChangeSide, Comparison, MapChange
from smccc_filter.analysis.comparison.findings import FindingChange
from smccc_filter.analysis.comparison.grid import CHANGED, NEW, OLD, compared_grid, is_changed
from smccc_filter.analysis.grid import GridBar, GridRow
from smccc_filter.reports.diff.answers import effects, title, told_half, where_told
from smccc_filter.reports.diff.findings import heading, place, said_of, status
from smccc_filter.reports.diff.rows import (
    SENTENCES,
    alike,
    counts,
    decided_by,
    few,
    names_in,
    outcomes,
    ranges_of,
    services_in,
    setting_key,
    setting_value,
    totals,
    where,
)
from smccc_filter.reports.guest.tree import refused
from smccc_filter.reports.map.picture import bars, style
from smccc_filter.reports.paper.html import Markup, folded, joined, table, tag
from smccc_filter.reports.paper.page import document
from smccc_filter.words import counted, enumerated, source_name, visible

IN_SIGHT = 50
"""Rows of changes that are in sight before the others are folded."""
MOST = 2000
"""Rows of changes that the page lists; of the others it says how many there are."""
HEIGHT, STRIP = 11.0, 3.0
"""Heights of the bars of either side, and of the strip between them."""
HEADS = ("IDs", "calls", "services", "for the guest", "was", "is")
SAME = "Nothing differs: a guest gets and is told the same, and no finding is new or gone."


def render(comparison: Comparison) -> str:
    """Write the page. It has no script: every text and the whole map are in it."""
    paths = [source_name(side.path) for side in (comparison.old, comparison.new)]
    main = tag("main", *_findings(comparison), *_map(comparison), *_told(comparison), *_changes(comparison))
    return document(f"{paths[0]} to {paths[1]}: SMCCC filter policies compared", joined(_head(comparison, paths), main))


def _head(comparison: Comparison, paths: Sequence[str]) -> Markup:
    """Write the two sides, the verdict, and what differs of the VM."""
    names = [tag("bdi", side.name or path) for side, path in zip((comparison.old, comparison.new), paths, strict=True)]
    facts = [
        joined(tag("bdi", paths[0], class_="id"), " to ", tag("bdi", paths[1], class_="id")),
        f"Linux {enumerated(comparison.kernels)}",
    ]
    counted_parts = counts(comparison)
    settings = [*map(visible, comparison.assumed), *_settings(comparison)]
    summary = f"{comparison.verdict}: {SENTENCES[comparison.verdict]}"
    return joined(
        tag(
            "header",
            tag(
                "div",
                tag("h1", joined(*dict.fromkeys(names), between=" to "), id="name"),
                tag("ul", *(tag("li", fact) for fact in facts), class_="facts"),
            ),
        ),
        tag(
            "section",
            tag("h2", summary[0].upper() + summary[1:], id="verdict-title"),
            tag("ul", *(tag("li", f"{word}: {total}") for word, total in counted_parts), class_="plain")
            if counted_parts
            else tag("p", SAME),
            tag("ul", *(tag("li", line) for line in settings), class_="plain") if settings else None,
            id="verdict",
            class_=f"verdict is-{comparison.verdict}",
            aria_labelledby="verdict-title",
        ),
    )


def _settings(comparison: Comparison) -> Iterator[str]:
    for each in comparison.settings:
        yield f"{setting_key(each)}: {setting_value(each.key, each.old)} → {setting_value(each.key, each.new)}"
    for side, setups in ((comparison.old, comparison.old_setups), (comparison.new, comparison.new_setups)):
        for setup in setups:
            for row in setup.refusals:
                kernel = setup.machine.profile.name
                yield f"Linux {kernel} refuses {refused(row)} of {source_name(side.path)}, and keeps its default"


def _findings(comparison: Comparison) -> Iterator[Markup]:
    if comparison.findings:
        yield tag(
            "section",
            tag("h2", "Findings that are new or gone"),
            *(_finding(comparison, change) for change in comparison.findings),
            id="findings",
        )


def _finding(comparison: Comparison, change: FindingChange) -> Markup:
    found = change.finding
    kind = found.severity if change.is_new and found.suppressed is None else "allowed"
    code = tag("span", f"{status(change)}: {heading(change)}", class_=f"severity {kind}")
    return tag(
        "article",
        tag("h3", code),
        tag("p", said_of(change)),
        tag("p", place(comparison, change), class_="place"),
        class_=f"card is-{kind}",
    )


def _told(comparison: Comparison) -> Iterator[Markup]:
    if not comparison.told:
        return
    rows = [
        (
            title(found),
            "; ".join(effects(found)),
            tag("span", f"{found.verdict}{where_told(comparison, found)}", class_=f"badge is-{found.verdict}"),
            told_half(found, found.old),
            told_half(found, found.new),
        )
        for found in comparison.told
    ]
    heads = ("answer", "the guest discovers", "that is", "was", "is")
    answers = table(heads, rows, "Answers to discovery", "list told")
    yield tag("section", tag("h2", "What the guest is told"), answers, id="told")


def _changes(comparison: Comparison) -> Iterator[Markup]:
    groups = [(change,) for change in comparison.in_guest]
    if groups:
        yield tag(
            "section",
            tag("h2", f"What the guest gets: {totals(comparison.in_guest)}"),
            *_tables(comparison, groups),
            id="changes",
        )
    if comparison.in_words:
        yield tag(
            "section",
            tag("h2", f"No change in the guest, only in the policy's words: {totals(comparison.in_words)}"),
            *_tables(comparison, alike(comparison.in_words)),
            id="words",
        )


def _tables(comparison: Comparison, groups: Sequence[Sequence[MapChange]]) -> Iterator[Markup]:
    yield _table(comparison, groups[:IN_SIGHT])
    if more := groups[IN_SIGHT:MOST]:
        yield folded(f"Show {counted(len(more), 'more row')}", _table(comparison, more))
    if len(groups) > MOST:
        left = counted(len(groups) - MOST, "more row")
        yield tag("p", f"{left} are not listed here: see `smccc-filter diff`.", class_="notice")


def _table(comparison: Comparison, groups: Iterable[Sequence[MapChange]]) -> Markup:
    return table(HEADS, (_row(comparison, group) for group in groups), "Changes", "list changes")


def _row(comparison: Comparison, group: Sequence[MapChange]) -> tuple[str | None, ...]:
    first = group[0]
    names = dict.fromkeys(name for change in group for name in names_in(change))
    services = dict.fromkeys(service for change in group for service in services_in(change))
    return (
        tag("span", ranges_of(group), class_="id"),
        few([*names]),
        few([*services]),
        tag("span", f"{first.verdict}{where(comparison, first)}", class_=f"badge is-{first.verdict}"),
        _half(comparison, first, first.old, comparison.old),
        _half(comparison, first, first.new, comparison.new),
    )


def _half(comparison: Comparison, change: MapChange, half: ChangeSide, side: ComparedSide) -> Markup:
    ground = half.action if half.by.text else "undecided"
    badge = tag("span", half.action, class_=f"badge {ground}")
    by = tag("p", tag("bdi", decided_by(side, half.by)), class_="muted")
    return joined(badge, f" {outcomes(comparison, change, half)}", by)


def _map(comparison: Comparison) -> Iterator[Markup]:
    """Write the rows in which something changes, OLD above NEW; of the others say which they are."""
    if not comparison.changes:
        return
    grid = compared_grid(comparison)
    sections = (
        ("Services that change", grid.services),
        ("Owners of fast calls that change", grid.owners),
        ("Yielding calls that change", grid.yielding),
    )
    parts = []
    for heading_, rows in sections:
        if changed := [row for row in rows if is_changed(row)]:
            parts += [
                tag("h3", heading_),
                tag("ul", *(tag("li", _bars(row)) for row in changed), class_="map compared"),
            ]
    same = [row.label for row in (*grid.services, *grid.owners) if not is_changed(row)]
    legend = tag("ul", *(tag("li", sample, said) for sample, said in _legend()), class_="legend", aria_label="Legend")
    unchanged = folded("Unchanged", tag("p", enumerated(same))) if same else None
    yield tag("section", tag("h2", "Map of the changes"), legend, *parts, unchanged, id="space")


def _legend() -> Iterator[tuple[Markup, str]]:
    yield Markup(""), "above: old; below: new; a dark strip between them: changed"
    for action, meaning in style.MEANINGS.items():
        yield Markup(bars.sample(action, HEIGHT + 5, 'width="24"')), meaning
    yield Markup(bars.sample(None, HEIGHT + 5, 'width="24"')), "no rule decides"


def _bars(row: GridRow) -> Markup:
    is_one = len(row.bars) == 1
    label = row.label if is_one or row.label[0].isalpha() else f"{row.label} {row.title}"
    changes = sum(piece.decided for bar in row.all_bars for piece in bar.blocks[CHANGED].pieces)
    return tag(
        "div",
        tag("span", label, class_="label", title=row.title),
        *(_both(row, number) for number in range(len(row.bars))),
        tag("span", counted(changes, "change"), class_="by"),
        class_="row one" if is_one else "row",
    )


def _both(row: GridRow, number: int) -> Markup:
    drawn = [row.bars[number], row.rest[number] if row.rest else None]
    return tag("span", *(_pair(bar) for bar in drawn if bar and (bar is drawn[0] or _has_change(bar))), class_="tile")


def _has_change(bar: GridBar) -> bool:
    return any(piece.decided for piece in bar.blocks[CHANGED].pieces)


def _pair(bar: GridBar) -> Markup:
    place_ = 'class="bar" role="img"'
    return Markup(
        bars.draw(bar, HEIGHT, OLD, marks=False, place=place_)
        + bars.draw_changes(bar, STRIP, CHANGED, 'class="bar"')
        + bars.draw(bar, HEIGHT, NEW, marks=bool(bar.marks), place=place_)
    )
