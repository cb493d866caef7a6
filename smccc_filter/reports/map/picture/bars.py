"""Bars: what becomes of some IDs, in proportion, each action with its colour, its pattern and, where it fits, letter.

A share too small to be seen is drawn wide enough to be: that one call of 65,536 is denied is the news.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate, groupby

from smccc_filter.analysis.grid import GridBlock, ServiceStrip
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.policy.model import Rule
from smccc_filter.reports.map.picture.shapes import NARROW, Rectangle, box, fitted, number, shared, width_of, words
from smccc_filter.reports.map.picture.style import LETTERS, name
from smccc_filter.smccc.function_id import show_range
from smccc_filter.words import visible

LETTER, SMALL_LETTER = 12.0, 8.5
"""Sizes of letters on bars."""
THIN = 3.0
"""Width of the narrowest piece, where there is room for all of them."""
FINEST = 1.5
"""Width below which pieces in order are noise, and shares are drawn instead."""
NAMED = 3
"""Rules that are named in a tip."""
MOST_NAMES = 6
"""Rules that are named in a row, if they are short."""


def fill(area: Rectangle, action: Action, *, reserved: bool = False) -> str:
    """Draw a rectangle of one action, hatched where the IDs are reserved."""
    parts = [box(area, action)]
    if action is Action.FORWARD:
        parts.append(box(area, fill=f"url(#{name('stripes')})"))
    if reserved:
        parts.append(box(area, fill=f"url(#{name('hatch')})"))
    return "".join(parts)


def letter(area: Rectangle, action: Action, text: str, size: float = LETTER) -> str:
    """Write in the middle of a bar, on ground that no line crosses."""
    width = width_of(text, size) + 2
    ground = Rectangle(area.middle - width / 2, area.y + (area.height - size - 1) / 2, width, size + 1)
    at = area.y + area.height / 2 + size * 0.36
    ink = words(area.middle, at, text, size, f"{action}-ink", text_anchor="middle", font_weight="bold")
    return box(ground, action) + ink


def frame(area: Rectangle) -> str:
    """Draw the edge of a bar."""
    return box(area, "edge")


def of_shares(area: Rectangle, block: GridBlock) -> str:
    """Draw the shares of a block: a letter each, and beside all but the largest its number of IDs."""
    most = max(block.counts, key=lambda share: share[1])
    texts = [LETTERS[action] + ("" if (action, n) == most else f" {short(n)}") for action, n in block.counts]
    areas = list(_shared(area, [n for _, n in block.counts], [width_of(text, LETTER) + 8 for text in texts]))
    parts = []
    for (action, _), text, part in zip(block.counts, texts, areas, strict=True):
        parts += [fill(part, action, reserved=block.reserved), letter(part, action, text)]
    return "".join(parts) + frame(area)


def of_plain_shares(area: Rectangle, block: GridBlock) -> str:
    """Draw the shares of a block where there is no room for letters."""
    least = min(THIN, area.width / len(Action))
    areas = _shared(area, [n for _, n in block.counts], [least] * len(block.counts))
    return "".join(
        fill(part, action, reserved=block.reserved) for (action, _), part in zip(block.counts, areas, strict=True)
    )


def of_strip(area: Rectangle, strip: ServiceStrip) -> str:
    """Draw the pieces of a strip in order, to scale where they are wide enough to be seen, and its calls below."""
    if len(strip.pieces) * FINEST > area.width:
        return of_shares(area, strip.block)
    least = min(THIN, area.width / len(strip.pieces))
    sizes = [piece.stop - piece.start for piece in strip.pieces]
    drawn = list(zip(strip.pieces, _shared(area, sizes, [least] * len(sizes)), strict=True))
    parts = [fill(part, piece.action, reserved=strip.block.reserved) for piece, part in drawn]
    for action, run in groupby(drawn, key=lambda each: each[0].action):
        parts.append(_letter_of_run([part for _, part in run], action))
    parts.append(frame(area))
    marks = iter(strip.marks)
    mark = next(marks, None)
    for piece, part in drawn:
        while mark and mark.call.func_id < piece.stop:
            middle = part.x + part.width * (mark.call.func_id - piece.start + 0.5) / (piece.stop - piece.start)
            parts.append(tick(middle, area.y + area.height, answered=mark.answered))
            mark = next(marks, None)
    return "".join(parts)


def _letter_of_run(areas: Sequence[Rectangle], action: Action) -> str:
    """Write the letter of neighbouring pieces with one action, in the size for which there is room."""
    run = areas[0]._replace(width=sum(area.width for area in areas))
    sizes = (size for size in (LETTER, SMALL_LETTER) if run.width >= size * NARROW + 2)
    return next((letter(run, action, LETTERS[action], size) for size in sizes), "")


def _shared(area: Rectangle, weights: Sequence[int], least: Sequence[float]) -> Iterator[Rectangle]:
    """Cut a bar into one part a weight."""
    widths = shared(weights, area.width, least)
    for x, width in zip(accumulate(widths, initial=area.x), widths, strict=False):
        yield area._replace(x=x, width=width)


def tick(x: float, y: float, *, answered: bool) -> str:
    """Mark a known call below a bar, heavier where a kernel answers it."""
    if answered:
        return box(Rectangle(x - 1, y + 1.5, 2, 5), "ink")
    return f'<path d="M{number(x)} {number(y + 2)}v3" class="{name("mark")}"/>\n'


def short(count: int) -> str:
    """Write a number of IDs in little room: 16,777,216 as 16.8M."""
    return f"{count:,}" if count < 1_000_000 else f"{count / 1_000_000:.1f}M"


def tip(block: GridBlock) -> str:
    """Say which actions the IDs of a block get, and by which rules."""
    ids = ", ".join(show_range(*interval) for interval in block.ids)
    shares = ", ".join(f"{action} {n:,} IDs" for action, n in block.counts)
    return f"{ids}: {shares}{by(block.rules)}"


def rule_names(rules: Sequence[Rule], size: float, width: float) -> str:
    """Name as many rules as there is room for, and count the others."""
    names = [visible(rule.name or f"rule {rule.ordinal}") for rule in rules]
    for shown in range(min(len(names), MOST_NAMES), 1, -1):
        text = ", ".join(names[:shown]) + _beyond(len(names) - shown)
        if width_of(text, size) <= width:
            return text
    beyond = _beyond(len(names) - 1)
    return fitted(names[0], size, width - width_of(beyond, size)) + beyond if names else ""


def by(rules: Sequence[Rule]) -> str:
    """Say which rules decide, at the end of a sentence."""
    labels = ", ".join(rule.label for rule in rules[:NAMED])
    return f", by {labels}{_beyond(len(rules) - NAMED)}" if rules else ""


def _beyond(more: int) -> str:
    return f" and {more:,} more" if more > 0 else ""
