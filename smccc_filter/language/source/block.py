"""Edits of lists and mappings that are written line by line: whole lines go and come, and comments stay.

A comment of a line that goes stays as a line of its own. It may say why something was there, and losing it unseen would
be worse than a reviewer finding it without its line.
"""

from collections.abc import Iterator

from smccc_filter.language.source.slots import Collection, LayoutError, Page, length
from smccc_filter.language.source.tree import SequenceNode
from smccc_filter.language.source.writing import TextEdit


def remove(page: Page, parent: Collection, first: int, last: int) -> Iterator[TextEdit]:
    """Take slots ``first`` to ``last``, inclusive, out of a collection in which others stay."""
    slots = [page.slot(parent, number) for number in range(first, last + 1)]
    start, end = slots[0].start, slots[-1].end
    nodes = [slot.node for slot in slots]
    margin = page.margin(start)
    if page.begins_line(start):
        begin, after = page.line_start(start), page.next_line(end)
        kept = page.comments(start, after, *nodes)
        text = "".join(f"{margin}{comment}{page.newline}" for comment in kept)
        before = page.line_start(begin - 1) if begin else begin
        if not kept and page.is_blank(before, begin) and before < begin:
            blank = page.next_line(after)
            after = blank if page.is_blank(after, blank) else after
        yield TextEdit(begin, after, text)
    elif first == 0 and last + 1 < length(parent):  # behind the dash of the list that this mapping is an item of
        after = page.slot(parent, last + 1).start
        if not page.begins_line(after):
            raise LayoutError
        kept = page.comments(start, after, *nodes)
        yield TextEdit(start, after, "".join(f"{comment}{page.newline}{margin}" for comment in kept))
    else:
        raise LayoutError


def insert(page: Page, parent: Collection, after: int, texts: tuple[str, ...]) -> TextEdit:
    """Put items or entries behind slot ``after``, a line each."""
    slot = page.slot(parent, after)
    dash = "- " if isinstance(parent, SequenceNode) else ""
    margin = page.margin(slot.start)
    at = page.next_line(slot.end)
    lines = "".join(f"{margin}{dash}{text}{page.newline}" for text in texts)
    if at == len(page.text) and page.line_end(slot.end) == at:  # the last line of the file is not ended
        lines = page.newline + lines.removesuffix(page.newline)
    return TextEdit(at, at, lines)
