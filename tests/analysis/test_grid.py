from itertools import accumulate, product

import pytest

from smccc_filter.analysis.grid import (
    MAGNIFIED,
    YIELDING_TITLES,
    GridBar,
    GridRow,
    grid,
    grid_of,
    is_mostly_nobodys,
)
from smccc_filter.analysis.map import PolicyMap, named_calls
from smccc_filter.kvm.uapi import Action
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SPACE
from smccc_filter.smccc.intervals import difference, intersection, size, union
from smccc_filter.smccc.registry.owners import YIELDING
from tests.policies.shipped import each_policy
from tests.reports.map import cases as maps

FORMS = ("SMC32", "SMC64")
POLICY = f"""{maps.HEAD}
rules:
  - {{name: one, action: deny, calls: [PSCI_CPU_ON/32]}}
  - {{name: owner, action: forward, ranges: [0xB2000000-0xB200FFFF, 0x32000000-0x32FFFFFF, 0x72000007]}}
  - {{name: odd, action: deny, ranges: [0x82FF0000]}}
"""


def all_bars(of: PolicyMap) -> list[GridBar]:
    """Return the bars of owners and yielding calls."""
    found = grid_of(of)
    return [bar for row in (*found.owners, *found.yielding) for bar in row.all_bars]


def owners(data: str) -> dict[str, GridRow]:
    return {row.label: row for row in grid_of(maps.of(data)).owners}


def strips(data: str) -> dict[tuple[str, str], GridBar]:
    rows = grid_of(maps.of(data)).services
    return {(row.label, form): bar for row in rows for form, bar in zip(FORMS, row.bars, strict=True) if bar}


def plain(bar: GridBar | None) -> list[tuple[int, str, bool]]:
    return [(piece.size, str(piece.action), piece.decided) for piece in bar.blocks[0].pieces] if bar else []


@each_policy
def test_the_bars_hold_every_id_once(name: str) -> None:
    found = all_bars(maps.of_shipped(name))
    assert union(interval for bar in found for interval in bar.ids) == ((0, SPACE),)
    assert sum(size(bar.ids) for bar in found) == SPACE


@each_policy
def test_pieces_and_shares_are_counted_whole(name: str) -> None:
    drawn = maps.of_shipped(name)
    totals = dict.fromkeys(product(Action, (True, False)), 0)
    for bar in all_bars(drawn):
        (block,) = bar.blocks
        for pieces in (block.pieces, block.shares):
            assert [piece.offset for piece in pieces] == [0, *accumulate(piece.size for piece in pieces)][:-1]
            assert sum(piece.size for piece in pieces) == size(bar.ids)
        assert len({piece[2:] for piece in block.shares}) == len(block.shares)
        assert [share.decided for share in block.shares] == sorted((s.decided for s in block.shares), reverse=True)
        for piece in block.pieces:
            totals[piece.action, piece.decided] += piece.size
    for segment in drawn.segments:
        totals[segment.action, segment.rule is not None] -= segment.stop - segment.start
    assert set(totals.values()) == {0}


def test_shares_are_what_rules_decide_by_action_and_then_the_rest() -> None:
    cut = "[{action: forward, ranges: [0xB2000002, 0xB2000005-0xB2000006]}, {action: deny, ranges: [0xB2000004]}]"
    bar = owners(f"{maps.HEAD}rules: {cut}\n")["50"].all_bars[0]
    (block,) = bar.blocks
    shares = [(share.offset, share.size, str(share.action), share.decided) for share in block.shares]
    assert shares == [(0, 1, "deny", True), (1, 3, "forward", True), (4, 0xFFFC, "handle", False)]


def test_neighbours_with_one_action_are_one_piece_of_two_rules() -> None:
    halves = "[{action: deny, ranges: [0xB2000000-0xB2007FFF]}, {action: deny, ranges: [0xB2008000-0xB200FFFF]}]"
    row = owners(f"{maps.HEAD}rules: {halves}\n")["50"]
    assert plain(row.bars[0]) == [(0x10000, "deny", True)]
    assert row.rules() == (0, 1)


def test_owners_of_which_a_rule_takes_a_part_have_rows_of_their_own() -> None:
    for part in ("00FFFF", "000001-00FFFE"):
        base = ", ".join(f"0xB{owner}{part.replace('-', f'-0xB{owner}')}" for owner in (5, 6))
        cut = f"{maps.HEAD}rules: [{{action: deny, ranges: [{base}]}}]\n"
        assert list(owners(cut))[-4:] == ["50-52", "53", "54", "55-63"]


def test_a_bar_knows_its_pieces_and_a_row_its_rules() -> None:
    rows = owners(POLICY)
    assert plain(rows["4"].bars[0]) == [(3, "handle", False), (1, "deny", True), (0xFFFC, "handle", False)]
    assert plain(rows["4"].bars[1]) == [(0x10000, "handle", False)]
    assert plain(rows["50"].bars[0]) == [(0x10000, "forward", True)]
    assert {label: row.rules() for label, row in rows.items() if row.is_decided} == {"2": (2,), "4": (0,), "50": (1,)}
    assert not any(bar and bar.is_decided for bar in rows["2"].bars)
    assert [bar.is_decided for bar in rows["2"].rest] == [True, False]
    yielding = grid_of(maps.of(POLICY)).yielding
    assert [row.rules() for row in yielding] == [(), (), (), (1,)]


def test_owners_that_are_alike_share_a_row_and_no_others() -> None:
    assert list(owners(maps.HEAD)) == [*map(str, range(8)), "8-47", "48-49", "50-63"]
    assert list(owners(POLICY))[-2:] == ["50", "51-63"]
    one = "{action: deny, ranges: [0xB5000000-0xB500FFFF]}"
    other = "{action: deny, ranges: [0xB6000000-0xB600FFFF]}"
    apart = f"{maps.HEAD}rules: [{one}, {other}]\n"
    together = f"{maps.HEAD}rules: [{{action: deny, ranges: [0xB5000000-0xB500FFFF, 0xB6000000-0xB600FFFF]}}]\n"
    assert list(owners(apart))[-4:] == ["50-52", "53", "54", "55-63"]
    assert list(owners(together))[-3:] == ["50-52", "53-54", "55-63"]


def test_policies_side_by_side_share_their_rows() -> None:
    old, new = (maps.of(text).examination.resolution.numbered for text in (maps.HEAD, POLICY))
    found = grid((old, new))
    assert [row.label for row in found.owners][-2:] == ["50", "51-63"]
    row = next(row for row in found.owners if row.label == "4")
    assert (row.rules(), row.rules(0), row.rules(1)) == ((), (), (0,))
    assert [bar.is_decided for bar in row.bars if bar] == [True, False]


def test_every_row_of_yielding_calls_has_a_name() -> None:
    rows = grid_of(maps.of(maps.HEAD)).yielding
    assert [row.title for row in rows] == list(YIELDING_TITLES)
    assert [row.label for row in rows] == [f"0x{first:08X}-0x{last:08X}" for first, last, *_ in YIELDING]
    assert len(YIELDING_TITLES) == len(YIELDING)


@pytest.mark.parametrize(
    ("label", "calls", "rest"), [("0", False, True), ("7", False, True), ("8-47", True, True), ("50-63", False, True)]
)
def test_what_nobody_may_define_is_reserved(label: str, calls: bool, rest: bool) -> None:  # noqa: FBT001
    row = owners(maps.HEAD)[label]
    assert [bar.reserved for bar in row.bars if bar] == [calls] * 2
    assert [bar.reserved for bar in row.rest] == [rest] * 2
    assert [row.bars[0].reserved for row in grid_of(maps.of(maps.HEAD)).yielding if row.bars[0]] == [False, True] * 2


@pytest.mark.parametrize(
    ("start", "stop", "mostly"),
    [
        (0x0100FFFE, 0x01010001, False),  # the gap behind the Armv7 calls begins at 0x01010000
        (0x0100FFFE, 0x01010002, False),
        (0x0100FFFE, 0x01010003, True),
    ],
)
def test_more_than_half_is_most(start: int, stop: int, mostly: bool) -> None:  # noqa: FBT001
    assert is_mostly_nobodys(((start, stop),)) is mostly
    assert is_mostly_nobodys(((start, 0x01010000), (0x01010000, stop))) is mostly


def test_every_service_of_the_standard_secure_range_is_magnified_and_all_of_the_range() -> None:
    inside = ((0x84000000, 0x84010000), (0xC4000000, 0xC4010000))
    names = {
        row.name
        for row in registry.services()
        if not difference(tuple((first, last + 1) for first, last in row.ranges), inside)
    }
    assert names | {"pv-time", "kvm", "psci-0-1"} == set(MAGNIFIED)
    labels = names - {"std"} | {"std, the rest"}
    found = [interval for (label, _), bar in strips(maps.HEAD).items() if label in labels for interval in bar.ids]
    assert union(found) == inside
    assert sum(stop - start for start, stop in found) == size(inside)


def test_a_strip_has_its_pieces_and_calls_in_order() -> None:
    strip = strips(POLICY)["psci", "SMC32"]
    assert plain(strip) == [(3, "handle", False), (1, "deny", True), (28, "handle", False)]
    assert [mark.call.func_id - 0x84000000 for mark in strip.marks] == [mark.offset for mark in strip.marks]
    assert [mark.offset for mark in strip.marks] == sorted(mark.offset for mark in strip.marks)
    answered = {mark.call.name: mark.answered for mark in strip.marks}
    assert (answered["PSCI_CPU_OFF"], answered["PSCI_CPU_ON/32"], answered["PSCI_CPU_FREEZE"]) == (True, False, False)


def test_a_service_without_a_form_has_no_strip() -> None:
    assert ("pv-time", "SMC32") not in strips(maps.HEAD)
    assert ("psci-0-1", "SMC64") not in strips(maps.HEAD)


def test_a_strip_marks_the_calls_at_both_its_ends() -> None:
    marked = [mark.call.func_id for mark in strips(POLICY)["pv-time", "SMC64"].marks]
    assert marked == [0xC500_0020, 0xC500_0021]


def test_a_mark_stands_behind_all_ids_of_its_bar_that_are_before_it() -> None:
    for bar in strips(POLICY).values():
        for mark in bar.marks:
            assert mark.offset == size(intersection(bar.ids, ((0, mark.call.func_id),)))


def test_a_known_call_of_the_standard_secure_range_is_marked_once() -> None:
    found = [mark.call for strip in strips(POLICY).values() for mark in strip.marks]
    inside = [call for call in named_calls() if call.func_id >> 24 in {0x84, 0xC4}]
    assert inside == sorted(call for call in found if call.func_id >> 24 in {0x84, 0xC4})
    queries = [mark.call.name for mark in strips(POLICY)["std, the rest", "SMC32"].marks]
    assert queries == ["STD_SVC_CALL_COUNT", "STD_SVC_UID", "STD_SVC_VERSION"]
