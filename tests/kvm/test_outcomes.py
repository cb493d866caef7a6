"""The map of every outcome at once is the model asked call by call."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smccc_filter.kvm.filter import RESERVED
from smccc_filter.kvm.handle_exit import call_of
from smccc_filter.kvm.machine import Call, Conduit, Machine, Outcome, SmcccFeatures
from smccc_filter.kvm.outcomes import SERVICED, filtered, outcomes
from smccc_filter.kvm.profiles import NEWEST, Profile, all_profiles
from smccc_filter.kvm.uapi import PSCI_VERSIONS, Action
from smccc_filter.smccc.function_id import SPACE
from smccc_filter.smccc.intervals import IntervalMap, difference

ALIKE = (1 << 16, 1 << 30, 1 << 31, 0x00FF_0000)
"""Bits that make another ID of a serviced one."""

edges = st.one_of(
    st.integers(0, SPACE - 1),
    st.builds(lambda fid, step: fid + step, st.sampled_from(SERVICED), st.integers(-2, 2)),
)


def resolved(bounds: list[int], actions: list[Action]) -> IntervalMap[Action]:
    """Return a total map with these bounds that leaves the reserved ranges to KVM, as a resolved policy does."""
    starts = [0, *sorted(set(bounds) - {0})]
    pieces: list[tuple[int, int, Action]] = [(start, stop, Action.HANDLE) for start, stop in RESERVED]
    for index, start in enumerate(starts):
        stop = starts[index + 1] if index + 1 < len(starts) else SPACE
        action = actions[index % len(actions)]
        pieces.extend((*piece, action) for piece in difference(((start, stop),), RESERVED))
    return IntervalMap.of(sorted(pieces, key=lambda piece: piece[0]), Action.HANDLE)


maps = st.builds(resolved, st.lists(edges, max_size=12), st.lists(st.sampled_from(Action), min_size=1, max_size=5))
machines = st.builds(
    lambda known, bits, version, flags: Machine(
        known,
        features=SmcccFeatures(bits & 1, bits >> 1 & 1, bits >> 2 & 3, 0),
        psci_0_2=version != "0.1",
        psci_version=PSCI_VERSIONS[version],
        system_suspend=flags & 1 != 0,
        stolen_time=flags & 2 != 0,
        protected=flags & 4 != 0,
        nested=flags & 8 != 0,
        aarch32=flags & 16 != 0,
    ),
    st.sampled_from(all_profiles()),
    st.integers(0, 15),
    st.sampled_from(list(PSCI_VERSIONS)),
    st.integers(0, 31),
)


@settings(deadline=None)
@given(machines, maps, st.sampled_from(Conduit), st.lists(st.integers(0, SPACE - 1), max_size=8))
def test_agrees_call_by_call(
    machine: Machine, actions: IntervalMap[Action], conduit: Conduit, at_random: list[int]
) -> None:
    everything = outcomes(machine, actions, conduit)
    asked = filtered(machine, actions)
    bounds = {start for table in (actions.starts, everything.starts) for start in table}
    near = {fid + step for fid in bounds | {SPACE} for step in (-1, 0)}
    alike = {fid ^ bits for fid in SERVICED for bits in ALIKE}
    for fid in near | alike | set(SERVICED) | set(at_random):
        if 0 <= fid < SPACE:
            assert everything[fid] is call_of(asked, conduit, Call(fid)).outcome


@pytest.mark.parametrize("known", all_profiles(), ids=lambda known: known.name)
def test_nothing_but_the_serviced_ids_is_answered(known: Profile) -> None:
    machine = Machine(known, system_suspend=True, stolen_time=True)
    picks = random.Random(1)  # noqa: S311 - any IDs do
    owner_4 = [owner | number for owner in (0x0400_0000, 0x4400_0000, 0x8400_0000) for number in range(0x40)]
    blocks = [range(fid & ~0xFF, (fid | 0xFF) + 1) for fid in SERVICED]
    asked = {*owner_4, *(fid for block in blocks for fid in block), *(picks.randrange(SPACE) for _ in range(2000))}
    answered = {fid for fid in asked if call_of(machine, Conduit.HVC, Call(fid)).outcome is Outcome.ANSWERED}
    assert answered < set(SERVICED)


def test_a_policy_of_nothing() -> None:
    actions: IntervalMap[Action] = IntervalMap.of((), Action.HANDLE)
    everything = outcomes(Machine(NEWEST), actions, Conduit.HVC)
    assert set(everything.values) == {Outcome.ANSWERED, Outcome.NOT_SUPPORTED}
    answered = [fid for fid in SERVICED if everything[fid] is Outcome.ANSWERED]
    assert sum(stop - start for start, stop in everything.where(lambda o: o is Outcome.ANSWERED)) == len(answered)
    # Without the capability, the page, PSCI 0.1 or a protected VM, these are what KVM could answer and does not.
    assert set(SERVICED) - set(answered) == {
        *(0x8400_000E, 0xC400_000E, 0x95C1_BA5F, 0x95C1_BA60, 0xC500_0021, 0xC600_0002, 0xC600_0003, 0xC600_0004)
    }


def test_a_nested_guests_hvcs_are_its_own() -> None:
    actions: IntervalMap[Action] = IntervalMap.of((), Action.HANDLE)
    machine = Machine(NEWEST, nested=True)
    by_hvc = outcomes(machine, actions, Conduit.HVC)
    assert by_hvc.where(lambda outcome: outcome is Outcome.ANSWERED) == (
        (0x8000_3FFF, 0x8000_4000),
        (0x8000_7FFF, 0x8000_8001),
    )
    assert set(by_hvc.values) == {Outcome.ANSWERED, Outcome.GUEST_EL2}
    assert Outcome.GUEST_EL2 not in outcomes(machine, actions, Conduit.SMC).values
