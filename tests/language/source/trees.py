"""A document's tree as plain data, places included, to compare one with another."""

from collections.abc import Callable
from functools import partial

import pytest

from smccc_filter.language.source import Document, MappingNode, Node, ScalarNode, read

Dump = tuple[object, ...] | None
Reader = Callable[[bytes], Document]

both_parsers = pytest.mark.parametrize("reader", [read, partial(read, pure=True)], ids=["c", "pure"])


def dump(node: Node | None) -> Dump:
    """Return start, end and content of a node and of all in it; a value with its type, as ``1 == True``."""
    if node is None:
        return None
    if isinstance(node, ScalarNode):
        return node.start, node.end, repr(node.value)
    if isinstance(node, MappingNode):
        return node.start, node.end, [(key, *entry.key, dump(entry.node)) for key, entry in node.entries.items()]
    return node.start, node.end, [dump(item) for item in node.items]


def everything(document: Document) -> tuple[object, ...]:
    """Return all that reading gave: the tree, the faults and whether it came to the end."""
    return dump(document.root), document.faults, document.complete
