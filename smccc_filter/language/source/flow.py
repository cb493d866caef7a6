"""Edits of lists and mappings that are written in brackets, on one line or on many: commas fit, and comments stay."""

import re
from collections.abc import Iterator

from smccc_filter.language.source.slots import Collection, LayoutError, Page, Slot, length
from smccc_filter.language.source.writing import TextEdit

_GAP = re.compile(r"(?:\s|#[^\r\n]*+)*+(,)(?:\s|#[^\r\n]*+)*+")
"""What stands between two slots."""
_TAIL = re.compile(r"(?:\s|#[^\r\n]*+)*+(,)?(?:\s|#[^\r\n]*+)*+[]}]")
"""What stands behind the last slot."""


def remove(page: Page, parent: Collection, first: int, last: int) -> Iterator[TextEdit]:
    """Take slots ``first`` to ``last``, inclusive, out of a collection in which others stay."""
    slots = [page.slot(parent, number) for number in range(first, last + 1)]
    start, end = slots[0].start, slots[-1].end
    nodes = [slot.node for slot in slots]
    if last + 1 < length(parent):
        after = page.slot(parent, last + 1).start
        if not _GAP.fullmatch(page.text, end, after):
            raise LayoutError
        yield TextEdit(start, after, _kept(page, start, page.comments(start, after, *nodes)))
        return
    before = page.slot(parent, first - 1).end
    tail = _TAIL.match(page.text, end)
    if not _GAP.fullmatch(page.text, before, start) or not tail:
        raise LayoutError
    if not _is_beside_comment(page, end) and not page.comments(before, end, *nodes):
        yield TextEdit(before, end, "")
        return
    if tail[1]:
        end = tail.end(1)
    kept = page.comments(start, end, *nodes)
    if page.begins_line(start) and page.is_blank(end, page.line_end(end)):
        margin = page.margin(start)
        text = "".join(f"{margin}{comment}{page.newline}" for comment in kept)
        yield TextEdit(page.line_start(start), page.next_line(end), text)
    else:
        yield TextEdit(start, end, _kept(page, start, kept))


def insert(page: Page, parent: Collection, after: int, texts: tuple[str, ...]) -> Iterator[TextEdit]:
    """Put items or entries behind slot ``after``, which counts for nothing in empty brackets."""
    if not length(parent):
        if page.comments(parent.start, parent.end):
            raise LayoutError
        yield TextEdit(parent.start + 1, parent.end - 1, ", ".join(texts))
        return
    slot = page.slot(parent, after)
    own_lines = page.begins_line(slot.start)
    between = f",{page.newline}{page.margin(slot.start)}" if own_lines else ", "
    if own_lines and _is_beside_comment(page, slot.end):
        yield from _insert_below(page, parent, after, slot, between.join(texts))
    else:
        yield TextEdit(slot.end, slot.end, "".join(f"{between}{text}" for text in texts))


def _insert_below(page: Page, parent: Collection, after: int, slot: Slot, text: str) -> Iterator[TextEdit]:
    """Put lines below that of a slot, whose comment stays beside it."""
    behind = _GAP if after + 1 < length(parent) else _TAIL
    gap = behind.match(page.text, slot.end)
    end = page.line_end(slot.end)
    if not gap or (gap[1] and gap.start(1) > end):
        raise LayoutError
    if not gap[1]:
        yield TextEdit(slot.end, slot.end, ",")
    yield TextEdit(end, end, f"{page.newline}{page.margin(slot.start)}{text}{',' if gap[1] else ''}")


def _is_beside_comment(page: Page, end: int) -> bool:
    """Tell whether a comment ends the line in which a slot ends, and nothing but a comma is between."""
    return page.text[end : page.line_end(end)].lstrip(" \t,").startswith("#")


def _kept(page: Page, start: int, comments: list[str]) -> str:
    """Write comments, each ending its line, where something stood at ``start``."""
    space = "" if page.text[start - 1].isspace() or not comments else " "
    return space + "".join(f"{comment}{page.newline}{page.margin(start)}" for comment in comments)
