from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.smccc.function_id import SPACE
from smccc_filter.smccc.intervals import Interval, IntervalMap, Intervals, difference, intersection, size, union
from tests.smccc.spaces import CELLS, ENDS, WIDTH, cells, heaps, ids, is_canonical, map_of, rows, runs, sets, values


@given(heaps)
def test_union_holds_what_its_intervals_hold(heap: list[Interval]) -> None:
    assert cells(union(heap)) == cells(heap)


@given(heaps)
def test_union_is_canonical(heap: list[Interval]) -> None:
    assert is_canonical(union(heap))


@given(heaps)
def test_union_is_idempotent(heap: list[Interval]) -> None:
    assert union(union(heap)) == union(heap) == union([*heap, *heap])


@given(heaps.flatmap(lambda heap: st.tuples(st.just(heap), st.permutations(heap))))
def test_union_does_not_know_order(orders: tuple[list[Interval], list[Interval]]) -> None:
    assert union(orders[0]) == union(orders[1])


@given(heaps, heaps)
def test_union_of_unions_is_union_of_all(left: list[Interval], right: list[Interval]) -> None:
    assert union([*union(left), *union(right)]) == union([*left, *right])


@given(heaps, heaps)
def test_sets_are_equal_when_they_hold_the_same(left: list[Interval], right: list[Interval]) -> None:
    assert (union(left) == union(right)) == (cells(left) == cells(right))


@given(sets, sets)
def test_intersection_holds_what_both_hold(left: Intervals, right: Intervals) -> None:
    assert cells(intersection(left, right)) == cells(left) & cells(right)


@given(sets, sets)
def test_intersection_is_canonical(left: Intervals, right: Intervals) -> None:
    assert is_canonical(intersection(left, right))


@given(sets, sets)
def test_intersection_is_commutative(left: Intervals, right: Intervals) -> None:
    assert intersection(left, right) == intersection(right, left)


@given(sets, sets)
def test_difference_holds_what_only_the_left_holds(left: Intervals, right: Intervals) -> None:
    assert cells(difference(left, right)) == cells(left) - cells(right)


@given(sets, sets)
def test_difference_is_canonical(left: Intervals, right: Intervals) -> None:
    assert is_canonical(difference(left, right))


@given(sets, sets)
def test_difference_and_intersection_make_the_whole(left: Intervals, right: Intervals) -> None:
    assert union([*difference(left, right), *intersection(left, right)]) == left


@given(sets)
def test_size_counts_ids(held: Intervals) -> None:
    assert size(held) == len(cells(held)) * WIDTH


@pytest.mark.parametrize(
    ("left", "right", "both", "only_left"),
    [
        (((0, SPACE),), (), (), ((0, SPACE),)),
        (((0, SPACE),), ((0, SPACE),), ((0, SPACE),), ()),
        (((0, SPACE),), ((5, 6),), ((5, 6),), ((0, 5), (6, SPACE))),
        (((0, 5),), ((5, 9),), (), ((0, 5),)),
        (((0, 2), (4, 6), (8, 10)), ((1, 9),), ((1, 2), (4, 6), (8, 9)), ((0, 1), (9, 10))),
        (((0, 10),), ((1, 2), (3, 4), (9, 20)), ((1, 2), (3, 4), (9, 10)), ((0, 1), (2, 3), (4, 9))),
        (((SPACE - 1, SPACE),), ((0, SPACE - 1),), (), ((SPACE - 1, SPACE),)),
    ],
)
def test_single_ids_count(left: Intervals, right: Intervals, both: Intervals, only_left: Intervals) -> None:
    assert intersection(left, right) == both
    assert difference(left, right) == only_left


def test_neighbours_merge() -> None:
    assert union([(4, 6), (0, 2), (2, 4), (8, 9)]) == ((0, 6), (8, 9))


@given(rows)
def test_map_has_one_value_for_every_id(row: list[str]) -> None:
    made = map_of(row)
    assert [made[end] for end in ENDS] == row + row


@given(rows)
def test_segments_cover_the_space(row: list[str]) -> None:
    segments = list(map_of(row).segments())
    assert [start for start, _, _ in segments] == [0, *(stop for _, stop, _ in segments[:-1])]
    assert segments[-1][1] == SPACE


@given(rows)
def test_neighbouring_segments_differ(row: list[str]) -> None:
    said = [value for _, _, value in map_of(row).segments()]
    assert all(left != right for left, right in pairwise(said))


@given(rows, rows)
def test_maps_are_equal_when_they_say_the_same(left: list[str], right: list[str]) -> None:
    assert (map_of(left) == map_of(right)) == (left == right)


@given(rows, values)
def test_default_fills_the_gaps(row: list[str], default: str) -> None:
    segments = [(cell * WIDTH, (cell + 1) * WIDTH, value) for cell, value in enumerate(row) if value != default]
    assert IntervalMap.of(segments, default) == map_of(row)


@given(rows)
def test_map_is_made_again_of_its_segments(row: list[str]) -> None:
    assert IntervalMap.of(map_of(row).segments(), "unused") == map_of(row)


@given(rows, ids, ids)
def test_within_cuts_the_segments(row: list[str], one: int, other: int) -> None:
    start, stop = min(one, other), max(one, other) + 1
    expected = [
        (max(start, first), min(stop, end), value)
        for first, end, value in map_of(row).segments()
        if first < stop and start < end
    ]
    assert list(map_of(row).within(start, stop)) == expected


@given(rows)
def test_within_the_space_is_all(row: list[str]) -> None:
    assert list(map_of(row).within(0, SPACE)) == list(map_of(row).segments())


@pytest.mark.parametrize("most", [1, 2, 100])
@pytest.mark.parametrize(("start", "stop"), [(0, SPACE), (5, 6), (15, 25), (SPACE - 1, SPACE)])
def test_the_first_values_are_those_of_the_first_segments(start: int, stop: int, most: int) -> None:
    values = IntervalMap.of([(0, 10, "a"), (10, 20, "b"), (20, 30, "c"), (40, 50, "a")], "")
    assert values.first_values(start, stop, most) == tuple(value for _, _, value in values.within(start, stop))[:most]


@given(rows, st.dictionaries(values, values))
def test_map_applies_to_every_value_and_merges(row: list[str], to: dict[str, str]) -> None:
    assert map_of(row).map(lambda value: to.get(value, value)) == map_of([to.get(value, value) for value in row])


@given(rows)
def test_map_of_identity_changes_nothing(row: list[str]) -> None:
    assert map_of(row).map(lambda value: value) == map_of(row)


@given(rows, values)
def test_where_is_the_canonical_set_of_a_value(row: list[str], wanted: str) -> None:
    held = map_of(row).where(lambda value: value == wanted)
    assert cells(held) == {cell for cell in range(CELLS) if row[cell] == wanted}
    assert is_canonical(held)


@given(runs, values, values)
def test_one_segment(run: Interval, value: str, default: str) -> None:
    made = IntervalMap.of([(*run, value)], default)
    assert made.where(lambda said: said == value) == (((0, SPACE),) if value == default else (run,))


@pytest.mark.parametrize(
    "segments",
    [
        pytest.param([(5, 5, "a")], id="empty"),
        pytest.param([(6, 5, "a")], id="backwards"),
        pytest.param([(-1, 5, "a")], id="below the space"),
        pytest.param([(5, SPACE + 1, "a")], id="beyond the space"),
        pytest.param([(0, 5, "a"), (4, 6, "b")], id="overlapping"),
        pytest.param([(0, 5, "a"), (0, 5, "a")], id="twice"),
        pytest.param([(8, 9, "a"), (0, 5, "b")], id="unsorted"),
    ],
)
def test_a_callers_bug_is_refused(segments: list[tuple[int, int, str]]) -> None:
    with pytest.raises(ValueError, match=r"^segment \["):
        IntervalMap.of(segments, "default")
