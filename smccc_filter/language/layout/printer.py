"""The lines of a document: keys in the language's order, two spaces a level, what is short in one line.

Lists of words, exceptions, expectations and allowances, and nothing else, stand in one line, between brackets, where
they fit and hold no comment.
"""

from collections.abc import Iterable
from itertools import takewhile

from smccc_filter.language.layout import prose
from smccc_filter.language.layout.lines import WIDTH, LayoutLine
from smccc_filter.language.layout.outline import CommentLine, DocumentOutline, OutlinePart, TrailingComment
from smccc_filter.language.layout.scalars import written
from smccc_filter.language.policy.language import fields
from smccc_filter.language.source import MappingNode, ScalarNode

_STEP = "  "
_DASH = "- "
_ALWAYS_BLOCKS = frozenset({"target", "firmware", "rules", "vmm"})
"""Mappings, by the key that they or their list stand under, that have one field a line."""

MOST_IN_A_LINE = WIDTH // 3
"""Items of a list or entries of a mapping that may fit into a line: each has a character, a comma and a blank."""


def printed(outline: DocumentOutline) -> list[LayoutLine]:
    """Return the lines of a document, before the comments behind them are put into columns."""
    return _Printer(outline.text).document(outline)


class _Printer:
    """Writes parts. A part's ``field`` is its key, or that of the list in which it is an item; the root's is empty."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._order = {field: {key: number for number, key in enumerate(keys)} for field, keys in fields().items()}

    def document(self, outline: DocumentOutline) -> list[LayoutLine]:
        """Write the whole document."""
        head = _own_lines(outline.head, "")
        first, *rest = self._block(outline.root, "", "") or [LayoutLine("{}")]
        apart = outline.root.spaced or _is_comment(first)
        return [*head, first._replace(spaced=apart), *rest]

    def _block(self, part: OutlinePart, field: str, indent: str) -> list[LayoutLine]:
        """Write what a part holds, a line or more for each; no empty line sets the first off from what it is in."""
        lines: list[LayoutLine] = []
        for child in self._in_order(part, field):
            key = self._field(child, field)
            lines += self._item(child, field, indent) if child.key is None else self._entry(child, key, indent)
        lines += _own_lines(part.tail, indent)
        return [line._replace(spaced=False) for line in lines[:1]] + lines[1:]

    def _in_order(self, part: OutlinePart, field: str) -> list[OutlinePart]:
        if not isinstance(part.node, MappingNode):
            return part.parts
        order = self._order.get(field)
        if order is None:  # a map from names, of which none comes before another
            return part.parts
        return sorted(part.parts, key=lambda child: order[child.key or ""])

    def _field(self, child: OutlinePart, field: str) -> str:
        """Return the field of an entry: its key, or the field of a map whose keys are names."""
        return child.key or "" if field in self._order else field

    def _entry(self, part: OutlinePart, field: str, indent: str) -> list[LayoutLine]:
        lead = f"{indent}{part.key}:"
        if isinstance(part.node, ScalarNode):
            first, *rest = self._value(part.node, field, f"{lead} ", indent + _STEP)
            trailing = [*part.behind, ()] if rest and any(len(comment) > 1 for comment in part.behind) else part.behind
            return [*_headed(part, first.text, trailing, indent), *rest]
        if (flow := self._fitting(part, field, f"{lead} ")) is not None:
            return _headed(part, flow, _in_one_line(part), indent)
        block = self._block(part, field, indent + _STEP)
        if part.behind or _holds_comments(part):
            last = _own_lines(_unfastened(part.closing), indent + _STEP)
            return [*_headed(part, lead, part.behind, indent), *block, *last]
        return [*_headed(part, lead, part.closing, indent), *block]

    def _item(self, part: OutlinePart, field: str, indent: str) -> list[LayoutLine]:
        lead = indent + _DASH
        if isinstance(part.node, ScalarNode):
            return _headed(part, lead + written(part.node, field, flow=False), part.behind, indent)
        _lift(part, self._in_order(part, field)[0])
        if (flow := self._fitting(part, field, lead)) is not None:
            return _headed(part, flow, _in_one_line(part), indent)
        block = self._block(part, field, indent + _STEP)
        if not _holds_comments(part):
            return _dashed(part, [*part.behind, *part.closing], block, indent)
        last = _own_lines(_unfastened(part.closing), indent + _STEP)
        return _dashed(part, part.behind, [*block, *last], indent)

    def _value(self, scalar: ScalarNode, field: str, lead: str, indent: str) -> list[LayoutLine]:
        """Write a value behind its key, with the lines it goes on in."""
        text = written(scalar, field, flow=False)
        block: list[str] | None = None
        if field in prose.FIELDS and isinstance(scalar.value, str):
            if self._is_block(scalar, field):
                block = prose.block(scalar, self._text)
            elif len(lead) + len(text) > WIDTH:
                block = prose.folded(scalar.value, len(indent))
        if block is None:
            return [LayoutLine(lead + text)]
        header, *body = block
        lines = [LayoutLine(lead + header), *(LayoutLine(indent + line if line else "") for line in body)]
        return [*lines[:-1], lines[-1]._replace(open=header.endswith("+"))]

    def _fitting(self, part: OutlinePart, field: str, lead: str) -> str | None:
        """Return the line that a list or a mapping stands in, behind ``lead``, if it can and fits."""
        flow = self._flow(part, field)
        return lead + flow if flow and len(lead) + len(flow) <= WIDTH else None

    def _flow(self, part: OutlinePart, field: str) -> str | None:
        """Return a part's value in one line, or ``None`` for one that can't stand in one."""
        node = part.node
        if isinstance(node, ScalarNode):
            return None if self._is_block(node, field) else written(node, field, flow=True)
        if len(part.parts) > MOST_IN_A_LINE or (part.parts and _holds_comments(part)):
            return None
        if isinstance(node, MappingNode):
            return self._flow_mapping(part, field)
        if not all(isinstance(child.node, ScalarNode) for child in part.parts):
            return None
        return f"[{', '.join(written(item, field, flow=True) for item in node.items if isinstance(item, ScalarNode))}]"

    def _flow_mapping(self, part: OutlinePart, field: str) -> str | None:
        if part.parts and field in _ALWAYS_BLOCKS:
            return None
        values = {child.key: self._flow(child, self._field(child, field)) for child in self._in_order(part, field)}
        if None in values.values():
            return None
        return "{" + ", ".join(f"{key}: {value}" for key, value in values.items()) + "}"

    def _is_block(self, scalar: ScalarNode, field: str) -> bool:
        return field in prose.FIELDS and prose.is_block(scalar, self._text)


def _own_lines(comments: Iterable[CommentLine], indent: str) -> list[LayoutLine]:
    return [LayoutLine(indent + comment.text, spaced=comment.spaced) for comment in comments]


def _unfastened(trailing: Iterable[TrailingComment]) -> list[CommentLine]:
    """Make comments behind something ones in lines of their own."""
    return [CommentLine(text) for comment in trailing for text in comment]


def _in_one_line(part: OutlinePart) -> list[TrailingComment]:
    """Return what stands behind a list or a mapping in one line, which holds comments only if it holds nothing else."""
    return [*part.behind, *((comment.text,) for comment in part.tail), *part.closing]


def _holds_comments(part: OutlinePart) -> bool:
    """Tell whether a comment stands inside a list or a mapping."""
    return bool(part.tail) or any(
        child.above or child.behind or child.closing or _holds_comments(child) for child in part.parts
    )


def _headed(part: OutlinePart, text: str, trailing: list[TrailingComment], indent: str) -> list[LayoutLine]:
    """Write a part's first line below its comments; one of ``trailing``, the last, can stand behind it."""
    if not part.above and not trailing:
        return [LayoutLine(text, spaced=part.spaced)]
    above = _own_lines(part.above, indent)
    moved = _own_lines(_unfastened(trailing[:-1]), indent)
    line = LayoutLine(text, trailing[-1] if trailing else ())
    first, *rest = [*moved, line]
    return [*above, first._replace(spaced=part.spaced), *rest]


def _dashed(
    part: OutlinePart, trailing: list[TrailingComment], block: list[LayoutLine], indent: str
) -> list[LayoutLine]:
    """Write an item of several lines below its comments and below those that its first line would have above it."""
    inner = [line._replace(text=line.text.removeprefix(_STEP)) for line in takewhile(_is_comment, block)]
    code, *rest = block[len(inner) :]
    dashed = code._replace(text=indent + _DASH + code.text.removeprefix(indent + _STEP))
    lines = [*_own_lines(_unfastened(trailing), indent), *inner, dashed]
    first, *others = lines
    return [*_own_lines(part.above, indent), first._replace(spaced=part.spaced), *others, *rest]


def _lift(part: OutlinePart, first: OutlinePart) -> None:
    """Make the comments above an item's first key the item's: there is no place for them behind the dash."""
    if first.above:
        part.above += [*_unfastened(part.behind), *first.above]
        part.behind, first.above = [], []


def _is_comment(line: LayoutLine) -> bool:
    return line.text.lstrip().startswith("#")
