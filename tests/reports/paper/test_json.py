import json as parser
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.language.places import Position, Span
from smccc_filter.reports.paper import json
from smccc_filter.smccc.intervals import Intervals
from tests.smccc import spaces


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("ü漢😀", '"ü漢😀"\n'),
        ("\x1b\n\x00", '"\\u001b\\n\\u0000"\n'),
        ("\x7f\x9b\u202e\u2028\u00a0", '"\\u007f\\u009b\\u202e\\u2028\\u00a0"\n'),
        ("\U000e0001", '"\\udb40\\udc01"\n'),
        ("a\udc80", '"a\\udc80"\n'),
    ],
)
def test_letters_stay_and_the_rest_is_escaped(value: str, expected: str) -> None:
    assert json.dumps(value) == expected
    assert parser.loads(json.dumps(value)) == value


texts = st.text(st.sampled_from('a\n\r\u2028\x1b\udc80"é'), max_size=4)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(texts, inside, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from("abcd"), values, min_size=1), st.booleans())
def test_pieces_are_what_is_written_at_once(members: dict[str, object], streamed: bool) -> None:  # noqa: FBT001 -- drawn
    parts = {key: iter(value) if streamed and isinstance(value, list) else value for key, value in members.items()}
    assert "".join(json.pieces(parts)) == json.dumps(members)


@given(values)
def test_values_are_written_as_python_writes_them(value: object) -> None:
    written = parser.dumps(value, ensure_ascii=False, indent=2)
    assert parser.loads(json.dumps(value)) == value
    assert (
        json.dumps(value)
        == "".join(c if c.isprintable() or c == "\n" else parser.dumps(c)[1:-1] for c in written) + "\n"
    )


@given(spaces.sets)
def test_ranges_of_ids_are_inclusive_pairs_of_eight_digits(ids: Intervals) -> None:
    pairs = json.id_ranges(ids)
    assert pairs == [json.inclusive(start, stop) for start, stop in ids]
    assert all(re.fullmatch("0x[0-9A-F]{8}", end) for pair in pairs for end in pair)
    assert tuple((int(first, 16), int(last, 16) + 1) for first, last in pairs) == ids


def test_a_single_id_is_a_range_of_its_own() -> None:
    assert json.inclusive(0xFFFF_FFFF, 1 << 32) == ["0xFFFFFFFF", "0xFFFFFFFF"]


def test_a_span_has_both_its_ends() -> None:
    found = json.span_object(Span(Position(1, 2), Position(3, 4)))
    assert found == {"start": {"line": 1, "column": 2}, "end": {"line": 3, "column": 4}}
