"""The side of /dev/kvm, with ioctls that a script answers: what real hardware does is for test_live.py."""

import ctypes
import errno
import mmap
import os
import signal
import struct
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from smccc_filter.kvm import arm
from smccc_filter.kvm.machine import NOT_SUPPORTED, Call, Conduit, SystemEvent
from smccc_filter.kvm.uapi import KVM_HAS_DEVICE_ATTR, KVM_SET_DEVICE_ATTR, KVM_SET_ONE_REG
from smccc_filter.probe import abi, instructions
from smccc_filter.probe.host import UnavailableError
from smccc_filter.probe.local_kernel import LocalKernel
from smccc_filter.probe.observation import CallEnd, Observation
from smccc_filter.probe.plan import ACCEPTED, ProbeStep, StepKind

VCPU = ProbeStep(StepKind.VCPU, "vCPU", value=4)
REGISTER = ProbeStep(StepKind.REGISTER, "register", number=0x6030_0000_0014_0000, value=0x1_0001)
FUNC_ID = 0x8400_0003
RUN_BYTES = 8192


class Script:
    """A kernel whose every ioctl succeeds, but for those in ``errors``; ``runs`` are what KVM_RUN does in turn."""

    def __init__(self) -> None:
        self.errors: dict[int, int] = {}
        self.most_ipa_bits = 48
        self.runs: list[Callable[[], None]] = []
        self.registers: dict[int, int] = {}
        self.stopped = False
        self.calls: list[int] = []
        self.entries: list[bytes] = []
        self.vm_types: list[int] = []
        self.initialised: tuple[int, ...] = ()
        self.enabled: tuple[int, ...] = ()
        self.stolen_time = 0
        self.region: tuple[int, ...] = ()
        self.run = mmap.mmap(-1, RUN_BYTES)

    def ioctl(self, _fd: int, request: int, argument: bytes | int = 0) -> int | bytes:
        self.calls.append(request)
        if request in self.errors:
            raise OSError(self.errors[request], os.strerror(self.errors[request]))
        if isinstance(argument, int):
            return self.number(request, argument)
        return self.structure(request, argument)

    def number(self, request: int, argument: int) -> int:
        if request == abi.KVM_CREATE_VM:
            self.vm_types.append(argument)
        elif request == abi.KVM_RUN:
            self.runs.pop(0)()
        elif request == abi.KVM_CREATE_VCPU:
            fd = os.memfd_create("vcpu")
            os.ftruncate(fd, RUN_BYTES)
            self.run = mmap.mmap(fd, RUN_BYTES)
            return fd
        elif request == abi.KVM_GET_VCPU_MMAP_SIZE:
            return RUN_BYTES
        elif request == abi.KVM_CHECK_EXTENSION:
            return self.most_ipa_bits
        return os.open(os.devnull, os.O_RDONLY) if request == abi.KVM_CREATE_VM else 0

    def structure(self, request: int, argument: bytes) -> bytes:
        if request == KVM_SET_ONE_REG:
            reg_id, address = abi.ONE_REG.unpack(argument)
            self.registers[reg_id] = ctypes.c_uint64.from_address(address).value
        elif request == abi.KVM_GET_ONE_REG:
            reg_id, address = abi.ONE_REG.unpack(argument)
            ctypes.c_uint64.from_address(address).value = self.registers[reg_id]
        elif request == abi.KVM_GET_MP_STATE:
            return abi.MP_STATE.pack(arm.KVM_MP_STATE_STOPPED if self.stopped else 0)
        elif request == abi.KVM_ARM_PREFERRED_TARGET:
            return abi.VCPU_INIT.pack(5, *range(7))
        elif request == abi.KVM_ARM_VCPU_INIT:
            self.initialised = abi.VCPU_INIT.unpack(argument)
        elif request == abi.KVM_ENABLE_CAP:
            self.enabled = abi.ENABLE_CAP.unpack(argument)[:6]
        elif request == abi.KVM_SET_USER_MEMORY_REGION:
            self.region = abi.MEMORY_REGION.unpack(argument)
        elif request == KVM_SET_DEVICE_ATTR:
            self.attribute(*abi.DEVICE_ATTR.unpack(argument))
        return argument

    def attribute(self, flags: int, group: int, attr: int, address: int) -> None:
        assert (flags, attr) == (0, 0)
        if group == abi.KVM_ARM_VCPU_PVTIME_CTRL:
            self.stolen_time = ctypes.c_uint64.from_address(address).value
            return
        entry = ctypes.string_at(address, 24)
        if entry in self.entries:
            raise OSError(errno.EEXIST, "")
        self.entries.append(entry)

    def exits(self, reason: int, layout: struct.Struct | None = None, *values: int) -> None:
        """Let the next KVM_RUN return with an exit."""
        self.runs.append(partial(self.leave, reason, layout, values))

    def leave(self, reason: int, layout: struct.Struct | None, values: tuple[int, ...]) -> None:
        self.run[:] = bytes(RUN_BYTES)
        if layout:
            packed = layout.pack(*values)
            self.run[: len(packed)] = packed
        self.run[8:12] = struct.pack("<I", reason)

    def fails(self, number: int) -> None:
        """Let the next KVM_RUN fail."""

        def fail() -> None:
            raise OSError(number, os.strerror(number))

        self.runs.append(fail)

    def done(self, *registers: int) -> None:
        """Let the next KVM_RUN reach the guest's store, with X0 to X3."""

        def reach() -> None:
            self.registers |= {abi.core_x(number): value for number, value in enumerate(registers)}
            self.leave(abi.KvmExit.MMIO, abi.MMIO_EXIT, (instructions.DONE,))

        self.runs.append(reach)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Script:
    made = Script()
    monkeypatch.setattr("smccc_filter.probe.local_kernel.ioctl", made.ioctl)
    monkeypatch.setattr("smccc_filter.probe.vcpu.ioctl", made.ioctl)
    return made


@pytest.fixture
def kvm(script: Script) -> Iterator[LocalKernel]:
    assert script.calls == []
    with LocalKernel(os.devnull) as opened:
        yield opened


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def call(kvm: LocalKernel, conduit: Conduit = Conduit.HVC) -> Observation:
    kvm.set_up((VCPU,))
    return kvm.call(conduit, Call(FUNC_ID, 1, 2, 3))


def test_a_vm_is_made_as_the_steps_say(kvm: LocalKernel, script: Script) -> None:
    steps = (
        ProbeStep(StepKind.CAPABILITY, "capability", number=arm.KVM_CAP_ARM_SYSTEM_SUSPEND),
        ProbeStep(StepKind.FILTER, "filter", entries=(bytes(24), bytes([1] * 24))),
        VCPU,
        REGISTER,
        ProbeStep(StepKind.STOLEN_TIME, "stolen time"),
    )
    assert kvm.set_up(steps) == (ACCEPTED,) * 5
    assert script.enabled == (arm.KVM_CAP_ARM_SYSTEM_SUSPEND, 0, 0, 0, 0, 0)
    assert script.entries == [bytes(24), bytes([1] * 24)]
    assert script.initialised == (5, 4, 0, 0, 0, 0, 0, 0)
    assert script.registers[REGISTER.number] == REGISTER.value
    assert script.registers[abi.core_x(instructions.DONE_REGISTER)] == instructions.DONE
    assert script.registers[abi.core_x(instructions.UNDEFINED_REGISTER)] == instructions.UNDEFINED
    assert script.stolen_time == 1024
    slot, flags, base, size, address = script.region
    assert (slot, flags, base, size) == (0, 0, instructions.GUEST_BASE, mmap.PAGESIZE)
    assert ctypes.string_at(address, len(instructions.image())) == instructions.image()


def test_a_refused_step_is_told_by_its_errno(kvm: LocalKernel, script: Script) -> None:
    script.errors = {abi.KVM_ENABLE_CAP: errno.EINVAL}
    steps = (
        ProbeStep(StepKind.CAPABILITY, "capability"),
        ProbeStep(StepKind.FILTER, "filter", entries=(bytes(24),) * 2),
        VCPU,
    )
    assert kvm.set_up(steps) == ("EINVAL", "EEXIST for entry 2", ACCEPTED)


@pytest.mark.parametrize(("most", "asked"), [(0, 0), (36, 36), (39, 39), (40, 0), (48, 0)])
def test_addresses_are_as_few_bits_as_the_cpu_has(script: Script, most: int, asked: int) -> None:
    script.most_ipa_bits = most
    with LocalKernel(os.devnull):
        assert script.vm_types == [asked]


def test_the_registers_hold_the_call(kvm: LocalKernel, script: Script) -> None:
    script.done(NOT_SUPPORTED, 0, 0, 0)
    script.registers[abi.core_x(4)] = 77
    assert call(kvm, Conduit.SMC) == Observation(CallEnd.RETURNED, (NOT_SUPPORTED, 0, 0, 0))
    assert [script.registers[abi.core_x(number)] for number in (4, 5)] == [77, 1]


@pytest.mark.parametrize("conduit", Conduit)
def test_a_forwarded_call_ends_at_the_store(kvm: LocalKernel, script: Script, conduit: Conduit) -> None:
    script.exits(abi.KvmExit.HYPERCALL, abi.HYPERCALL_EXIT, FUNC_ID, conduit is Conduit.SMC)
    script.done(1, 2, 3, 4)
    assert call(kvm, conduit) == Observation(CallEnd.FORWARDED)
    assert script.runs == []


@pytest.mark.parametrize(("nr", "flags"), [(FUNC_ID + 1, 0), (FUNC_ID, 1)])
def test_another_call_is_no_forwarded_one(kvm: LocalKernel, script: Script, nr: int, flags: int) -> None:
    script.exits(abi.KvmExit.HYPERCALL, abi.HYPERCALL_EXIT, nr, flags)
    script.done(1, 2, 3, 4)
    seen = call(kvm)
    assert (seen.end, seen.detail) == (CallEnd.FAILED, f"KVM_EXIT_HYPERCALL with nr 0x{nr:x} and flags 0x{flags:x}")
    assert seen.spoils


@pytest.mark.parametrize(
    ("number", "flags", "event", "flag"),
    [(1, 0, SystemEvent.SHUTDOWN, False), (2, 1, SystemEvent.RESET, True), (5, 0, SystemEvent.SUSPEND, False)],
)
def test_a_system_event(  # noqa: PLR0917 - fixtures and a case
    kvm: LocalKernel,
    script: Script,
    number: int,
    flags: int,
    event: SystemEvent,
    flag: bool,  # noqa: FBT001 - a case
) -> None:
    script.exits(abi.KvmExit.SYSTEM_EVENT, abi.SYSTEM_EVENT_EXIT, number, flags)
    assert call(kvm) == Observation(CallEnd.EVENT, (FUNC_ID, 1, 2, 3), event, flag)


def test_a_stopped_vcpu_is_off(kvm: LocalKernel, script: Script) -> None:
    script.fails(errno.EINTR)
    script.stopped = True
    assert call(kvm) == Observation(CallEnd.CPU_OFF)


def test_an_interrupted_call_goes_on(kvm: LocalKernel, script: Script) -> None:
    script.fails(errno.EINTR)
    script.fails(errno.EINTR)
    script.done(0, 0, 0, 0)
    assert call(kvm) == Observation(CallEnd.RETURNED, (0, 0, 0, 0))


def test_a_call_without_end_is_given_up(kvm: LocalKernel, script: Script) -> None:
    for _ in range(600):
        script.fails(errno.EINTR)
    assert call(kvm) == Observation(CallEnd.FAILED, detail="no end in 5 s")


@pytest.mark.parametrize(
    ("reason", "layout", "values", "seen"),
    [
        (17, None, (), Observation(CallEnd.FAILED, detail="exit reason 17")),
        (abi.KvmExit.MMIO, abi.MMIO_EXIT, (instructions.UNDEFINED,), Observation(CallEnd.UNDEFINED)),
        (abi.KvmExit.MMIO, abi.MMIO_EXIT, (0x9000,), Observation(CallEnd.FAILED, detail="access to 0x9000")),
        (
            abi.KvmExit.SYSTEM_EVENT,
            abi.SYSTEM_EVENT_EXIT,
            (3, 0),
            Observation(CallEnd.FAILED, detail="KVM_EXIT_SYSTEM_EVENT of type 3"),
        ),
    ],
)
def test_another_exit(  # noqa: PLR0917 - fixtures and a case
    kvm: LocalKernel,
    script: Script,
    reason: int,
    layout: struct.Struct | None,
    values: tuple[int, ...],
    seen: Observation,
) -> None:
    script.exits(reason, layout, *values)
    assert call(kvm) == seen


def test_a_failure_of_kvm_run_is_seen(kvm: LocalKernel, script: Script) -> None:
    script.fails(errno.EFAULT)
    assert call(kvm) == Observation(CallEnd.FAILED, detail="KVM_RUN answers EFAULT")


def test_a_new_vm_takes_the_place_of_the_one_before(kvm: LocalKernel, script: Script) -> None:
    counts = []
    for _ in range(3):
        script.done(0, 0, 0, 0)
        call(kvm)
        counts.append(open_files())
    assert len(script.vm_types) == 4
    assert len(set(counts)) == 1


def test_the_timer_and_its_signal_are_given_back(script: Script) -> None:
    before = signal.getsignal(signal.SIGALRM)
    with LocalKernel(os.devnull) as opened:
        script.done(0, 0, 0, 0)
        call(opened)
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before


def test_a_call_needs_a_vcpu(kvm: LocalKernel) -> None:
    with pytest.raises(ValueError, match="no step has made the vCPU"):
        kvm.call(Conduit.HVC, Call(FUNC_ID))


@pytest.mark.parametrize(
    ("request_", "error", "message"),
    [
        (KVM_HAS_DEVICE_ATTR, errno.ENXIO, r"the running kernel, \S+, has no SMCCC filter: boot Linux 6.4 or later"),
        (abi.KVM_CREATE_VM, errno.ENOMEM, "KVM fails: Cannot allocate memory; see `dmesg | grep kvm`"),
        (abi.KVM_GET_VCPU_MMAP_SIZE, errno.ENOTTY, "KVM fails: Inappropriate ioctl for device"),
    ],
)
def test_a_kernel_that_can_not_be_asked(script: Script, request_: int, error: int, message: str) -> None:
    script.errors = {request_: error}
    before = open_files()
    with pytest.raises(UnavailableError, match=message.replace("|", r"\|")):
        LocalKernel(os.devnull)
    assert open_files() == before


def test_a_vm_that_is_refused_later_is_told_too(kvm: LocalKernel, script: Script) -> None:
    script.errors = {abi.KVM_CREATE_VM: errno.ENOMEM}
    with pytest.raises(UnavailableError, match="KVM fails: Cannot allocate memory"):
        kvm.set_up((VCPU,))


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (errno.ENOENT, "is missing: boot at EL2"),
        (errno.EACCES, "no permission to open .*: run as root, or join the group"),
        (errno.ENODEV, "can't open .*: No such device"),
    ],
)
def test_a_device_that_does_not_open(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: int, message: str) -> None:
    def refuse(*_: object) -> int:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr("smccc_filter.probe.local_kernel.os.open", refuse)
    with pytest.raises(UnavailableError, match=message):
        LocalKernel(str(tmp_path / "kvm"))
