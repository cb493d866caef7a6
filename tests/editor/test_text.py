"""Positions, compared with what other encoders count, and changes, with what they are made of."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from smccc_filter.editor.text import EditorText
from smccc_filter.language.places import Offsets, Position, Span

BYTES = {"utf-16": ("utf-16-le", 2), "utf-8": ("utf-8", 1), "utf-32": ("utf-32-le", 4)}
"""How an encoding counts: the codec, and the bytes of a unit."""
LINE_END = re.compile(r"\r\n|\n|\r")
"""The ends of lines that the protocol has, which are not all that Python has."""
texts = st.text(st.sampled_from("ab: é€\uffff\U00010000😀\u2028\x0c\r\n"), max_size=30)
encodings = st.sampled_from(sorted(BYTES))


def units(text: str, encoding: str) -> int:
    codec, width = BYTES[encoding]
    return len(text.encode(codec)) // width


@given(texts, encodings, st.booleans())
def test_a_position_counts_units_of_its_line(text: str, encoding: str, marked: bool) -> None:  # noqa: FBT001
    mark = "\ufeff" if marked else ""
    known = EditorText(mark + text, encoding)
    for offset in range(len(text) + 1):
        before = LINE_END.split(mark + text[:offset])
        if text[offset - 1 : offset + 1] == "\r\n":
            continue  # between the two characters of one end there is no position
        position = known.position(offset)
        assert (position.line, position.character) == (len(before) - 1, units(before[-1], encoding))
        ends_a_line = offset > 0 and text[offset - 1] in "\r\n"
        assert known.offset(position) == offset or ends_a_line
        assert known.range_of(
            Span(*[Position(len(before), len(before[-1]) + 1 - len(mark) * (len(before) == 1))] * 2)
        ) == (types.Range(position, position))


@given(texts, encodings)
def test_a_position_past_the_end_of_a_line_is_the_end(text: str, encoding: str) -> None:
    known = EditorText(text, encoding)
    for number, line in enumerate(LINE_END.split(text)):
        end = known.offset(types.Position(number, 1000))
        assert text[:end].endswith(line)
        assert end == known.offset(types.Position(number, units(line, encoding)))
    assert known.offset(types.Position(1000, 0)) == len(text)


def test_a_position_within_a_character_is_before_it() -> None:
    assert EditorText("a😀b").offset(types.Position(0, 2)) == 1
    assert EditorText("a😀b", "utf-8").offset(types.Position(0, 4)) == 1


@given(texts, st.lists(st.tuples(texts, st.integers(0, 40), st.integers(0, 40)), max_size=4), encodings)
def test_changes_follow_each_other(text: str, changes: list[tuple[str, int, int]], encoding: str) -> None:
    known = EditorText(text, encoding)
    for new, *bounds in changes:
        at = known.range(Offsets(*sorted(min(bound, len(known.text)) for bound in bounds)))
        start, end = known.offset(at.start), known.offset(at.end)
        wanted = known.text[:start] + new + known.text[end:]
        known = known.after([types.TextDocumentContentChangePartial(range=at, text=new)])
        assert known.text == wanted


def test_a_change_without_a_range_is_the_whole_text() -> None:
    changes = [types.TextDocumentContentChangeWholeDocument(text) for text in ("b", "c")]
    assert EditorText("a").after(changes).text == "c"


@given(texts, texts, encodings)
def test_what_replaces_a_text_makes_it_the_new_one(old: str, new: str, encoding: str) -> None:
    known = EditorText(old, encoding)
    changes = [
        types.TextDocumentContentChangePartial(range=edit.range, text=edit.new_text) for edit in known.replacing(new)
    ]
    assert len(changes) == (old != new)
    if "\r" not in old + new:
        assert known.after(changes).text == new


def test_a_replacement_leaves_alike_lines_alone() -> None:
    edit, *others = EditorText("a\nb\nc\nd\ne\n").replacing("a\nx\ny\nz\nd\ne\n")
    assert (edit.new_text, edit.range.start.line, edit.range.end.line, others) == ("x\ny\nz\n", 1, 3, [])


@pytest.mark.parametrize(("written", "data"), [("\ufeffa", b"\xef\xbb\xbfa"), ("a\ud800", b"a\xed\xa0\x80")])
def test_the_bytes_are_those_of_the_file(written: str, data: bytes) -> None:
    assert EditorText(written).data == data
