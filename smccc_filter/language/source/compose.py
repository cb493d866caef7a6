"""YAML events into a tree, with everything outside the subset noted as a fault and read past where that is safe."""

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from smccc_filter.language.places import Offsets
from smccc_filter.language.source.parsers import CParser, c_events, pure_events
from smccc_filter.language.source.scalars import FORBIDDEN, resolve
from smccc_filter.language.source.tree import Fault, MappingEntry, MappingNode, Node, ScalarNode, SequenceNode
from smccc_filter.words import cut

MAX_DEPTH = 16
"""Three times what the deepest valid policy needs."""
MAX_NODES = 2_000_000
"""Ten for each of 200,000 rules; a node takes a hundred bytes and more."""
MAX_SECOND_LOOK = 1 << 20
"""Characters that the Python parser reads in five seconds, which is as long as a hostile file may cost."""
MAX_FAULTS = 100
"""A file with more faults than this is no policy; reading stops."""

_SUBSET = "the policy language is YAML without anchors, aliases, merge keys, tags and directives"
_MERGE_KEY = "<<"
_PROPERTY = re.compile(r" *(!<[^>]*>|[&!][^\s,\[\]{}]*)")
_DIRECTIVE = re.compile(r"^(%[^ \r\n]*)[^\r\n]*", re.MULTILINE)
_PLAIN_BLOCK = re.compile(r"[|>][-+1-9]* *(?:\r\n?|\n) *[^ \r\n]")
"""A block scalar with nothing but indicators in its first line and with text in its second."""


class _StopReadingError(Exception):
    """Nothing after this place can be trusted."""


def composed(text: str, *, pure: bool = False) -> "Composer":
    """Return what has read a text, with the C parser where that gives what the Python parser would.

    The C parser takes tabs and a few more things that the other refuses, and where something is wrong the two differ
    in places and words. For a text of more than ``MAX_SECOND_LOOK`` its word counts all the same.
    """
    large = len(text) > MAX_SECOND_LOOK
    if CParser is not None and not pure and (large or "\t" not in text):
        composer = Composer(text)
        composer.read(c_events(text))
        if large or not (composer.faults or composer.doubtful):
            return composer
    composer = Composer(text)
    composer.read(pure_events(text))
    return composer


class Composer:
    """Builds the tree of ``text``; look at ``root``, ``faults``, ``complete`` and ``doubtful`` after ``read``.

    ``doubtful`` says that the two parsers may disagree on what was read without a fault.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.root: Node | None = None
        self.faults: list[Fault] = []
        self.complete = False
        self.doubtful = False
        self._open: list[SequenceNode | MappingNode] = []
        self._keys: list[tuple[str, Offsets] | None] = []
        self._documents = 0
        self._nodes = 0

    def read(self, events: Iterator[Any]) -> None:
        """Read to the end, or to where it makes no sense to go on."""
        handlers = {
            ScalarEvent: self._scalar,
            MappingStartEvent: self._start,
            SequenceStartEvent: self._start,
            MappingEndEvent: self._end,
            SequenceEndEvent: self._end,
            AliasEvent: self._alias,
            DocumentStartEvent: self._document,
            DocumentEndEvent: self._document_end,
        }
        try:
            for event in events:
                if handler := handlers.get(type(event)):
                    handler(event)
            self.complete = True
        except _StopReadingError:
            pass
        except YAMLError as error:
            self._syntax(error)
        for node in reversed(self._open):
            self._close(node, len(self.text))

    def _scalar(self, event: Any) -> None:  # noqa: ANN401 -- ruamel.yaml's events are untyped
        start, end = event.start_mark.index, event.end_mark.index
        if event.anchor is not None or event.tag is not None:
            self._outside(start)
        value = event.value
        if event.style in {"|", ">"}:
            end = start + len(self.text[start:end].rstrip())
            self.doubtful |= not (self._open and _PLAIN_BLOCK.match(self.text, start))
        elif event.style == '"' and (match := FORBIDDEN.search(value)):
            at = Offsets(start, end)
            self._fault("P101", at, f"an escape for the character U+{ord(match.group()):04X}", "leave it out")
        parent = self._open[-1] if self._open else None
        if type(parent) is MappingNode and self._keys[-1] is None:
            self.doubtful |= start == end
            self._key(value, Offsets(start, end), plain=not event.style)
        else:
            self._attach(ScalarNode(start, end, value if event.style else resolve(value)))

    def _start(self, event: Any) -> None:  # noqa: ANN401
        start = event.start_mark.index
        if event.anchor is not None or event.tag is not None:
            self._outside(start)
        if len(self._open) == MAX_DEPTH:
            at = Offsets(start, event.end_mark.index)
            self._fault("P105", at, f"nested more than {MAX_DEPTH} levels deep", "a policy needs five levels at most")
            raise _StopReadingError
        node = MappingNode(start) if type(event) is MappingStartEvent else SequenceNode(start)
        if self._open and type(self._open[-1]) is MappingNode and self._keys[-1] is None:
            at = Offsets(start, event.end_mark.index)
            self._fault("P101", at, "a key that is a list or a mapping", "write the key as a plain word")
            raise _StopReadingError
        self.doubtful |= type(node) is MappingNode and event.flow_style and self.text[start] != "{"
        self._attach(node)
        self._open.append(node)
        self._keys.append(None)

    def _end(self, event: Any) -> None:  # noqa: ANN401
        node = self._open.pop()
        self._keys.pop()
        self._close(node, event.end_mark.index if event.end_mark.index > event.start_mark.index else None)
        if self._open and (type(self._open[-1]) is MappingNode):
            self._keys[-1] = None

    def _alias(self, event: Any) -> None:  # noqa: ANN401
        at = Offsets(event.start_mark.index, event.end_mark.index)
        self._fault("P101", at, f"alias `{cut(self.text[at.start : at.end])}`", f"write the value out: {_SUBSET}")
        if self._open and type(self._open[-1]) is MappingNode and self._keys[-1] is None:
            raise _StopReadingError
        if self._open:
            self._keys[-1] = None

    def _document(self, event: Any) -> None:  # noqa: ANN401
        at = Offsets(event.start_mark.index, event.end_mark.index)
        self._documents += 1
        if self._documents > 1:
            self._fault("P101", at, "a second document", "write one policy a file")
            raise _StopReadingError
        for found in _DIRECTIVE.finditer(self.text, 0, at.end):
            self._fault("P101", Offsets(*found.span()), f"directive `{cut(found[1])}`", f"remove the line: {_SUBSET}")

    def _document_end(self, event: Any) -> None:  # noqa: ANN401
        self.doubtful |= event.explicit  # a second `...` is nothing to the one, a document to the other

    def _key(self, key: str, at: Offsets, *, plain: bool) -> None:
        mapping = self._open[-1]
        assert isinstance(mapping, MappingNode)  # noqa: S101 -- only a mapping waits for a key
        if key == _MERGE_KEY and plain:
            self._fault("P101", at, "merge key `<<`", f"write the merged fields out: {_SUBSET}")
        elif key in mapping.entries:
            first = (mapping.entries[key].key, "first here")
            self._fault("P101", at, f"the key `{cut(key)}` stands here a second time", "keep one of the two", (first,))
        self._keys[-1] = key, at

    def _attach(self, node: Node) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            at = Offsets(node.start, node.start + 1)
            self._fault("P105", at, f"more than {MAX_NODES:,} values", "merge neighbouring ranges, or split the policy")
            raise _StopReadingError
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if isinstance(parent, SequenceNode):
            parent.items.append(node)
            return
        assert self._keys[-1] is not None  # noqa: S101 -- a value follows its key
        key, at = self._keys[-1]
        if isinstance(node, ScalarNode) and node.start == node.end:  # nothing, on whose place the two parsers disagree
            node.start = node.end = at.end
        if key not in parent.entries and key != _MERGE_KEY:
            parent.entries[key] = MappingEntry(at, node)
        if isinstance(node, ScalarNode):
            self._keys[-1] = None

    def _close(self, node: SequenceNode | MappingNode, end: int | None) -> None:
        """Set where ``node`` ends: at its bracket, or in block style, where no bracket is, with its last child."""
        if end is None and isinstance(node, SequenceNode):
            end = node.items[-1].end if node.items else None
        elif end is None and isinstance(node, MappingNode) and node.entries:
            key, value = next(reversed(node.entries.values()))
            end = max(key.end, value.end)
        node.end = node.start if end is None else end

    def _outside(self, start: int) -> None:
        """Report the anchor and the tag that stand before a node."""
        while found := _PROPERTY.match(self.text, start):
            what = "anchor" if found[1].startswith("&") else "tag"
            self._fault("P101", Offsets(*found.span(1)), f"{what} `{cut(found[1])}`", f"remove it: {_SUBSET}")
            start = found.end()

    def _syntax(self, error: YAMLError) -> None:
        mark = error.problem_mark or error.context_mark if isinstance(error, MarkedYAMLError) else None
        at = len(self.text) if mark is None else min(mark.index, len(self.text))
        problem = error.problem if isinstance(error, MarkedYAMLError) else str(error)
        context = error.context if isinstance(error, MarkedYAMLError) else None
        tab = self.text[at : at + 1] == "\t"
        self._fault(
            "P101",
            Offsets(at, min(at + 1, len(self.text))),
            f"not YAML: {problem or 'unreadable'}" + (f" ({context})" if context else ""),
            "indent with spaces, never with tabs" if tab else "mend the line, or quote the value",
        )

    def _fault(
        self, code: str, at: Offsets, message: str, hint: str, related: tuple[tuple[Offsets, str], ...] = ()
    ) -> None:
        self.faults.append(Fault(code, at, message, hint, related))
        if len(self.faults) == MAX_FAULTS:
            raise _StopReadingError
