import pytest

from smccc_filter.analysis.comparison.grid import CHANGED, NEW, OLD, compared_grid, is_changed
from smccc_filter.smccc.intervals import intersection, size, union
from tests.analysis.comparison.inputs import compared

POWER = "rules: [{name: power, action: forward, services: [psci], except: {calls: [PSCI_CPU_ON/64]}}]\n"
CLOCK = "rules: [{action: deny, services: [pv-time]}, {action: deny, ranges: [0x02000000-0x6FFFFFFF, 0x82FF0000]}]\n"


@pytest.mark.parametrize(("old", "new"), [("", ""), ("", POWER), (POWER, CLOCK), (CLOCK, f"default: deny\n{CLOCK}")])
def test_the_grid_shows_every_change_once(old: str, new: str) -> None:
    comparison = compared(old, new)
    found = compared_grid(comparison)
    ids = union((change.start, change.stop) for change in comparison.changes)
    bars = [bar for row in (*found.owners, *found.yielding) for bar in row.all_bars]
    shown = sum(piece.size for bar in bars for piece in bar.blocks[CHANGED].pieces if piece.decided)
    assert shown == size(ids)
    for row in (*found.services, *found.owners, *found.yielding):
        touched = any(intersection(bar.ids, ids) for bar in row.all_bars)
        assert is_changed(row) is touched


def test_both_sides_stand_in_one_row() -> None:
    found = compared_grid(
        compared("rules: [{action: deny, services: [trng]}]\n", "rules: [{action: forward, calls: [TRNG_RND]}]\n")
    )
    row = next(row for row in found.services if row.label == "trng")
    assert row.bars[0]
    old, new = (row.bars[0].blocks[side].shares[0] for side in (OLD, NEW))
    assert (old.action, old.size) == ("deny", 16)
    assert (new.action, new.size) == ("forward", 1)


def test_a_mark_says_whether_new_answers() -> None:
    found = compared_grid(compared("", "rules: [{action: deny, calls: [TRNG_RND]}]\n"))
    row = next(row for row in found.services if row.label == "trng")
    assert row.bars[0]
    assert {mark.call.name: mark.answered for mark in row.bars[0].marks} == {
        "TRNG_VERSION": True,
        "TRNG_FEATURES": True,
        "TRNG_GET_UUID": True,
        "TRNG_RND/32": False,
    }
