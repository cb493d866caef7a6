"""Predict the answer to every operation with the tool's model of KVM, in the words of agent.py.

This is the other half of the comparison: what stands here is only how the harness writes things down. A word ``*``
stands for what the host's clock, its entropy or its CPUs decide.
"""

import errno
from collections.abc import Sequence

from smccc_filter.artefacts.backends.program import CompiledPolicy
from smccc_filter.kvm.filter import FilteredVm
from smccc_filter.kvm.handle_exit import call_of
from smccc_filter.kvm.hypercalls import SMCCC_ARCH_FEATURES, kvm_arm_set_fw_reg
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
from smccc_filter.kvm.uapi import FIRMWARE_REGISTERS, KVM_ACTION, KVM_REG_ARM_PSCI_VERSION, KVM_SMCCC_FILTER, Errno
from tests.programs.live.compare import Prediction
from tests.programs.live.shipped import program_called

CONDUITS = {"P": Conduit.HVC, "S": Conduit.SMC}
X2, X3 = 0, 0xDEAD_0003
"""What every call of the agent has in these registers."""

STOLEN_TIME = 0x1_0C00
"""The address of the stolen-time page in vm.c."""

VCPU_PSCI_0_2 = 1 << 2
"""KVM_ARM_VCPU_PSCI_0_2 in ``features[0]``."""

KEYS = {register.id: register.key for register in FIRMWARE_REGISTERS}
EVENTS = {SystemEvent.SHUTDOWN: 1, SystemEvent.RESET: 2, SystemEvent.SUSPEND: 5}
"""``KVM_SYSTEM_EVENT_*`` of Linux include/uapi/linux/kvm.h."""


def predict(profile: Profile, operations: Sequence[str]) -> list[Prediction]:
    """Predict the answers to the operations of one VM, its ``V`` first."""
    vm = PredictedVm(profile)
    return [vm.answer(operation) for operation in operations]


def predict_call(machine: Machine, operation: str) -> str:
    """Predict the answer to a ``P`` or an ``S``, which finds ``machine`` as it is."""
    word, *arguments = operation.split()
    x0, x1 = (int(argument, 16) for argument in arguments)
    call = Call(x0 & U32_MAX, x1, X2, X3)
    return show(call, CONDUITS[word], call_of(machine, CONDUITS[word], call))


class PredictedVm:
    """A VM of the model, under the agent's operations."""

    def __init__(self, profile: Profile) -> None:
        self.filter = FilteredVm(profile)
        self.machine = Machine(profile, filter=self.filter.kvm_smccc_filter_get_action)

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
            case "P" | "S":
                answer = self.run(operation)
            case _:
                answer = self.set_up(word, arguments)
        return answer

    def set_up(self, word: str, arguments: list[str]) -> str:
        """Choose the vCPU's features (``V``), enable the capability (``C``), or give a stolen-time page (``T``)."""
        answer = "0"
        if word == "V":
            features = int(arguments[0], 16) if arguments else VCPU_PSCI_0_2
            self.machine = self.machine._replace(psci_0_2=bool(features & VCPU_PSCI_0_2))
            answer = "ok"
        elif word == "C":
            self.machine = self.machine._replace(system_suspend=True)
        else:
            answer = number(Errno.EEXIST if self.machine.stolen_time else None)
            self.machine = self.machine._replace(stolen_time=True)
        return answer

    def run(self, operation: str) -> str:
        """Make a call."""
        self.machine = self.machine._replace(has_ran_once=True)
        self.filter.has_ran_once = True
        return predict_call(self.machine, operation)

    def insert_blob(self, blob: bytes) -> str:
        """Insert every entry, whatever the one before met."""
        entries = KVM_SMCCC_FILTER.iter_unpack(blob)
        return " ".join([self.insert(base, nr, action, int.from_bytes(pad)) for base, nr, action, pad in entries])

    def insert(self, base: int, nr_functions: int, action: int, pad: int) -> str:
        """Insert one entry and return the errno."""
        return number(self.filter.kvm_smccc_set_filter(base, nr_functions, action, pad))

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
        """Write a firmware register and return the errno."""
        after = kvm_arm_set_fw_reg(self.machine, reg_id, value)
        if isinstance(after, Machine):
            self.machine = after
            return "0"
        return number(after)

    def get_register(self, reg_id: int) -> str:
        """Read a firmware register."""
        if reg_id == KVM_REG_ARM_PSCI_VERSION:
            return f"0 {self.machine.kvm_psci_version():x}"
        if KEYS[reg_id] not in self.machine.profile.firmware.value:
            return number(Errno.ENOENT)
        return f"0 {self.machine.features._asdict()[KEYS[reg_id]]:x}"


def show(call: Call, conduit: Conduit, reply: Reply) -> str:
    """Write down what a call comes to."""
    if reply.outcome is Outcome.FORWARDED:
        return f"user nr={call.func_id:x} flags={1 if conduit is Conduit.SMC else 0} pc+4"
    if call.func_id in (CPU_OFF, KVM_PSCI_FN_CPU_OFF) and reply.outcome is Outcome.ANSWERED:
        return "off"
    registers = _host_decides(call) if reply.registers is None else " ".join(f"{value:x}" for value in reply.registers)
    if reply.event is not None:
        return f"event {EVENTS[reply.event]} {1 if reply.flag else 0} {registers}"
    return f"ret {registers}"


def _host_decides(call: Call) -> str:
    """Write down X0 to X3 where the model leaves them open, with what this harness knows of its own VM."""
    if call.func_id == SMCCC_ARCH_FEATURES:
        return "* 0 0 0"
    if call.func_id in (TRNG_RND32, TRNG_RND64):
        return "0 * * *"
    if call.func_id == PV_TIME_ST:
        return f"{STOLEN_TIME:x} 0 0 0"
    if call.func_id in (*CPU_ON, KVM_PSCI_FN_CPU_ON, *AFFINITY_INFO):
        # There is one vCPU, and the call asks about another.
        return f"{INVALID_PARAMS:x} 0 0 0"
    return "* * * *"


def number(error: Errno | None) -> str:
    """Return the number of an errno, 0 for none."""
    value: int = 0 if error is None else getattr(errno, error)
    return str(value)
