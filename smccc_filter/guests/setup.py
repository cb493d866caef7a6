"""The VM that a policy's VMM sets up on one kernel, with what that kernel refuses of it.

A refusal does not end the story: the VM keeps the kernel's default there, as it would under a VMM that goes on, so that
everything else can still be told.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from smccc_filter.kvm.handle_exit import call_of, conduit_of
from smccc_filter.kvm.hypercalls import kvm_arm_set_fw_reg
from smccc_filter.kvm.machine import Call, Conduit, Machine, Outcome, Reply
from smccc_filter.kvm.outcomes import filtered, outcomes
from smccc_filter.kvm.pkvm import kvm_pkvm_ioctl_allowed
from smccc_filter.kvm.profiles import Profile
from smccc_filter.kvm.uapi import PSCI_REGISTER, WRITABLE_REGISTERS, Action, Errno
from smccc_filter.language.policy.model import Policy, Target
from smccc_filter.smccc.intervals import IntervalMap

if TYPE_CHECKING:
    from smccc_filter.guests.vmm import Vmm

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
    ``conduit`` is the instruction by which the guest reaches KVM. ``vmm`` is what the VMM makes of what it is
    forwarded, ``None`` where no rule says anything of that.
    """

    machine: Machine
    actions: IntervalMap[Action]
    conduit: Conduit
    refusals: tuple[Refusal, ...]
    vmm: "Vmm | None" = None

    def reply(self, call: Call) -> Reply:
        """Return what the guest gets for a call by its conduit: of KVM, and of the VMM as far as the policy says it."""
        reply = call_of(self.machine, self.conduit, call)
        if self.vmm is None or reply.outcome is not Outcome.FORWARDED:
            return reply
        from smccc_filter.guests.vmm import reply_of

        return reply_of(self.vmm, self.machine, self.conduit, call, reply)

    def outcomes(self) -> IntervalMap[Outcome]:
        """Return the outcome of every call by the guest's conduit, as KVM ends it: what is forwarded is just that."""
        return outcomes(self.machine, self.actions, self.conduit)

    def outcomes_for_guest(self) -> IntervalMap[Outcome]:
        """Return the outcome of every call as the guest finds it: see ``Reply.for_guest``."""
        found = self.outcomes()
        if self.vmm is None:
            return found
        ends = {None: Outcome.FORWARDED, True: Outcome.ANSWERED, False: Outcome.NOT_SUPPORTED}
        pieces = (
            (first, last, ends[made] if outcome is Outcome.FORWARDED else outcome)
            for start, stop, outcome in found.segments()
            for first, last, made in self.vmm.made.within(start, stop)
        )
        return IntervalMap.of(pieces, Outcome.NOT_SUPPORTED)


def set_up(policy: Policy, profile: Profile, actions: IntervalMap[Action]) -> VmSetup:
    """Set up the VM of ``policy``, whose resolution decides ``actions``, on the kernel of ``profile``."""
    return vm_of(policy.target, registers_of(policy), profile, actions, vmm_part(policy, actions))


def vmm_part(policy: Policy, actions: IntervalMap[Action]) -> "Vmm | None":
    """Return what the VMM makes of what the policy forwards. A policy that says nothing of it costs nothing."""
    if not any(rule.vmm for rule in policy.rules):
        return None
    from smccc_filter.guests.vmm import vmm_of

    return vmm_of(policy, actions)


def vm_of(
    target: Target,
    registers: Iterable[tuple[str, int, int]],
    profile: Profile,
    actions: IntervalMap[Action],
    vmm: "Vmm | None" = None,
) -> VmSetup:
    """Set up a VM for ``target`` whose VMM writes ``registers``, each a key, an ID and a value, in this order.

    ``vmm`` is what the VMM makes of forwarded calls, where that is known.

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
    return VmSetup(filtered(machine, actions), actions, conduit_of(machine), tuple(refusals), vmm)


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
