import json as parser
import re

import pytest
from hypothesis import given

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
