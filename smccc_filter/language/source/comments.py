"""Comments and punctuation: what a document's text has beside its keys and scalars, which the tree places.

Outside of keys and scalars every ``#`` begins a comment, since the text is one that was read without a fault.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from smccc_filter.language.source.tree import Node, ScalarNode, SequenceNode

COMMENT = r"#[^\r\n]*+"
FILLING = rf"(?:\s|{COMMENT})*+"
"""All white space and all comments, over any number of lines."""
_COMMENT = re.compile(COMMENT)
_HEADER_COMMENT = re.compile(rf"[|>][-+0-9]*[ \t]+({COMMENT})")
_BLOCK_STYLES = ("|", ">")
_BRACKETS = ("[", "{")


def comments_between(text: str, start: int, end: int) -> Iterable[re.Match[str]]:
    """Yield the comments of a half-open stretch in which no key and no scalar stands."""
    return _COMMENT.finditer(text, start, end) if text.find("#", start, end) >= 0 else ()


def header_comment(text: str, start: int, end: int) -> str | None:
    """Return the comment in the first line of a block scalar; ``None`` where a key or scalar has none."""
    found = _HEADER_COMMENT.match(text, start, end)
    return found[1] if found else None


def comments_among(text: str, start: int, end: int, nodes: Sequence[Node]) -> list[str]:
    """Return the comments of a half-open stretch, in order; ``nodes`` hold its keys and scalars, in order too."""
    if text.find("#", start, end) < 0:
        return []
    found: list[str] = []
    at = start
    for first, last in (token for node in nodes for token in _tokens(node)):
        if first >= start:
            found += _COMMENT.findall(text, at, first)
            if comment := header_comment(text, first, last):
                found.append(comment)
        at = max(at, last)
    return found + _COMMENT.findall(text, at, end)


def is_block_scalar(text: str, scalar: ScalarNode) -> bool:
    """Tell whether a value is written as a block scalar, literal or folded."""
    return text.startswith(_BLOCK_STYLES, scalar.start)


def is_in_brackets(text: str, node: Node) -> bool:
    """Tell whether a list or mapping is written in brackets."""
    return text.startswith(_BRACKETS, node.start)


def _tokens(node: Node) -> Iterator[tuple[int, int]]:
    """Yield where the keys and scalars of a node begin and end."""
    if isinstance(node, ScalarNode):
        yield node.start, node.end
    elif isinstance(node, SequenceNode):
        for item in node.items:
            yield from _tokens(item)
    else:
        for key, value in node.entries.values():
            yield key
            yield from _tokens(value)
