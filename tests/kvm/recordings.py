"""What the model says to every recorded operation, in the words of the recordings.

The README beside the recordings explains the operations and the answers. Here stands only how they are written down;
what KVM answers is the model's to say. ``*`` stands for a value that the host's clock, entropy, CPUs or memory choose.
"""

import errno
from collections.abc import Callable, Iterator
from typing import NamedTuple

from smccc_filter.kvm.arm import ArmVm, KvmMode, VcpuFeature, kvm_arch_init_vm
from smccc_filter.kvm.hypercalls import SMCCC_ARCH_FEATURES, VENDOR_HYP_KVM_PTP
from smccc_filter.kvm.machine import U32_MAX, Call, Conduit, Outcome, Reply, SystemEvent
from smccc_filter.kvm.pkvm import VENDOR_HYP_KVM_HYP_MEMINFO, VENDOR_HYP_KVM_MEM_SHARE, VENDOR_HYP_KVM_MEM_UNSHARE
from smccc_filter.kvm.profiles import Profile
from smccc_filter.kvm.psci import CPU_OFF, CPU_SUSPEND, KVM_PSCI_FN_CPU_OFF, kvm_psci_narrow_to_32bit
from smccc_filter.kvm.pvtime import PV_TIME_ST
from smccc_filter.kvm.trng import TRNG_RND32, TRNG_RND64
from smccc_filter.kvm.uapi import Errno
from tests.paths import ANSWERS

VM_TYPE_PROTECTED = 0x8000_0000
CODE = 0x4000_0000
"""Where the recorder's guest has its instructions; nothing lies below."""
STOLEN_TIME = 0x4001_0000
"""Where the recorder's VMM put the stolen-time page."""
PAGE = 0x1000
EVENTS = {SystemEvent.SHUTDOWN: (1, 1), SystemEvent.RESET: (2, 1), SystemEvent.SUSPEND: (5, 0)}
"""Type of a KVM_EXIT_SYSTEM_EVENT, and how many words of data it has."""
KVM_EXIT_FAIL_ENTRY, KVM_EXIT_INTR = 9, 10
UNREAD = 0xBADB_ADBA_D000_0008
"""What the recorder shows of a register that KVM_GET_ONE_REG refuses with ENOEXEC."""
VECTORS = {1: 0x3000, 2: 0x2000}
"""How far the vectors of the guest's EL1 and EL2 lie behind its ``hvc``; its ``smc`` lies 0x40 behind that."""
VECTOR = 0x80
SMC_BEHIND_HVC = 0x40
ESR_EXTERNAL_ABORT = 0x9600_0010
"""ESR_EL1 of a data abort from EL1 itself, synchronous external."""
ESR = {Conduit.HVC: 0x5A00_0000, Conduit.SMC: 0x5E00_0000}
"""ESR_EL2 of an HVC and of an SMC from AArch64, both with the immediate 0."""
ELR = {Conduit.HVC: 4, Conduit.SMC: 0}
"""An HVC is over when EL2 gets it; an SMC that it traps is not."""

Answer = Callable[[list[str]], str]


class Prediction(NamedTuple):
    """The answer that the model expects, and what kind of answer that is."""

    answer: str
    kind: str


class Instruction(NamedTuple):
    """What the guest executes for a call; ``skipped`` is one whose condition does not hold."""

    conduit: Conduit
    immediate: int = 0
    el2: bool = False
    skipped: bool = False


INSTRUCTIONS = {
    **{f"{state}{conduit}": Instruction(conduit) for state in ("", "a", "t") for conduit in Conduit},
    **{f"{conduit}1": Instruction(conduit, 1) for conduit in Conduit},
    **{f"e2{conduit}": Instruction(conduit, 0, el2=True) for conduit in Conduit},
    "e2smc1": Instruction(Conduit.SMC, 1, el2=True),
    "asmceq": Instruction(Conduit.SMC, skipped=True),
}
"""The recorder's words: A32 begins with ``a``, T32 with ``t``."""
SHORT = {"P": Conduit.HVC, "S": Conduit.SMC}
"""The words of the older recordings, which leave out of an answer what never differs."""


class ReplayedKernel:
    """One kernel of the model under the operations of a recording."""

    def __init__(self, known: Profile, mode: KvmMode, *, vcpu: bool) -> None:
        """``vcpu`` says that every VM begins with an initialised vCPU, since the recording has no word for it."""
        self.known = known
        self.mode = mode
        self.vcpu = vcpu
        self.vm = ArmVm(known, mode)
        self.created: set[int] = set()
        self.words: dict[str, Answer] = {
            "D": lambda _: "ok",
            "V": self.create,
            "N": self.initialise,
            "I": self.create_vcpu,
            "F": self.insert,
            "H": lambda numbers: _number(self.vm.kvm_vm_ioctl_has_device_attr(_hex(numbers[0]), _hex(numbers[1]))),
            "E": lambda numbers: _number(self.vm.kvm_vm_ioctl_enable_cap(int(numbers[0]))),
            "K": lambda _: _number(self.vm.kvm_vgic_create()),
            "T": lambda numbers: _number(self.vm.kvm_arm_pvtime_set_attr(int(numbers[0]))),
            "M": lambda numbers: _number(self.vm.kvm_arch_vcpu_ioctl_set_mpstate(int(numbers[0]), int(numbers[1]))),
            "R": self.write,
            "G": self.read,
            "X": lambda numbers: _number(self.vm.kvm_arch_vcpu_ioctl_run(int(numbers[0])) or Errno.EINTR),
        }

    def predict(self, operation: str) -> Prediction:
        """Do an operation and predict its answer. KeyError for an operation that nobody explained."""
        word, *numbers = operation.split()
        if word == "C":
            return self.call(INSTRUCTIONS[numbers[0]], int(numbers[1]), [_hex(number) for number in numbers[2:]])
        if word in SHORT:
            answer, kind = self.call(Instruction(SHORT[word]), 0, [_hex(numbers[0]), _hex(numbers[1]), 0, 0xDEAD_0003])
            first, *words = answer.split()
            return Prediction(" ".join([first, *(words[1:5] if first == "ret" else (*words[:2], words[-1]))]), kind)
        return Prediction(self.words[word](numbers), word)

    def create(self, numbers: list[str]) -> str:
        protected = bool(numbers and _hex(numbers[0]) & VM_TYPE_PROTECTED)
        refused = kvm_arch_init_vm(self.known, self.mode, protected=protected)
        self.vm, self.created = ArmVm(self.known, self.mode, protected=protected), set()
        if self.vcpu:
            assert self.initialise(["0", f"{VcpuFeature.PSCI_0_2:x}"]) == "0"
        return _number(refused) if numbers else "ok"

    def create_vcpu(self, numbers: list[str]) -> str:
        self.created.add(int(numbers[0]))
        return _number(self.vm.kvm_arch_vcpu_create(int(numbers[0])))

    def initialise(self, numbers: list[str]) -> str:
        if int(numbers[0]) not in self.created:
            assert self.create_vcpu(numbers) == "0"
        return _number(self.vm.kvm_arch_vcpu_ioctl_vcpu_init(int(numbers[0]), VcpuFeature(_hex(numbers[1]))))

    def insert(self, numbers: list[str]) -> str:
        base, nr_functions, *rest = numbers
        action, pad = int(rest[0]), int(rest[1])
        group, attr, _, null = (_hex(number) for number in rest[2:] or "0000")
        entry = None if null else (_hex(base), _hex(nr_functions), action, pad)
        return _number(self.vm.kvm_vm_ioctl_set_device_attr(group, attr, entry))

    def write(self, numbers: list[str]) -> str:
        reg_id, value, *vcpu = (_hex(number) for number in numbers)
        return _number(self.vm.kvm_arm_set_reg(vcpu[0] if vcpu else 0, reg_id, value))

    def read(self, numbers: list[str]) -> str:
        value = self.vm.kvm_arm_get_reg(int(numbers[1]), _hex(numbers[0]))
        return _number(value) if isinstance(value, Errno) else f"{value:x}"

    def call(self, instruction: Instruction, number: int, registers: list[int]) -> Prediction:
        """Let the guest of a vCPU, which the recorder turns on if need be, make a call."""
        given = [*registers, 0, 0, 0][:4]
        refused = self.vm.kvm_arch_vcpu_ioctl_run(number)
        if refused is Errno.ENOEXEC:
            pc = UNREAD - CODE - (1 << 64)
            return Prediction(f"(pstate 8) err={_number(refused)} reason=0 {_x([UNREAD] * 4)} pc+{pc}", "refused")
        machine = self.vm.machine(number)
        cut = U32_MAX if machine.aarch32 else (1 << 64) - 1
        given = [register & cut for register in given]
        if refused is not None:
            return Prediction(f"err={_number(refused)} reason={KVM_EXIT_FAIL_ENTRY} {_x(given)} pc+0", "refused")
        if instruction.skipped:
            return Prediction(f"ret {_x(given)} pc+4", "skipped")
        self.vm.kvm_arch_vcpu_ioctl_set_mpstate(number, 0)
        call = Call(given[0] & U32_MAX, *given[1:])
        reply = self.vm.call(number, instruction.conduit, call, immediate=instruction.immediate, el2=instruction.el2)
        return shown(instruction, given, call, reply, cut)


def shown(instruction: Instruction, given: list[int], call: Call, reply: Reply, cut: int) -> Prediction:
    """Write down what a call comes to; ``cut`` masks what the guest sees of a register."""
    if reply.outcome is Outcome.GUEST_EL2:
        vector = 4 if instruction.el2 else 8
        pc = VECTORS[2] + vector * VECTOR - (SMC_BEHIND_HVC if instruction.conduit is Conduit.SMC else 0)
        where = f"esr={ESR[instruction.conduit]:x} elr+{ELR[instruction.conduit]}"
        return Prediction(f"vecEL2 {vector} {where} {_x(given)} pc+{pc}", "guest's EL2")
    if reply.outcome is Outcome.FORWARDED:
        flags = 1 if instruction.conduit is Conduit.SMC else 0
        return Prediction(f"user nr={call.func_id:x} flags={flags} args=0 ret=0 used=0 {_x(given)} pc+4", "forwarded")
    if reply.event is not None:
        kind, words = EVENTS[reply.event]
        after = reply.registers or (given[0], *kvm_psci_narrow_to_32bit(call)[1:])
        return Prediction(f"event type={kind} n={words} data0={int(reply.flag)} {_x(after)} pc+4", "event")
    denied = reply.outcome is Outcome.NOT_SUPPORTED
    if reply.registers is not None and (denied or call.func_id not in CPU_SUSPEND):
        kind_of_answer = "denied" if denied else "answered"
        return Prediction(f"ret {_x([register & cut for register in reply.registers])} pc+4", kind_of_answer)
    return _left_open(given, call)


def _left_open(given: list[int], call: Call) -> Prediction:
    """Write down a call after which the vCPU waits, or whose values the model leaves open."""
    if call.func_id in {*CPU_SUSPEND, CPU_OFF, KVM_PSCI_FN_CPU_OFF}:
        return Prediction(f"err=4 reason={KVM_EXIT_INTR} x 0 0 0 0 pc+4", "waits")
    if call.func_id == VENDOR_HYP_KVM_MEM_SHARE and call.x1 % PAGE == 0 and call.x1 < CODE:
        # The VM has no memory there, and so the guest gets an abort.
        pc = VECTORS[1] + 4 * VECTOR
        return Prediction(f"vecEL1 4 esr={ESR_EXTERNAL_ABORT:x} {_x(given)} pc+{pc}", "aborted")
    return Prediction(f"ret x {' '.join(_of_host(call))} pc+4", "host")


def _of_host(call: Call) -> tuple[str, str, str, str]:
    """Return X0 to X3 where the model leaves them to the host, as far as they are not."""
    if call.func_id in {TRNG_RND32, TRNG_RND64}:
        return "0", "*", "*", "*"
    if call.func_id == PV_TIME_ST:
        return f"{STOLEN_TIME:x}", "0", "0", "0"
    if call.func_id == VENDOR_HYP_KVM_PTP:
        return "*", "*", "*", "*"
    memory = (VENDOR_HYP_KVM_HYP_MEMINFO, VENDOR_HYP_KVM_MEM_SHARE, VENDOR_HYP_KVM_MEM_UNSHARE)
    assert call.func_id in (SMCCC_ARCH_FEATURES, *memory), f"{call.func_id:x}"
    return "*", "0", "0", "0"


class ReplayedLine(NamedTuple):
    """A line of a recording, and what the model expects of it."""

    operation: str
    answer: str
    expected: str
    kind: str

    def agrees(self) -> bool:
        """Compare the answer with what was expected, where ``*`` stands for any word."""
        words, recorded = self.expected.split(), self.answer.split()
        return len(words) == len(recorded) and all(a in (b, "*") for a, b in zip(words, recorded, strict=True))


def replay(file: str, known: Profile) -> Iterator[ReplayedLine]:
    """Replay every line of a recording on a kernel."""
    mode = next((mode for mode in KvmMode if file.startswith(mode)), KvmMode.DEFAULT)
    recorded = [line.partition("|") for line in (ANSWERS / file).read_text(encoding="ascii").splitlines()]
    kernel = ReplayedKernel(known, mode, vcpu=not any(operation.startswith("N ") for operation, _, _ in recorded))
    for operation, _, answer in recorded:
        yield ReplayedLine(operation, answer, *kernel.predict(operation))


def _hex(number: str) -> int:
    return int(number, 16)


def _number(error: Errno | None) -> str:
    value: int = 0 if error is None else getattr(errno, error)
    return str(value)


def _x(registers: list[int] | tuple[int, ...]) -> str:
    return f"x {' '.join(f'{register:x}' for register in registers)}"
