from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smccc_filter.language.places import KeyOf, Offsets, Path, Place, Position, Span
from smccc_filter.language.source import MappingNode, Node, SequenceNode, SourceText, plain, read
from tests.language.source.trees import Dump, Reader, both_parsers, dump
from tests.language.source.writer import documents

POLICY = """\
# power
version: 1
target: {kernels: ["6.12", '7.3'] , nested: false}
rules:
- action: deny     # all of it
  ranges: [0x84000000-0x8400001F,
    0xC4000000+0x20]
  reason: |
    because

    of é😀

- "action": forward
  calls:
  - PSCI_CPU_ON
  - PSCI_CPU_OFF
  reason: as
    before
"""


@both_parsers
@settings(deadline=None)
@given(documents())
def test_every_key_and_value_stands_where_it_was_written(reader: Reader, written: tuple[str, Dump]) -> None:
    text, tree = written
    document = reader(text.encode())
    assert document.faults == ()
    assert document.complete
    assert dump(document.root) == tree


@both_parsers
@pytest.mark.parametrize(
    ("place", "written"),
    [
        (KeyOf(("version",)), "version"),
        (("version",), "1"),
        (("target",), "{kernels: [\"6.12\", '7.3'] , nested: false}"),
        (KeyOf(("target", "kernels")), "kernels"),
        (("target", "kernels"), "[\"6.12\", '7.3']"),
        (("target", "kernels", 0), '"6.12"'),
        (("target", "kernels", 1), "'7.3'"),
        (("target", "nested"), "false"),
        (KeyOf(("rules",)), "rules"),
        (("rules",), POLICY[POLICY.index("- action") :].rstrip()),
        (("rules", 0), POLICY[POLICY.index("action") : POLICY.index('\n\n- "action')]),
        (("rules", 0, "action"), "deny"),
        (("rules", 0, "ranges"), "[0x84000000-0x8400001F,\n    0xC4000000+0x20]"),
        (("rules", 0, "ranges", 1), "0xC4000000+0x20"),
        (("rules", 0, "reason"), "|\n    because\n\n    of é😀"),
        (KeyOf(("rules", 1, "action")), '"action"'),
        (("rules", 1, "calls"), "- PSCI_CPU_ON\n  - PSCI_CPU_OFF"),
        (("rules", 1, "calls", 1), "PSCI_CPU_OFF"),
        (("rules", 1, "reason"), "as\n    before"),
        (Offsets(2, 7), "power"),
        pytest.param(KeyOf(("rules", 0)), POLICY[POLICY.index("action") : POLICY.index('\n\n- "a')], id="no key"),
        pytest.param(("rules", 0, "name"), POLICY[POLICY.index("action") : POLICY.index('\n\n- "a')], id="no field"),
        pytest.param(("rules", 7), POLICY[POLICY.index("- action") :].rstrip(), id="no item"),
        pytest.param(("version", "major"), "1", id="nothing inside"),
    ],
)
def test_a_place_leads_to_its_text(reader: Reader, place: Place, written: str) -> None:
    document = reader(POLICY.encode())
    start, end = document.offsets(place)
    assert document.text.text[start:end] == written


@both_parsers
@pytest.mark.parametrize("text", ["a:", "a: ", "a:   # nothing", "a:\n", "{a: }", "{a}", "{a: , b: 1}", "- a:\n- b"])
def test_an_empty_value_stands_at_the_end_of_its_key(reader: Reader, text: str) -> None:
    document = reader(text.encode())
    path: Path = (0, "a") if text[0] == "-" else ("a",)
    at = text.index("a") + 1
    assert document.offsets(path) == (at, at)
    assert document.offsets(KeyOf(path)) == (at - 1, at)


@both_parsers
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: |\n  b\n  c\n\n", "b\nc\n"),
        ("a: |-\n  b\n   c\n", "b\n c"),
        ("a: |+\n  b\n\n\n", "b\n\n\n"),
        ("a: |2\n    b\n", "  b\n"),
        ("a: >\n  b\n  c\n\n  d\n", "b c\nd\n"),
        ("a: b\n  c\n\n  d", "b c\nd"),
        ("a: 'b\n  c'", "b c"),
        ('a: "b\n  c\\\n  d"', "b cd"),
        ("a: 'it''s'", "it's"),
        ('a: "\\x41\\u00e9\\U0001F600\\n"', "Aé😀\n"),
        ("a: |\r\n  b\r\n  c\r\n", "b\nc\n"),
    ],
)
def test_a_text_over_several_lines_ends_with_its_last_word(reader: Reader, text: str, value: str) -> None:
    document = reader(text.encode())
    assert document.root is not None
    assert plain(document.root) == {"a": value}
    assert document.offsets(("a",)) == (3, len(text.rstrip()))


def test_the_byte_order_mark_is_no_column() -> None:
    marked, bare = read(b"\xef\xbb\xbf" + POLICY.encode()), read(POLICY.encode())
    assert dump(marked.root) == dump(bare.root)
    assert marked.text.text == POLICY


@both_parsers
@pytest.mark.parametrize("end_of_line", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_lines_and_columns_do_not_depend_on_how_lines_end(reader: Reader, end_of_line: str) -> None:
    document = reader(POLICY.replace("\n", end_of_line).encode())
    assert document.text.span(document.offsets(("rules", 0, "ranges", 1))) == Span(Position(7, 5), Position(7, 20))
    assert document.text.span(document.offsets(("rules", 0, "reason"))) == Span(Position(8, 11), Position(11, 10))


texts = st.text(st.sampled_from("ab é😀\r\n"), max_size=30)


@settings(deadline=None)
@given(texts)
def test_positions_count_lines_and_characters(text: str) -> None:
    lines = text.replace("\r\n", "\n\n").replace("\r", "\n").split("\n")
    positions = [SourceText(text).position(offset) for offset in range(len(text) + 1)]
    assert positions == sorted(set(positions))
    assert positions[-1].line == text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    assert all(1 <= position.column <= max(map(len, lines)) + 2 for position in positions)


def paths(node: Node, here: Path = ()) -> Iterator[Path]:
    yield here
    if isinstance(node, MappingNode):
        for key, entry in node.entries.items():
            yield from paths(entry.node, (*here, key))
    elif isinstance(node, SequenceNode):
        for number, item in enumerate(node.items):
            yield from paths(item, (*here, number))


@settings(deadline=None)
@given(documents())
def test_what_stands_in_a_node_stands_in_its_text(written: tuple[str, Dump]) -> None:
    document = read(written[0].encode())
    assert document.root is not None
    for path in paths(document.root):
        inner, outer = document.offsets(path), document.offsets(path[:-1])
        assert outer.start <= inner.start <= inner.end <= outer.end


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("a: short", "short"),
        (f"a: {'x' * 60}", "x" * 60),
        (f"a: {'x' * 61}", "x" * 57 + "..."),
        ("a: two\n  lines", "two..."),
        ("a: |\n  block", "|..."),
        ("a:", ""),
    ],
)
def test_a_quote_is_one_short_line(text: str, quote: str) -> None:
    assert read(text.encode()).quote(("a",)) == quote
