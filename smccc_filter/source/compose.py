"""YAML events into a tree, with everything outside the subset noted as a fault and read past where that is safe."""

from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from smccc_filter.places import Offsets
from smccc_filter.source.scalars import FORBIDDEN, resolve
from smccc_filter.source.tree import Entry, Fault, Mapping, Node, Scalar, Sequence

CParser: Any
try:
    from ruamel.yaml.cyaml import CParser  # type: ignore[attr-defined,no-redef,unused-ignore] # it is Cython
except ImportError:  # the C parser is an extra of ruamel.yaml
    CParser = None

MAX_DEPTH = 16
"""Three times what the deepest valid policy needs."""
MAX_FAULTS = 100
"""A file with more faults than this is no policy; reading stops."""

_SUBSET = "the policy language is YAML without anchors, aliases, merge keys, tags and directives"
_MERGE_KEY = "<<"


class _StopReadingError(Exception):
    """Nothing after this place can be trusted."""


class Composer:
    """Builds the tree of ``text``; look at ``root``, ``faults`` and ``complete`` after ``run``."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root: Node | None = None
        self.faults: list[Fault] = []
        self.complete = False
        self._open: list[Sequence | Mapping] = []
        self._keys: list[tuple[str, Offsets] | None] = []
        self._documents = 0

    def run(self, *, pure: bool = False) -> None:
        """Read to the end, or to where it makes no sense to go on."""
        try:
            self._read(_pure_events(self.text) if pure or CParser is None else _c_events(self.text))
            self.complete = True
        except _StopReadingError:
            pass
        except YAMLError as error:
            self._syntax(error)
        for node in reversed(self._open):
            self._close(node, len(self.text))

    def _read(self, events: Iterator[Any]) -> None:
        handlers = {
            ScalarEvent: self._scalar,
            MappingStartEvent: self._start,
            SequenceStartEvent: self._start,
            MappingEndEvent: self._end,
            SequenceEndEvent: self._end,
            AliasEvent: self._alias,
            DocumentStartEvent: self._document,
        }
        for event in events:
            if handler := handlers.get(type(event)):
                handler(event)

    def _scalar(self, event: Any) -> None:  # noqa: ANN401 -- ruamel.yaml's events are untyped
        start, end = event.start_mark.index, event.end_mark.index
        if event.anchor is not None or event.tag is not None:
            self._outside(event)
        value = event.value
        if event.style in {"|", ">"}:
            end = start + len(self.text[start:end].rstrip())
        elif event.style == '"' and (match := FORBIDDEN.search(value)):
            at = Offsets(start, end)
            self._fault("P101", at, f"an escape for the character U+{ord(match.group()):04X}", "leave it out")
        parent = self._open[-1] if self._open else None
        if type(parent) is Mapping and self._keys[-1] is None:
            self._key(value, Offsets(start, end), plain=not event.style)
        else:
            self._attach(Scalar(start, end, value if event.style else resolve(value)))

    def _start(self, event: Any) -> None:  # noqa: ANN401
        start = event.start_mark.index
        if event.anchor is not None or event.tag is not None:
            self._outside(event)
        if len(self._open) == MAX_DEPTH:
            at = Offsets(start, event.end_mark.index)
            self._fault("P105", at, f"nested more than {MAX_DEPTH} levels deep", "a policy needs five levels at most")
            raise _StopReadingError
        node = Mapping(start) if type(event) is MappingStartEvent else Sequence(start)
        if self._open and type(self._open[-1]) is Mapping and self._keys[-1] is None:
            at = Offsets(start, event.end_mark.index)
            self._fault("P101", at, "a key that is a list or a mapping", "write the key as a plain word")
            raise _StopReadingError
        self._attach(node)
        self._open.append(node)
        self._keys.append(None)

    def _end(self, event: Any) -> None:  # noqa: ANN401
        node = self._open.pop()
        self._keys.pop()
        self._close(node, event.end_mark.index if event.end_mark.index > event.start_mark.index else None)
        if self._open and (type(self._open[-1]) is Mapping):
            self._keys[-1] = None

    def _alias(self, event: Any) -> None:  # noqa: ANN401
        at = Offsets(event.start_mark.index, event.end_mark.index)
        self._fault("P101", at, f"alias {self.text[at.start : at.end]}", f"write the value out: {_SUBSET}")
        if self._open and type(self._open[-1]) is Mapping and self._keys[-1] is None:
            raise _StopReadingError
        if self._open:
            self._keys[-1] = None

    def _document(self, event: Any) -> None:  # noqa: ANN401
        at = Offsets(event.start_mark.index, event.end_mark.index)
        self._documents += 1
        if self._documents > 1:
            self._fault("P101", at, "a second document", "write one policy a file")
            raise _StopReadingError
        if event.version is not None or event.tags:
            at = Offsets(at.end - len("---"), at.end)
            self._fault("P101", at, "a YAML directive", f"remove the line: {_SUBSET}")

    def _key(self, key: str, at: Offsets, *, plain: bool) -> None:
        mapping = self._open[-1]
        assert isinstance(mapping, Mapping)  # noqa: S101 -- only a mapping waits for a key
        if key == _MERGE_KEY and plain:
            self._fault("P101", at, "merge key `<<`", f"write the merged fields out: {_SUBSET}")
        elif key in mapping.entries:
            first = (mapping.entries[key].key, "first here")
            self._fault("P101", at, f"the key `{key}` stands here a second time", "keep one of the two", (first,))
        self._keys[-1] = key, at

    def _attach(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
            return
        assert self._keys[-1] is not None  # noqa: S101 -- a value follows its key
        key, at = self._keys[-1]
        if isinstance(node, Scalar) and node.start == node.end:  # nothing, on whose place the two parsers disagree
            node.start = node.end = at.end
        if key not in parent.entries and key != _MERGE_KEY:
            parent.entries[key] = Entry(at, node)
        if isinstance(node, Scalar):
            self._keys[-1] = None

    def _close(self, node: Sequence | Mapping, end: int | None) -> None:
        """Set where ``node`` ends: at its bracket, or in block style, where no bracket is, with its last child."""
        if end is None and isinstance(node, Sequence):
            end = node.items[-1].end if node.items else None
        elif end is None and isinstance(node, Mapping) and node.entries:
            key, value = next(reversed(node.entries.values()))
            end = max(key.end, value.end)
        node.end = node.start if end is None else end

    def _outside(self, event: Any) -> None:  # noqa: ANN401
        what = "anchor" if event.anchor is not None else "tag"
        name = f"&{event.anchor}" if event.anchor is not None else event.tag
        at = Offsets(event.start_mark.index, event.end_mark.index)
        self._fault("P101", at, f"{what} `{name}`", f"remove it: {_SUBSET}")

    def _syntax(self, error: YAMLError) -> None:
        """Report what the parser could not read, in the words of the Python parser, whichever stumbled."""
        try:
            for _ in _pure_events(self.text):
                pass
        except YAMLError as pure:
            error = pure
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


def _c_events(text: str) -> Iterator[Any]:
    get_event = CParser(text).get_event
    while type(event := get_event()) is not StreamEndEvent:
        yield event


def _pure_events(text: str) -> Iterator[Any]:
    yield from YAML(typ="safe", pure=True).parse(text)
