"""The parts of a policy as an editor lists, folds and selects them."""

from collections.abc import Iterator, Sequence

from lsprotocol import types

from smccc_filter.editor.text import EditorText
from smccc_filter.language.places import Offsets
from smccc_filter.language.source import Document, MappingEntry, MappingNode, Node, ScalarNode, SequenceNode

_KINDS = {
    "rules": types.SymbolKind.Function,
    "tests": types.SymbolKind.Event,
}
_SHOWN = 3
"""Selectors of a rule that are shown before the others are counted."""


def symbols(document: Document, text: EditorText) -> list[types.DocumentSymbol]:
    """Return the fields at top level, each with the rules, expectations and other parts in it."""
    root = document.root
    if not isinstance(root, MappingNode):
        return []
    return [_field(key, entry, text) for key, entry in root.entries.items()]


def folds(document: Document, text: EditorText) -> list[types.FoldingRange]:
    """Return what stands on several lines: fields, items of lists, and comments."""
    found: dict[int, types.FoldingRange] = {}
    for at in _parts(document.root):
        place = text.range(at)
        first, last = place.start.line, place.end.line - (place.end.character == 0)
        if first < last:
            found.setdefault(first, types.FoldingRange(first, last, kind=types.FoldingRangeKind.Region))
    return [*found.values(), *_comments(text)]


def selections(document: Document, text: EditorText, positions: Sequence[types.Position]) -> list[types.SelectionRange]:
    """Return for each position the parts that it is in, from the smallest to the whole document."""
    return [_selection(document, text, text.offset(position)) for position in positions]


def _field(key: str, entry: MappingEntry, text: EditorText) -> types.DocumentSymbol:
    node = entry.node
    children = []
    if isinstance(node, SequenceNode):
        kind = _KINDS.get(key, types.SymbolKind.Constant)
        children = [_item(key, number, item, text, kind) for number, item in enumerate(node.items, 1)]
    elif isinstance(node, MappingNode):
        children = [_field(inner, below, text) for inner, below in node.entries.items()]
    return types.DocumentSymbol(
        name=key,
        kind=types.SymbolKind.Namespace if children else types.SymbolKind.Property,
        range=text.range(Offsets(entry.key.start, max(entry.key.end, node.end))),
        selection_range=text.range(entry.key),
        detail=_said(node) or None,
        children=children or None,
    )


def _item(key: str, number: int, node: Node, text: EditorText, kind: types.SymbolKind) -> types.DocumentSymbol:
    values = _scalars(node)
    name = values.get("name") or values.get("call") or values.get("code") or _said(node)
    detail = values.get("action") or values.get("expect") or values.get("reason")
    if key == "rules" and isinstance(node, MappingNode):
        detail = " ".join(filter(None, (detail, _selected(node))))
        name = name or f"rule {number}"
    first = next(iter(node.entries.values())).key if isinstance(node, MappingNode) and node.entries else None
    place = text.range(Offsets(node.start, node.end))
    return types.DocumentSymbol(
        name=name or f"{number}",
        kind=kind,
        range=place,
        selection_range=text.range(first) if first else place,
        detail=detail or None,
    )


def _selected(node: MappingNode) -> str:
    """Name the first selectors of a rule."""
    lists = (node.entries[key].node for key in ("calls", "ranges", "services") if key in node.entries)
    words = [_said(item) for each in lists if isinstance(each, SequenceNode) for item in each.items]
    more = f" and {len(words) - _SHOWN:,} more" if len(words) > _SHOWN else ""
    return ", ".join(words[:_SHOWN]) + more


def _scalars(node: Node) -> dict[str, str]:
    entries = node.entries.items() if isinstance(node, MappingNode) else ()
    return {key: _said(entry.node) for key, entry in entries}


def _said(node: Node) -> str:
    """Return a word as it is read; nothing for what is no word."""
    return str(node.value) if isinstance(node, ScalarNode) and node.value is not None else ""


def _parts(node: Node | None) -> Iterator[Offsets]:
    """Yield where fields with their keys, and items of lists, begin and end, the outer before the inner."""
    if isinstance(node, MappingNode):
        for key, below in node.entries.values():
            yield Offsets(key.start, max(key.end, below.end))
            yield from _parts(below)
    elif isinstance(node, SequenceNode):
        for item in node.items:
            yield Offsets(item.start, item.end)
            yield from _parts(item)


def _comments(text: EditorText) -> Iterator[types.FoldingRange]:
    """Yield each run of two lines or more with nothing but a comment."""
    first: int | None = None
    number = 0
    for number, line in enumerate([*text.lines, ""]):
        is_comment = line.lstrip().startswith("#")
        if is_comment and first is None:
            first = number
        elif not is_comment and first is not None:
            if number - first > 1:
                yield types.FoldingRange(first, number - 1, kind=types.FoldingRangeKind.Comment)
            first = None


def _selection(document: Document, text: EditorText, offset: int) -> types.SelectionRange:
    whole = Offsets(0, len(text.text))
    found = types.SelectionRange(text.range(whole))
    last = whole
    for at in _around(document.root, offset):
        if at != last:
            found, last = types.SelectionRange(text.range(at), parent=found), at
    return found


def _around(node: Node | None, offset: int) -> Iterator[Offsets]:
    """Yield the parts that an offset is in, the outer before the inner."""
    if node is None or not node.start <= offset <= node.end:
        return
    yield Offsets(node.start, node.end)
    if isinstance(node, MappingNode):
        for key, below in node.entries.values():
            if key.start <= offset <= max(key.end, below.end):
                yield Offsets(key.start, max(key.end, below.end))
                if offset <= key.end:
                    yield key
                yield from _around(below, offset)
                return
    elif isinstance(node, SequenceNode):
        for item in node.items:
            if item.start <= offset <= item.end:
                yield from _around(item, offset)
                return
