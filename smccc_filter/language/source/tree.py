"""The tree of a document: every key and every value with the stretch of text it stands in, in characters.

A tree never changes, so that trees can share nodes.
"""

from collections.abc import Iterable
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from smccc_filter.language.places import KeyOf, Offsets, Path, Place
from smccc_filter.language.source.text import SourceText
from smccc_filter.words import QUOTE, cut

ScalarValue = str | float | bool | None

MERGE_KEY = "<<"
"""A key of YAML 1.1, written without quotes, that the language leaves out."""


class ScalarNode:
    """A value as YAML 1.2's core schema reads it, but that hexadecimal numbers stay text."""

    __slots__ = ("end", "start", "value")

    def __init__(self, start: int, end: int, value: "ScalarValue") -> None:
        self.start: Final = start
        self.end: Final = end
        self.value: Final = value


class SequenceNode:
    """A list of nodes."""

    __slots__ = ("end", "items", "start")

    def __init__(self, start: int, end: int, items: "tuple[Node, ...]") -> None:
        self.start: Final = start
        self.end: Final = end
        self.items: Final = items


class MappingEntry(NamedTuple):
    """A value and where its key stands."""

    key: Offsets
    node: "Node"


class MappingNode:
    """Entries by key, in the order of the text. Nobody but the node may keep the dictionary that it is made of."""

    __slots__ = ("end", "entries", "start")

    def __init__(self, start: int, end: int, entries: dict[str, MappingEntry]) -> None:
        self.start: Final = start
        self.end: Final = end
        self.entries: Final = MappingProxyType(entries)


Node = ScalarNode | SequenceNode | MappingNode


class OpenSequence:
    """A list whose end has not been read yet."""

    __slots__ = ("items", "start")

    def __init__(self, start: int) -> None:
        self.start = start
        self.items: list[Node] = []

    def add(self, node: Node) -> None:
        """Make ``node`` the next item."""
        self.items.append(node)

    def closed(self, end: int | None) -> SequenceNode:
        """Return the list, which ends with its last item where no ``end`` is given."""
        if end is None:
            end = self.items[-1].end if self.items else self.start
        return SequenceNode(self.start, end, tuple(self.items))


class OpenMapping:
    """A mapping whose end has not been read yet.

    ``key`` is the key whose value comes next, and ``keeps`` whether that becomes an entry.
    """

    __slots__ = ("entries", "keeps", "key", "start")

    def __init__(self, start: int) -> None:
        self.start = start
        self.entries: dict[str, MappingEntry] = {}
        self.key: tuple[str, Offsets] | None = None
        self.keeps = True

    def add(self, node: Node) -> None:
        """Give the key its value."""
        assert self.key is not None  # noqa: S101 -- a value follows its key
        key, at = self.key
        if self.keeps:
            self.entries[key] = MappingEntry(at, node)
        self.key = None

    def closed(self, end: int | None) -> MappingNode:
        """Return the mapping, which ends with its last entry where no ``end`` is given."""
        if end is None and self.entries:
            key, value = next(reversed(self.entries.values()))
            end = max(key.end, value.end)
        return MappingNode(self.start, self.start if end is None else end, self.entries)


class DocumentFault(NamedTuple):
    """A mistake that reading finds, before there is a policy to check; ``code`` is the diagnostic's.

    ``instead`` is the text to write in its place, if that is clear. ``certain`` says that it means the same. ``under``
    is the key of the list beside its own in which ``instead`` belongs, where that is another one.
    """

    code: str
    place: Place
    message: str
    hint: str
    related: tuple[tuple[Place, str], ...] = ()
    instead: str | None = None
    certain: bool = False
    under: str | None = None


class Document(NamedTuple):
    """One file: its text, its tree (``None`` when nothing is in it), its faults, and whether it was read to the end.

    ``is_text`` says that it was text at all, and ``may_be_quoted`` that a report may show lines of it.
    """

    text: SourceText
    root: Node | None
    faults: tuple[DocumentFault, ...]
    complete: bool
    is_text: bool = True
    may_be_quoted: bool = True

    def offsets(self, place: Place) -> Offsets:
        """Return where ``place`` stands; a path that leads nowhere ends at the last node that exists."""
        if isinstance(place, Offsets):
            return place
        key, node = self._found(place.path if isinstance(place, KeyOf) else place)
        if isinstance(place, KeyOf) and key is not None:
            return key
        return Offsets(0, 0) if node is None else Offsets(node.start, node.end)

    def breaks_off(self, path: Path) -> bool:
        """Tell whether reading stopped within the part at ``path``, so that nobody knows what else is in it."""
        return not self.complete and self.offsets(path).end == len(self.text.text)

    def node(self, path: Path) -> Node | None:
        """Return what stands at a path, or the last node on the way that exists."""
        return self._found(path)[1]

    def _found(self, path: Path) -> tuple[Offsets | None, Node | None]:
        key, node = None, self.root
        for step in path:
            found = child(node, step)
            if found is None:
                break
            key, node = found
        return key, node

    def quote(self, place: Place) -> str:
        """Return the text of ``place`` as written, cut to what fits in a message."""
        start, end = self.offsets(place)
        first, *rest = self.text.text[start : min(end, start + QUOTE + 1)].splitlines() or [""]
        return f"{cut(first)[: QUOTE - 3]}..." if rest else cut(first)


def child(node: Node | None, step: str | int) -> tuple[Offsets | None, Node] | None:
    """Return the node to which a step of a path leads, with the place of its key, which an item does not have.

    ``None`` where the step leads nowhere.
    """
    if isinstance(node, MappingNode) and step in node.entries:
        return node.entries[str(step)]
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.items):
        return None, node.items[step]
    return None


def plain(node: Node) -> Any:  # noqa: ANN401 -- any YAML value
    """Return a node as Python's own lists, dictionaries and scalars."""
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, SequenceNode):
        return [plain(item) for item in node.items]
    return {key: plain(entry.node) for key, entry in node.entries.items()}


_Cuts = dict[str | int, "_Cuts | None"]
"""What to cut away below a node, by the next step of its path: ``None`` for all that stands there."""


def without(root: MappingNode, paths: Iterable[Path]) -> MappingNode:
    """Return a mapping without the parts at ``paths``, none of them empty; what stays is shared with it."""
    cuts: _Cuts = {}
    for path in paths:
        _mark(cuts, path)
    return _pruned_mapping(root, cuts)


def _mark(cuts: _Cuts, path: Path) -> None:
    """Note that the part at ``path`` goes, unless it goes with what it is in."""
    for step in path[:-1]:
        below = cuts.setdefault(step, {})
        if below is None:
            return
        cuts = below
    cuts[path[-1]] = None


def _pruned(node: Node, cuts: _Cuts) -> Node:
    if isinstance(node, MappingNode):
        return _pruned_mapping(node, cuts)
    return _pruned_sequence(node, cuts) if isinstance(node, SequenceNode) else node


def _pruned_mapping(node: MappingNode, cuts: _Cuts) -> MappingNode:
    entries = dict(node.entries)
    for step, below in cuts.items():
        key, value = entries[str(step)]
        if below is None:
            del entries[str(step)]
        else:
            entries[str(step)] = MappingEntry(key, _pruned(value, below))
    return MappingNode(node.start, node.end, entries)


def _pruned_sequence(node: SequenceNode, cuts: _Cuts) -> SequenceNode:
    items: list[Node | None] = list(node.items)
    for step, below in cuts.items():
        number = int(step)
        items[number] = None if below is None else _pruned(node.items[number], below)
    return SequenceNode(node.start, node.end, tuple(item for item in items if item is not None))
