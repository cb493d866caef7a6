"""Where in a text the items of a list and the keys of a mapping begin and end, and the comments among them.

A slot is what goes when an item or a key goes. The tree says where values stand; dashes, commas and comments
are only in the text.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from smccc_filter.language.source.tree import MappingNode, Node, ScalarNode, SequenceNode

Collection = SequenceNode | MappingNode

LINE_END = re.compile(r"\r\n|\r|\n")
_COMMENT = re.compile(r"#[^\r\n]*")
"""Outside of keys and scalars every ``#`` begins one."""
_HEADER_COMMENT = re.compile(r"[|>][-+0-9]*[ \t]+(#[^\r\n]*)")
_DASH = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))*[ \t]*(-)(?=\s)")


class LayoutError(Exception):
    """The text is laid out in a way in which it can't be changed cleanly."""


class Slot(NamedTuple):
    """An item from its dash on, or a key with its value; in brackets the bare item."""

    start: int
    end: int
    node: Node


class Page:
    """A text without faults, looked at line by line."""

    def __init__(self, text: str) -> None:
        self.text = text
        found = LINE_END.search(text)
        self.newline = found.group() if found else "\n"

    def line_start(self, offset: int) -> int:
        """Return where the line of ``offset`` begins."""
        return max(self.text.rfind("\n", 0, offset), self.text.rfind("\r", 0, offset)) + 1

    def line_end(self, offset: int) -> int:
        """Return where the line of ``offset`` ends, before the characters that end it."""
        found = LINE_END.search(self.text, offset)
        return found.start() if found else len(self.text)

    def next_line(self, offset: int) -> int:
        """Return where the line after that of ``offset`` begins; the end of the text where there is none."""
        found = LINE_END.search(self.text, offset)
        return found.end() if found else len(self.text)

    def margin(self, offset: int) -> str:
        """Return as many spaces as there are characters before ``offset`` in its line."""
        return " " * (offset - self.line_start(offset))

    def begins_line(self, offset: int) -> bool:
        """Tell whether nothing but spaces stands before ``offset`` in its line."""
        return not self.text[self.line_start(offset) : offset].strip(" \t")

    def is_blank(self, start: int, end: int) -> bool:
        """Tell whether nothing but white space stands there."""
        return not self.text[start:end].strip()

    def is_flow(self, node: Collection) -> bool:
        """Tell whether a list or mapping is written in brackets. Raises LayoutError for unusual forms."""
        first = self.text[node.start : node.start + 1]
        if first == ("[" if isinstance(node, SequenceNode) else "{"):
            return True
        if isinstance(node, SequenceNode):
            usual = first == "-"
        else:
            usual = node.start == next(iter(node.entries.values())).key.start
        if not usual:
            raise LayoutError
        return False

    def slot(self, parent: Collection, number: int) -> Slot:
        """Return one slot of a list or mapping. Raises LayoutError where it does not begin as usual."""
        if isinstance(parent, MappingNode):
            key, node = list(parent.entries.values())[number]
            return Slot(key.start, max(key.end, node.end), node)
        node = parent.items[number]
        if self.is_flow(parent):
            return Slot(node.start, node.end, node)
        if number == 0:
            return Slot(parent.start, node.end, node)
        found = _DASH.match(self.text, self.line_end(parent.items[number - 1].end))
        if not found or found.start(1) >= node.start:
            raise LayoutError
        return Slot(found.start(1), node.end, node)

    def comments(self, start: int, end: int, *nodes: Node) -> list[str]:
        """Return the comments of a stretch whose keys and scalars are those of ``nodes``, which are in order."""
        found = []
        at = start
        for first, last in (place for node in nodes for place in _texts(node)):
            if first >= start:
                found += _COMMENT.findall(self.text, at, first)
                found += [match[1] for match in [_HEADER_COMMENT.match(self.text, first, last)] if match]
            at = max(at, last)
        return found + _COMMENT.findall(self.text, at, end)


def length(parent: Collection) -> int:
    """Count the slots of a list or mapping."""
    return len(parent.items if isinstance(parent, SequenceNode) else parent.entries)


def _texts(node: Node) -> Iterator[tuple[int, int]]:
    """Yield where the keys and scalars of a node stand."""
    if isinstance(node, ScalarNode):
        yield node.start, node.end
    elif isinstance(node, SequenceNode):
        for item in node.items:
            yield from _texts(item)
    else:
        for key, value in node.entries.values():
            yield key
            yield from _texts(value)
