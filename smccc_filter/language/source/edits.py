"""Turns changes of a document into edits of its text, which fit its brackets, commas, lines and comments.

A change speaks of places and knows no layout. A change that would need guessing gets no edits, and a comment is never
lost.
"""

from collections.abc import Iterator, Sequence
from typing import NoReturn

from smccc_filter.language.changes import Append, Change, Remove, Replace, SetKeys
from smccc_filter.language.places import KeyOf, Offsets, Path
from smccc_filter.language.source import block, flow
from smccc_filter.language.source.comments import comments_among
from smccc_filter.language.source.slots import Collection, UneditableTextError, is_flow, length
from smccc_filter.language.source.tree import Document, MappingNode, Node, ScalarNode, SequenceNode, child
from smccc_filter.language.source.writing import TextEdit, is_apart

QUOTES = ("'", '"')


class DocumentEditor:
    """Turns changes of one document into edits. Only values may be replaced in one of which parts were cut away."""

    def __init__(self, document: Document, *, whole: bool) -> None:
        self._document = document
        self._whole = whole
        self._source = document.text

    def edits(self, changes: Sequence[Change]) -> tuple[TextEdit, ...]:
        """Return the edits that make ``changes`` together, in order; none where the layout does not let it.

        A list or mapping of which everything is removed goes with its key.
        """
        try:
            found = sorted(self._all(changes))
        except UneditableTextError:
            return ()
        return tuple(found) if is_apart(found) else ()

    def _all(self, changes: Sequence[Change]) -> Iterator[TextEdit]:
        if not self._whole and not all(isinstance(change, Replace) and len(change.texts) == 1 for change in changes):
            raise UneditableTextError
        removals = self._removals([change.path for change in changes if isinstance(change, Remove)])
        for parent, numbers in removals:
            yield from self._remove(parent, numbers)
        for change in changes:
            if isinstance(change, Replace):
                yield from self._replace(change)
            elif isinstance(change, Append):
                yield from self._append(change)
            elif isinstance(change, SetKeys):
                yield from self._set_keys(change)

    def _removals(self, paths: Sequence[Path]) -> list[tuple[Collection, list[int]]]:
        """Return what to remove of which collection, where a collection that would be empty is itself removed."""
        by_parent: dict[Path, set[int]] = {}
        waiting = list(paths)
        while waiting:
            path = waiting.pop()
            if not path:
                raise UneditableTextError
            parent = self._collection(path[:-1])
            numbers = by_parent.setdefault(path[:-1], set())
            numbers.add(_number(parent, path[-1]))
            if len(numbers) == length(parent):
                del by_parent[path[:-1]]
                waiting.append(path[:-1])
        return [(self._collection(path), sorted(numbers)) for path, numbers in by_parent.items()]

    def _remove(self, parent: Collection, numbers: list[int]) -> Iterator[TextEdit]:
        remove = flow.remove if is_flow(self._source, parent) else block.remove
        for first, last in _runs(numbers):
            yield from remove(self._source, parent, first, last)

    def _replace(self, change: Replace) -> Iterator[TextEdit]:
        start, end = self._document.offsets(change.place)
        old = self._source.text[start:end]
        first, *more = change.texts
        if not old or "\n" in old or "\r" in old or old[0] in "|>[{":
            raise UneditableTextError
        if old[0] in QUOTES and first[0] not in QUOTES:
            first = f"{old[0]}{first}{old[0]}"
        if more:
            if isinstance(change.place, Offsets | KeyOf):
                raise UneditableTextError
            parent = self._collection(change.place[:-1])
            if is_flow(self._source, parent):
                first = ", ".join((first, *more))
            else:
                yield block.insert(self._source, parent, _number(parent, change.place[-1]), tuple(more))
        yield TextEdit(start, end, first)

    def _append(self, change: Append) -> Iterator[TextEdit]:
        parent = self._collection(change.path)
        if not isinstance(parent, SequenceNode):
            raise UneditableTextError
        yield from self._insert(parent, length(parent) - 1, change.texts)

    def _set_keys(self, change: SetKeys) -> Iterator[TextEdit]:
        path, values = change.path, change.values
        if path and _is_missing(self._collection(path[:-1]), path[-1]):
            inside = ", ".join(f"{key}: {text}" for key, text in values)
            path, values = path[:-1], ((str(path[-1]), f"{{{inside}}}"),)
        parent = self._collection(path)
        if not isinstance(parent, MappingNode):
            raise UneditableTextError
        keys = list(parent.entries)
        behind = max((keys.index(key) for key in change.after if key in keys), default=len(keys) - 1)
        yield from (self._set_value(parent, key, text) for key, text in values if key in keys)
        if new := tuple(f"{key}: {text}" for key, text in values if key not in keys):
            yield from self._insert(parent, behind, new)

    def _set_value(self, parent: MappingNode, key: str, text: str) -> TextEdit:
        at, node = parent.entries[key]
        colon = self._source.text.find(":", at.end)
        if colon < 0 or colon >= node.start or comments_among(self._source.text, at.end, node.end, (node,)):
            raise UneditableTextError
        if not isinstance(node, ScalarNode) and is_flow(self._source, node):
            return TextEdit(node.start, node.end, text)
        return TextEdit(colon + 1, node.end, f" {text}")

    def _insert(self, parent: Collection, behind: int, texts: tuple[str, ...]) -> Iterator[TextEdit]:
        if is_flow(self._source, parent):
            yield from flow.insert(self._source, parent, behind, texts)
        else:
            yield block.insert(self._source, parent, behind, texts)

    def _collection(self, path: Path) -> Collection:
        node: Node | None = self._document.root
        for step in path:
            found = child(node, step)
            if found is None:
                raise UneditableTextError
            _, node = found
        if node is None or isinstance(node, ScalarNode):
            raise UneditableTextError
        return node


def _number(parent: Collection, step: str | int) -> int:
    """Return which slot of a collection a step of a path leads to."""
    if isinstance(parent, MappingNode):
        return list(parent.entries).index(str(step)) if step in parent.entries else _nowhere()
    return step if isinstance(step, int) and step < len(parent.items) else _nowhere()


def _is_missing(parent: Collection, step: str | int) -> bool:
    return isinstance(parent, MappingNode) and step not in parent.entries


def _nowhere() -> NoReturn:
    raise UneditableTextError


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of each run of neighbours."""
    first = last = numbers[0]
    for number in numbers[1:]:
        if number > last + 1:
            yield first, last
            first = number
        last = number
    yield first, last
