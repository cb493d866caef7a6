"""Predict the answer to every operation with the tool's model of KVM, in the words of agent.py.

This is the other half of the comparison: what stands here is only how the harness writes things down. A word ``*``
stands for what the host's clock, its entropy or its CPUs decide.
"""

import errno
from collections.abc import Sequence

from smccc_filter.artefacts.backends.program import CompiledPolicy
from smccc_filter.kvm.arm import ArmVm, KvmMode, VcpuFeature
from smccc_filter.kvm.handle_exit import call_of
from smccc_filter.kvm.hypercalls import SMCCC_ARCH_FEATURES
from smccc_filter.kvm.machine import U32_MAX, Call, Conduit, Machine, Outcome, Reply, SystemEvent
from smccc_filter.kvm.profiles import Profile
from smccc_filter.kvm.psci import (
    AFFINITY_INFO,
    CPU_OFF,
    CPU_ON,
    INVALID_PARAMS,
    KVM_PSCI_FN_CPU_OFF,
    KVM_PSCI_FN_CPU_ON,
)
from smccc_filter.kvm.pvtime import PV_TIME_ST
from smccc_filter.kvm.trng import TRNG_RND32, TRNG_RND64
from smccc_filter.kvm.uapi import (
    KVM_ACTION,
    KVM_ARM_VM_SMCCC_CTRL,
    KVM_ARM_VM_SMCCC_FILTER,
    KVM_SMCCC_FILTER,
    Errno,
)
from tests.programs.live.compare import Prediction
from tests.programs.live.shipped import program_called

CONDUITS = {"P": Conduit.HVC, "S": Conduit.SMC}
X2, X3 = 0, 0xDEAD_0003
"""What every call of the agent has in these registers."""

STOLEN_TIME = 0x1_1C00
"""The address of the stolen-time structure in vm.h."""

VCPU = 0
"""The number of the only vCPU."""

VECTOR_OF_EL2, VECTOR_OF_EL1 = 4, 8
"""The vectors by which the guest's EL2 gets what EL2 itself and EL1 do, in units of 128 bytes."""
ESR_EL2 = {Conduit.HVC: 0x5A00_0000, Conduit.SMC: 0x5E00_0000}
"""The syndrome of a call from AArch64, with the immediate 0."""

U64_MAX = (1 << 64) - 1
EVENTS = {SystemEvent.SHUTDOWN: 1, SystemEvent.RESET: 2, SystemEvent.SUSPEND: 5}
"""``KVM_SYSTEM_EVENT_*`` of Linux include/uapi/linux/kvm.h."""


def predict(profile: Profile, operations: Sequence[str]) -> list[Prediction]:
    """Predict the answers to the operations of one VM, its ``V`` first."""
    vm = PredictedVm(profile)
    return [vm.answer(operation) for operation in operations]


def predict_call(machine: Machine, operation: str) -> str:
    """Predict the answer to a call, which finds ``machine`` as it is."""
    word, *arguments = operation.split()
    x0, x1 = (int(argument, 16) for argument in arguments)
    conduit, at_el2 = CONDUITS[word.upper()], machine.nested and word.islower()
    call = Call(x0 & U32_MAX, x1, X2, X3)
    reply = call_of(machine, conduit, call, el2=at_el2)
    if reply.outcome is Outcome.GUEST_EL2:
        return f"el2 {VECTOR_OF_EL2 if at_el2 else VECTOR_OF_EL1} {ESR_EL2[conduit]:x} {x0:x} {x1:x} {X2:x} {X3:x}"
    return show(call, conduit, reply, U32_MAX if machine.aarch32 else U64_MAX)


class PredictedVm:
    """A VM of the model, under the agent's operations."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.vm = ArmVm(profile)

    def answer(self, operation: str) -> Prediction:
        """Do an operation and return its answer."""
        word, *arguments = operation.split()
        match word:
            case "F":
                base, nr_functions = (int(number, 16) for number in arguments[:2])
                answer = self.insert(base, nr_functions, *map(int, arguments[2:]))
            case "B":
                answer = self.insert_blob(bytes.fromhex(arguments[0]))
            case "A":
                answer = self.apply(program_called(arguments[0]))
            case "W":
                answer = self.write_registers(program_called(arguments[0]))
            case "R":
                answer = self.set_register(*(int(number, 16) for number in arguments))
            case "G":
                answer = self.get_register(int(arguments[0], 16))
            case "P" | "S" | "p" | "s":
                answer = self.run(operation)
            case _:
                answer = self.set_up(word, arguments)
        return answer

    def set_up(self, word: str, arguments: list[str]) -> str:
        """Make the VM (``V``), enable the capability (``C``), or give a stolen-time page (``T``)."""
        if word == "V":
            self.create(*(int(argument, 16) for argument in arguments))
            return "ok"
        if word == "C":
            return number(self.vm.kvm_vm_ioctl_enable_cap(int(arguments[0])))
        return number(self.vm.kvm_arm_pvtime_set_attr(VCPU))

    def create(self, features: int = VcpuFeature.PSCI_0_2, vm_type: int = 0) -> None:
        """Make a VM of that type with its vCPU, on a host that makes such a VM."""
        protected = bool(vm_type)
        mode = KvmMode.NESTED if features & VcpuFeature.HAS_EL2 else KvmMode.DEFAULT
        self.vm = ArmVm(self.profile, KvmMode.PROTECTED if protected else mode, protected=protected)
        self.vm.kvm_arch_vcpu_create(VCPU)
        refused = self.vm.kvm_arch_vcpu_ioctl_vcpu_init(VCPU, VcpuFeature(features))
        if refused:
            raise ValueError(f"V {features:x} {vm_type:x}: {refused}")

    def run(self, operation: str) -> str:
        """Make a call."""
        self.vm.kvm_arch_vcpu_ioctl_run(VCPU)
        return predict_call(self.vm.machine(VCPU), operation)

    def insert_blob(self, blob: bytes) -> str:
        """Insert every entry, whatever the one before met."""
        entries = KVM_SMCCC_FILTER.iter_unpack(blob)
        return " ".join([self.insert(base, nr, action, int.from_bytes(pad)) for base, nr, action, pad in entries])

    def insert(self, base: int, nr_functions: int, action: int, pad: int) -> str:
        """Insert one entry and return the errno."""
        entry = base, nr_functions, action, pad
        return number(self.vm.kvm_vm_ioctl_set_device_attr(KVM_ARM_VM_SMCCC_CTRL, KVM_ARM_VM_SMCCC_FILTER, entry))

    def apply(self, compiled: CompiledPolicy) -> str:
        """Do what the generated header's ``NAME_apply`` does: insert up to the first entry that KVM refuses."""
        for base, nr_functions, action in compiled.entries:
            refusal = self.insert(base, nr_functions, KVM_ACTION[action], 0)
            if refusal != "0":
                return f"{refusal} {base:x}"
        return "0"

    def write_registers(self, compiled: CompiledPolicy) -> str:
        """Do what ``NAME_set_registers`` does: write up to the first register that KVM refuses."""
        for register in compiled.registers:
            refusal = self.set_register(register.id, register.value)
            if refusal != "0":
                return f"{refusal} {register.id:x}"
        return "0"

    def set_register(self, reg_id: int, value: int) -> str:
        """Write a register and return the errno."""
        return number(self.vm.kvm_arm_set_reg(VCPU, reg_id, value))

    def get_register(self, reg_id: int) -> str:
        """Read a firmware register."""
        value = self.vm.kvm_arm_get_reg(VCPU, reg_id)
        return number(value) if isinstance(value, Errno) else f"0 {value:x}"


def show(call: Call, conduit: Conduit, reply: Reply, mask: int) -> str:
    """Write down what a call comes to, ``mask`` being all bits of a register that the guest has."""
    if reply.outcome is Outcome.FORWARDED:
        return f"user nr={call.func_id:x} flags={1 if conduit is Conduit.SMC else 0} pc+4"
    if call.func_id in (CPU_OFF, KVM_PSCI_FN_CPU_OFF) and reply.outcome is Outcome.ANSWERED:
        return "off"
    decided = reply.registers
    registers = _host_decides(call, mask) if decided is None else " ".join(f"{value & mask:x}" for value in decided)
    if reply.event is not None:
        return f"event {EVENTS[reply.event]} {1 if reply.flag else 0} {registers}"
    return f"ret {registers}"


def _host_decides(call: Call, mask: int) -> str:
    """Write down X0 to X3 where the model leaves them open, with what this harness knows of its own VM."""
    if call.func_id == SMCCC_ARCH_FEATURES:
        return "* 0 0 0"
    if call.func_id in (TRNG_RND32, TRNG_RND64):
        return "0 * * *"
    if call.func_id == PV_TIME_ST:
        return f"{STOLEN_TIME:x} 0 0 0"
    if call.func_id in (*CPU_ON, KVM_PSCI_FN_CPU_ON, *AFFINITY_INFO):
        # There is one vCPU, and the call asks about another.
        return f"{INVALID_PARAMS & mask:x} 0 0 0"
    return "* * * *"


def number(error: Errno | None) -> str:
    """Return the number of an errno, 0 for none."""
    value: int = 0 if error is None else getattr(errno, error)
    return str(value)
