"""The tree of a document: every key and every value with the stretch of text it stands in, in characters."""

from typing import Any, NamedTuple

from smccc_filter.language.places import KeyOf, Offsets, Place
from smccc_filter.language.source.text import Text
from smccc_filter.words import QUOTE, cut

Value = str | float | bool | None


class ScalarNode:
    """A value as YAML 1.2's core schema reads it, but that hexadecimal numbers stay text."""

    __slots__ = ("end", "start", "value")

    def __init__(self, start: int, end: int, value: "Value") -> None:
        self.start = start
        self.end = end
        self.value = value


class SequenceNode:
    """A list of nodes."""

    __slots__ = ("end", "items", "start")

    def __init__(self, start: int) -> None:
        self.start = self.end = start
        self.items: list[Node] = []


class MappingEntry(NamedTuple):
    """A value and where its key stands."""

    key: Offsets
    node: "Node"


class MappingNode:
    """Entries by key."""

    __slots__ = ("end", "entries", "start")

    def __init__(self, start: int) -> None:
        self.start = self.end = start
        self.entries: dict[str, MappingEntry] = {}


Node = ScalarNode | SequenceNode | MappingNode


class Fault(NamedTuple):
    """What is wrong with a place, found before there is a policy to look at; ``code`` is the diagnostic's.

    ``instead`` is what to write in its place, if that is clear, and ``certain`` whether it says the same.
    """

    code: str
    place: Place
    message: str
    hint: str
    related: tuple[tuple[Place, str], ...] = ()
    instead: str | None = None
    certain: bool = False


class Document(NamedTuple):
    """One file: its text, its tree (``None`` when nothing is in it), its faults, and whether it was read to the end."""

    text: Text
    root: Node | None
    faults: tuple[Fault, ...]
    complete: bool

    def offsets(self, place: Place) -> Offsets:
        """Return where ``place`` stands; a path that leads nowhere ends at the last node that exists."""
        if isinstance(place, Offsets):
            return place
        node, key = self.root, None
        for step in place.path if isinstance(place, KeyOf) else place:
            if isinstance(node, MappingNode) and step in node.entries:
                key, node = node.entries[str(step)]
            elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.items):
                key, node = None, node.items[step]
            else:
                break
        if isinstance(place, KeyOf) and key is not None:
            return key
        return Offsets(0, 0) if node is None else Offsets(node.start, node.end)

    def quote(self, place: Place) -> str:
        """Return the text of ``place`` as written, cut to what fits in a message."""
        start, end = self.offsets(place)
        first, *rest = self.text.text[start : min(end, start + QUOTE + 1)].splitlines() or [""]
        return f"{cut(first)[: QUOTE - 3]}..." if rest else cut(first)


def plain(node: Node) -> Any:  # noqa: ANN401 -- any YAML value
    """Return a node as Python's own lists, dictionaries and scalars."""
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, SequenceNode):
        return [plain(item) for item in node.items]
    return {key: plain(entry.node) for key, entry in node.entries.items()}
