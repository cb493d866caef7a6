"""Every owner in every form: a row for each that has calls of its own, and one for those that share a fate."""

from collections.abc import Sequence
from itertools import groupby

from smccc_filter.analysis.grid import CallForm, GridCell
from smccc_filter.reports.map.picture import bars, places
from smccc_filter.reports.map.picture.shapes import Rectangle, group, number, words
from smccc_filter.reports.map.picture.style import LETTERS, name
from smccc_filter.smccc.registry.owners import OWNERS, OwnerRange

BAR, REST = 18.0, 5.0
"""Heights of the bar of an owner's calls, and of the strip below it with the rest of its IDs."""
ROW = 33.0
COLUMNS = {
    CallForm.SMC32: (places.SMC32, places.FORM_WIDTH),
    CallForm.SMC64: (places.SMC64, places.FORM_WIDTH),
    CallForm.YIELDING: (places.YIELDING, places.YIELDING_WIDTH),
}


def draw(cells: Sequence[GridCell], top: float) -> tuple[str, float]:
    """Draw the section whose upper edge is at ``top``; return it and where it ends."""
    parts = [words(places.MARGIN, top + 14, "Every owner", places.HEADING, font_weight="bold")]
    heads = (
        (places.SMC32, "SMC32 fast calls"),
        (places.SMC64, "SMC64 fast calls"),
        (places.YIELDING, "Yielding calls"),
    )
    parts += [words(x, top + 14, text, places.TEXT, "quiet") for x, text in (*heads, (places.OWNERS_RULES, "Rules"))]
    y = top + 26
    for owners in OWNERS:
        parts.append(_row(owners, [cell for cell in cells if owners.first <= cell.owner <= owners.last], y))
        y += ROW
    return "".join(parts), y


def _row(owners: OwnerRange, cells: Sequence[GridCell], y: float) -> str:
    base = y + BAR / 2 + 4.5
    parts = [
        words(places.NUMBER_END, base, _numbers(owners), places.TEXT, "quiet", text_anchor="end"),
        words(places.LABELS, base, owners.title, places.TEXT),
    ]
    for form, (x, width) in COLUMNS.items():
        mine = [cell for cell in cells if cell.form is form]
        parts.append(_alone(owners, mine[0], x, y) if len(mine) == 1 else _together(mine, x, width, y))
    rules = {rule.number: rule for cell in cells for block in (cell.calls, cell.rest) for rule in block.rules}
    named = bars.rule_names([rules[n] for n in sorted(rules)], places.TEXT, places.RIGHT - places.OWNERS_RULES)
    text, classes = (named, "ink") if named else ("KVM's own" if owners.first == 0 else "", "quiet")
    return "".join(parts) + (words(places.OWNERS_RULES, base, text, places.TEXT, classes) if text else "")


def _numbers(owners: OwnerRange) -> str:
    return str(owners.first) if owners.first == owners.last else f"{owners.first}-{owners.last}"


def _alone(owners: OwnerRange, cell: GridCell, x: float, y: float) -> str:
    """Draw the one owner of a row."""
    calls, rest = _areas(x, y, COLUMNS[cell.form][1])
    title = f"{owners.title}, {cell.form}. {bars.tip(cell.calls)}. {bars.tip(cell.rest)}"
    parts = (bars.of_shares(calls, cell.calls), bars.of_plain_shares(rest, cell.rest), bars.frame(rest))
    return group(title, parts)


def _together(cells: Sequence[GridCell], x: float, width: float, y: float) -> str:
    """Draw owners side by side, and neighbours that look the same as one, with one letter."""
    each = width / len(cells)
    shapes, letters = [], []
    at = x
    for _, run in groupby(cells, key=_fate):
        alike = list(run)
        shapes.append(_run(alike, at, each, y))
        letters.append(_letter(alike, at, each, y))
        at += each * len(alike)
    lines = "".join(f"M{number(x + each * i)} {number(y)}v{number(BAR)}" for i in range(1, len(cells)))
    shapes.append(f'<path d="{lines}" class="{name("edge")}"/>\n')
    return "".join((*shapes, *map(bars.frame, _areas(x, y, width)), *letters))


def _run(alike: Sequence[GridCell], x: float, each: float, y: float) -> str:
    """Draw neighbours that look the same, or one owner whose IDs get several actions."""
    first = alike[0]
    owners = f"Owner {first.owner}" if len(alike) == 1 else f"Owners {first.owner} to {alike[-1].owner}"
    calls, rest = (", ".join(action for action, _ in block.counts) for block in (first.calls, first.rest))
    rules = bars.by(list(dict.fromkeys((*first.calls.rules, *first.rest.rules))))
    title = f"{owners}, {first.form}: {calls}; in the thin strip {rest}{rules}"
    bar, strip = _areas(x, y, each * len(alike))
    return group(title, (bars.of_plain_shares(bar, first.calls), bars.of_plain_shares(strip, first.rest)))


def _letter(alike: Sequence[GridCell], x: float, each: float, y: float) -> str:
    """Write the letter of neighbours, where they have one and there is room, over the lines between them."""
    (action, _), *others = alike[0].calls.counts
    width = each * len(alike)
    if others or width < bars.LETTER:
        return ""
    if each >= bars.LETTER:  # within one owner, not across two
        x, width = x + each * ((len(alike) - 1) // 2), each
    return bars.letter(Rectangle(x, y, width, BAR), action, LETTERS[action])


def _areas(x: float, y: float, width: float) -> tuple[Rectangle, Rectangle]:
    """Return where the bar and the thin strip below it stand."""
    return Rectangle(x, y, width, BAR), Rectangle(x, y + BAR, width, REST)


def _fate(cell: GridCell) -> tuple[object, ...]:
    """Return what cells have in common that can be drawn as one: blocks of one action each, by the same rules."""
    blocks = (cell.calls, cell.rest)
    if any(len(block.counts) > 1 for block in blocks):
        return (cell.owner,)
    return tuple((block.counts[0][0], block.rules, block.reserved) for block in blocks)
