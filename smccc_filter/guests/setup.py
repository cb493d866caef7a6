"""The VM that a policy's VMM sets up on one kernel, with what that kernel refuses of it.

A refusal does not end the story: the VM keeps the kernel's default there, as it would under a VMM that goes on, so that
everything else can still be told.
"""

from collections.abc import Iterable
from typing import NamedTuple

from smccc_filter.kvm.handle_exit import conduit_of
from smccc_filter.kvm.hypercalls import kvm_arm_set_fw_reg
from smccc_filter.kvm.machine import Conduit, Machine, Outcome
from smccc_filter.kvm.outcomes import filtered, outcomes
from smccc_filter.kvm.pkvm import kvm_pkvm_ioctl_allowed
from smccc_filter.kvm.profiles import Profile
from smccc_filter.kvm.uapi import PSCI_REGISTER, WRITABLE_REGISTERS, Action, Errno
from smccc_filter.language.policy.model import Policy, Target
from smccc_filter.smccc.intervals import IntervalMap

EVERYTHING_HANDLED: IntervalMap[Action] = IntervalMap.of((), Action.HANDLE)


class Refusal(NamedTuple):
    """Something that the policy asks for and the kernel refuses.

    ``key`` is ``psci``, a key of ``firmware``, ``capabilities`` or ``filter``; ``value`` is what was to be written to
    the register, ``None`` where there is none.
    """

    key: str
    value: int | None
    errno: Errno


class VmSetup(NamedTuple):
    """A policy's VM on one kernel.

    ``actions`` is what its filter decides: the policy's own, or nothing where the kernel takes no filter for the VM.
    ``conduit`` is the instruction by which the guest reaches KVM.
    """

    machine: Machine
    actions: IntervalMap[Action]
    conduit: Conduit
    refusals: tuple[Refusal, ...]

    def outcomes(self) -> IntervalMap[Outcome]:
        """Return the outcome of every call by the guest's conduit."""
        return outcomes(self.machine, self.actions, self.conduit)


def set_up(policy: Policy, profile: Profile, actions: IntervalMap[Action]) -> VmSetup:
    """Set up the VM of ``policy``, whose resolution decides ``actions``, on the kernel of ``profile``."""
    return vm_of(policy.target, registers_of(policy), profile, actions)


def vm_of(
    target: Target, registers: Iterable[tuple[str, int, int]], profile: Profile, actions: IntervalMap[Action]
) -> VmSetup:
    """Set up a VM for ``target`` whose VMM writes ``registers``, each a key, an ID and a value, in this order.

    Raises ValueError for a register whose values the host's CPUs decide.
    """
    machine = Machine(
        profile,
        psci_0_2=target.psci != "0.1",
        stolen_time=target.stolen_time,
        protected=target.protected,
        nested=target.nested,
        aarch32=target.aarch32,
    )
    refusals: list[Refusal] = []
    if kvm_pkvm_ioctl_allowed(machine):
        machine = machine._replace(system_suspend="system_suspend" in target.capabilities)
    else:
        wanted = (("filter", actions != EVERYTHING_HANDLED), ("capabilities", bool(target.capabilities)))
        refusals.extend(Refusal(key, None, Errno.EINVAL) for key, asked_for in wanted if asked_for)
        actions = EVERYTHING_HANDLED
    for key, reg_id, value in registers:
        after = kvm_arm_set_fw_reg(machine, reg_id, value)
        if isinstance(after, Machine):
            machine = after
        else:
            refusals.append(Refusal(key, value, after))
    return VmSetup(filtered(machine, actions), actions, conduit_of(machine), tuple(refusals))


def registers_of(policy: Policy) -> list[tuple[str, int, int]]:
    """List key, ID and value of every register that the policy's VMM writes."""
    words = dict(policy.firmware)
    if policy.target.psci:
        words[PSCI_REGISTER.key] = (policy.target.psci,)
    return [
        (register.key, register.id, register.value_of(words[register.key]))
        for register in WRITABLE_REGISTERS
        if register.key in words
    ]
