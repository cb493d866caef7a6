"""Edits of lists and mappings that are written line by line: they remove and add whole lines, and comments stay.

The comment of a removed line stays as a line of its own. It may say why something was there, and losing it unseen would
be worse than a reviewer finding it without its line.
"""

from collections.abc import Iterator

from smccc_filter.language.source.slots import Collection, UneditableTextError, length, slot, slots
from smccc_filter.language.source.text import SourceText
from smccc_filter.language.source.tree import SequenceNode
from smccc_filter.language.source.writing import TextEdit


def remove(source: SourceText, parent: Collection, first: int, last: int) -> Iterator[TextEdit]:
    """Take slots ``first`` to ``last``, inclusive, out of a collection in which others stay."""
    removed = slots(source, parent, first, last)
    start, end = removed.start, removed.end
    margin = source.margin(start)
    if source.begins_line(start):
        begin, after = source.line_start(start), source.next_line(end)
        kept = removed.comments(source, start, after)
        text = "".join(f"{margin}{comment}{source.newline}" for comment in kept)
        before = source.line_start(begin - 1) if begin else begin
        if not kept and source.is_blank(before, begin) and before < begin:
            blank = source.next_line(after)
            after = blank if source.is_blank(after, blank) else after
        yield TextEdit(begin, after, text)
    elif first == 0 and last + 1 < length(parent):  # behind the dash of the list that this mapping is an item of
        after = slot(source, parent, last + 1).start
        if not source.begins_line(after):
            raise UneditableTextError
        kept = removed.comments(source, start, after)
        yield TextEdit(start, after, "".join(f"{comment}{source.newline}{margin}" for comment in kept))
    else:
        raise UneditableTextError


def insert(source: SourceText, parent: Collection, after: int, texts: tuple[str, ...]) -> TextEdit:
    """Put items or entries behind slot ``after``, a line each."""
    before = slot(source, parent, after)
    dash = "- " if isinstance(parent, SequenceNode) else ""
    margin = source.margin(before.start)
    at = source.next_line(before.end)
    lines = "".join(f"{margin}{dash}{text}{source.newline}" for text in texts)
    if at == len(source.text) and source.line_end(before.end) == at:  # the last line of the file is not ended
        lines = source.newline + lines.removesuffix(source.newline)
    return TextEdit(at, at, lines)
