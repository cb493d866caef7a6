"""Bars: what a policy makes of some IDs, in the order of the IDs and in proportion.

Places are percentages of the bar, so that one drawing stands in the picture, where every width is known, and in a page,
where none is. What no rule decides is the bare ground. A piece too small to be seen is drawn wide enough to be: that
one call of 65,536 is denied is the news.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, pairwise

from smccc_filter.analysis.grid import GridBar, GridBlock, GridMark, GridPiece
from smccc_filter.kvm.uapi import Action
from smccc_filter.reports.map.picture.shapes import NARROW, element, escape, shared, width_of
from smccc_filter.reports.map.picture.style import LETTERS, name
from smccc_filter.smccc.function_id import show_range

NOMINAL = 260.0
"""Width for which letters and least widths are made; a bar may be drawn wider or narrower."""
LETTER, SMALL_LETTER = 12.0, 9.0
"""Sizes of letters on bars."""
THIN = 3.5
"""Width of the narrowest piece, where there is room for all of them."""
MOST_PIECES = 60
"""Pieces of a bar above which they are noise, and shares are drawn instead."""
RANGES = 4
"""Ranges of IDs that a tip names before it counts the others."""
TICKS = 6
"""Height below a bar that its marks take."""


def draw(bar: GridBar, height: float, side: int = 0, *, marks: bool = True, place: str = "") -> str:
    """Draw what one policy makes of a bar as an ``<svg>`` of its own, to one scale for all policies.

    ``height`` is that of the bar alone, without the marks below it; ``place`` has the attributes of the element, ``x``,
    ``y`` and ``width`` or classes.
    """
    scale = scale_of(bar.blocks)
    block = bar.blocks[side]
    parts = [_ground(height, reserved=bar.reserved)]
    if scale is None:
        parts += _pieces(block.shares, scale_of((GridBlock(block.shares, ()),)) or {}, height, counted=True)
    else:
        parts += _pieces(block.pieces, scale, height, counted=False)
    parts.append(_frame(height))
    if marks and scale is not None:
        parts += _ticks(bar.marks, scale, height)
    whole = height + (TICKS if marks else 0)
    return f'<svg height="{whole:g}" {place}>\n<title>{escape(tip(bar, side))}</title>\n{"".join(parts)}</svg>\n'


def draw_changes(bar: GridBar, height: float, side: int, place: str) -> str:
    """Draw where something changes: the pieces of a block that are decided."""
    scale = scale_of(bar.blocks)
    pieces = [piece for piece in bar.blocks[side].pieces if piece.decided]
    if scale is None or not pieces:
        return ""
    drawn = (_box(scale[piece.offset], scale[piece.offset + piece.size], height, "changed") for piece in pieces)
    return f'<svg height="{height:g}" aria-hidden="true" {place}>\n{"".join(drawn)}</svg>\n'


def scale_of(blocks: Sequence[GridBlock]) -> dict[int, float] | None:
    """Return where each edge of a piece stands, in percent, by its offset; ``None`` where there are too many."""
    edges = sorted({0, *(piece.offset + piece.size for block in blocks for piece in block.pieces)})
    if len(edges) - 1 > MOST_PIECES:
        return None
    sizes = [stop - start for start, stop in pairwise(edges)]
    least = min(THIN / NOMINAL * 100, 100 / len(sizes))
    places = accumulate(shared(sizes, 100, [least] * len(sizes)), initial=0.0)
    return dict(zip(edges, places, strict=True))


def sample(action: Action | None, height: float, place: str, *, reserved: bool = False) -> str:
    """Draw what the legend shows of one action, ``None`` for what no rule decides."""
    parts = [_ground(height, reserved=reserved)]
    if action:
        parts += [_filled(0, 100, height, action), _letter(50, height, action, LETTERS[action], LETTER)]
    return f'<svg height="{height:g}" {place}>\n{"".join(parts)}{_frame(height)}</svg>\n'


def sample_mark(place: str, *, answered: bool) -> str:
    """Draw the mark of a known call for the legend."""
    mark = _marked([50], answered=answered)
    return f'<svg height="{TICKS}" viewBox="0 0 1000 {TICKS}" preserveAspectRatio="none" {place}>\n{mark}</svg>\n'


def tip(bar: GridBar, side: int = 0) -> str:
    """Say of which IDs a bar is, and what they get."""
    ids = ", ".join(show_range(*interval) for interval in bar.ids[:RANGES])
    more = f" and {len(bar.ids) - RANGES:,} more ranges" if len(bar.ids) > RANGES else ""
    return f"{ids}{more}: {said(bar.blocks[side])}"


def said(block: GridBlock) -> str:
    """Say how many IDs get which action, by rules and by nobody."""
    return ", ".join(
        f"{share.action} {share.size:,} {'ID' if share.size == 1 else 'IDs'}{'' if share.decided else ' by no rule'}"
        for share in block.shares
    )


def _pieces(pieces: Sequence[GridPiece], scale: Mapping[int, float], height: float, *, counted: bool) -> Iterator[str]:
    """Draw the pieces that rules decide; the letter of neighbours with one action stands over all of them."""
    decided = [piece for piece in pieces if piece.decided]
    for piece in decided:
        yield _filled(scale[piece.offset], scale[piece.offset + piece.size], height, piece.action)
    if height >= SMALL_LETTER + 2:
        for piece in decided:
            count = f" {short(piece.size)}" if counted else ""
            edges = scale[piece.offset], scale[piece.offset + piece.size]
            yield _letter_of_run(*edges, height, piece.action, LETTERS[piece.action] + count)


def _letter_of_run(start: float, stop: float, height: float, action: Action, text: str) -> str:
    width = (stop - start) / 100 * NOMINAL
    sizes = (size for size in (LETTER, SMALL_LETTER) if width >= len(text) * size * NARROW + 2)
    return next((_letter((start + stop) / 2, height, action, text, size) for size in sizes), "")


def _letter(middle: float, height: float, action: Action, text: str, size: float) -> str:
    """Write on ground that no line crosses."""
    wide, tall = width_of(text, size) + 2, size + 1
    ground = element(
        "rect",
        x=_percent(middle),
        y=f"{(height - tall) / 2:g}",
        width=f"{wide:g}",
        height=f"{tall:g}",
        transform=f"translate({-wide / 2:g} 0)",
        classes=action,
    )
    at = f"{height / 2 + size * 0.36:g}"
    letter = element(
        "text",
        text,
        x=_percent(middle),
        y=at,
        font_size=f"{size:g}",
        text_anchor="middle",
        font_weight="bold",
        classes=f"text {action}-ink",
    )
    return f"{ground}{letter}"


def _ticks(marks: Sequence[GridMark], scale: Mapping[int, float], height: float) -> Iterator[str]:
    """Mark the known calls below a bar, where its pieces are drawn."""
    left = list(marks)
    places: dict[bool, list[float]] = {False: [], True: []}
    for start, stop in pairwise(sorted(scale)):
        while left and left[0].offset < stop:
            inside = (left[0].offset - start + 0.5) / (stop - start)
            places[left.pop(0).answered].append(scale[start] + (scale[stop] - scale[start]) * inside)
    drawn = "".join(_marked(xs, answered=answered) for answered, xs in places.items() if xs)
    if drawn:
        box = f'y="{height + 1:g}" width="100%" height="{TICKS - 1}" viewBox="0 0 1000 {TICKS - 1}"'
        yield f'<svg {box} preserveAspectRatio="none">\n{drawn}</svg>\n'


def _marked(xs: Sequence[float], *, answered: bool) -> str:
    """Mark places, which are percentages, heavier where a kernel answers."""
    tall, classes = (5, "answered") if answered else (3, "mark")
    lines = "".join(f"M{x * 10:.0f} 0v{tall}" for x in xs)
    return element("path", d=lines, classes=classes, vector_effect="non-scaling-stroke")


def _ground(height: float, *, reserved: bool) -> str:
    return _box(0, 100, height, pattern="reserved") if reserved else _box(0, 100, height, "undecided")


def _filled(start: float, stop: float, height: float, action: Action) -> str:
    return _box(start, stop, height, pattern=action)


def _frame(height: float) -> str:
    return _box(0, 100, height, "edge")


def _box(start: float, stop: float, height: float, classes: str = "", pattern: str = "") -> str:
    filled = {"fill": f"url(#{name(f'{pattern}-pattern')})"} if pattern else {}
    width = _percent(stop - start)
    return element("rect", x=_percent(start), width=width, height=f"{height:g}", classes=classes, **filled)


def _percent(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"


def short(count: int) -> str:
    """Write a number of IDs in little room: 16,777,216 as 16.8M."""
    return f"{count:,}" if count < 1_000_000 else f"{count / 1_000_000:.1f}M"
