"""The names and ranges of the rules and expectations that are left out of a policy, as something else is wrong there.

A rule without an action that can be read is in no policy, but what it selects is looked at all the same: a person who
mends a line wants to know of everything in it.
"""

from collections.abc import Iterator

from smccc_filter.language.places import Path
from smccc_filter.language.policy.selector import SelectorKind
from smccc_filter.language.source import Document, MappingNode, Node, ScalarNode, SequenceNode
from smccc_filter.language.source.tree import child


def lost_texts(document: Document, kept: Document) -> Iterator[tuple[Path, str]]:
    """Yield path and text of every selector and call of ``document`` whose rule or expectation ``kept`` lacks."""
    for number, rule in _lost("rules", document, kept):
        for owner in ((), ("except",)):
            within = _below(rule, *owner)
            for kind in SelectorKind:
                items = _below(within, kind.value)
                for place, item in enumerate(items.items if isinstance(items, SequenceNode) else ()):
                    if isinstance(item, ScalarNode) and isinstance(item.value, str):
                        yield ("rules", number, *owner, kind.value, place), item.value
        implemented = _below(rule, "vmm", "implements")
        for place, item in enumerate(implemented.items if isinstance(implemented, SequenceNode) else ()):
            if isinstance(item, ScalarNode) and isinstance(item.value, str):
                yield ("rules", number, "vmm", "implements", place), item.value
    for number, expectation in _lost("tests", document, kept):
        call = _below(expectation, "call")
        if isinstance(call, ScalarNode) and isinstance(call.value, str):
            yield ("tests", number, "call"), call.value


def _lost(key: str, document: Document, kept: Document) -> Iterator[tuple[int, Node]]:
    """Yield number and node of each item of a list that is no longer there. No two begin at one place."""
    left = {node.start for node in _items(key, kept)}
    return ((number, node) for number, node in enumerate(_items(key, document)) if node.start not in left)


def _items(key: str, document: Document) -> tuple[Node, ...]:
    items = _below(document.root, key)
    return items.items if isinstance(items, SequenceNode) else ()


def _below(node: Node | None, *steps: str) -> Node | None:
    """Return the value of a key of a mapping, or of one in that; ``None`` where there is no such."""
    for step in steps:
        found = child(node, step) if isinstance(node, MappingNode) else None
        node = found[1] if found else None
    return node
