"""Changes of documents: what comes out where it can be read at a glance, and the laws for every layout."""

import re
from copy import deepcopy
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smccc_filter.language.changes import Append, Change, Remove, Replace, SetKeys
from smccc_filter.language.layout import layout
from smccc_filter.language.places import KeyOf, Offsets, Path
from smccc_filter.language.source import plain, read
from smccc_filter.language.source.edits import DocumentEditor
from smccc_filter.language.source.writing import TextEdit, apply, collide, is_apart
from tests.language.layout.messy import Mess, messes


def changed(text: str, *changes: Change, whole: bool = True) -> str | None:
    """Return the text after changes, ``None`` where its layout does not let them be made."""
    edits = DocumentEditor(read(text.encode()), whole=whole).edits(changes)
    return apply(text, edits) if edits else None


class Case(NamedTuple):
    """A text, changes of it, and what it is then."""

    before: str
    changes: tuple[Change, ...]
    after: str | None


def remove(*paths: Path) -> tuple[Change, ...]:
    return tuple(map(Remove, paths))


A = "a: [x, y, z]\nb: 1\n"
LINES = "a:\n  - x  # about x\n  # above y\n  - y\n\n  - z  # about z\nb: 1\n"
ROWS = "a: [\n  x,  # about x\n  # above y\n  y,\n  z  # about z\n]\nb: 1\n"
RULE = "r:\n  - k: 1  # about k\n    # above l\n    l: 2\n  - k: 3\n"

CASES = {
    "flow, first": Case(A, remove(("a", 0)), "a: [y, z]\nb: 1\n"),
    "flow, middle": Case(A, remove(("a", 1)), "a: [x, z]\nb: 1\n"),
    "flow, last": Case(A, remove(("a", 2)), "a: [x, y]\nb: 1\n"),
    "flow, first and last": Case(A, remove(("a", 2), ("a", 0)), "a: [y]\nb: 1\n"),
    "flow, two at the end": Case(A, remove(("a", 2), ("a", 1)), "a: [x]\nb: 1\n"),
    "flow, all": Case(A, remove(("a", 0), ("a", 1), ("a", 2)), "b: 1\n"),
    "flow, a comma at the end": Case("a: [x, y, ]\n", remove(("a", 1)), "a: [x, ]\n"),
    "flow, a comment in the brackets": Case("a: [x, # one\n  y]\n", remove(("a", 0)), "a: [ # one\n    y]\n"),
    "flow, the last beside a comment": Case(
        "a: [x, # one\n  y # two\n  ]\n", remove(("a", 1)), "a: [x, # one\n   # two\n  ]\n"
    ),
    "rows, first": Case(
        ROWS, remove(("a", 0)), "a: [\n  # about x\n  # above y\n  y,\n  z  # about z\n]\nb: 1\n"
    ),
    "rows, middle": Case(ROWS, remove(("a", 1)), "a: [\n  x,  # about x\n  # above y\n  z  # about z\n]\nb: 1\n"),
    "rows, last": Case(ROWS, remove(("a", 2)), "a: [\n  x,  # about x\n  # above y\n  y,\n    # about z\n]\nb: 1\n"),
    "rows, add": Case(
        ROWS, (Append(("a",), ("w", "v")),), ROWS.replace("z  # about z\n", "z,  # about z\n  w,\n  v\n")
    ),
    "lines, first": Case(LINES, remove(("a", 0)), LINES.replace("- x  # about x", "# about x")),
    "lines, middle": Case(LINES, remove(("a", 1)), LINES.replace("  - y\n", "")),
    "lines, last": Case(LINES, remove(("a", 2)), LINES.replace("- z  # about z", "# about z")),
    "lines, all": Case(
        LINES, remove(("a", 0), ("a", 1), ("a", 2)), "# about x\n# above y\n# about z\nb: 1\n"
    ),
    "lines, blank ones around": Case("a:\n- x\n\n- y\n\n- z\n", remove(("a", 1)), "a:\n- x\n\n- z\n"),
    "lines, no end": Case("a:\n- x\n- y", remove(("a", 1)), "a:\n- x\n"),
    "lines, add": Case(LINES, (Append(("a",), ("w", "v")),), LINES.replace("about z\n", "about z\n  - w\n  - v\n")),
    "lines, add without an end": Case("a:\n- x", (Append(("a",), ("w",)),), "a:\n- x\n- w"),
    "a key, behind the dash": Case(
        RULE, remove(("r", 0, "k")), "r:\n  - # about k\n    # above l\n    l: 2\n  - k: 3\n"
    ),
    "a key, below the dash": Case(RULE, remove(("r", 0, "l")), "r:\n  - k: 1  # about k\n    # above l\n  - k: 3\n"),
    "a key, the only one": Case(RULE, remove(("r", 1, "k")), RULE.replace("  - k: 3\n", "")),
    "everything": Case("a: {b: [1]}\n", remove(("a", "b", 0)), None),
    "a value": Case(RULE, (Replace(("r", 1, "k"), ("4",)),), RULE.replace("3", "4")),
    "a value in quotes": Case("a: ['x', y]\n", (Replace(("a", 0), ("z",)),), "a: ['z', y]\n"),
    "a value by offsets": Case(A, (Replace(Offsets(4, 5), ("w",)),), "a: [w, y, z]\nb: 1\n"),
    "a key's name": Case("'a': [x]\n", (Replace(KeyOf(("a",)), ("b",)),), "'b': [x]\n"),
    "a value of many lines": Case("a: x\n  y\n", (Replace(("a",), ("z",)),), None),
    "a list as a value": Case(A, (Replace(("a",), ("z",)),), None),
    "one item into two, flow": Case(A, (Replace(("a", 1), ("v", "w")),), "a: [x, v, w, z]\nb: 1\n"),
    "one item into two, lines": Case(
        LINES, (Replace(("a", 0), ("v", "w")),), LINES.replace("x  # about x\n", "v  # about x\n  - w\n")
    ),
    "a set key": Case("a: {b: 1}\nc: [x]\n", (SetKeys((), (("c", "[]"),)),), "a: {b: 1}\nc: []\n"),
    "a set key of many lines": Case("a:\n  - x\n  - y\nb: 1\n", (SetKeys((), (("a", "[z]"),)),), "a: [z]\nb: 1\n"),
    "a set key with a comment": Case("a:\n  - x # why\n  - y\n", (SetKeys((), (("a", "[z]"),)),), None),
    "a new key": Case("a: 1  # one\nb: 2\n", (SetKeys((), (("c", "3"),), ("a",)),), "a: 1  # one\nc: 3\nb: 2\n"),
    "a new key at the end": Case("a: 1\nb: 2\n", (SetKeys((), (("c", "3"),), ("d",)),), "a: 1\nb: 2\nc: 3\n"),
    "new keys in braces": Case("a: {b: 1}\n", (SetKeys(("a",), (("c", "3"), ("d", "4"))),), "a: {b: 1, c: 3, d: 4}\n"),
    "new keys in empty braces": Case("a: { }\n", (SetKeys(("a",), (("c", "3"),)),), "a: {c: 3}\n"),
    "a new mapping": Case("a: 1\n", (SetKeys(("f",), (("c", "3"), ("d", "[]"))),), "a: 1\nf: {c: 3, d: []}\n"),
    "one old and one new key": Case("a: {b: 1}\n", (SetKeys(("a",), (("b", "2"), ("c", "3"))),), "a: {b: 2, c: 3}\n"),
    "CRLF": Case("a:\r\n- x # 1\r\n- y\r\n", (Remove(("a", 0)), Append(("a",), ("z",))), "a:\r\n# 1\r\n- y\r\n- z\r\n"),
    "a hash that begins no comment": Case("a: ['#x', y#z]\n", remove(("a", 1)), "a: ['#x']\n"),
    "a comment behind the header of a text": Case("a: | # why\n  x\nb: 1\n", remove(("a",)), "# why\nb: 1\n"),
    "one goes and one comes": Case(A, (Remove(("a", 2)), Append(("a",), ("w",))), "a: [x, y, w]\nb: 1\n"),
    "two changes of one value": Case(A, (Remove(("a", 1)), Replace(("a", 1), ("w",))), None),
    "a path that leads nowhere": Case(A, remove(("a", 3)), None),
    "a key that is spelt out": Case("? a\n: 1\n? b\n: 2\n", remove(("b",)), None),
    "a key that is spelt out, behind": Case("- a: 1\n  ? b\n  : 2\n", remove((0, "a")), None),
    "the last of two in a row of dashes": Case("- - x\n", remove((0, 0)), None),
    "a comma in the next line": Case(
        "a: [\n  x # 1\n  , y]\n", (Append(("a",), ("z",)),), "a: [\n  x # 1\n  , y, z]\n"
    ),
    "a comma below the comment": Case("a: {\n  b: 1 # 1\n  , c: 2}\n", (SetKeys(("a",), (("d", "3"),), ("b",)),), None),
    "a pair without a value": Case("a: {b, c: 1}\n", (SetKeys(("a",), (("b", "2"),)),), None),
    "a comment in empty brackets": Case("a: [ # 1\n  ]\n", (Append(("a",), ("z",)),), None),
    "an item of a mapping": Case("a: 1\n", (Append((), ("z",)),), None),
    "a key of a list": Case("a: [1]\n", (SetKeys(("a",), (("b", "2"),)),), None),
    "a value as several": Case("a: 1\n", (Replace(Offsets(3, 4), ("2", "3")),), None),
    "a value by a path through a value": Case("a: 1\n", (Append(("a",), ("2",)),), None),
    "the document": Case("a: 1\n", remove(()), None),
    "nothing": Case("", remove(("a",)), None),
    "a mapping without braces in brackets": Case("a: [b: 1, c]\n", remove(("a", 0, "b")), "a: [c]\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_change_comes_to_this_text(name: str) -> None:
    before, changes, after = CASES[name]
    assert changed(before, *changes) == after


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a:\n- x\n- y\n\n- z\n", "a:\n- x\n\n- z\n"),
        ("a:\n- x\n\n- y\n\n- z\n", "a:\n- x\n\n- z\n"),
        ("a:\n- x\n\n- y\n- z\n", "a:\n- x\n\n- z\n"),
    ],
)
def test_a_line_between_two_blank_ones_takes_one_along(before: str, after: str, end: str) -> None:
    assert changed(before.replace("\n", end), Remove(("a", 1))) == after.replace("\n", end)


def test_only_values_are_replaced_in_a_document_that_is_not_whole() -> None:
    assert changed(A, Remove(("a", 0)), whole=False) is None
    assert changed(A, Replace(("a", 0), ("v", "w")), whole=False) is None
    assert changed(A, Replace(("a", 0), ("v",)), whole=False) == "a: [v, y, z]\nb: 1\n"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (TextEdit(0, 5, ""), TextEdit(5, 9, ""), False),
        (TextEdit(0, 5, ""), TextEdit(4, 9, ""), True),
        (TextEdit(0, 5, ""), TextEdit(5, 5, "x"), True),
        (TextEdit(5, 5, "y"), TextEdit(5, 5, "x"), True),
        (TextEdit(5, 5, "y"), TextEdit(6, 6, "x"), False),
    ],
)
def test_edits_collide(one: TextEdit, other: TextEdit, expected: bool) -> None:  # noqa: FBT001
    assert collide(one, other) is expected
    assert collide(other, one) is expected


def test_edits_of_one_fix_may_touch() -> None:
    assert is_apart([TextEdit(0, 5, ""), TextEdit(5, 5, "x"), TextEdit(7, 9, "")])
    assert not is_apart([TextEdit(5, 5, "x"), TextEdit(5, 5, "y")])
    assert not is_apart([TextEdit(0, 6, ""), TextEdit(5, 7, "")])


def _read(text: str) -> Any:  # noqa: ANN401
    document = read(text.encode())
    assert document.faults == ()
    assert document.root is not None
    return plain(document.root)


def _paths(data: Any, path: Path = ()) -> list[Path]:  # noqa: ANN401
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path] * bool(path) + [found for key, value in inner for found in _paths(value, (*path, key))]


def _at(data: Any, path: Path) -> Any:  # noqa: ANN401
    for step in path:
        data = data[step]
    return data


def _without(data: Any, paths: list[Path]) -> Any:  # noqa: ANN401
    """Return data less some parts, and less what is empty for it."""
    result = deepcopy(data)
    for path in sorted(paths, key=lambda path: [str(step).zfill(9) for step in path], reverse=True):
        here = path
        while here:
            owner = _at(result, here[:-1])
            del owner[here[-1]]
            here = here[:-1] if not owner else ()
    return result


def _comments(text: str) -> list[str]:
    return sorted(re.findall(r"# [0-9]+", text))


def _said(mess: Mess) -> list[str]:
    return sorted(comment[: re.match(r"# [0-9]+", comment).end()] for comment in mess.comments)  # type: ignore[union-attr] # they are numbered


def _chosen(mess: Mess, data: st.DataObject) -> list[Path]:
    """Draw parts of a policy, none within another."""
    paths = data.draw(st.lists(st.sampled_from(_paths(mess.data)), min_size=1, max_size=3, unique=True))
    return [path for path in paths if not any(path != other and path[: len(other)] == other for other in paths)]


@settings(max_examples=200)
@given(messes(comments=True), st.data())
def test_what_is_removed_is_gone_and_nothing_else(mess: Mess, data: st.DataObject) -> None:
    paths = _chosen(mess, data)
    after = changed(mess.text, *remove(*paths))
    if after is not None:
        assert _read(after) == _without(_read(mess.text), paths)
        assert _said(mess) == _comments(after)


@settings(max_examples=100)
@given(messes(comments=True), st.data())
def test_in_the_usual_layout_everything_can_be_removed(mess: Mess, data: st.DataObject) -> None:
    paths = _chosen(mess, data)
    usual = layout(read(mess.text.encode()))
    after = changed(usual, *remove(*paths))
    expected = _without(_read(usual), paths)
    assert (after and _read(after)) == (expected or None)
    assert after is None or _said(mess) == _comments(after)


@settings(max_examples=200)
@given(messes(comments=True), st.data())
def test_what_is_added_is_there_and_nothing_else(mess: Mess, data: st.DataObject) -> None:
    lists = [path for path in _paths(mess.data) if isinstance(_at(mess.data, path), list)]
    path = data.draw(st.sampled_from(lists)) if lists else None
    expected = _read(mess.text)
    if path and data.draw(st.booleans()):
        after = changed(mess.text, Append(path, ("new", "0x84000000+2")))
        _at(expected, path).extend(["new", "0x84000000+2"])
    else:
        after = changed(mess.text, SetKeys(("new",), (("key", "[word]"),), ("version", "name")))
        expected["new"] = {"key": ["word"]}
    if after is not None:
        assert _read(after) == expected
        assert _said(mess) == _comments(after)


@settings(max_examples=200)
@given(messes(comments=True), st.data())
def test_what_is_replaced_is_new_and_nothing_else(mess: Mess, data: st.DataObject) -> None:
    document = read(mess.text.encode())
    leaves = [path for path in _paths(mess.data) if not isinstance(_at(mess.data, path), dict | list)]
    items = [path for path in leaves if isinstance(path[-1], int)]
    several = bool(items) and data.draw(st.booleans())
    path = data.draw(st.sampled_from(items if several else leaves))
    texts = ("one", "two", "three")[: 3 if several else 1]
    after = changed(mess.text, Replace(path, texts))
    at = document.offsets(path)
    if after is None:
        assert "\n" in mess.text[at.start : at.end]
        return
    expected = _read(mess.text)
    owner = _at(expected, path[:-1])
    if isinstance(owner, list):
        assert isinstance(path[-1], int)
        owner[path[-1] : path[-1] + 1] = texts
    else:
        owner[path[-1]] = texts[0]
    assert _read(after) == expected
    assert _said(mess) == _comments(after)
