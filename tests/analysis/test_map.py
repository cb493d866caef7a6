from bisect import bisect_right
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.decision import decide
from smccc_filter.analysis.map import HolderKind, MapSegment, PolicyMap, holders, named_calls
from smccc_filter.kvm.filter import RESERVED
from smccc_filter.kvm.machine import Outcome
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SPACE
from tests.policies.shipped import each_policy
from tests.programs.fuzz import strategies
from tests.reports.map import cases as maps


def at(drawn: PolicyMap, func_id: int) -> MapSegment:
    return drawn.segments[bisect_right([segment.start for segment in drawn.segments], func_id) - 1]


def partitions(drawn: PolicyMap) -> bool:
    segments = drawn.segments
    return (
        (segments[0].start, segments[-1].stop) == (0, SPACE)
        and all(segment.start < segment.stop for segment in segments)
        and all(left.stop == right.start for left, right in pairwise(segments))
    )


@settings(max_examples=25)
@given(strategies.policies, st.randoms(use_true_random=False), st.booleans())
def test_a_segment_says_what_query_says_of_each_of_its_ids(tree: Any, random: Any, block: bool) -> None:  # noqa: ANN401, FBT001
    examination = pipeline.examine("p.yaml", strategies.write(tree, block=block))
    assume(examination.policy is not None)
    setups = maps.setups(examination)
    drawn = PolicyMap.of(examination, setups)
    assert partitions(drawn)
    edges = [edge for segment in drawn.segments for edge in (segment.start, segment.stop - 1)]
    ids = [*random.sample(edges, min(len(edges), 150)), *(random.randrange(SPACE) for _ in range(50))]
    for func_id in ids:
        segment, decision = at(drawn, func_id), decide(examination, setups, func_id)
        assert (segment.action, segment.rule, segment.selector) == decision[1:4]
        assert segment.outcomes == tuple(reply.for_guest for _, reply in decision.replies)
        if segment.selector:
            assert drawn.span(segment.selector) == decision.span


@each_policy
def test_neighbours_differ(name: str) -> None:
    drawn = maps.of_shipped(name)
    told = [segment._replace(start=0, stop=0, calls=()) for segment in drawn.segments]
    assert all(left != right for left, right in pairwise(told))


@each_policy
def test_every_known_call_lives_in_one_segment(name: str) -> None:
    drawn = maps.of_shipped(name)
    assert tuple(call for segment in drawn.segments for call in segment.calls) == named_calls()
    assert all(segment.start <= call.func_id < segment.stop for segment in drawn.segments for call in segment.calls)


def test_known_calls_are_those_of_the_registry() -> None:
    assert all(registry.name_of(call.func_id) == call.name for call in named_calls())
    assert {call.func_id for call in named_calls()} == {
        func_id for start, stop in registry.known_ids() for func_id in range(start, stop)
    }


@given(st.sampled_from(holders().starts) | st.integers(0, SPACE - 1))
def test_who_lives_at_an_id_is_what_the_registry_says(func_id: int) -> None:
    holder, service = holders()[func_id], registry.service_of(func_id)
    assert holder.service == (service.name if service else None)
    assert holder.title == service.title if service else holder.title
    assert (holder.service is None) <= (holder.kind is not HolderKind.CALLS)


@pytest.mark.parametrize(
    ("func_id", "kind"),
    [
        (0x00000000, HolderKind.CALLS),
        (0x0100FFFF, HolderKind.CALLS),
        (0x01010000, HolderKind.RESERVED),
        (0x02000000, HolderKind.CALLS),
        (0x20000000, HolderKind.RESERVED),
        (0x84000000, HolderKind.CALLS),
        (0x84010000, HolderKind.HINT),
        (0x84020000, HolderKind.INVALID),
        (0x84FFFFFF, HolderKind.INVALID),
        (0x88000000, HolderKind.RESERVED),
        (0x88010000, HolderKind.RESERVED),
        (0x88020000, HolderKind.RESERVED),
        (0x95C1BA5E, HolderKind.RESERVED),
        (0xAFFFFFFF, HolderKind.RESERVED),
        (0xB0000000, HolderKind.CALLS),
        (0xFFFFFFFF, HolderKind.INVALID),
    ],
)
def test_kinds_follow_the_tables_of_the_convention(func_id: int, kind: HolderKind) -> None:
    assert holders()[func_id].kind is kind


def test_a_gap_of_the_tables_and_what_they_keep_for_later_are_told_apart() -> None:
    assert holders()[0x0101_0000].title == "Not allocated"
    assert holders()[0x8800_0000].title == "Reserved for future use (OEN 8-47)"


def test_the_reserved_owners_are_one_neighbour_each_side_of_psci_0_1() -> None:
    runs = [
        (start, stop)
        for start, stop, holder in holders().segments()
        if "OEN 8-47" in holder.title and start < 0xC0 << 24
    ]
    assert runs == [(0x88000000, 0x95C1BA5E), (0x95C1BA62, 0xB0000000)]


def test_kvm_keeps_the_arm_architecture_calls_whatever_the_default() -> None:
    drawn = maps.of(f"{maps.HEAD}default: deny\n")
    kept = [segment for segment in drawn.segments if segment.is_reserved_by_kvm]
    assert {segment.action for segment in kept} == {"handle"}
    assert sum(segment.stop - segment.start for segment in kept) == sum(stop - start for start, stop in RESERVED)
    assert {segment.action for segment in drawn.segments if not segment.is_reserved_by_kvm} == {"deny"}


def test_of_two_selectors_the_first_is_named() -> None:
    drawn = maps.of(f"{maps.HEAD}rules: [{{action: deny, ranges: [0x82000000+2, 0x82000001+2]}}]\n")
    texts = [(segment.start, segment.selector.text) for segment in drawn.segments if segment.selector]
    assert texts == [(0x82000000, "0x82000000+2"), (0x82000002, "0x82000001+2")]


def test_a_map_grows_with_the_ranges_and_not_with_the_ids() -> None:
    none, many = maps.of(maps.HEAD), maps.of(maps.many_rules(2000))
    assert len(many.segments) <= len(none.segments) + 2 * 2000
    assert len(maps.of(f"{maps.HEAD}rules: [{{action: deny, ranges: [0x00000000-0x7FFFFFFF]}}]\n").segments) == len(
        none.segments
    )


def test_a_call_has_one_outcome_where_the_kernels_agree() -> None:
    examination = pipeline.examine("p.yaml", b'version: 1\nname: p\ntarget: {kernels: ["6.12", "7.3"]}\nrules: []\n')
    setups = maps.setups(examination)
    assert decide(examination, setups, 0x8400_0003).outcome is Outcome.ANSWERED
    assert decide(examination, setups, 0x8400_001F).outcome is Outcome.NOT_SUPPORTED
    with pytest.raises(ValueError, match="disagree about 0x84000015"):  # SYSTEM_OFF2 came with PSCI 1.3
        _ = decide(examination, setups, 0x8400_0015).outcome


def test_a_map_has_the_policy_that_it_is_of() -> None:
    drawn = maps.of(maps.HEAD)
    assert drawn.policy is drawn.examination.policy is not None
