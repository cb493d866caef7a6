"""What is asked of a kernel: a VM as the policy's VMM makes it, step by step, and then calls.

The steps have predictions too: a kernel may refuse a register that the policy writes, and a VM that lacks part of its
filter answers every later question about something else.
"""

from enum import StrEnum
from typing import NamedTuple

from smccc_filter.analysis.resolve import Resolution
from smccc_filter.artefacts.backends import blob
from smccc_filter.artefacts.backends.program import CompiledPolicy, canonical
from smccc_filter.artefacts.readers.blob import BlobFilter, cut
from smccc_filter.guests.setup import VmSetup, registers_of, set_up
from smccc_filter.kvm.arm import KVM_CAP_ARM_SYSTEM_SUSPEND, VcpuFeature
from smccc_filter.kvm.handle_exit import has_nv
from smccc_filter.kvm.machine import Call, Conduit, Machine
from smccc_filter.kvm.outcomes import filtered
from smccc_filter.kvm.profiles import Profile
from smccc_filter.kvm.uapi import REGISTER_OF_ID
from smccc_filter.language.policy.model import Policy
from smccc_filter.probe.questions import questions

ACCEPTED = "accepted"
"""The result of a step that a kernel does not refuse. Of any other it is the name of an errno."""


class StepKind(StrEnum):
    """What a step does to the VM or its vCPU."""

    CAPABILITY = "KVM_ENABLE_CAP"
    FILTER = "KVM_SET_DEVICE_ATTR"
    VCPU = "KVM_ARM_VCPU_INIT"
    REGISTER = "KVM_SET_ONE_REG"
    STOLEN_TIME = "KVM_ARM_VCPU_PVTIME_IPA"


class ProbeStep(NamedTuple):
    """One step, in the order in which a VMM takes them.

    ``number`` is that of a capability or the ID of a register, ``value`` that of a register or a vCPU's features, and
    ``entries`` are those of a filter.
    """

    kind: StepKind
    name: str
    predicted: str = ACCEPTED
    number: int = 0
    value: int = 0
    entries: tuple[bytes, ...] = ()


class ProbePlan(NamedTuple):
    """A VM, its prediction, and the calls to make in it by each of ``conduits``."""

    machine: Machine
    steps: tuple[ProbeStep, ...]
    conduits: tuple[Conduit, ...]
    calls: tuple[Call, ...]


def of_policy(policy: Policy, resolution: Resolution, profile: Profile) -> ProbePlan:
    """Plan the VM of a policy that is not for a protected VM.

    Of a guest with EL2 only SMCs reach KVM, and these as they do from any guest, so the vCPU here is given none. It has
    a stolen-time page where the policy says so.
    """
    vm = set_up(policy, profile, resolution.actions)
    machine = vm.machine._replace(stolen_time=bool(vm.machine.stolen_time))
    named = tuple(interval for claim in resolution.claims for interval in claim.ids)
    entries = cut(blob.emit(CompiledPolicy(policy.name, canonical(vm.actions), ())))
    steps = [*_capability(machine), *_filter(entries), _vcpu(machine), *_registers(policy, vm)]
    if machine.stolen_time:
        steps.append(ProbeStep(StepKind.STOLEN_TIME, "stolen-time page"))
    conduits = (Conduit.SMC,) if has_nv(machine) else tuple(Conduit)
    return ProbePlan(machine, tuple(steps), conduits, questions(vm.actions, named))


def of_blob(compiled: BlobFilter, profile: Profile) -> ProbePlan:
    """Plan a VM that has the filter of a blob, and KVM's defaults for everything else."""
    machine = filtered(Machine(profile), compiled.actions)
    return ProbePlan(
        machine, (*_filter(compiled.entries), _vcpu(machine)), tuple(Conduit), questions(compiled.actions, ())
    )


def _capability(machine: Machine) -> tuple[ProbeStep, ...]:
    if not machine.system_suspend:
        return ()
    return (ProbeStep(StepKind.CAPABILITY, "capability system_suspend", number=KVM_CAP_ARM_SYSTEM_SUSPEND),)


def _filter(entries: tuple[bytes, ...]) -> tuple[ProbeStep, ...]:
    if not entries:
        return ()
    name = f"filter of {len(entries):,} {'entry' if len(entries) == 1 else 'entries'}"
    return (ProbeStep(StepKind.FILTER, name, entries=entries),)


def _vcpu(machine: Machine) -> ProbeStep:
    features = VcpuFeature.PSCI_0_2 if machine.psci_0_2 else 0
    return ProbeStep(StepKind.VCPU, f"vCPU{'' if features else ' without KVM_ARM_VCPU_PSCI_0_2'}", value=features)


def _registers(policy: Policy, vm: VmSetup) -> tuple[ProbeStep, ...]:
    refused = {refusal.key: str(refusal.errno) for refusal in vm.refusals}
    steps = []
    for key, reg_id, value in registers_of(policy):
        name = f"{REGISTER_OF_ID[reg_id].macro} = 0x{value:X}"
        steps.append(ProbeStep(StepKind.REGISTER, name, refused.get(key, ACCEPTED), reg_id, value))
    return tuple(steps)
