"""A tree never changes: one without some parts is another, which shares with it what stays."""

from collections.abc import Sequence

import pytest

from smccc_filter.language.places import Path
from smccc_filter.language.source import Document, MappingNode, SequenceNode, plain, read, without
from tests.language.source.trees import dump

TEXT = b"a: [x, {b: 1, c: [2, 3]}, y]\nd: {e: {f: 4, g: 5}, h: 6}\n"


@pytest.mark.parametrize(
    ("paths", "left"),
    [
        ([], {"a": ["x", {"b": 1, "c": [2, 3]}, "y"], "d": {"e": {"f": 4, "g": 5}, "h": 6}}),
        ([("a",)], {"d": {"e": {"f": 4, "g": 5}, "h": 6}}),
        ([("a",), ("d",)], {}),
        ([("a", 0), ("a", 2), ("d",)], {"a": [{"b": 1, "c": [2, 3]}]}),
        ([("a", 1, "c", 0), ("a", 0), ("d",)], {"a": [{"b": 1, "c": [3]}, "y"]}),
        ([("a", 1, "b"), ("a", 1, "c", 1), ("d",)], {"a": ["x", {"c": [2]}, "y"]}),
        ([("a", 1), ("a", 1, "c", 1), ("d",)], {"a": ["x", "y"]}),
        ([("a", 1, "c", 1), ("a", 1), ("d",)], {"a": ["x", "y"]}),
        ([("a",), ("d", "e", "f"), ("d", "e", "f")], {"d": {"e": {"g": 5}, "h": 6}}),
    ],
)
def test_what_is_left_of_a_tree(paths: Sequence[Path], left: object) -> None:
    root = read(TEXT).root
    assert isinstance(root, MappingNode)
    before = dump(root)
    kept = without(root, paths)
    assert plain(kept) == left
    assert (kept.start, kept.end) == (root.start, root.end)
    assert dump(root) == before


def test_what_stays_is_shared() -> None:
    root = read(TEXT).root
    assert isinstance(root, MappingNode)
    kept = without(root, [("a", 1, "b")])
    items, before = kept.entries["a"].node, root.entries["a"].node
    assert isinstance(items, SequenceNode)
    assert isinstance(before, SequenceNode)
    assert kept.entries["d"] is root.entries["d"]
    assert items.items[0] is before.items[0]
    assert items.items[2] is before.items[2]
    changed, unchanged = items.items[1], before.items[1]
    assert isinstance(changed, MappingNode)
    assert isinstance(unchanged, MappingNode)
    assert changed.entries["c"] is unchanged.entries["c"]


def test_nobody_can_change_a_tree() -> None:
    root = read(TEXT).root
    assert isinstance(root, MappingNode)
    items = root.entries["a"].node
    assert isinstance(items, SequenceNode)
    assert isinstance(items.items, tuple)
    with pytest.raises(TypeError):
        root.entries["z"] = root.entries["a"]  # type: ignore[index] # that is what it is about


def test_paths_are_those_of_the_tree_that_they_are_asked_of() -> None:
    document = read(TEXT)
    assert isinstance(document.root, MappingNode)
    kept = document._replace(root=without(document.root, [("a", 0), ("d", "e")]))

    def at(found: Document, path: Path) -> str:
        start, end = found.offsets(path)
        return found.text.text[start:end]

    assert at(document, ("a", 0)) == "x"
    assert at(kept, ("a", 0)) == "{b: 1, c: [2, 3]}"
    assert at(kept, ("d", "h")) == "6"
    assert at(kept, ("d", "e", "f")) == "{e: {f: 4, g: 5}, h: 6}"
