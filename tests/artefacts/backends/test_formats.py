import json
import struct

import pytest
from hypothesis import given

from smccc_filter import __version__
from smccc_filter.artefacts.backends import FORMAT_OF_SUFFIX, FORMATS, backend, format_of_suffix
from smccc_filter.artefacts.backends.program import CompiledPolicy, DecodedArtefact
from tests.artefacts.backends.programs import (
    KVMTOOL,
    LOCKDOWN,
    NOTHING,
    PROGRAMS,
    REGISTERS_ONLY,
    programs,
)

CARRIES = {"blob": (True, False), "regs": (False, True), "c": (True, True), "rust": (True, True), "json": (True, True)}


def expected(program: CompiledPolicy, name: str) -> DecodedArtefact:
    entries, registers = CARRIES[name]
    return DecodedArtefact(
        program.entries if entries else None,
        tuple((register.id, register.value) for register in program.registers) if registers else None,
        None if name in {"blob", "regs"} else program.name,
    )


@pytest.mark.parametrize("name", FORMATS)
@given(program=programs())
def test_decoding_gives_back_what_was_emitted(name: str, program: CompiledPolicy) -> None:
    form = backend(name)
    assert form.decode(form.emit(program)) == expected(program, name)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_chosen_programs_decode_to_themselves(name: str, program: CompiledPolicy) -> None:
    form = backend(name)
    assert form.decode(form.emit(program)) == expected(program, name)


@pytest.mark.parametrize("name", FORMATS)
def test_a_backend_says_what_it_is(name: str) -> None:
    form = backend(name)
    assert name == form.FORMAT
    assert all(format_of_suffix(suffix) == name for suffix in form.SUFFIXES)
    assert form.BINARY is (name in {"blob", "regs"})


def test_every_suffix_belongs_to_one_backend() -> None:
    assert {suffix: name for name in FORMATS for suffix in backend(name).SUFFIXES} == FORMAT_OF_SUFFIX
    assert format_of_suffix(".H") == "c"
    assert format_of_suffix(".txt") is None
    assert format_of_suffix("") is None


def test_no_other_format() -> None:
    with pytest.raises(KeyError):
        backend("toml")


@pytest.mark.parametrize("name", ["c", "rust", "json"])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_text_is_ascii_in_lines_of_at_most_120(name: str, program: CompiledPolicy) -> None:
    text = backend(name).emit(program).decode("ascii")
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "@" not in text
    for line in text.splitlines():
        assert len(line) <= 120, line
        assert line == line.rstrip()


def test_blob_is_what_the_ioctl_takes() -> None:
    assert backend("blob").emit(KVMTOOL) == bytes.fromhex(
        "00000084 20000000 02 000000000000000000000000000000"
        "5ebac195 04000000 01 000000000000000000000000000000"
        "000000c4 20000000 02 000000000000000000000000000000"
    )
    assert backend("blob").emit(NOTHING) == b""


def test_regs_is_pairs_of_little_endian_u64() -> None:
    assert backend("regs").emit(REGISTERS_ONLY) == struct.pack(
        "<10Q",
        *(0x6030_0000_0014_0000, 0x1_0001),
        *(0x6030_0000_0016_0000, 0),
        *(0x6030_0000_0016_0001, 1),
        *(0x6030_0000_0016_0002, 3),
        *(0x6030_0000_0016_0003, 2),
    )


def test_json_is_exactly_this() -> None:
    assert backend("json").emit(LOCKDOWN).decode() == (
        "{\n"
        '  "version": 1,\n'
        '  "name": "psci",\n'
        '  "tool": "smccc-filter",\n'
        f'  "tool_version": "{__version__}",\n'
        '  "filter": [\n'
        '    {"base": "0x00000000", "nr_functions": 2147483648, "action": "deny"},\n'
        '    {"base": "0x80010000", "nr_functions": 1073676288, "action": "deny"},\n'
        '    {"base": "0xC0010000", "nr_functions": 1073676288, "action": "deny"}\n'
        "  ],\n"
        '  "registers": [\n'
        '    {"name": "KVM_REG_ARM_VENDOR_HYP_BMAP", "id": "0x6030000000160002", "value": "0x0"}\n'
        "  ]\n"
        "}\n"
    )
    assert json.loads(backend("json").emit(NOTHING))["filter"] == []


BLOB = backend("blob").emit(KVMTOOL)


@pytest.mark.parametrize("data", [BLOB[:-1], BLOB + b"\0", BLOB[:8] + b"\3" + BLOB[9:], BLOB[:23] + b"\1" + BLOB[24:]])
def test_blob_that_was_not_emitted_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"entries|padding|SmcccFilterAction"):
        backend("blob").decode(data)


def test_regs_that_were_not_emitted_are_refused() -> None:
    with pytest.raises(ValueError, match="registers"):
        backend("regs").decode(backend("regs").emit(LOCKDOWN)[:-8])


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("json", '"version": 1', '"version": 2'),
        ("json", '"name": "psci"', '"nom": "psci"'),
        ("json", '"name": "psci"', '"name": "psci", "more": 1'),
        ("json", '"name": "psci"', '"name": "psci", "name": "psci"'),
        ("json", '"deny"', '"allow"'),
        ("json", "2147483648", "true"),
        ("json", "2147483648", "4294967296"),
        ("json", "2147483648", "-1"),
        ("json", '"0x80010000"', '"80010000"'),
        ("json", '"0x80010000"', '"0x-1"'),
        ("json", '"0x80010000"', '"0x180010000"'),
        ("json", '"0x80010000"', "2147549184"),
        ("json", '"0x0"', '"0x"'),
        ("json", '"value"', '"was"'),
        ("json", "}\n", ""),
        ("c", "PSCI_FILTER_COUNT 3U", "PSCI_FILTER_COUNT 2U"),
        ("c", "PSCI_REGISTER_COUNT 1U", "PSCI_REGISTER_COUNT 0U"),
        ("c", "#define PSCI_FILTER_COUNT 3U", ""),
        ("c", "0x80010000U", "0x80010000"),
        ("c", "0x80010000U", "0x180010000U"),
        ("c", "0x80010000U", "-1"),
        ("c", "{ 0 } },", "{ 1 } },"),
        ("c", "PSCI_ACTION_DENY 1U", "PSCI_ACTION_DENY 3U"),
        ("c", "PSCI_ACTION_DENY 1U", "PSCI_ACTION_DENIED 1U"),
        ("c", "0x0ULL },", "0x0ULL, 0 },"),
        ("c", "psci_filter[PSCI_FILTER_COUNT]", "psci_filter[PSCI_REGISTER_COUNT]"),
        ("rust", "[Entry; 3]", "[Entry; 2]"),
        ("rust", "(u64, u64); 1]", "(u64, u64); 2]"),
        ("rust", "pub const FILTER", "pub static FILTER"),
        ("rust", "0x8001_0000", "0x8001_00000"),
        ("rust", "0x8001_0000", "base"),
        ("rust", "FILTER_DENY: u8 = 1", "FILTER_DENY: u8 = 3"),
        ("rust", "FILTER_DENY: u8 = 1", "FILTER_DENY: u16 = 1"),
        ("rust", ", 0x0),", ", 0x0, 0),"),
    ],
)
def test_text_that_was_not_emitted_is_refused(name: str, old: str, new: str) -> None:
    text = backend(name).emit(LOCKDOWN).decode()
    assert old in text
    with pytest.raises(ValueError, match=r".+"):
        backend(name).decode(text.replace(old, new).encode())


@pytest.mark.parametrize("name", ["c", "rust"])
def test_comments_name_the_calls(name: str) -> None:
    text = backend(name).emit(KVMTOOL).decode()
    assert "0x84000000-0x8400001F: PSCI_VERSION, PSCI_CPU_SUSPEND/32, PSCI_CPU_OFF and " in text
    assert "0x95C1BA5E-0x95C1BA61: " in text


@pytest.mark.parametrize("name", ["c", "rust"])
def test_comments_name_the_registers(name: str) -> None:
    text = backend(name).emit(REGISTERS_ONLY).decode()
    for comment in (
        "KVM_REG_ARM_PSCI_VERSION: PSCI 1.1",
        "KVM_REG_ARM_STD_BMAP: nothing",
        "KVM_REG_ARM_STD_HYP_BMAP: pv_time",
        "KVM_REG_ARM_VENDOR_HYP_BMAP: func_feat, ptp",
        "KVM_REG_ARM_VENDOR_HYP_BMAP_2: discover_impl_cpus",
    ):
        assert comment in text
