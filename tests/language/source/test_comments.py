"""Comments are found wherever they stand, and a ``#`` inside of a key or a scalar is none."""

import pytest

from smccc_filter.language.source import MappingNode, read
from smccc_filter.language.source.comments import comments_among, is_block_scalar, is_in_brackets
from smccc_filter.language.source.tree import ScalarNode


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# first\na: 1 # second\n# third", ["# first", "# second", "# third"]),
        ("a: '# none'\nb: x#none\n'# none': \"a # none\"\n", []),
        ("a: [ # first\n  x, # second\n  # third\n  ] # fourth\n", ["# first", "# second", "# third", "# fourth"]),
        ("a: {b: 1, # first\n  c: 2}\n", ["# first"]),
        ("a: | # header\n  # none\nb: 1\n", ["# header"]),
        ("a: >2- # header\r\n  x # none\r\n# last\r\n", ["# header", "# last"]),
        ("? |- # header\n  key # none\n: 1\n", ["# header"]),
        ("a: # above\n  - 1\n", ["# above"]),
    ],
)
def test_every_comment_is_found_once(text: str, found: list[str]) -> None:
    root = read(text.encode()).root
    assert root is not None
    assert comments_among(text, 0, len(text), (root,)) == found


def test_comments_are_those_of_the_stretch() -> None:
    text = "a: 1 # first\nb: 2 # second\nc: 3 # third\n"
    root = read(text.encode()).root
    assert isinstance(root, MappingNode)
    second = root.entries["b"].node
    assert comments_among(text, second.start, text.index("c:"), (second,)) == ["# second"]


@pytest.mark.parametrize(
    ("value", "brackets", "block"),
    [
        ("[x]", True, False),
        ("{x: y}", True, False),
        ("\n  - x", False, False),
        ("\n  x: y", False, False),
        ("x", False, False),
        ("'|'", False, False),
        ("|\n  x", False, True),
        (">-\n  x", False, True),
    ],
)
def test_a_value_shows_how_it_is_written(value: str, brackets: bool, block: bool) -> None:  # noqa: FBT001
    text = f"a: {value}\n"
    root = read(text.encode()).root
    assert isinstance(root, MappingNode)
    node = root.entries["a"].node
    assert is_in_brackets(text, node) is brackets
    assert (isinstance(node, ScalarNode) and is_block_scalar(text, node)) is block
