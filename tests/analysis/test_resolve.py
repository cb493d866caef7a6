"""The map of a policy against a model that counts: selectors one by one in the order of the document, first come."""

from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smccc_filter.analysis.resolve import Decision, Overlaps, Resolution, resolve
from smccc_filter.kvm.filter import RESERVED, FilteredVm
from smccc_filter.kvm.profiles import NEWEST
from smccc_filter.kvm.uapi import KVM_ACTION, Action
from smccc_filter.language.policy.model import Policy
from smccc_filter.smccc.function_id import SPACE, show_range
from smccc_filter.smccc.intervals import Intervals, intersection, union
from tests.language.policy.documents import policy_of

BOUNDS = (
    *(0, 1, 0x7FFF_FFFF, 0x8000_0000, 0x8000_0001, 0x8000_8000, 0x8001_0000),
    *(0x8400_0000, 0x8400_0003, 0x8400_0004, 0x8400_0020),
    *(0xBFFF_FFFF, 0xC000_0000, 0xC000_FFFF, 0xC001_0000),
    *(0xC400_0000, 0xC400_0003, 0xC400_0004, 0xC400_0020, 0xFFFF_FFFF, SPACE),
)
CELLS = list(pairwise(BOUNDS))
"""Neighbouring ranges that a small policy is made of; between two bounds nothing changes."""

Rule = dict[str, object]
Cell = int


runs = (
    st.lists(st.integers(0, len(CELLS)), min_size=2, max_size=2, unique=True)
    .map(sorted)
    .map(lambda ends: show_range(BOUNDS[ends[0]], BOUNDS[ends[1]]))
)
calls = st.sampled_from(["PSCI_CPU_ON", "PSCI_CPU_ON/32", "SMCCC_VERSION"])
selections: st.SearchStrategy[dict[str, list[str]]] = st.fixed_dictionaries(
    {}, optional={"ranges": st.lists(runs, min_size=1, max_size=3), "calls": st.lists(calls, min_size=1, max_size=2)}
).filter(bool)
actions = st.sampled_from([str(action) for action in Action])


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    rules: list[Rule] = []
    for _ in range(draw(st.integers(0, 5))):
        rule: Rule = {"action": draw(actions), **draw(selections)}
        if draw(st.booleans()):
            rule["except"] = draw(selections)
        rules.append(rule)
    return policy_of(rules, draw(actions))


class Model(NamedTuple):
    """Which selector each cell has, who decides on it, and which cells each selector claims that others had before.

    A decision is its action and the number of its selector, ``None`` where no selector decides.
    """

    owners: dict[Cell, int]
    decisions: list[tuple[Action, int | None]]
    taken: dict[int, set[Cell]]


def cells(ids: Intervals) -> set[Cell]:
    """Return the cells that make up ``ids``."""
    return {cell for cell, (start, stop) in enumerate(CELLS) if any(a <= start and stop <= b for a, b in ids)}


def model_of(policy: Policy) -> Model:
    owners: dict[Cell, int] = {}
    actions: dict[Cell, Action] = {}
    taken: dict[int, set[Cell]] = {}
    number = 0
    for rule in policy.rules:
        excepted = {cell for exception in rule.exceptions for cell in cells(exception.ids)}
        for selector in rule.selectors:
            for cell in sorted(cells(selector.ids) - excepted):
                if cell in owners:
                    taken.setdefault(number, set()).add(cell)
                else:
                    owners[cell] = number
                    actions[cell] = rule.action
            number += 1
    reserved = cells(RESERVED)
    decisions: list[tuple[Action, int | None]] = [
        (Action.HANDLE, None)
        if cell in reserved
        else (actions[cell], owners[cell])
        if cell in owners
        else (policy.default, None)
        for cell in range(len(CELLS))
    ]
    return Model(owners, decisions, taken)


@settings(deadline=None)
@given(policies())
def test_of_two_selectors_the_first_in_the_document_decides(policy: Policy) -> None:
    resolution = resolve(policy)
    expected = [
        Decision(action, None if number is None else resolution.claims[number])
        for action, number in model_of(policy).decisions
    ]
    assert [resolution.decisions[start] for start, _ in CELLS] == expected
    assert [resolution.decisions[stop - 1] for _, stop in CELLS] == expected
    rules = [rule.number for rule in policy.rules for _ in rule.selectors]
    numbers = [None if number is None else rules[number] for _, number in model_of(policy).decisions]
    assert [resolution.decisions[start].rule_number for start, _ in CELLS] == numbers


@settings(deadline=None)
@given(policies())
def test_the_claims_of_a_rule_are_those_of_its_selectors(policy: Policy) -> None:
    resolution = resolve(policy)
    for rule in policy.rules:
        assert resolution.claims_of(rule) == tuple(claim for claim in resolution.claims if claim.rule is rule)
        assert [claim.selector for claim in resolution.claims_of(rule)] == list(rule.selectors)


@settings(deadline=None)
@given(policies())
def test_claims_are_the_selectors_in_order_less_the_exceptions(policy: Policy) -> None:
    claims = resolve(policy).claims
    assert [claim.selector for claim in claims] == [selector for rule in policy.rules for selector in rule.selectors]
    for claim in claims:
        excepted = {cell for exception in claim.rule.exceptions for cell in cells(exception.ids)}
        assert cells(claim.ids) == cells(claim.selector.ids) - excepted
        assert claim.ids == union(claim.ids)


@settings(deadline=None)
@given(policies())
def test_overlaps_are_all_that_later_claims_share_with_earlier_ones(policy: Policy) -> None:
    resolution = resolve(policy)
    model = model_of(policy)
    found = {resolution.claims.index(overlap.later): overlap for overlap in resolution.overlaps}
    assert {number: cells(overlap.ids) for number, overlap in found.items()} == model.taken
    assert all(overlap.ids == union(overlap.ids) for overlap in resolution.overlaps)


@settings(deadline=None)
@given(policies())
def test_overlaps_name_the_claims_that_have_the_ids_in_order(policy: Policy) -> None:
    resolution = resolve(policy)
    model = model_of(policy)
    for overlap in resolution.overlaps:
        taken = model.taken[resolution.claims.index(overlap.later)]
        owners = sorted({model.owners[cell] for cell in taken})
        assert overlap.earlier == tuple(resolution.claims[number] for number in owners)


@settings(deadline=None)
@given(policies())
def test_reserved_ranges_are_kvms_own(policy: Policy) -> None:
    decisions = resolve(policy).decisions
    for start, stop in RESERVED:
        assert {decision for _, _, decision in decisions.within(start, stop)} == {Decision(Action.HANDLE, None)}


def insert(resolution: Resolution) -> FilteredVm | None:
    """Give a kernel the claims in order; ``None`` where it refuses one."""
    vm = FilteredVm(NEWEST)
    for claim in resolution.claims:
        for start, stop in claim.ids:
            if stop - start == SPACE or vm.kvm_smccc_set_filter(start, stop - start, KVM_ACTION[claim.rule.action]):
                return None
    return vm


@settings(deadline=None)
@given(policies())
def test_a_kernel_takes_what_neither_overlaps_nor_touches_the_reserved_ranges(policy: Policy) -> None:
    resolution = resolve(policy)
    touched = any(intersection(claim.ids, RESERVED) for claim in resolution.claims)
    assert (insert(resolution) is None) == bool(resolution.overlaps or touched)


@settings(deadline=None)
@given(policies())
def test_a_kernel_that_takes_the_claims_decides_the_same(policy: Policy) -> None:
    resolution = resolve(policy._replace(default=Action.HANDLE, rules=policy.rules[:1]))
    if vm := insert(resolution):
        for fid in (fid for start, stop in CELLS for fid in (start, stop - 1)):
            assert vm.kvm_smccc_filter_get_action(fid) is KVM_ACTION[resolution.actions[fid]]


@settings(deadline=None)
@given(policies())
def test_actions_are_the_decisions_without_their_rules(policy: Policy) -> None:
    resolution = resolve(policy)
    assert all(resolution.actions[start] is resolution.decisions[start].action for start, _ in CELLS)


@pytest.mark.parametrize("default", Action)
def test_a_default_leaves_the_reserved_ranges(default: Action) -> None:
    resolution = resolve(policy_of([], default))
    assert resolution.claims == ()
    assert not resolution.overlaps
    assert resolution.actions.where(lambda action: action is not Action.HANDLE) == (
        () if default is Action.HANDLE else ((0, 0x8000_0000), (0x8001_0000, 0xC000_0000), (0xC001_0000, SPACE))
    )


def one(ranges: list[str], **more: object) -> Resolution:
    return resolve(policy_of([{"action": "deny", "ranges": ranges, **more}]))


def where(resolution: Resolution, action: Action) -> Intervals:
    return resolution.actions.where(lambda said: said is action)


def test_an_exception_leaves_ids_to_the_default_and_to_other_rules() -> None:
    rules: list[Rule] = [
        {"action": "deny", "ranges": ["0x84000000-0x8400001F"], "except": {"ranges": ["0x84000003-0x84000005"]}},
        {"action": "forward", "ranges": ["0x84000004"]},
    ]
    resolution = resolve(policy_of(rules))
    assert not resolution.overlaps
    assert where(resolution, Action.DENY) == ((0x84000000, 0x84000003), (0x84000006, 0x84000020))
    assert where(resolution, Action.FORWARD) == ((0x84000004, 0x84000005),)


def test_an_exception_is_of_its_own_rule_and_of_all_selectors_in_it() -> None:
    resolution = one(["0x1-0x5", "0x5-0x9"], **{"except": {"ranges": ["0x5"]}})
    assert not resolution.overlaps
    assert where(resolution, Action.DENY) == ((1, 5), (6, 10))


@pytest.mark.parametrize("text", ["0x5+0", "0x5-0x4", "0xFFFFFFFF+2"])
def test_what_no_kernel_takes_selects_nothing(text: str) -> None:
    resolution = one([text, "0x5"])
    assert [claim.ids for claim in resolution.claims] == [(), ((5, 6),)]
    assert where(resolution, Action.DENY) == ((5, 6),)


def test_a_claim_on_a_reserved_range_is_noted_but_decides_nothing() -> None:
    resolution = one(["0x7FFFFFFF-0x80010000"])
    assert resolution.claims[0].ids == ((0x7FFFFFFF, 0x80010001),)
    assert where(resolution, Action.DENY) == ((0x7FFFFFFF, 0x80000000), (0x80010000, 0x80010001))


def test_equal_neighbours_of_different_rules_stay_apart() -> None:
    rules: list[Rule] = [{"action": "deny", "ranges": [text]} for text in ("0x1", "0x2")]
    resolution = resolve(policy_of(rules))
    assert list(resolution.decisions.within(1, 3)) == [
        (1, 2, Decision(Action.DENY, resolution.claims[0])),
        (2, 3, Decision(Action.DENY, resolution.claims[1])),
    ]
    assert where(resolution, Action.DENY) == ((1, 3),)


def test_equal_neighbours_of_one_rule_stay_apart_until_only_the_action_counts() -> None:
    resolution = one(["0x1", "0x2"])
    assert list(resolution.decisions.within(1, 3)) == [
        (1, 2, Decision(Action.DENY, resolution.claims[0])),
        (2, 3, Decision(Action.DENY, resolution.claims[1])),
    ]
    assert list(resolution.actions.within(1, 3)) == [(1, 3, Action.DENY)]


def test_one_overlap_names_every_earlier_claim() -> None:
    rules: list[Rule] = [{"action": "deny", "ranges": [text]} for text in ("0x1-0x3", "0x7", "0x0-0x9")]
    (overlap,) = resolve(policy_of(rules)).overlaps
    assert overlap.later.rule.number == 2
    assert [claim.rule.number for claim in overlap.earlier] == [0, 1]
    assert overlap.ids == ((1, 4), (7, 8))


@pytest.mark.parametrize(("count", "more"), [(63, False), (64, False), (65, True)])
def test_an_overlap_names_what_has_its_first_64_pieces(count: int, more: bool) -> None:  # noqa: FBT001
    singles = [show_range(2 * n, 2 * n + 1) for n in range(count)]
    (overlap,) = one([*singles, "0x0-0xFFFF"]).overlaps
    assert [claim.selector.text for claim in overlap.earlier] == singles[:64]
    assert overlap.has_more is more


def test_overlaps_are_values() -> None:
    """Two resolutions of one policy are equal, and so are what they say of its claims in conflict."""

    def overlaps(second: str) -> Overlaps:
        ranges = ("0x82000000-0x8200000F", second)
        return resolve(policy_of([{"action": "deny", "ranges": [ids]} for ids in ranges])).overlaps

    first, again, other = map(overlaps, ("0x82000000", "0x82000000", "0x82000001"))
    assert first is not again
    assert (first, hash(first)) == (again, hash(again))
    assert first != other
    assert first != ()


@pytest.mark.parametrize(
    ("actions", "alike"),
    [
        ("deny deny deny", True),
        ("deny forward deny", False),
        ("forward deny deny", False),
        ("deny deny forward", False),
    ],
)
def test_an_overlap_is_alike_where_all_that_decide_are(actions: str, alike: bool) -> None:  # noqa: FBT001
    ranges = ("0x82000000-0x8200000F", "0x82000010-0x8200001F", "0x82000000-0x8200001F")
    rules = [{"action": action, "ranges": [ids]} for action, ids in zip(actions.split(), ranges, strict=True)]
    (overlap,) = resolve(policy_of(rules)).overlaps
    assert overlap.later.rule.number == 2
    assert [claim.rule.number for claim in overlap.earlier] == [0, 1]
    assert overlap.is_alike is alike
