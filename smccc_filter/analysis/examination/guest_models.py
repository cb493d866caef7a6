"""The guests of the policies of one run: one for kernels on which the VM behaves alike, and for policies that do.

Where a policy does not say whether vCPUs have a stolen-time page, there are two: one with a page, and one without.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from smccc_filter.analysis.examination.guest_view import Guest
from smccc_filter.guests.setup import VmSetup, registers_of, vm_of, vmm_part
from smccc_filter.kvm.pkvm import kvm_vm_is_protected
from smccc_filter.kvm.profiles import Profile
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.policy.model import Policy, Target
from smccc_filter.smccc.intervals import IntervalMap

if TYPE_CHECKING:
    from smccc_filter.guests.vmm import Vmm

REMEMBERED = 16
"""Policies whose guests a run remembers."""
MOST_SEGMENTS = 4096
"""Segments of the largest map of actions that is remembered."""


class GuestModels:
    """The guests of the policies that one run examines.

    Policies that ask for the same VM and decide the same share their guests, and what was found out about them.
    """

    def __init__(self) -> None:
        self._remembered = lru_cache(maxsize=REMEMBERED)(_guests)

    def guests(self, policy: Policy, profiles: tuple[Profile, ...], actions: IntervalMap[Action]) -> tuple[Guest, ...]:
        """Return the guests of a policy that decides ``actions``, oldest target kernel first.

        There are two of each where the policy does not say whether its vCPUs have a stolen-time page.
        A kernel that takes no filter for the VM (a protected one's) has none: nothing there is as the policy says.
        """
        model = self._remembered if len(actions.starts) <= MOST_SEGMENTS else _guests
        return model(policy.target, tuple(registers_of(policy)), profiles, actions, vmm_part(policy, actions))


def _guests(
    target: Target,
    registers: tuple[tuple[str, int, int], ...],
    profiles: tuple[Profile, ...],
    actions: IntervalMap[Action],
    vmm: "Vmm | None",
) -> tuple[Guest, ...]:
    alike: dict[tuple[object, ...], tuple[list[str], VmSetup]] = {}
    is_known = target.stolen_time is not None
    some = target if is_known else target._replace(stolen_time=True)
    for profile in profiles:
        vm = vm_of(some, registers, profile, actions, vmm)
        if any(refusal.key == "filter" for refusal in vm.refusals):
            continue
        machine = vm.machine
        switches = machine.psci_0_2, machine.system_suspend, kvm_vm_is_protected(machine)
        key = machine.features, machine.kvm_psci_version(), switches, vm.conduit, vm.refusals
        alike.setdefault(key, ([], vm))[0].append(profile.name)
    if is_known:
        return tuple(Guest(tuple(names), vm, has_page=None, twin=None) for names, vm in alike.values())
    return tuple(guest for names, vm in alike.values() for guest in _twins(tuple(names), vm))


def _twins(kernels: tuple[str, ...], vm: VmSetup) -> Iterator[Guest]:
    """Yield the guest with a stolen-time page, and the one without."""
    first = Guest(kernels, vm, has_page=True, twin=None)
    yield first
    without = vm._replace(machine=vm.machine._replace(stolen_time=False))
    yield Guest(kernels, without, has_page=False, twin=first)
