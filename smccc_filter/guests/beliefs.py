"""What a guest takes for true of its firmware, and a walk through discovery that collects it.

An answer of the VMM is unknown here, and so is what hangs on it. The walk goes on all the same, as if that answer were
yes, and marks what it then finds: a policy that forwards one call should not hide what the others say.
"""

from enum import StrEnum
from typing import NamedTuple

from smccc_filter.guests.setup import VmSetup
from smccc_filter.kvm.machine import Call, Conduit, Reply

PRESENT = "present"
ABSENT = "absent"
VMM_ANSWERS = "unknown: the VMM answers"
HOST_DECIDES = "unknown: the host's CPUs decide"
PAGE_DECIDES = "unknown: the VMM may give vCPUs a stolen-time page or not"
UNKNOWN = frozenset({VMM_ANSWERS, HOST_DECIDES, PAGE_DECIDES})
"""Values that say by themselves that nobody here knows."""


class BeliefTopic(StrEnum):
    """What a Linux guest finds out, in the order in which ``Boot.beliefs`` has it."""

    PSCI = "psci"
    SMCCC = "smccc"
    CPU_SUSPEND = "cpu_suspend"
    SYSTEM_SUSPEND = "system_suspend"
    SYSTEM_RESET2 = "system_reset2"
    SYSTEM_OFF2 = "system_off2"
    SPECTRE_V2 = "spectre_v2_firmware"
    SPECTRE_V4 = "spectre_v4_firmware"
    SPECTRE_BHB = "spectre_bhb_firmware"
    TRNG = "trng"
    STOLEN_TIME = "stolen_time"
    KVM_SERVICES = "kvm_services"
    PTP = "ptp"
    IMPLEMENTATION_CPUS = "implementation_cpus"
    PKVM = "pkvm"


class BootStep(NamedTuple):
    """One call that the guest makes, the reply, and the calls it makes because of the reply."""

    func_id: int
    x1: int
    reply: Reply
    steps: tuple["BootStep", ...] = ()


class Belief(NamedTuple):
    """What the guest takes for true.

    ``value`` is a version, ``present``, ``absent``, KVM's service bitmap, or who decides. It is ``known`` unless an
    answer of the VMM or of the host decides it or stands before it; ``value`` is then what holds if that answer is yes.
    What KVM refuses is ``absent`` for sure, whatever anybody else says.
    """

    topic: BeliefTopic
    value: str
    known: bool


class Boot(NamedTuple):
    """A Linux guest's discovery: one belief a topic, the lines that its boot log is bound to hold, and every call."""

    conduit: Conduit
    beliefs: tuple[Belief, ...]
    log: tuple[str, ...]
    steps: tuple[BootStep, ...]

    def belief(self, topic: BeliefTopic) -> Belief:
        """Return what the guest takes for true of one topic."""
        return next(belief for belief in self.beliefs if belief.topic is topic)


class BootWalk:
    """A guest as it boots. ``sure`` says whether every answer so far that decides the way is KVM's own."""

    def __init__(self, vm: VmSetup) -> None:
        self.vm = vm
        self.beliefs: list[Belief] = []
        self.log: list[str] = []
        self.sure = True

    def ask(self, func_id: int, *arguments: int) -> Reply:
        """Make a call; the arguments that are left out are zeros."""
        return self.vm.reply(Call(func_id, *arguments))

    def believe(self, topic: BeliefTopic, value: str) -> None:
        """Take something for true."""
        self.beliefs.append(Belief(topic, value, known=self.sure or value == ABSENT))

    def believe_vmm(self, topic: BeliefTopic, *, lasting: bool = True) -> None:
        """Leave something to the VMM, and if it is ``lasting``, all that hangs on it."""
        self.beliefs.append(Belief(topic, VMM_ANSWERS, known=False))
        self.sure = self.sure and not lasting

    def print(self, line: str) -> None:
        """Write a line to the log, if it is bound to be written."""
        if self.sure:
            self.log.append(line)

    def none(self, topics: tuple[BeliefTopic, ...]) -> None:
        """Find nothing of these."""
        for topic in topics:
            self.believe(topic, ABSENT)


def show_version(value: int) -> str:
    """Write a PSCI, SMCCC or TRNG version, which are all laid out alike."""
    return f"{value >> 16}.{value & 0xFFFF}"
