"""Where a place is: in texts that are being written, and in whole ones what the tree says."""

import pathlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.editor.cursor import MAX_LOOK, Cursor, cursor
from smccc_filter.language.places import Path
from smccc_filter.language.source import MappingNode, Node, ScalarNode, SequenceNode, read
from tests.editor.policies import FIXTURES, SHIPPED

RULE = "rules:\n  - action: deny\n"
"""What stands before many of the places; `|` is the place."""


def at(text: str) -> Cursor:
    before, _, behind = text.rpartition("|")
    return cursor(before + behind, len(before))


KEYS = [
    ("|", "", ""),
    ("ver|", "", ""),
    ("version: 1\n|", "", "version"),
    ("name: a\ndef|\nrules: []", "", "name"),
    (f"{RULE}    |", "rules", "action"),
    (f"{RULE}    calls:\n      - A\n    ran|", "rules", "action calls"),
    ("rules:\n- |", "rules", ""),
    (f"{RULE}\n    |", "rules", "action"),
    (f"{RULE}\n\r\n  \n    |\n", "rules", "action"),
    (f"{RULE}# comment\n  # comment\n    |", "rules", "action"),
    (f"{RULE}    |# comment", "rules", "action"),
    (f"{RULE}    |\n\n", "rules", "action"),
    ("rules:\n  -\n    |", "rules", ""),
    ("rules:\n  -\n   |", "rules", ""),
    ("rules:\n- action: deny\n  |", "rules", "action"),
    ("rules: [{action: deny, calls: [A], |", "rules", "action calls"),
    (f"{RULE}    allow:\n      - code: A301\n        |", "rules allow", "code"),
    ("target:\n  |", "target", ""),
    (f"{RULE}    vmm:\n      |", "rules vmm", ""),
    (f"{RULE}    except: {{|", "rules except", ""),
    ("# a: b\n'name': x\n|", "", "name"),
    ("  a: b\n c: d\n|", "", ""),
]
"""Where a key may be written: the keys around it, and those that are there."""
VALUES = [
    ("version: |", "version"),
    ("'version': |", "version"),
    ("rules: [|", "rules"),
    *((f"{key}:\n  |", key) for key in ("rules", "tests", "allow")),
    (f"{RULE}    allow:\n      |", "rules allow"),
    ("rules: [{action:\n  |", "rules action"),
    ("rules: [{action:\n        |", "rules action"),
    ("rules:\n  - action: |", "rules action"),
    (f"{RULE}    calls: [PSCI_|", "rules calls"),
    (f"{RULE}    calls: [A,\n            |", "rules calls"),
    (f"{RULE}    calls: [A, # b: [\n            |", "rules calls"),
    (f"{RULE}    calls:\n      - PSCI|", "rules calls"),
    (f"{RULE}    calls:\n    - PSCI|", "rules calls"),
    ("rules: [{action: |", "rules action"),
    ("tests:\n  - {call: X,\n     expect: |", "tests expect"),
    ('target:\n  kernels: ["6.1|', "target kernels"),
    ('target:\n  psci: "|', "target psci"),
    (f"{RULE}    except:\n      calls: [|", "rules except calls"),
    (f"{RULE}    calls: [A]\n  - services: [t|", "rules services"),
    ("rules:\n  - vmm: {version: {|", "rules vmm version"),
    (f"{RULE}    calls: [A]\ntests:\n  |", "tests"),
    (f"{RULE}    reason: |-\n      services: [\n    calls: [|", "rules calls"),
    ("rules:\r\n  - action: |", "rules action"),
]
PROSE = [
    f"{RULE}    reason: some |",
    f"{RULE}    reason: 'some |",
    "rules:\n  - reason: |-\n      foo: b|",
    "rules:\n  - calls:\n      - >\n        foo: b|",
    f"{RULE}    # comm|",
    f"{RULE}    act |",
    "description: a # b|",
]


@pytest.mark.parametrize(("text", "keys", "present"), KEYS)
def test_a_key_may_be_written(text: str, keys: str, present: str) -> None:
    found = at(text)
    assert (found.keys, found.is_key, found.is_prose) == (tuple(keys.split()), True, False)
    assert found.present == set(present.split())


@pytest.mark.parametrize(("text", "keys"), VALUES)
def test_a_value_is_written(text: str, keys: str) -> None:
    found = at(text)
    assert (found.keys, found.is_key, found.is_prose) == (tuple(keys.split()), False, False)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("rules:\n" + "  - {action: deny, calls: [A]}\n" * MAX_LOOK + "  - action: |", "rules action"),
        ("rules:\n" + "  - {action: deny, calls: [A]}\n" * MAX_LOOK + "default: |", "default"),
    ],
    ids=["a rule", "a field"],
)
def test_what_stands_far_before_a_place_costs_it_nothing(text: str, keys: str) -> None:
    assert at(text).keys == tuple(keys.split())


@pytest.mark.parametrize("text", PROSE)
def test_a_sentence_is_written(text: str) -> None:
    assert at(text).is_prose
    assert not at(text).is_key


MOST = 100
"""Places of one text that are looked at."""


def places(node: Node | None, path: Path = ()) -> Iterator[tuple[int, Path, bool]]:
    """Yield where each key and each word of a tree begins, the path of what it is in, and whether it is a key."""
    if isinstance(node, MappingNode):
        for key, entry in node.entries.items():
            yield entry.key.start, path, True
            yield from places(entry.node, (*path, key))
    elif isinstance(node, SequenceNode):
        for number, item in enumerate(node.items):
            yield from places(item, (*path, number))
    elif isinstance(node, ScalarNode) and node.value is not None:
        yield node.start, path, False


@pytest.mark.parametrize("file", [*SHIPPED, *FIXTURES[::4]], ids=lambda file: f"{file.parent.parent.name}-{file.stem}")
def test_a_place_is_where_the_tree_has_it(file: pathlib.Path) -> None:
    document = read(file.read_bytes())
    text = document.text.text
    if not document.complete or document.faults:
        return
    found_places = list(places(document.root))
    for start, path, is_key in found_places[:: len(found_places) // MOST + 1]:
        if "vmm" in path and path[-1] in {"version", "features"} and is_key:
            continue  # the keys of these are names, not fields
        found = cursor(text, start + (text[start] in "'\""))
        keys = tuple(step for step in path if isinstance(step, str))
        assert (found.keys, found.is_key) == (keys, is_key), text[:start]


@given(st.text(st.sampled_from("ab:-#[]{},'\"|> \n\r"), max_size=40))
def test_whatever_stands_there_is_somewhere(text: str) -> None:
    for offset in range(len(text) + 1):
        found = cursor(text, offset)
        assert found.word.start <= offset <= found.word.end
