"""Cut into pieces, a document has the faults that it has as a whole, each once."""

from collections import Counter
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smccc_filter.language.policy import pieces, shape
from smccc_filter.language.source import DocumentFault, plain, read
from tests.language.policy.documents import documents
from tests.programs.fuzz import strategies

MISSHAPEN: dict[str, Any] = {
    "fiel": 1,
    "version": [1, 2, 3, 4],
    "target": {"kernels": [6.1, 6.2, 6.3, 6.4], "nested": [1, 2, 3], "protekted": [1, 2, 3], "a": 1, "b": 1, "c": 1},
    "firmware": {"std": ["trn", "pv", "trng", 5], "std_hyp": {"a": [1, 2, 3], "b": 2}},
    "allow": [{"code": "X"}, 5, {}, {"reason": [1, 2, 3, 4], "why": 1}],
    "tests": [1, 2, {"call": 1, "expect": "drop"}, {"x": 1, "y": 2, "z": 3}, {}],
    "rules": [
        {"action": "deny", "ranges": [1, 2, 3, 4, 5], "calls": [[], [1, 2, 3], {"a": [1, 2]}], "services": []},
        {"ranges": [1, "0x1", 3], "except": {"calls": [1, 2, 3, 4], "x": 1, "y": 1, "z": 1, "w": [1, 2, 3]}},
        [1, 2, 3, 4],
        {"action": "drop", "a": 1, "b": 2, "c": 3, "d": 4, "allow": [{"code": 1}, {"code": 2}, 3, 4, 5, 6]},
        7,
        *[{}, 8] * 4,
    ],
}


def faults(data: bytes, most: int) -> Counter[DocumentFault]:
    with mock.patch.object(pieces, "MOST_VALUES", most), mock.patch.object(shape, "ONE_PIECE", 0):
        return Counter(shape.check(read(data))[1])


@pytest.mark.parametrize("most", range(1, 12))
def test_pieces_of_any_size_have_the_faults_of_the_whole(most: int) -> None:
    data = strategies.write(MISSHAPEN, block=False)
    whole = faults(data, 1000)
    assert max(whole.values()) == 1
    assert len(whole) > 50
    assert faults(data, most) == whole


@settings(deadline=None)
@given(strategies.flawed(), st.integers(1, 12))
def test_so_it_is_for_flawed_policies(tree: Any, most: int) -> None:  # noqa: ANN401
    data = strategies.write(tree, block=False)
    assert faults(data, most) == faults(data, 1000)


@given(documents(), st.integers(1, 12))
@settings(deadline=None)
def test_sound_policies_have_none_in_pieces(tree: Any, most: int) -> None:  # noqa: ANN401
    assert not faults(strategies.write(tree, block=False), most)


@pytest.mark.parametrize(
    ("before", "part", "behind"),
    [("[", "1,", "]"), ("[", "[],", "]"), ("{", "a{}: ,", "}"), ("", "- 1\n", ""), ("", "-\n", ""), ("", "a{}:\n", "")],
)
def test_a_text_that_is_not_cut_has_no_more_values_than_stay_together(before: str, part: str, behind: str) -> None:
    parts = (part.format(number) for number in range(shape.ONE_PIECE // len(part)))
    text = before + "".join(parts)[: shape.ONE_PIECE - 2].rpartition(part[-1])[0] + part[-1] + behind
    assert shape.ONE_PIECE - 20 < len(text) <= shape.ONE_PIECE
    root = read(text.encode()).root
    assert root is not None
    assert len(list(pieces.pieces({"rules": plain(root)}))) == 1
