"""Where in a text the items of a list and the keys of a mapping begin and end.

A slot is the text that is removed with an item or a key. The tree says where values stand; dashes and commas are only
in the text.
"""

import re
from typing import NamedTuple

from smccc_filter.language.source.comments import FILLING, comments_among, is_in_brackets
from smccc_filter.language.source.text import SourceText
from smccc_filter.language.source.tree import MappingNode, Node, SequenceNode

Collection = SequenceNode | MappingNode

_DASH = re.compile(rf"{FILLING}(-)(?=\s)")


class UneditableTextError(Exception):
    """The text is laid out in a way in which it can't be changed cleanly."""


class CollectionSlot(NamedTuple):
    """An item from its dash on, or a key with its value; in brackets the bare item. Also several neighbours as one."""

    start: int
    end: int
    nodes: tuple[Node, ...]

    def comments(self, source: SourceText, start: int, end: int) -> list[str]:
        """Return the comments of a half-open stretch that holds no keys and scalars but those of the slot."""
        return comments_among(source.text, start, end, self.nodes)


def length(parent: Collection) -> int:
    """Count the slots of a list or mapping."""
    return len(parent.items if isinstance(parent, SequenceNode) else parent.entries)


def is_flow(source: SourceText, node: Collection) -> bool:
    """Tell whether a list or mapping is written in brackets. Raises LayoutError for unusual forms."""
    if is_in_brackets(source.text, node):
        return True
    if isinstance(node, SequenceNode):
        usual = source.text.startswith("-", node.start)
    else:
        usual = node.start == next(iter(node.entries.values())).key.start
    if not usual:
        raise UneditableTextError
    return False


def slot(source: SourceText, parent: Collection, number: int) -> CollectionSlot:
    """Return one slot of a list or mapping. Raises LayoutError where it does not begin as usual."""
    if isinstance(parent, MappingNode):
        key, node = list(parent.entries.values())[number]
        return CollectionSlot(key.start, max(key.end, node.end), (node,))
    node = parent.items[number]
    if is_flow(source, parent):
        return CollectionSlot(node.start, node.end, (node,))
    if number == 0:
        return CollectionSlot(parent.start, node.end, (node,))
    found = _DASH.match(source.text, source.line_end(parent.items[number - 1].end))
    if not found or found.start(1) >= node.start:
        raise UneditableTextError
    return CollectionSlot(found.start(1), node.end, (node,))


def slots(source: SourceText, parent: Collection, first: int, last: int) -> CollectionSlot:
    """Return the slots ``first`` to ``last``, inclusive, as one. Raises LayoutError as ``slot`` does."""
    found = [slot(source, parent, number) for number in range(first, last + 1)]
    return CollectionSlot(found[0].start, found[-1].end, tuple(node for one in found for node in one.nodes))
