from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from smccc_filter.kvm import uapi
from smccc_filter.kvm.uapi import (
    FIRMWARE_REGISTERS,
    HOST_CPU_REGISTERS,
    KVM_SMCCC_FILTER,
    ONE_REG,
    PSCI_REGISTER,
    PSCI_VERSIONS,
    REGISTER_OF_ID,
    REGISTER_OF_KEY,
    WRITABLE_REGISTERS,
    Action,
    FirmwareRegister,
    SmcccFilterAction,
)
from tests.artefacts.backends.tools import run, tool
from tests.linux_headers import LinuxHeaders
from tests.smccc.registry.facts import facts

FACTS = cast("dict[str, Any]", facts())
UAPI = FACTS["uapi"]
REGISTERS = {row["name"]: int(row["id"], 16) for row in FACTS["kvm"]["registers"]}
NUMBERS = {name: value if isinstance(value, int) else value.split()[0] for name, value in UAPI["numbers"].items()}

KVMIO = 0xAE
IOC_WRITE = 1


def iow(number: int, size: int) -> int:
    """Return ``_IOW(KVMIO, number, a struct of size bytes)`` of Linux include/uapi/asm-generic/ioctl.h."""
    return IOC_WRITE << 30 | size << 16 | KVMIO << 8 | number


def test_layout_of_a_filter_entry_is_the_kernels() -> None:
    layout = UAPI["kvm_smccc_filter"]
    offsets = {field["name"]: field["offset"] for field in layout["fields"]}
    data = KVM_SMCCC_FILTER.pack(0x11111111, 0x22222222, 0x33, b"\x44" * 15)
    assert len(data) == layout["size"] == 24
    found = {name: data.index(byte) for name, byte in zip(offsets, b"\x11\x22\x33\x44", strict=True)}
    assert found == offsets


def test_filter_entries_are_little_endian_on_every_host() -> None:
    assert KVM_SMCCC_FILTER.pack(0x84000003, 1, 2, b"").hex() == "030000840100000002" + "00" * 15
    assert ONE_REG.pack(0x6030000000160000, 1).hex() == "00001600000030600100000000000000"


def test_actions_are_numbered_as_the_kernel_does() -> None:
    assert {action.name: int(action) for action in SmcccFilterAction} == UAPI["kvm_smccc_filter"]["actions"]


def test_every_action_has_a_number_and_comes_back_from_it() -> None:
    assert list(uapi.KVM_ACTION) == list(Action)
    assert {uapi.ACTION_OF_KVM[number]: number for number in SmcccFilterAction} == uapi.KVM_ACTION
    assert uapi.KVM_ACTION[Action.FORWARD] is SmcccFilterAction.FWD_TO_USER


@pytest.mark.parametrize(
    "name",
    [
        "KVM_ARM_VM_SMCCC_CTRL",
        "KVM_ARM_VM_SMCCC_FILTER",
        "KVM_SET_DEVICE_ATTR",
        "KVM_HAS_DEVICE_ATTR",
        "KVM_SET_ONE_REG",
    ],
)
def test_number_is_the_facts(name: str) -> None:
    said = NUMBERS[name]
    assert getattr(uapi, name) == (said if isinstance(said, int) else int(said, 16))


@pytest.mark.parametrize(
    ("number", "made_of"),
    [
        (uapi.KVM_SET_DEVICE_ATTR, iow(0xE1, UAPI["kvm_device_attr"]["size"])),
        (uapi.KVM_HAS_DEVICE_ATTR, iow(0xE3, UAPI["kvm_device_attr"]["size"])),
        (uapi.KVM_SET_ONE_REG, iow(0xAC, ONE_REG.size)),
    ],
)
def test_ioctl_number_carries_the_size_of_its_struct(number: int, made_of: int) -> None:
    assert number == made_of


def test_firmware_registers_are_the_facts() -> None:
    bitmaps = {name: number for name, number in REGISTERS.items() if "BMAP" in name}
    assert {register.macro: register.id for register in FIRMWARE_REGISTERS} == bitmaps
    assert REGISTERS[PSCI_REGISTER.macro] == PSCI_REGISTER.id == uapi.KVM_REG_ARM_PSCI_VERSION
    assert {register.macro for register in WRITABLE_REGISTERS} == {PSCI_REGISTER.macro, *bitmaps}


def test_registers_and_bits_have_one_name_each() -> None:
    keys = [register.key for register in WRITABLE_REGISTERS]
    bits = [bit for register in FIRMWARE_REGISTERS for bit in register.bits]
    assert len(set(keys + bits)) == len(keys + bits)


@pytest.mark.parametrize("register", WRITABLE_REGISTERS, ids=lambda register: register.key)
def test_a_value_is_said_in_words_and_read_back(register: FirmwareRegister) -> None:
    values = range(1 << len(register.bits)) if register.bits else PSCI_VERSIONS.values()
    for value in values:
        words = register.words_of(value)
        assert words is not None
        assert register.value_of(words) == register.value_of([*words, *words]) == value
    for value in (max(values) + 1, 1 << 32, 1 << 63):
        assert register.words_of(value) is None
    with pytest.raises(KeyError):
        register.value_of(("nothing",))


def test_registers_that_the_host_decides_are_no_policys() -> None:
    for number in (1, 2, 3):
        assert REGISTERS[f"KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_{number}"] == HOST_CPU_REGISTERS[number - 1]
    assert len(HOST_CPU_REGISTERS) == 3
    assert not REGISTER_OF_ID.keys() & set(HOST_CPU_REGISTERS)


@pytest.mark.parametrize(("version", "value"), PSCI_VERSIONS.items())
def test_psci_version_is_major_and_minor_in_sixteen_bits_each(version: str, value: int) -> None:
    major, minor = version.split(".")
    assert value == int(major) << 16 | int(minor)


def compile_for_arm64(tmp_path: Path, source: str, linux_headers: LinuxHeaders) -> None:
    compiler = tool("aarch64-linux-gnu-gcc")
    (tmp_path / "abi.c").write_text(source)
    flags = ("-std=c11", "-Wall", "-Werror", "-fsyntax-only", *linux_headers.include())
    run(compiler, *flags, tmp_path / "abi.c")


def asserts(values: Mapping[str, int]) -> str:
    return "".join(f'_Static_assert({what} == {value:#x}, "{what}");\n' for what, value in values.items())


def offsets_in(struct: str) -> dict[str, int]:
    fields = UAPI["kvm_smccc_filter"]["fields"]
    return {f"__builtin_offsetof({struct}, {field['name']})": field["offset"] for field in fields}


def test_compiler_lays_the_entry_out_as_it_is_packed(linux_headers: LinuxHeaders, tmp_path: Path) -> None:
    members = ""
    for field in UAPI["kvm_smccc_filter"]["fields"]:
        element, bracket, count = field["type"].partition("[")
        members += f"{element} {field['name']}{bracket}{count}; "
    layout = asserts({"sizeof(struct entry)": KVM_SMCCC_FILTER.size, **offsets_in("struct entry")})
    compile_for_arm64(tmp_path, f"#include <linux/types.h>\nstruct entry {{ {members}}};\n{layout}", linux_headers)


BITS = {
    "KVM_REG_ARM_STD_BIT_TRNG_V1_0": ("std", "trng"),
    "KVM_REG_ARM_STD_HYP_BIT_PV_TIME": ("std_hyp", "pv_time"),
    "KVM_REG_ARM_VENDOR_HYP_BIT_FUNC_FEAT": ("vendor_hyp", "func_feat"),
    "KVM_REG_ARM_VENDOR_HYP_BIT_PTP": ("vendor_hyp", "ptp"),
    "KVM_REG_ARM_VENDOR_HYP_BIT_DISCOVER_IMPL_VER": ("vendor_hyp_2", "discover_impl_ver"),
    "KVM_REG_ARM_VENDOR_HYP_BIT_DISCOVER_IMPL_CPUS": ("vendor_hyp_2", "discover_impl_cpus"),
}
"""A bit's name in Linux, the register that has it, and its name in a policy."""


def test_every_bit_has_a_name_in_linux() -> None:
    assert [*BITS.values()] == [(register.key, bit) for register in FIRMWARE_REGISTERS for bit in register.bits]


def test_linux_says_the_same(linux_headers: LinuxHeaders, tmp_path: Path) -> None:
    values = {
        "sizeof(struct kvm_smccc_filter)": KVM_SMCCC_FILTER.size,
        **offsets_in("struct kvm_smccc_filter"),
        **{f"KVM_SMCCC_FILTER_{action.name}": int(action) for action in SmcccFilterAction},
        "sizeof(struct kvm_device_attr)": UAPI["kvm_device_attr"]["size"],
        "sizeof(struct kvm_one_reg)": ONE_REG.size,
        "KVM_SET_DEVICE_ATTR": uapi.KVM_SET_DEVICE_ATTR,
        "KVM_HAS_DEVICE_ATTR": uapi.KVM_HAS_DEVICE_ATTR,
        "KVM_SET_ONE_REG": uapi.KVM_SET_ONE_REG,
        "KVM_ARM_VM_SMCCC_CTRL": uapi.KVM_ARM_VM_SMCCC_CTRL,
        "KVM_ARM_VM_SMCCC_FILTER": uapi.KVM_ARM_VM_SMCCC_FILTER,
        "KVM_REG_ARM_PSCI_VERSION": uapi.KVM_REG_ARM_PSCI_VERSION,
        **{register.macro: register.id for register in FIRMWARE_REGISTERS},
        **{macro: REGISTER_OF_KEY[key].bits.index(bit) for macro, (key, bit) in BITS.items()},
    }
    compile_for_arm64(tmp_path, f"#include <linux/kvm.h>\n{asserts(values)}", linux_headers)
