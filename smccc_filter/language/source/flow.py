"""Edits of lists and mappings that are written in brackets, on one line or on many: commas fit, and comments stay."""

import re
from collections.abc import Iterator

from smccc_filter.language.source.comments import FILLING, comments_between
from smccc_filter.language.source.slots import Collection, CollectionSlot, UneditableTextError, length, slot, slots
from smccc_filter.language.source.text import SourceText
from smccc_filter.language.source.writing import TextEdit

_GAP = re.compile(rf"{FILLING}(,){FILLING}")
"""What stands between two slots."""
_TAIL = re.compile(rf"{FILLING}(,)?{FILLING}[]}}]")
"""What stands behind the last slot."""
_BESIDE = re.compile(r"[ \t,]*+#")
"""A comment in the same line with nothing but a comma before it."""


def remove(source: SourceText, parent: Collection, first: int, last: int) -> Iterator[TextEdit]:
    """Take slots ``first`` to ``last``, inclusive, out of a collection in which others stay."""
    removed = slots(source, parent, first, last)
    start, end = removed.start, removed.end
    if last + 1 < length(parent):
        after = slot(source, parent, last + 1).start
        if not _GAP.fullmatch(source.text, end, after):
            raise UneditableTextError
        yield TextEdit(start, after, _kept(source, start, removed.comments(source, start, after)))
        return
    before = slot(source, parent, first - 1).end
    tail = _TAIL.match(source.text, end)
    if not _GAP.fullmatch(source.text, before, start) or not tail:
        raise UneditableTextError
    if not _is_beside_comment(source, end) and not removed.comments(source, before, end):
        yield TextEdit(before, end, "")
        return
    if tail[1]:
        end = tail.end(1)
    kept = removed.comments(source, start, end)
    if source.begins_line(start) and source.is_blank(end, source.line_end(end)):
        margin = source.margin(start)
        text = "".join(f"{margin}{comment}{source.newline}" for comment in kept)
        yield TextEdit(source.line_start(start), source.next_line(end), text)
    else:
        yield TextEdit(start, end, _kept(source, start, kept))


def insert(source: SourceText, parent: Collection, after: int, texts: tuple[str, ...]) -> Iterator[TextEdit]:
    """Put items or entries behind slot ``after``, which counts for nothing in empty brackets."""
    if not length(parent):
        if any(comments_between(source.text, parent.start, parent.end)):
            raise UneditableTextError
        yield TextEdit(parent.start + 1, parent.end - 1, ", ".join(texts))
        return
    before = slot(source, parent, after)
    own_lines = source.begins_line(before.start)
    between = f",{source.newline}{source.margin(before.start)}" if own_lines else ", "
    if own_lines and _is_beside_comment(source, before.end):
        yield from _insert_below(source, parent, after, before, between.join(texts))
    else:
        yield TextEdit(before.end, before.end, "".join(f"{between}{text}" for text in texts))


def _insert_below(
    source: SourceText, parent: Collection, after: int, before: CollectionSlot, text: str
) -> Iterator[TextEdit]:
    """Put lines below that of a slot, whose comment stays beside it."""
    behind = _GAP if after + 1 < length(parent) else _TAIL
    gap = behind.match(source.text, before.end)
    end = source.line_end(before.end)
    if not gap or (gap[1] and gap.start(1) > end):
        raise UneditableTextError
    if not gap[1]:
        yield TextEdit(before.end, before.end, ",")
    yield TextEdit(end, end, f"{source.newline}{source.margin(before.start)}{text}{',' if gap[1] else ''}")


def _is_beside_comment(source: SourceText, end: int) -> bool:
    """Tell whether a comment ends the line in which a slot ends, and nothing but a comma is between."""
    return _BESIDE.match(source.text, end) is not None


def _kept(source: SourceText, start: int, comments: list[str]) -> str:
    """Write comments, each ending its line, where something stood at ``start``."""
    space = "" if source.text[start - 1].isspace() or not comments else " "
    return space + "".join(f"{comment}{source.newline}{source.margin(start)}" for comment in comments)
