"""Makes a tree of YAML events. What is outside the subset becomes a fault, and reading goes on where that is safe."""

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
from smccc_filter.language.source.scalars import forbidden, resolve
from smccc_filter.language.source.tree import MERGE_KEY, DocumentFault, Node, OpenMapping, OpenSequence, ScalarNode
from smccc_filter.words import cut

MAX_DEPTH = 16
"""Three times what the deepest valid policy needs."""
MAX_NODES = 2_000_000
"""Ten for each of 200,000 rules; a node takes a hundred bytes and more."""
MAX_SECOND_LOOK = 1 << 19
"""Characters that the Python parser reads in four seconds, of the five that a hostile file may cost."""
MAX_FAULTS = 100
"""A file with more faults than this is no policy; reading stops."""

_SUBSET = "the policy language is YAML without anchors, aliases, merge keys, tags and directives"
_PROPERTY = r" *(!<[^>]*>|[&!][^\s,\[\]{}]*)"
_DIRECTIVE = r"(?m)^(%[^ \r\n]*)[^\r\n]*"
_PLAIN_BLOCK = r"[|>][-+1-9]* *(?:\r\n?|\n) *[^ \r\n]"
"""A block scalar with nothing but indicators in its first line and with text in its second."""


class _StopReadingError(Exception):
    """Nothing after this place can be trusted."""


def composed(text: str, *, pure: bool = False) -> "TreeComposer":
    """Return the composer that has read a text, from the C parser where that gives what the Python parser would.

    The C parser takes tabs and a few more things that the other refuses, and where something is wrong the two differ
    in places and words. A text of more than ``MAX_SECOND_LOOK`` characters is read by the C parser alone.
    """
    large = len(text) > MAX_SECOND_LOOK
    if CParser is not None and not pure and (large or "\t" not in text):
        composer = TreeComposer(text)
        composer.read(c_events(text))
        if large or not (composer.faults or composer.doubtful):
            return composer
    composer = TreeComposer(text)
    composer.read(pure_events(text))
    return composer


class TreeComposer:
    """Builds the tree of ``text``: ``read`` sets ``root``, ``faults``, ``complete`` and ``doubtful``.

    ``complete`` says that reading came to the end, ``doubtful`` that the two parsers may disagree on what was read
    without a fault.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.root: Node | None = None
        self.faults: list[DocumentFault] = []
        self.complete = False
        self.doubtful = False
        self._open: list[OpenSequence | OpenMapping] = []
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
        while self._open:
            self._close(len(self.text))

    def _scalar(self, event: Any) -> None:  # noqa: ANN401 -- ruamel.yaml's events are untyped
        start, end = event.start_mark.index, event.end_mark.index
        if event.anchor is not None or event.tag is not None:
            self._outside(start)
        value = event.value
        if event.style in {"|", ">"}:
            end = start + len(self.text[start:end].rstrip())
            self.doubtful |= not (self._open and re.compile(_PLAIN_BLOCK).match(self.text, start))
        elif event.style == '"' and (match := forbidden(value)):
            at = Offsets(start, end)
            self._fault("P101", at, f"an escape for the character U+{ord(match.group()):04X}", "leave it out")
        parent = self._open[-1] if self._open else None
        if type(parent) is OpenMapping:
            if parent.key is None:
                self.doubtful |= start == end
                self._key(parent, value, Offsets(start, end), plain=not event.style)
                return
            if start == end:  # nothing, on whose place the two parsers disagree
                start = end = parent.key[1].end
        self._count(start)
        self._attach(ScalarNode(start, end, value if event.style else resolve(value)))

    def _start(self, event: Any) -> None:  # noqa: ANN401
        start = event.start_mark.index
        if event.anchor is not None or event.tag is not None:
            self._outside(start)
        if len(self._open) == MAX_DEPTH:
            at = Offsets(start, event.end_mark.index)
            self._fault("P105", at, f"nested more than {MAX_DEPTH} levels deep", "a policy needs five levels at most")
            raise _StopReadingError
        if self._awaits_key():
            at = Offsets(start, event.end_mark.index)
            self._fault("P101", at, "a key that is a list or a mapping", "write the key as a plain word")
            raise _StopReadingError
        self._count(start)
        if type(event) is MappingStartEvent:
            self.doubtful |= event.flow_style and self.text[start] != "{"
            self._open.append(OpenMapping(start))
        else:
            self._open.append(OpenSequence(start))

    def _end(self, event: Any) -> None:  # noqa: ANN401
        self._close(event.end_mark.index if event.end_mark.index > event.start_mark.index else None)

    def _alias(self, event: Any) -> None:  # noqa: ANN401
        at = Offsets(event.start_mark.index, event.end_mark.index)
        self._fault("P101", at, f"alias `{cut(self.text[at.start : at.end])}`", f"write the value out: {_SUBSET}")
        if self._awaits_key():
            raise _StopReadingError
        if self._open and type(parent := self._open[-1]) is OpenMapping:
            parent.key = None

    def _document(self, event: Any) -> None:  # noqa: ANN401
        at = Offsets(event.start_mark.index, event.end_mark.index)
        self._documents += 1
        if self._documents > 1:
            self._fault("P101", at, "a second document", "write one policy a file")
            raise _StopReadingError
        if "%" not in self.text[: at.end]:
            return
        for found in re.compile(_DIRECTIVE).finditer(self.text, 0, at.end):
            self._fault("P101", Offsets(*found.span()), f"directive `{cut(found[1])}`", f"remove the line: {_SUBSET}")

    def _document_end(self, event: Any) -> None:  # noqa: ANN401
        self.doubtful |= event.explicit  # a second `...` is nothing to the one, a document to the other

    def _awaits_key(self) -> bool:
        return bool(self._open) and type(parent := self._open[-1]) is OpenMapping and parent.key is None

    def _key(self, mapping: OpenMapping, key: str, at: Offsets, *, plain: bool) -> None:
        """Take a key, which has an entry unless a fault says why it has none."""
        mapping.key, mapping.keeps = (key, at), False
        if key == MERGE_KEY and plain:
            self._fault("P101", at, "merge key `<<`", f"write the merged fields out: {_SUBSET}")
        elif key in mapping.entries:
            first = (mapping.entries[key].key, "first here")
            self._fault("P101", at, f"the key `{cut(key)}` stands here a second time", "keep one of the two", (first,))
        else:
            mapping.keeps = True

    def _count(self, start: int) -> None:
        """Count the value that begins at ``start``."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            at = Offsets(start, start + 1)
            self._fault("P105", at, f"more than {MAX_NODES:,} values", "merge neighbouring ranges, or split the policy")
            raise _StopReadingError

    def _attach(self, node: Node) -> None:
        if self._open:
            self._open[-1].add(node)
        else:
            self.root = node

    def _close(self, end: int | None) -> None:
        """Make a node of the innermost list or mapping.

        It ends at its bracket, or in block style, where no bracket is and ``end`` is ``None``, with its last child.
        """
        self._attach(self._open.pop().closed(end))

    def _outside(self, start: int) -> None:
        """Report the anchor and the tag that stand before a node."""
        while found := re.compile(_PROPERTY).match(self.text, start):
            what = "anchor" if found[1].startswith("&") else "tag"
            self._fault("P101", Offsets(*found.span(1)), f"{what} `{cut(found[1])}`", f"remove it: {_SUBSET}")
            start = found.end()

    def _syntax(self, error: YAMLError) -> None:
        mark = error.problem_mark or error.context_mark if isinstance(error, MarkedYAMLError) else None
        at = len(self.text) if mark is None else min(mark.index, len(self.text))
        problem = error.problem if isinstance(error, MarkedYAMLError) else str(error)
        context = error.context if isinstance(error, MarkedYAMLError) else None
        tab = self.text[at : at + 1] == "\t"
        begun = error.context_mark if isinstance(error, MarkedYAMLError) else None
        if problem and not tab:
            from smccc_filter.language.source.yaml_words import in_words

            where = None if begun is None else begun.index
            if fault := in_words(self.text, problem, context or "", at, where):
                end = min(fault.at + 1, len(self.text))
                stopped = Offsets(at, min(at + 1, len(self.text)))
                related = ((stopped, fault.stopped),) if fault.stopped else ()
                self._fault("P101", Offsets(fault.at, end), f"not YAML: {fault.message}", fault.hint, related)
                return
        self._fault(
            "P101",
            Offsets(at, min(at + 1, len(self.text))),
            f"not YAML: {problem or 'unreadable'}" + (f" ({context})" if context else ""),
            "indent with spaces, never with tabs" if tab else "fix the line, or quote the value",
        )

    def _fault(
        self, code: str, at: Offsets, message: str, hint: str, related: tuple[tuple[Offsets, str], ...] = ()
    ) -> None:
        self.faults.append(DocumentFault(code, at, message, hint, related))
        if len(self.faults) == MAX_FAULTS:
            raise _StopReadingError
