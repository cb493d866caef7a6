"""A document as entries and items, each with the comments that belong to it.

A comment in a line of its own belongs to the key or the item below it, or, indented deeper than that, to the end of the
block that is indented as it is. A comment behind something belongs to that, and goes on in the lines below it that
begin in its column. Between brackets indentation says nothing.
"""

import re
from typing import NamedTuple

from smccc_filter.language.source import Document, MappingNode, Node, ScalarNode, SourceText
from smccc_filter.language.source.comments import comments_between, header_comment, is_in_brackets
from smccc_filter.language.source.text import LINE_END

_EMPTY_LINE = re.compile(rf"(?:{LINE_END.pattern})[ \t]*(?:{LINE_END.pattern})")


class CommentLine(NamedTuple):
    """One line of comment, from its ``#``, and whether an empty line stands above it."""

    text: str
    spaced: bool = False


TrailingComment = tuple[str, ...]
"""A comment behind something: its own line and those in which it goes on."""


class OutlinePart:
    """An entry of a mapping (with its ``key``) or an item of a list, and the comments that go with it.

    ``above`` stand in lines of their own, ``behind`` after the key or an only line, ``closing`` after a closing
    bracket, ``tail`` at the end of what the part holds. ``spaced`` says that an empty line stands above the part,
    below its comments. ``parts`` are in the order of the document.
    """

    __slots__ = ("above", "behind", "closing", "column", "key", "node", "parts", "spaced", "tail")

    def __init__(self, key: str | None, node: Node) -> None:
        self.key = key
        self.node = node
        self.above: list[CommentLine] = []
        self.behind: list[TrailingComment] = []
        self.closing: list[TrailingComment] = []
        self.parts: list[OutlinePart] = []
        self.tail: list[CommentLine] = []
        self.spaced = False
        self.column = 0


class DocumentOutline(NamedTuple):
    """A document: its text, its comments before everything else, and its root."""

    text: str
    head: tuple[CommentLine, ...]
    root: OutlinePart


def outline(document: Document) -> DocumentOutline:
    """Take a document apart. Raises ValueError for one that has nothing in it."""
    if document.root is None:
        raise ValueError("a document without a tree has no layout")
    outliner = _Outliner(document.text)
    root = OutlinePart(None, document.root)
    outliner.document(root)
    return DocumentOutline(document.text.text, tuple(_head(root)), root)


def _head(root: OutlinePart) -> list[CommentLine]:
    """Take the comments off that are about the file: all above the first key but a last paragraph that touches it."""
    found, root.above = root.above, []
    if not root.parts:
        return found
    first = root.parts[0]
    found += first.above
    paragraphs = [number for number, comment in enumerate(found) if comment.spaced and number]
    cut = paragraphs[-1] if paragraphs and not first.spaced else len(found)
    first.above = [comment._replace(spaced=number > 0 and comment.spaced) for number, comment in enumerate(found[cut:])]
    root.spaced = first.spaced or cut < len(found)
    first.spaced = False
    return found[:cut]


class _Outliner:
    """Goes through a tree in the order of its text and gives every comment between two tokens to a part.

    ``at`` is how far it has come, ``last`` what the last token belongs to (``closed`` if that was a closing bracket),
    ``ended`` the blocks, innermost first, whose last token was the last one and to whose end a comment may belong.
    """

    def __init__(self, text: SourceText) -> None:
        self._source = text
        self._text = text.text
        self._at = 0
        self._last: OutlinePart | None = None
        self._closed = False
        self._ended: list[OutlinePart] = []

    def document(self, root: OutlinePart) -> None:
        """Go through the whole tree."""
        self._contents(root)
        inside = len(root.tail)
        self._gap(len(self._text), root.tail, root.column)
        root.above += (CommentLine(line) for trailing in root.behind for line in trailing)
        root.tail[inside:inside] = [CommentLine(line) for trailing in root.closing for line in trailing]

    def _contents(self, part: OutlinePart) -> None:
        """Go through what a part holds, its own start and end included."""
        node = part.node
        if isinstance(node, ScalarNode):
            self._scalar(part, node)
            return
        flow = is_in_brackets(self._text, node)
        if flow:
            self._token(part, node.start, node.start + 1)
        else:
            part.column = self._source.column(node.start)
        if isinstance(node, MappingNode):
            for key, (at, value) in node.entries.items():
                child = OutlinePart(key, value)
                part.parts.append(child)
                child.spaced = self._gap(at.start, child.above, part.column)
                self._after(child, at.end)
                self._header(child, at.start, at.end)
                self._contents(child)
        else:
            for value in node.items:
                child = OutlinePart(None, value)
                part.parts.append(child)
                child.spaced = self._gap(value.start, child.above, part.column)
                self._contents(child)
        if flow:
            self._gap(node.end - 1, part.tail, 0)
            self._after(part, node.end, closed=True)
        else:
            self._ended.append(part)

    def _scalar(self, part: OutlinePart, node: ScalarNode) -> None:
        self._token(part, node.start, node.end)
        self._header(part, node.start, node.end)

    def _header(self, part: OutlinePart, start: int, end: int) -> None:
        """Give a part the comment in the first line of its key or value, where that is a block scalar."""
        if comment := header_comment(self._text, start, end):
            part.behind.append((comment.rstrip(" \t"),))

    def _token(self, part: OutlinePart, start: int, end: int) -> None:
        """Go over a value's token. What stands in lines between it and its key goes above both."""
        comments: list[CommentLine] = []
        self._gap(start, comments, 0)
        if comments:
            part.above += (CommentLine(line) for trailing in part.behind for line in trailing)
            part.above += (CommentLine(comment.text) for comment in comments)
            part.behind.clear()
        self._after(part, end)

    def _after(self, part: OutlinePart, end: int, *, closed: bool = False) -> None:
        self._at, self._last, self._closed = end, part, closed

    def _gap(self, end: int, otherwise: list[CommentLine], column: int) -> bool:
        """Give away the comments before the next token; return whether an empty line stands right above that.

        What is not behind the last token, and by its indentation not at the end of a block that ended with it, goes to
        ``otherwise``; ``column`` is that of the block that goes on.
        """
        at, goes_on = self._at, -1
        trailing = self._last.closing if self._last and self._closed else self._last.behind if self._last else []
        for match in comments_between(self._text, self._at, end):
            text = match.group().rstrip(" \t")
            between = self._text[at : match.start()]
            line_ends = len(LINE_END.findall(between))
            indentation = self._source.column(match.start())
            begun = between.strip() != ""
            if not line_ends and at == self._at and self._last:
                trailing.append((text,))
                goes_on = indentation
            elif line_ends == 1 and indentation == goes_on and not begun:
                trailing[-1] = (*trailing[-1], text)
            else:
                goes_on = -1
                if begun:
                    self._ended.clear()
                owner = self._block_of(indentation, column)
                comments = otherwise if owner is None else owner.tail
                comments.append(CommentLine(text, spaced=bool(_EMPTY_LINE.search(between))))
            at = match.end()
        self._ended.clear()
        self._at = end
        return bool(_EMPTY_LINE.search(self._text, at, end))

    def _block_of(self, indentation: int, column: int) -> OutlinePart | None:
        """Return the innermost block just ended, deeper than ``column``, that a line so indented can still be in.

        Blocks inside it are over for the comments that follow.
        """
        found = None
        for part in reversed(self._ended):
            if column < part.column <= indentation:
                found, column = part, part.column
        del self._ended[: self._ended.index(found) if found else len(self._ended)]
        return found
