"""The kernel of this machine: VMs on /dev/kvm, each with a page of memory, a vCPU and the filter in question.

Source: Linux 7.3.4 Documentation/virt/kvm/api.rst and Documentation/virt/kvm/devices/vm.rst.
"""

import ctypes
import mmap
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from errno import errorcode
from fcntl import ioctl
from types import FrameType, TracebackType
from typing import Self

from smccc_filter.kvm.machine import Call, Conduit
from smccc_filter.kvm.uapi import (
    KVM_ARM_VM_SMCCC_CTRL,
    KVM_ARM_VM_SMCCC_FILTER,
    KVM_HAS_DEVICE_ATTR,
    KVM_SET_DEVICE_ATTR,
)
from smccc_filter.probe import abi
from smccc_filter.probe.host import UnavailableError, running
from smccc_filter.probe.instructions import GUEST_BASE, image
from smccc_filter.probe.observation import Observation
from smccc_filter.probe.plan import ACCEPTED, ProbeStep, StepKind
from smccc_filter.probe.vcpu import Vcpu

DEVICE = "/dev/kvm"
DEFAULT_IPA_BITS = 40
"""Size of a guest's address space where KVM_CREATE_VM gets 0; a CPU with a smaller one must be asked for that."""
STOLEN_TIME = GUEST_BASE + 1024
"""Guest address of the stolen-time structure, behind the code."""


class LocalKernel:
    """A ``session.AskedKernel``. Use it in a ``with`` statement of the main thread: it takes SIGALRM there."""

    def __init__(self, device: str = DEVICE) -> None:
        """Open ``device``. Raises UnavailableError where there is no KVM with an SMCCC filter behind it."""
        self._vm = -1
        self._vcpu: Vcpu | None = None
        self._page = mmap.mmap(-1, mmap.PAGESIZE)
        self._page[: len(image())] = image()
        self._address = ctypes.addressof(ctypes.c_char.from_buffer(self._page))
        self._kvm = _open(device)
        try:
            with _failures_told():
                self._run_bytes = ioctl(self._kvm, abi.KVM_GET_VCPU_MMAP_SIZE, 0)
                self._vm_type = self._ipa_bits()
                self._create_vm()
                self._require_filter()
        except UnavailableError:
            self._close()
            raise

    def __enter__(self) -> Self:
        """Take SIGALRM, which interrupts calls that wait."""
        self._handler = signal.signal(signal.SIGALRM, _wake)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give everything back."""
        signal.signal(signal.SIGALRM, self._handler)
        self._close()

    def set_up(self, steps: tuple[ProbeStep, ...]) -> tuple[str, ...]:
        """Make a VM in place of the one before, as ``AskedKernel`` has it. Raises UnavailableError without one."""
        with _failures_told():
            self._create_vm()
        return tuple(self._do(step) for step in steps)

    def call(self, conduit: Conduit, call: Call) -> Observation:
        """Let the guest make a call. Raises ValueError before a step has made the vCPU."""
        with _failures_told():
            return self._made().call(conduit, call)

    def _do(self, step: ProbeStep) -> str:
        """Do one step; return what KVM makes of it."""
        try:
            if step.kind is StepKind.CAPABILITY:
                ioctl(self._vm, abi.KVM_ENABLE_CAP, abi.ENABLE_CAP.pack(step.number, 0, 0, 0, 0, 0, b""))
            elif step.kind is StepKind.FILTER:
                return self._insert(step.entries)
            elif step.kind is StepKind.VCPU:
                self._create_vcpu(step.value)
            elif step.kind is StepKind.REGISTER:
                self._made().set_reg(step.number, step.value)
            else:
                self._made().set_stolen_time(STOLEN_TIME)
        except OSError as error:
            return _name(error)
        return ACCEPTED

    def _insert(self, entries: tuple[bytes, ...]) -> str:
        """Insert entries up to the first that KVM refuses."""
        for number, entry in enumerate(entries, 1):
            buffer = ctypes.create_string_buffer(entry, len(entry))
            attr = (0, KVM_ARM_VM_SMCCC_CTRL, KVM_ARM_VM_SMCCC_FILTER, ctypes.addressof(buffer))
            try:
                ioctl(self._vm, KVM_SET_DEVICE_ATTR, abi.DEVICE_ATTR.pack(*attr))
            except OSError as error:
                return f"{_name(error)} for entry {number}"
        return ACCEPTED

    def _ipa_bits(self) -> int:
        """Return the type for KVM_CREATE_VM: 0, or how many bits a guest's addresses can have where those are few."""
        most = ioctl(self._kvm, abi.KVM_CHECK_EXTENSION, abi.KVM_CAP_ARM_VM_IPA_SIZE)
        return most if 0 < most < DEFAULT_IPA_BITS else 0

    def _require_filter(self) -> None:
        attr = abi.DEVICE_ATTR.pack(0, KVM_ARM_VM_SMCCC_CTRL, KVM_ARM_VM_SMCCC_FILTER, 0)
        try:
            ioctl(self._vm, KVM_HAS_DEVICE_ATTR, attr)
        except OSError as error:
            message = f"the running kernel, {running()}, has no SMCCC filter: boot Linux 6.4 or later"
            raise UnavailableError(message) from error

    def _create_vm(self) -> None:
        self._close_vm()
        self._vm = ioctl(self._kvm, abi.KVM_CREATE_VM, self._vm_type)
        region = abi.MEMORY_REGION.pack(0, 0, GUEST_BASE, len(self._page), self._address)
        ioctl(self._vm, abi.KVM_SET_USER_MEMORY_REGION, region)

    def _create_vcpu(self, features: int) -> None:
        self._vcpu = Vcpu(ioctl(self._vm, abi.KVM_CREATE_VCPU, 0), self._run_bytes)
        preferred = ioctl(self._vm, abi.KVM_ARM_PREFERRED_TARGET, bytes(abi.VCPU_INIT.size))
        target, *_ = abi.VCPU_INIT.unpack(preferred)
        self._vcpu.init(abi.VCPU_INIT.pack(target, features, 0, 0, 0, 0, 0, 0))

    def _made(self) -> Vcpu:
        if self._vcpu is None:
            raise ValueError("no step has made the vCPU")
        return self._vcpu

    def _close_vm(self) -> None:
        if self._vcpu is not None:
            self._vcpu.close()
            self._vcpu = None
        if self._vm >= 0:
            os.close(self._vm)
            self._vm = -1

    def _close(self) -> None:
        self._close_vm()
        os.close(self._kvm)


def _open(device: str) -> int:
    try:
        return os.open(device, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        message = (
            f"{device} is missing: boot at EL2 with KVM in the kernel, or in a VM that has EL2; see `dmesg | grep kvm`"
        )
    except PermissionError:
        message = f"no permission to open {device}: run as root, or join the group that owns it (often `kvm`)"
    except OSError as error:
        message = f"can't open {device}: {error.strerror}; see `dmesg | grep kvm`"
    raise UnavailableError(message)


@contextmanager
def _failures_told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UnavailableError(f"KVM fails: {error.strerror}; see `dmesg | grep kvm`") from error


def _wake(_signal: int, _frame: FrameType | None) -> None:
    """Do nothing: that the signal arrives is what ends KVM_RUN."""


def _name(error: OSError) -> str:
    return errorcode.get(error.errno or 0, str(error.errno))
