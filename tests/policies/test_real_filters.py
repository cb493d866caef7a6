"""The policies that stand for a project's own filter compile to that filter, entry by entry."""

import pytest

from smccc_filter.artefacts.backends.program import FilterEntry, WrittenRegister
from smccc_filter.kvm.uapi import Action
from tests.policies.shipped import examine, program

DENY, FORWARD = Action.DENY, Action.FORWARD

REAL = {
    "kvmtool-psci": (  # kvmtool: PSCI in user space
        FilterEntry(0x95C1BA5E, 4, DENY),
        FilterEntry(0x84000000, 0x20, FORWARD),
        FilterEntry(0xC4000000, 0x20, FORWARD),
    ),
    "trng-in-vmm": (  # crosvm --smccc-trng
        FilterEntry(0x84000050, 0x10, FORWARD),
        FilterEntry(0xC4000050, 0x10, FORWARD),
    ),
    "target-impl-cpus": (  # QEMU, series on target implementation CPUs: two entries there, neighbours here
        FilterEntry(0xC6000040, 1, FORWARD),
        FilterEntry(0xC6000041, 1, FORWARD),
    ),
}
QEMU_HOTPLUG = (0xC4000003, 0x84000002)
"""What the hotplug series for QEMU forwards."""


def ids(entries: tuple[FilterEntry, ...]) -> dict[int, Action]:
    return {fid: action for base, nr, action in entries for fid in range(base, base + nr)}


@pytest.mark.parametrize("name", REAL)
def test_decides_as_the_project_does(name: str) -> None:
    assert ids(program(name).entries) == ids(REAL[name])


@pytest.mark.parametrize("name", ["kvmtool-psci", "trng-in-vmm"])
def test_has_the_projects_very_entries(name: str) -> None:
    assert set(program(name).entries) == set(REAL[name])


def test_target_cpus_need_the_register_that_advertises_them() -> None:
    assert program("target-impl-cpus").registers == (WrittenRegister(0x6030000000160003, 0x3),)


def test_hotplug_forwards_what_qemus_series_does_and_what_that_missed() -> None:
    actions = examine("vcpu-hotplug").resolution.actions
    assert [actions[fid] for fid in QEMU_HOTPLUG] == [FORWARD, FORWARD]
    missed = (0x84000003, 0x84000001, 0xC4000001, 0x84000004, 0xC4000004)
    assert [actions[fid] for fid in missed] == [FORWARD] * 5
    assert len(ids(program("vcpu-hotplug").entries)) == 7
