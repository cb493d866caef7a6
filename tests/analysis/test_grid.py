import pytest

from smccc_filter.analysis.grid import (
    MAGNIFIED,
    CallForm,
    GridBlock,
    ServiceStrip,
    cells,
    is_mostly_nobodys,
    magnified,
)
from smccc_filter.analysis.map import named_calls
from smccc_filter.kvm.uapi import Action
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SPACE
from smccc_filter.smccc.intervals import difference, size, union
from tests.policies.shipped import each_policy
from tests.reports.map import cases as maps

POLICY = f"""{maps.HEAD}
rules:
  - {{name: one, action: deny, calls: [PSCI_CPU_ON/32]}}
  - {{name: owner, action: forward, ranges: [0xB2000000-0xB200FFFF, 0x32000000-0x32FFFFFF, 0x72000007]}}
  - {{name: odd, action: deny, ranges: [0x82FF0000]}}
"""


def blocks(name: str) -> list[GridBlock]:
    return [block for cell in cells(maps.of_shipped(name)) for block in (cell.calls, cell.rest)]


def strips(data: str) -> dict[tuple[str, CallForm], ServiceStrip]:
    rows = magnified(maps.of(data))
    both = [
        ((row.name, form), strip)
        for row in rows
        for form, strip in ((CallForm.SMC32, row.smc32), (CallForm.SMC64, row.smc64))
    ]
    return {key: strip for key, strip in both if strip}


@each_policy
def test_the_cells_hold_every_id_once(name: str) -> None:
    found = blocks(name)
    assert union(interval for block in found for interval in block.ids) == ((0, SPACE),)
    assert sum(size(block.ids) for block in found) == SPACE


@each_policy
def test_shares_are_counted_whole(name: str) -> None:
    drawn = maps.of_shipped(name)
    totals = dict.fromkeys(Action, 0)
    for block in blocks(name):
        assert sum(count for _, count in block.counts) == size(block.ids)
        assert all(count for _, count in block.counts)
        for action, count in block.counts:
            totals[action] += count
    for segment in drawn.segments:
        totals[segment.action] -= segment.stop - segment.start
    assert set(totals.values()) == {0}


def test_a_cell_knows_its_owner_form_shares_and_rules() -> None:
    found = {(cell.owner, cell.form): cell for cell in cells(maps.of(POLICY))}
    assert len(found) == 64 * len(CallForm)
    psci = found[4, CallForm.SMC32].calls
    assert psci.counts == ((Action.HANDLE, 0xFFFF), (Action.DENY, 1))
    assert [rule.name for rule in psci.rules] == ["one"]
    assert found[4, CallForm.SMC64].calls.counts == ((Action.HANDLE, 0x10000),)
    assert found[50, CallForm.SMC32].calls.counts == ((Action.FORWARD, 0x10000),)
    assert found[50, CallForm.YIELDING].calls.counts == ((Action.FORWARD, 0x1000000),)
    assert found[50, CallForm.YIELDING].rest.counts == ((Action.HANDLE, 0xFFFFFF), (Action.FORWARD, 1))
    assert [rule.name for rule in found[2, CallForm.SMC32].rest.rules] == ["odd"]


@pytest.mark.parametrize(
    ("owner", "form", "calls", "rest"),
    [
        (0, CallForm.SMC32, False, True),
        (7, CallForm.SMC64, False, True),
        (8, CallForm.SMC32, True, True),
        (47, CallForm.SMC64, True, True),
        (63, CallForm.SMC64, False, True),
        (0, CallForm.YIELDING, False, True),
        (1, CallForm.YIELDING, True, True),
        (2, CallForm.YIELDING, False, True),
        (31, CallForm.YIELDING, False, True),
        (32, CallForm.YIELDING, True, True),
    ],
)
def test_what_nobody_may_define_is_reserved(owner: int, form: CallForm, calls: bool, rest: bool) -> None:  # noqa: FBT001
    (cell,) = (cell for cell in cells(maps.of(maps.HEAD)) if (cell.owner, cell.form) == (owner, form))
    assert (cell.calls.reserved, cell.rest.reserved) == (calls, rest)


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
    found = [
        interval for (name, _), strip in strips(maps.HEAD).items() if name in names for interval in strip.block.ids
    ]
    assert union(found) == inside
    assert sum(stop - start for start, stop in found) == size(inside)


def test_a_strip_has_its_pieces_and_calls_in_order() -> None:
    strip = strips(POLICY)["psci", CallForm.SMC32]
    assert [tuple(piece) for piece in strip.pieces] == [
        (0x84000000, 0x84000003, Action.HANDLE),
        (0x84000003, 0x84000004, Action.DENY),
        (0x84000004, 0x84000020, Action.HANDLE),
    ]
    assert [mark.call.func_id for mark in strip.marks] == sorted(mark.call.func_id for mark in strip.marks)
    answered = {mark.call.name: mark.answered for mark in strip.marks}
    assert (answered["PSCI_CPU_OFF"], answered["PSCI_CPU_ON/32"], answered["PSCI_CPU_FREEZE"]) == (True, False, False)


def test_a_service_without_a_form_has_no_strip() -> None:
    assert ("pv-time", CallForm.SMC32) not in strips(maps.HEAD)
    assert ("psci-0-1", CallForm.SMC64) not in strips(maps.HEAD)


def test_a_strip_marks_the_calls_at_both_its_ends() -> None:
    marked = [mark.call.func_id for mark in strips(POLICY)["pv-time", CallForm.SMC64].marks]
    assert marked == [0xC500_0020, 0xC500_0021]


def test_a_known_call_of_the_standard_secure_range_is_marked_once() -> None:
    found = [mark.call for strip in strips(POLICY).values() for mark in strip.marks]
    inside = [call for call in named_calls() if call.func_id >> 24 in {0x84, 0xC4}]
    assert inside == sorted(call for call in found if call.func_id >> 24 in {0x84, 0xC4})
    queries = [mark.call.name for mark in strips(POLICY)["std", CallForm.SMC32].marks]
    assert queries == ["STD_SVC_CALL_COUNT", "STD_SVC_UID", "STD_SVC_VERSION"]
