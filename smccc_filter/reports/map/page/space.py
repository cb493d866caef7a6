"""The map in the page: the rows of the picture, and what is folded in them; and the place of what the script adds."""

from collections.abc import Callable, Sequence

from smccc_filter.analysis.decision import decide
from smccc_filter.analysis.grid import GridBar, GridRow, grid_of
from smccc_filter.analysis.map import PolicyMap
from smccc_filter.kvm.uapi import Action
from smccc_filter.reports.map.picture import bars, places, style
from smccc_filter.reports.map.picture.rows import KVMS_OWN, bar_height, is_kvms, rules_of
from smccc_filter.reports.paper.html import Markup, folded, joined, table, tag
from smccc_filter.reports.query import replies_by_kernel
from smccc_filter.smccc.function_id import show, show_range
from smccc_filter.words import counted, cut, enumerated

NAMES = 3
"""Rules that a row names before it counts the others."""
SPACE_PLACE = "0x00000000/0"
PLACES = ((8, "24"), (16, "16"), (24, "8"))
"""Bits of a place that may be magnified, and how its address writes it."""

SKIP = tag("a", "Skip to the question", class_="skip", id="skip", href="#ask", hidden=True)
LOOK_UP = tag(
    "section",
    tag("h2", "Look up a call", id="ask-title"),
    tag(
        "noscript",
        tag("p", "This needs the page's script. ", tag("code", "smccc-filter query"), " answers the same."),
    ),
    tag(
        "form",
        tag("label", "A call, a service, or function IDs in hexadecimal", for_="ask"),
        tag(
            "div",
            Markup(
                '<input id="ask" list="words" autocomplete="off" autocapitalize="off" spellcheck="false"'
                ' placeholder="PSCI_CPU_ON, 0x84000003">'
            ),
            tag("button", "Ask", type="submit"),
            class_="line",
        ),
        tag("datalist", id="words"),
        id="ask-form",
        hidden=True,
    ),
    tag("div", id="result", role="status", aria_live="polite"),
    tag("nav", id="crumbs", aria_label="Where in the map", hidden=True),
    tag("p", id="about"),
    tag("div", id="map"),
    id="question",
    aria_labelledby="ask-title",
)


def section(drawn: PolicyMap) -> Markup:
    """Write the map: services with rules, magnified, then every owner, then yielding calls."""
    grid = grid_of(drawn)
    ours = [row for row in grid.services if row.is_decided]
    others = [row for row in grid.services if not row.is_decided]
    names = enumerated([row.label for row in others]) if others else ""
    return tag(
        "section",
        tag("h2", "Map of the ID space", id="map-title"),
        _legend(drawn.policy.default),
        tag("h3", "Services with rules") if ours else None,
        _rows(drawn, ours, _service) if ours else None,
        folded(f"No rule in {names}", _rows(drawn, others, _service)) if others else None,
        tag("h3", "Owners of fast calls"),
        _rows(drawn, grid.owners, _owner),
        tag("h3", "Yielding calls"),
        _rows(drawn, grid.yielding, _yielding),
        id="space",
        aria_labelledby="map-title",
    )


def _legend(default: Action) -> Markup:
    samples: list[tuple[str, str]] = [
        (bars.sample(action, places.BAR, 'width="24"'), meaning) for action, meaning in style.MEANINGS.items()
    ]
    samples.append((bars.sample(None, places.BAR, 'width="24"'), f"no rule: {default}, the default"))
    samples.append((bars.sample(None, places.BAR, 'width="24"', reserved=True), "allocated to nobody"))
    samples.append((bars.sample_mark('width="8"', answered=False), "a known call"))
    samples.append((bars.sample_mark('width="8"', answered=True), "one that is answered"))
    return tag(
        "ul", *(tag("li", Markup(sample), said) for sample, said in samples), class_="legend", aria_label="Legend"
    )


def _rows(drawn: PolicyMap, rows: Sequence[GridRow], inside: Callable[[PolicyMap, GridRow], Markup | None]) -> Markup:
    heads = ("", "SMC32", "SMC64") if len(rows[0].bars) > 1 else ()
    head = (
        tag("li", *(tag("span", title) for title in heads), class_="row heads", aria_hidden="true") if heads else None
    )
    return tag("ul", head, *(tag("li", _row(drawn, row), inside(drawn, row)) for row in rows), class_="map")


def _row(drawn: PolicyMap, row: GridRow) -> Markup:
    names = rules_of(row, drawn.policy.rules)
    shown = [tag("bdi", cut(name)) for name in names[:NAMES]]
    more = f" and {len(names) - NAMES:,} more" if len(names) > NAMES else None
    is_yielding = len(row.bars) == 1
    quiet = KVMS_OWN if is_kvms(row) else row.title if is_yielding else None
    said = joined(joined(*shown, between=", "), more) if names else quiet
    label = row.label if is_yielding or row.label[0].isalpha() else f"{row.label} {row.title}"
    kind = "row one" if is_yielding else "row"
    return tag(
        "div",
        tag("span", label, class_="label", title=row.title),
        *(_bar(row, number) for number in range(len(row.bars))),
        tag("span", said, class_="by") if said else None,
        class_=kind,
    )


def _bar(row: GridRow, number: int) -> Markup:
    bar = row.bars[number]
    if bar is None:
        return tag("span", class_="none")
    drawn = bars.draw(bar, bar_height(bar), marks=bool(bar.marks), place='class="bar" role="img"')
    rest = row.rest[number] if row.rest else None
    if rest and rest.is_decided:
        drawn += bars.draw(rest, places.REST, marks=False, place='class="bar" role="img"')
    return tag("span", Markup(drawn), class_="tile", data_place=place_of(bar))


def place_of(bar: GridBar) -> str:
    """Return the address of the smallest place of the map that a bar fits into: its start, and 8, 16 or 24 bits."""
    start, stop = bar.ids[0][0], bar.ids[-1][1]
    for bits, written in PLACES:
        if start >> bits == (stop - 1) >> bits:
            return f"{show(start >> bits << bits)}/{written}"
    return SPACE_PLACE


def _service(drawn: PolicyMap, row: GridRow) -> Markup | None:
    """Fold the known calls of a service, and what becomes of each."""
    calls = [mark.call for bar in filter(None, row.bars) for mark in bar.marks]
    if not row.is_decided or not calls:
        return None
    return folded(counted(len(calls), "call"), _calls(drawn, [(call.func_id, call.name) for call in calls]))


def _calls(drawn: PolicyMap, calls: Sequence[tuple[int, str]]) -> Markup:
    rows: list[tuple[str | None, ...]] = []
    for func_id, name in calls:
        decision = decide(drawn.examination, drawn.setups, func_id)
        replies = replies_by_kernel(decision.replies, func_id)
        rows.append(
            (
                tag("span", show(func_id), class_="id", data_id=show(func_id)),
                name,
                tag("span", decision.action, class_=f"badge {decision.action if decision.rule else 'undecided'}"),
                tag("bdi", decision.rule.label) if decision.rule else "the default",
                "; ".join(line.text if len(replies) == 1 else f"{line.label}: {line.text}" for line in replies),
            )
        )
    return table(("ID", "call", "action", "by", "the guest gets"), rows, "Known calls", "list known-calls")


def _owner(_: PolicyMap, row: GridRow) -> Markup | None:
    """Fold the owners that share a row."""
    forms = [bar.ids for bar in row.bars if bar]
    if len(forms[0]) == 1:
        return None
    first = int(row.label.partition("-")[0])
    lines = (
        tag("li", f"{first + number}: ", joined(*(_range(form[number]) for form in forms), between=", "))
        for number in range(len(forms[0]))
    )
    return folded(counted(len(forms[0]), "owner"), tag("ul", *lines, class_="plain owners"))


def _range(interval: tuple[int, int]) -> Markup:
    return tag("span", show_range(*interval), class_="id", data_id=f"{show(interval[0])}/16")


def _yielding(_: PolicyMap, __: GridRow) -> None:
    """Fold nothing."""
