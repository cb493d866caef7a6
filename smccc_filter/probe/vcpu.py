"""One vCPU, which makes one call at a time and says how that ended.

Calls that wait (CPU_SUSPEND, CPU_OFF) are interrupted by a timer. It goes off again and again, so that a signal that
comes just before KVM_RUN costs one period; kvm_run's immediate_exit could not be set in time, because Python runs the
handler of a signal only once the ioctl is back.

Source: Linux 7.3.4 Documentation/virt/kvm/api.rst, Documentation/virt/kvm/devices/vcpu.rst and arch/arm64/kvm/arm.c.
"""

import ctypes
import mmap
import os
import signal
from errno import errorcode
from fcntl import ioctl

from smccc_filter.kvm.arm import KVM_MP_STATE_STOPPED
from smccc_filter.kvm.machine import Call, Conduit, Registers
from smccc_filter.kvm.uapi import KVM_SET_DEVICE_ATTR, KVM_SET_ONE_REG
from smccc_filter.probe import abi, instructions
from smccc_filter.probe.abi import KvmExit
from smccc_filter.probe.observation import CallEnd, Observation

FIRST_TICK = 0.02
TICK = 0.01
"""Seconds until a call is first interrupted, and from then on."""
PATIENCE = 500
"""Returns of KVM_RUN after which a call is given up."""


class Vcpu:
    """The vCPU behind a file descriptor, which it closes; SIGALRM must have a handler."""

    def __init__(self, fd: int, run_bytes: int) -> None:
        self._fd = fd
        self._run = mmap.mmap(fd, run_bytes)
        self._value = ctypes.c_uint64()

    def init(self, target_and_features: bytes) -> None:
        """Initialise as ``struct kvm_vcpu_init`` says; the guest then stands at its first instruction."""
        ioctl(self._fd, abi.KVM_ARM_VCPU_INIT, target_and_features)
        self.set_reg(abi.core_x(instructions.DONE_REGISTER), instructions.DONE)
        self.set_reg(abi.core_x(instructions.UNDEFINED_REGISTER), instructions.UNDEFINED)

    def set_reg(self, reg_id: int, value: int) -> None:
        """Write a 64-bit register."""
        self._value.value = value
        ioctl(self._fd, KVM_SET_ONE_REG, abi.ONE_REG.pack(reg_id, ctypes.addressof(self._value)))

    def set_stolen_time(self, address: int) -> None:
        """Give the vCPU a stolen-time structure at a guest address, of which 64 bytes must be free."""
        self._value.value = address
        attr = (0, abi.KVM_ARM_VCPU_PVTIME_CTRL, abi.KVM_ARM_VCPU_PVTIME_IPA, ctypes.addressof(self._value))
        ioctl(self._fd, KVM_SET_DEVICE_ATTR, abi.DEVICE_ATTR.pack(*attr))

    def call(self, conduit: Conduit, call: Call) -> Observation:
        """Make a call. Where that spoils the VM, as the observation says, the next one tells nothing."""
        for number, value in enumerate(call):
            self.set_reg(abi.core_x(number), value)
        self.set_reg(abi.core_x(instructions.CONDUIT_REGISTER), instructions.CONDUITS[conduit])
        signal.setitimer(signal.ITIMER_REAL, FIRST_TICK, TICK)
        try:
            return self._run_to_store(conduit, call.func_id)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def close(self) -> None:
        """Give everything back."""
        self._run.close()
        os.close(self._fd)

    def _run_to_store(self, conduit: Conduit, func_id: int) -> Observation:
        """Follow the call to the guest's store, so that the next one finds the guest at the top of its loop."""
        seen = None
        for _ in range(PATIENCE):
            try:
                ioctl(self._fd, abi.KVM_RUN, 0)
            except InterruptedError:
                if self._is_stopped():
                    return Observation(CallEnd.CPU_OFF)
                continue
            except OSError as error:
                return _failed(f"KVM_RUN answers {errorcode.get(error.errno or 0, error.errno)}")
            (reason,) = abi.EXIT_REASON.unpack_from(self._run)
            if reason == KvmExit.MMIO:
                return self._at_store(seen)
            if reason != KvmExit.HYPERCALL or seen:
                return self._system_event() if reason == KvmExit.SYSTEM_EVENT else _failed(f"exit reason {reason}")
            seen = self._hypercall(conduit, func_id)
        return _failed(f"no end in {PATIENCE * TICK:.0f} s")

    def _at_store(self, seen: Observation | None) -> Observation:
        (address,) = abi.MMIO_EXIT.unpack_from(self._run)
        if address == instructions.DONE:
            return seen or Observation(CallEnd.RETURNED, self._registers())
        return (
            Observation(CallEnd.UNDEFINED) if address == instructions.UNDEFINED else _failed(f"access to 0x{address:x}")
        )

    def _hypercall(self, conduit: Conduit, func_id: int) -> Observation:
        nr, flags = abi.HYPERCALL_EXIT.unpack_from(self._run)
        expected = abi.KVM_HYPERCALL_EXIT_SMC if conduit is Conduit.SMC else 0
        if (nr, flags) == (func_id, expected):
            return Observation(CallEnd.FORWARDED)
        return _failed(f"KVM_EXIT_HYPERCALL with nr 0x{nr:x} and flags 0x{flags:x}")

    def _system_event(self) -> Observation:
        number, flags = abi.SYSTEM_EVENT_EXIT.unpack_from(self._run)
        event = abi.SYSTEM_EVENTS.get(number)
        if event is None:
            return _failed(f"KVM_EXIT_SYSTEM_EVENT of type {number}")
        return Observation(CallEnd.EVENT, self._registers(), event, flag=bool(flags & abi.KVM_SYSTEM_EVENT_FLAG))

    def _registers(self) -> Registers:
        return (self._get_x(0), self._get_x(1), self._get_x(2), self._get_x(3))

    def _get_x(self, number: int) -> int:
        reg = abi.ONE_REG.pack(abi.core_x(number), ctypes.addressof(self._value))
        ioctl(self._fd, abi.KVM_GET_ONE_REG, reg)
        return self._value.value

    def _is_stopped(self) -> bool:
        (state,) = abi.MP_STATE.unpack(ioctl(self._fd, abi.KVM_GET_MP_STATE, bytes(abi.MP_STATE.size)))
        return bool(state == KVM_MP_STATE_STOPPED)


def _failed(detail: str) -> Observation:
    return Observation(CallEnd.FAILED, detail=detail)
