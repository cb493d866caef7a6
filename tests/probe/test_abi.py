"""The interface of the probe, against Linux's own headers, and its guest against the assembler."""

import subprocess
from pathlib import Path
from struct import Struct

import pytest

from smccc_filter.kvm import arm
from smccc_filter.kvm.machine import SystemEvent
from smccc_filter.probe import abi, instructions
from smccc_filter.probe.local_kernel import STOLEN_TIME
from tests.house.tree import need
from tests.linux_headers import LinuxHeaders

COMPILER = "aarch64-linux-gnu-gcc"

NUMBERS = {
    "KVM_CREATE_VM": abi.KVM_CREATE_VM,
    "KVM_CHECK_EXTENSION": abi.KVM_CHECK_EXTENSION,
    "KVM_GET_VCPU_MMAP_SIZE": abi.KVM_GET_VCPU_MMAP_SIZE,
    "KVM_CREATE_VCPU": abi.KVM_CREATE_VCPU,
    "KVM_SET_USER_MEMORY_REGION": abi.KVM_SET_USER_MEMORY_REGION,
    "KVM_RUN": abi.KVM_RUN,
    "KVM_GET_MP_STATE": abi.KVM_GET_MP_STATE,
    "KVM_ENABLE_CAP": abi.KVM_ENABLE_CAP,
    "KVM_GET_ONE_REG": abi.KVM_GET_ONE_REG,
    "KVM_ARM_VCPU_INIT": abi.KVM_ARM_VCPU_INIT,
    "KVM_ARM_PREFERRED_TARGET": abi.KVM_ARM_PREFERRED_TARGET,
    "KVM_CAP_ARM_VM_IPA_SIZE": abi.KVM_CAP_ARM_VM_IPA_SIZE,
    "KVM_CAP_ARM_SYSTEM_SUSPEND": arm.KVM_CAP_ARM_SYSTEM_SUSPEND,
    **{f"KVM_ARM_VCPU_{feature.name}": feature.bit_length() - 1 for feature in arm.VcpuFeature},
    "KVM_MP_STATE_RUNNABLE": arm.KVM_MP_STATE_RUNNABLE,
    "KVM_ARM_VCPU_PVTIME_CTRL": abi.KVM_ARM_VCPU_PVTIME_CTRL,
    "KVM_ARM_VCPU_PVTIME_IPA": abi.KVM_ARM_VCPU_PVTIME_IPA,
    "KVM_MP_STATE_STOPPED": arm.KVM_MP_STATE_STOPPED,
    "KVM_EXIT_HYPERCALL": abi.KvmExit.HYPERCALL,
    "KVM_EXIT_MMIO": abi.KvmExit.MMIO,
    "KVM_EXIT_SYSTEM_EVENT": abi.KvmExit.SYSTEM_EVENT,
    "KVM_SYSTEM_EVENT_RESET_FLAG_PSCI_RESET2": abi.KVM_SYSTEM_EVENT_FLAG,
    **{f"KVM_SYSTEM_EVENT_{event.name}": number for number, event in abi.SYSTEM_EVENTS.items()},
    "KVM_HYPERCALL_EXIT_SMC": abi.KVM_HYPERCALL_EXIT_SMC,
}

STRUCTURES = {
    "kvm_userspace_memory_region": (
        abi.MEMORY_REGION,
        ("slot", "flags", "guest_phys_addr", "memory_size", "userspace_addr"),
    ),
    "kvm_vcpu_init": (abi.VCPU_INIT, ("target", *(f"features[{number}]" for number in range(7)))),
    "kvm_device_attr": (abi.DEVICE_ATTR, ("flags", "group", "attr", "addr")),
    "kvm_one_reg": (abi.ONE_REG, ("id", "addr")),
    "kvm_enable_cap": (abi.ENABLE_CAP, ("cap", "flags", "args[0]", "args[1]", "args[2]", "args[3]", "pad")),
    "kvm_mp_state": (abi.MP_STATE, ("mp_state",)),
}

RUN = (
    (abi.EXIT_REASON, 0, "offsetof(struct kvm_run, exit_reason)"),
    (abi.HYPERCALL_EXIT, 0, "offsetof(struct kvm_run, hypercall.nr)"),
    (abi.HYPERCALL_EXIT, 1, "offsetof(struct kvm_run, hypercall.flags)"),
    (abi.MMIO_EXIT, 0, "offsetof(struct kvm_run, mmio.phys_addr)"),
    (abi.SYSTEM_EVENT_EXIT, 0, "offsetof(struct kvm_run, system_event.type)"),
    (abi.SYSTEM_EVENT_EXIT, 1, "offsetof(struct kvm_run, system_event.flags)"),
)
"""A layout of part of ``struct kvm_run``, the field's place in it, and where the field is in C."""


def offset(layout: Struct, index: int) -> int:
    """Return where a field begins: the only one that changes when one byte of the packed structure does."""
    for at in range(layout.size):
        data = bytearray(layout.size)
        data[at] = 1
        if layout.unpack(data)[index] not in {0, b"", bytes(64)}:
            return at
    raise AssertionError((layout.format, index))


def assertion(expression: str, value: int) -> str:
    return f'_Static_assert({expression} == {value}ull, "{expression}");\n'


def compiled(text: str, folder: Path, linux_headers: LinuxHeaders) -> None:
    source = folder / "assertions.c"
    source.write_text(f"#include <linux/kvm.h>\n#include <stddef.h>\n{text}", encoding="ascii")
    command = [need(COMPILER), "-std=gnu11", "-Wall", "-Werror", "-fsyntax-only", *linux_headers.include(), source]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr


def test_numbers_are_those_of_the_headers(linux_headers: LinuxHeaders, tmp_path: Path) -> None:
    compiled("".join(assertion(name, value) for name, value in NUMBERS.items()), tmp_path, linux_headers)


def test_structures_are_those_of_the_headers(linux_headers: LinuxHeaders, tmp_path: Path) -> None:
    lines = []
    for name, (layout, fields) in STRUCTURES.items():
        lines.append(assertion(f"sizeof(struct {name})", layout.size))
        lines += [
            assertion(f"offsetof(struct {name}, {field})", offset(layout, index)) for index, field in enumerate(fields)
        ]
        assert len(layout.unpack(bytes(layout.size))) == len(fields)
    lines += [assertion(expression, offset(layout, index)) for layout, index, expression in RUN]
    compiled("".join(lines), tmp_path, linux_headers)


@pytest.mark.parametrize("number", [0, 3, 7, 30])
def test_registers_are_those_of_the_headers(linux_headers: LinuxHeaders, tmp_path: Path, number: int) -> None:
    core = f"(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | KVM_REG_ARM_CORE_REG(regs.regs[{number}]))"
    compiled(assertion(core, abi.core_x(number)), tmp_path, linux_headers)


def test_every_event_of_the_model_is_known() -> None:
    assert set(abi.SYSTEM_EVENTS.values()) == set(SystemEvent)


SOURCE = f"""\
loop:
	cbnz	x{instructions.CONDUIT_REGISTER}, secure
	hvc	#0
	b	store
secure:
	smc	#0
store:
	str	xzr, [x{instructions.DONE_REGISTER}]
	b	loop
	.org	{instructions.CURRENT_EL_SYNC}
	str	xzr, [x{instructions.UNDEFINED_REGISTER}]
	b	.
"""


def test_the_guest_is_what_the_assembler_makes_of_its_text(tmp_path: Path) -> None:
    source, elf, raw = (tmp_path / name for name in ("guest.s", "guest.o", "guest.bin"))
    source.write_text(SOURCE, encoding="ascii")
    subprocess.run([need("aarch64-linux-gnu-as"), "-o", elf, source], check=True)
    subprocess.run([need("aarch64-linux-gnu-objcopy"), "-O", "binary", "-j", ".text", elf, raw], check=True)
    assert instructions.image() == raw.read_bytes()


def test_the_comments_say_what_the_assembler_shows(tmp_path: Path) -> None:
    raw = tmp_path / "guest.bin"
    raw.write_bytes(instructions.image())
    command = [need("aarch64-linux-gnu-objdump"), "-D", "-b", "binary", "-m", "aarch64", "-z", str(raw)]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    listing = Path(instructions.__file__).read_text(encoding="utf-8")
    words = (*instructions.LOOP, *instructions.VECTOR)
    commented = [line.split("#", 1)[1].split() for line in listing.splitlines() if "  # 0x" in line]
    assert len(commented) == len(words)
    for word, (at, *said) in zip(words, commented, strict=True):
        line = next(line.split("\t") for line in shown.splitlines() if line.strip().startswith(f"{int(at, 16):x}:"))
        assert int(line[1], 16) == word
        expected = " ".join(said).replace("#0x0", "#0")
        assert " ".join(line[2:]).replace("#0x0", "#0").strip() == _hexadecimal(expected)


def _hexadecimal(text: str) -> str:
    """Write addresses of branches as objdump does, without leading zeros."""
    return " ".join(f"0x{int(word, 16):x}" if word.startswith("0x") else word for word in text.split())


def test_the_parts_of_the_page_do_not_meet() -> None:
    assert len(instructions.LOOP) * 4 <= instructions.CURRENT_EL_SYNC
    assert len(instructions.image()) <= STOLEN_TIME
    assert STOLEN_TIME % 64 == 0
    assert min(instructions.DONE, instructions.UNDEFINED) >= instructions.GUEST_BASE + (1 << 16)
