from itertools import pairwise

import pytest
from hypothesis import given

from smccc_filter.artefacts.backends.program import FilterEntry, canonical
from smccc_filter.kvm.uapi import Action
from smccc_filter.smccc.function_id import SPACE
from smccc_filter.smccc.intervals import IntervalMap
from tests.artefacts.backends.programs import DENY, FORWARD, HANDLE, RESERVED, action_map, action_maps


@given(action_maps())
def test_entries_give_back_the_map(wanted: IntervalMap[Action]) -> None:
    assert action_map(canonical(wanted)) == wanted


@given(action_maps())
def test_entries_are_ascending_disjoint_merged_and_never_handle(wanted: IntervalMap[Action]) -> None:
    entries = canonical(wanted)
    assert all(entry.action is not HANDLE and 0 < entry.nr_functions < SPACE for entry in entries)
    for left, right in pairwise(entries):
        assert left.base + left.nr_functions <= right.base
        assert left.base + left.nr_functions < right.base or left.action is not right.action


def test_default_deny_leaves_exactly_the_reserved_ranges_out() -> None:
    wanted = IntervalMap.of(((start, stop, HANDLE) for start, stop in RESERVED), DENY)
    assert canonical(wanted) == (
        FilterEntry(0, 0x8000_0000, DENY),
        FilterEntry(0x8001_0000, 0x3FFF_0000, DENY),
        FilterEntry(0xC001_0000, 0x3FFF_0000, DENY),
    )


def test_neighbours_of_different_actions_stay_apart() -> None:
    wanted = IntervalMap.of(((5, 6, DENY), (6, 7, FORWARD), (7, 8, HANDLE), (8, 9, FORWARD)), HANDLE)
    assert canonical(wanted) == (FilterEntry(5, 1, DENY), FilterEntry(6, 1, FORWARD), FilterEntry(8, 1, FORWARD))


def test_one_entry_holds_all_ids_but_one() -> None:
    assert canonical(IntervalMap.of(((0xFFFF_FFFF, SPACE, HANDLE),), DENY)) == (FilterEntry(0, 0xFFFF_FFFF, DENY),)


def test_whole_space_in_one_entry_is_refused() -> None:
    with pytest.raises(ValueError, match="whole ID space"):
        canonical(IntervalMap.of((), DENY))
