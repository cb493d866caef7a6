"""Where an answer turns into another: each edge of the model, asked on both sides."""

import pytest

from smccc_filter.kvm.filter import FilteredVm
from smccc_filter.kvm.handle_exit import call_of
from smccc_filter.kvm.machine import Call, Conduit, Machine, Outcome, Reply, SmcccFeatures, SystemEvent, Why, signed
from smccc_filter.kvm.outcomes import SERVICED, outcomes, reply_changes
from smccc_filter.kvm.profiles import NEWEST
from smccc_filter.kvm.uapi import Action, SmcccFilterAction
from smccc_filter.smccc.function_id import SPACE
from smccc_filter.smccc.intervals import IntervalMap

REFUSED, FAILURE = signed(-1), signed(-6)
ABOVE = 1 << 32
"""What the upper half of a register adds, where KVM looks at the lower."""
MACHINES = (
    Machine(NEWEST, system_suspend=True, stolen_time=True),
    Machine(NEWEST, features=SmcccFeatures(0, 0, 0, 0)),
    Machine(NEWEST, psci_0_2=False),
    Machine(NEWEST, protected=True),
)
"""Together they service every call that KVM has."""


def replies(func_id: int) -> list[Reply]:
    """Return what each machine says of a call, by either conduit."""
    return [call_of(machine, conduit, Call(func_id)) for machine in MACHINES for conduit in Conduit]


def test_replies_change_at_each_of_the_changes_and_nowhere_beside_them() -> None:
    changes = reply_changes()
    assert changes[0] == 0
    assert list(changes) == sorted(set(changes))
    for edge in changes[1:]:
        assert replies(edge) != replies(edge - 1) or {edge - 1, edge} <= {*SERVICED}, f"{edge:#x} is no change"
    following = [*changes[1:], SPACE]
    for edge, after in zip(changes, following, strict=True):
        near = {fid for fid in (edge + 1, (edge + after) // 2, after - 2, after - 1) if edge < fid < after}
        assert all(replies(fid) == replies(edge) for fid in near), f"a change after {edge:#x} is missing"


def test_what_nobody_services_is_forwarded_where_the_filter_says_so() -> None:
    actions = IntervalMap.of([(0x8200_0000, 0x8200_0010, Action.FORWARD)], Action.HANDLE)
    everything = outcomes(Machine(NEWEST), actions, Conduit.SMC)
    assert everything.where(lambda outcome: outcome is Outcome.FORWARDED) == ((0x8200_0000, 0x8200_0010),)


def test_the_filter_says_handle_below_its_first_range() -> None:
    vm = FilteredVm(NEWEST)
    assert vm.kvm_smccc_set_filter(0x8400_0000, 1, SmcccFilterAction.DENY) is None
    assert vm.kvm_smccc_filter_get_action(0) is SmcccFilterAction.HANDLE


@pytest.mark.parametrize(
    ("discovery", "asked"),
    [
        *((0x8400_000A, 0x8400_0003), (0x8000_0001, 0xC500_0020)),
        *((0xC500_0020, 0xC500_0020), (0xC500_0020, 0xC500_0021)),
    ],
)
def test_discovery_looks_at_the_lower_half_of_x1(discovery: int, asked: int) -> None:
    machine = Machine(NEWEST, stolen_time=True)
    for x1 in (asked, asked + ABOVE):
        assert call_of(machine, Conduit.HVC, Call(discovery, x1)).registers == (0, 0, 0, 0)


def test_a_suspend_that_nobody_enabled_is_not_supported() -> None:
    reply = call_of(Machine(NEWEST), Conduit.HVC, Call(0xC400_000E))
    assert reply == Reply(Outcome.NOT_SUPPORTED, Why.CAPABILITY, (REFUSED, 0, 0, 0))


@pytest.mark.parametrize(
    ("func_id", "x1", "left"),
    [(0x8400_0012, 0x8000_0000, (0x8000_0000, 2, 3)), (0xC400_0012, ABOVE, (ABOVE, ABOVE + 2, ABOVE + 3))],
)
def test_a_reset_by_type_looks_at_the_lower_half_and_leaves_the_arguments(
    func_id: int, x1: int, left: tuple[int, int, int]
) -> None:
    """An SMC32 call has its arguments cut, which the guest sees."""
    reply = call_of(Machine(NEWEST), Conduit.HVC, Call(func_id, x1, ABOVE + 2, ABOVE + 3))
    assert reply.event is SystemEvent.RESET
    assert reply.registers == (FAILURE, *left)


@pytest.mark.parametrize(
    ("level", "alike", "another"),
    [
        (0, 0x01_0001_0203, 0x01_0001_0202),
        (1, 0x01_0001_02FF, 0x01_0001_0303),
        (2, 0x01_0001_FFFF, 0x01_0000_0203),
        (3, 0x01_00FF_FFFF, 0x00_0001_0203),
    ],
)
def test_an_affinity_level_leaves_out_eight_bits_more(level: int, alike: int, another: int) -> None:
    machine = Machine(NEWEST, mpidr=0x01_0001_0203)
    asked = [call_of(machine, Conduit.HVC, Call(0xC400_0004, affinity, level)) for affinity in (alike, another)]
    assert [reply.registers for reply in asked] == [(0, 0, 0, 0), None]
