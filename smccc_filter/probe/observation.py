"""How one call ended, in words that a prediction and a kernel's answer share.

Both sides are written by the same function from the same shape, so that what agrees looks alike. Where the model leaves
the registers to the host, any answer agrees but a refusal of what KVM never refuses.
"""

from enum import StrEnum
from typing import NamedTuple

from smccc_filter.kvm.hypercalls import SMCCC_ARCH_FEATURES, VENDOR_HYP_KVM_PTP
from smccc_filter.kvm.machine import NOT_SUPPORTED, Outcome, Registers, Reply, SystemEvent
from smccc_filter.kvm.psci import CPU_OFF, KVM_PSCI_FN_CPU_OFF

REFUSED: Registers = (NOT_SUPPORTED, 0, 0, 0)
CPU_OFF_CALLS = frozenset({CPU_OFF, KVM_PSCI_FN_CPU_OFF})
MAX_ERRNO = 4095
MAX_DIGIT = 9
HOST_MAY_REFUSE = frozenset({SMCCC_ARCH_FEATURES, VENDOR_HYP_KVM_PTP})
"""Calls to which KVM itself says NOT_SUPPORTED on some hosts: not affected by a flaw, or no usable clock."""


class CallEnd(StrEnum):
    """How a call ended, as the VMM sees it."""

    RETURNED = "returned"
    """The guest went on, with ``registers``."""
    FORWARDED = "forwarded"
    """KVM_EXIT_HYPERCALL for this call by this conduit."""
    CPU_OFF = "cpu_off"
    """The vCPU is KVM_MP_STATE_STOPPED."""
    EVENT = "system_event"
    """KVM_EXIT_SYSTEM_EVENT, with ``registers`` as the guest would find them."""
    UNDEFINED = "undefined instruction"
    """The CPU has no such instruction: the guest took an exception instead."""
    FAILED = "failed"
    """Nothing that KVM should do, ``detail`` says what."""


class Observation(NamedTuple):
    """One call's end; ``registers`` (X0 to X3) are ``None`` where nobody goes on, or where any would do."""

    end: CallEnd
    registers: Registers | None = None
    event: SystemEvent | None = None
    flag: bool = False
    detail: str = ""

    @property
    def spoils(self) -> bool:
        """Whether the VM has to be made anew before the next call."""
        return self.end not in {CallEnd.RETURNED, CallEnd.FORWARDED}

    def __str__(self) -> str:
        """Say it in one line: ``not_supported``, ``0x10001 0 0 0``, ``forwarded``, ``cpu_off``."""
        values = "any answer" if self.registers is None else " ".join(map(_value, self.registers))
        if self.end is CallEnd.RETURNED:
            return str(Outcome.NOT_SUPPORTED) if self.registers == REFUSED else values
        if self.end is CallEnd.EVENT:
            return f"{self.end} {self.event}{' (flag)' if self.flag else ''}: {values}"
        return f"{self.end}: {self.detail}" if self.detail else str(self.end)


def _value(register: int) -> str:
    """Write an error as people know it, -4, and everything that is no small number in hexadecimal."""
    if register >= (1 << 64) - MAX_ERRNO:
        return str(register - (1 << 64))
    return f"0x{register:x}" if register > MAX_DIGIT else str(register)


def predicted(func_id: int, reply: Reply) -> Observation:
    """Return what is seen of a call if ``reply`` is right. ``reply`` is not that of a guest with EL2 of its own."""
    if reply.outcome is Outcome.FORWARDED:
        return Observation(CallEnd.FORWARDED)
    if reply.event is not None:
        return Observation(CallEnd.EVENT, reply.registers, reply.event, reply.flag)
    if reply.outcome is Outcome.ANSWERED and func_id in CPU_OFF_CALLS:
        return Observation(CallEnd.CPU_OFF)
    return Observation(CallEnd.RETURNED, reply.registers)


def agrees(func_id: int, prediction: Observation, seen: Observation) -> bool:
    """Tell whether a kernel did what was predicted."""
    if prediction.registers is not None or prediction.end is not seen.end:
        return prediction == seen
    if prediction.end is CallEnd.RETURNED:
        return seen.registers != REFUSED or func_id in HOST_MAY_REFUSE
    return (prediction.event, prediction.flag) == (seen.event, seen.flag)
