"""What `compile` writes is read back by the readers, and binary files are read to the byte."""

import re
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.artefacts import readers
from smccc_filter.artefacts.backends import FORMATS, backend
from smccc_filter.artefacts.backends.program import CompiledPolicy
from smccc_filter.artefacts.readers import ReadEntry, Reading, ReadingFault
from smccc_filter.artefacts.readers.formats import format_of, is_blob, is_policy
from smccc_filter.artefacts.readers.refused import refused_entries
from smccc_filter.kvm.uapi import KVM_REG_ARM_PSCI_VERSION, Action
from tests.artefacts.backends.programs import KVMTOOL, NOTHING, PROGRAMS, REGISTERS_ONLY, programs
from tests.artefacts.backends.vmm_programs import VMM_PROGRAMS


@given(st.sampled_from((*PROGRAMS, *VMM_PROGRAMS)) | programs(), st.sampled_from(FORMATS))
def test_own_artefacts_are_read_whole(program: CompiledPolicy, artefact_format: str) -> None:
    reading = readers.read("-", backend(artefact_format).emit(program), artefact_format)
    assert reading.faults == ()
    assert reading.format == artefact_format
    if artefact_format != "regs":
        assert tuple(entry[:3] for entry in reading.entries or ()) == program.entries
        assert refused_entries(reading.entries or ()) == ()
    if artefact_format not in {"blob", "sql"}:
        registers = tuple((register.id, register.value) for register in program.registers)
        assert tuple(register[:2] for register in reading.registers or ()) == registers
    if artefact_format in {"json", "rust", "c"}:
        assert reading.name == program.name


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
@pytest.mark.parametrize("artefact_format", FORMATS)
def test_own_artefacts_are_recognised(program: CompiledPolicy, artefact_format: str) -> None:
    emitter = backend(artefact_format)
    data = emitter.emit(program)
    assert format_of(f"a{emitter.SUFFIXES[0]}", data) == artefact_format
    if data:
        assert format_of("-", data) == artefact_format
    assert is_blob("-", data) is (emitter.BINARY and bool(data))
    assert not is_policy("-", data)


def entry(base: int, nr_functions: int, action: int, pad: bytes = bytes(15)) -> bytes:
    return struct.pack("<IIB15s", base, nr_functions, action, pad)


BLOBS = [
    (entry(1, 1, 7), "entry 1 at byte 0", "byte 8: the action is 7"),
    (entry(1, 1, 1) + entry(2, 1, 3), "entry 2 at byte 24", "byte 32: the action is 3"),
    (entry(1, 1, 1, bytes(14) + b"\x05"), "entry 1 at byte 0", "byte 23 is not 0"),
    (entry(1, 1, 1) + b"abc", "entry 2 at byte 24", "27 bytes, no multiple of 24: the last entry has 3 of its bytes"),
]


@pytest.mark.parametrize(("data", "place", "words"), BLOBS)
def test_a_bad_blob_is_told_with_entry_and_byte(data: bytes, place: str, words: str) -> None:
    (fault,) = readers.read("a.bin", data).faults
    assert fault.place == place
    assert words in fault.message


REFUSED = [
    ([(1, 0)], "0x00000001 with 0 functions is empty: KVM answers EINVAL"),
    ([(0, 0)], "0x00000000 with 0 functions is empty: KVM answers EINVAL"),
    ([(0xFFFFFFFF, 2)], "0xFFFFFFFF with 0x2 functions goes past 0xFFFFFFFF: KVM answers EINVAL"),
    (
        [(0x7FFFFFFF, 2)],
        "0x7FFFFFFF-0x80000000 touches 0x80000000, which KVM reserves: KVM answers EEXIST",
    ),
    ([(5, 3), (1, 3), (2, 4)], "0x00000002-0x00000005 has 0x00000005 in common with entry 0: KVM answers EEXIST"),
]


@pytest.mark.parametrize(("ranges", "message"), REFUSED)
def test_what_kvm_refuses_is_told_with_its_errno(ranges: list[tuple[int, int]], message: str) -> None:
    entries = [ReadEntry(base, nr, Action.DENY, f"entry {i}") for i, (base, nr) in enumerate(ranges)]
    (fault,) = refused_entries(entries)
    assert fault.place == f"entry {len(ranges) - 1}"
    assert fault.message == message


def test_registers_of_arm64_are_read_whatever_they_are() -> None:
    odd = 0x6030_0000_0000_0007
    reading = readers.read("a.regs", struct.pack("<QQQQ", 7, 9, odd, 9) + b"x")
    assert [(register.id, register.value) for register in reading.registers or ()] == [(odd, 9)]
    assert [fault.place for fault in reading.faults] == ["register 1 at byte 0", "register 3 at byte 32"]


JSON = [
    (b"{", "line 1", "not JSON"),
    (b'{"version": 2}', "document", "not a version 1 document"),
    (b"[" * 100_000, "document", "too deeply nested"),
    (backend("json").emit(KVMTOOL).replace(b'"deny"', b'"dney"'), "document", "not an action: dney"),
    (backend("json").emit(KVMTOOL).replace(b'"deny"', b'"%s"' % (b"d" * 9000)), "document", "not an action: ddd"),
    (re.sub(b'"0x[0-9A-F]{8}"', b'"0x"', backend("json").emit(KVMTOOL)), "document", "not hexadecimal: 0x"),
    (re.sub(b'"0x[0-9A-F]{8}"', b'"0x%s"' % (b"0" * 9000), backend("json").emit(KVMTOOL)), "document", "not hexa"),
    (re.sub(b'": [0-9]+,', b'": %s,' % (b"9" * 9000), backend("json").emit(KVMTOOL)), "document", "9,000 digits"),
    (re.sub(b'"deny"', b'["%s"]' % (b"9" * 9000), backend("json").emit(KVMTOOL)), "document", "not an entry: {"),
]
NAMES = ("cut", "version", "deep", "action", "long action", "no digits", "many digits", "huge number", "no action")


@pytest.mark.parametrize(("data", "place", "words"), JSON, ids=NAMES)
def test_other_json_is_refused(data: bytes, place: str, words: str) -> None:
    (fault,) = readers.read("a.json", data).faults
    assert fault.place == place
    assert words in fault.message
    assert len(fault.message) < 100


@pytest.mark.parametrize(
    ("path", "data", "expected"),
    [
        ("a.HPP", b"", "c"),
        ("a.cc", b"\0", "c"),
        ("-", entry(1, 1, 1), "blob"),
        ("-", struct.pack("<QQ", KVM_REG_ARM_PSCI_VERSION, 2), "regs"),
        ("-", b"#include <linux/kvm.h>\n", "c"),
        ("-", b"#ifdef A\n#  define B 1\nint b = B; /* one */\n#endif\n", "c"),
        ("-", b'# 1 "kvm.c"\nstatic struct kvm_smccc_filter f[] = {};\n', "c"),
        ("-", b"use kvm_bindings::kvm_smccc_filter;\n", "rust"),
        ("-", b' {"version": 1}', "json"),
    ],
)
def test_formats(path: str, data: bytes, expected: str) -> None:
    assert format_of(path, data) == expected


@pytest.mark.parametrize(
    ("path", "data", "expected"),
    [
        ("filter.bin", b"", True),
        ("filter.bin", b"version: 1\n", True),
        ("FILTER.BIN", b"", True),
        ("filter.h", b"", False),
        ("p.yaml", b"version: 1\n", False),
        ("p.yaml", b"", False),
        ("-", entry(1, 1, 1), True),
        ("p.yaml", entry(1, 1, 1)[:7], True),
        ("p.yaml", "version: 1\n".encode("utf-16"), False),
    ],
)
def test_a_blob_is_known_by_its_name_or_its_bytes(path: str, data: bytes, expected: bool) -> None:  # noqa: FBT001 - a case
    assert is_blob(path, data) is expected


@pytest.mark.parametrize(
    ("path", "data", "expected"),
    [
        ("p.yaml", b"", True),
        ("P.YML", b"\0#include", True),
        ("-", b"# a comment\nname: p\n", True),
        ("-", b"\xef\xbb\xbfversion : 1\n", True),
        ("-", b"'version': 1\n", True),
        ("p.txt", b"rules:\n  - name: p\n", False),
        ("-", b"", False),
        ("-", b"version: 1\n\0", False),
        ("p.h", b"version: 1\n", False),
        ("p.inc", b"version: 1\n", False),
        ("p.bin", b"version: 1\n", False),
        ("-", b' {"version": 1, "name": "p", "rules": []}', True),
        ("-", b' {"version": 1, "name": "p", "filter" : []}', False),
        ("p.json", b'{"version": 1, "name": "p", "rules": []}', False),
    ],
)
def test_a_policy_is_known_by_its_name_or_a_key(path: str, data: bytes, expected: bool) -> None:  # noqa: FBT001 - a case
    assert is_policy(path, data) is expected


UNCLEAR = (
    *(b"", b"hello", b"\0" * 23, b"version: 1\nname: a\nrules: []\n", b"\xff\xfe"),
    *(b"# if this is used\nversion: 1\nname: a\n", b"# define a default\nrules:\n  - {action: deny}\n"),
    b"version: 1\nname: a\ndescription: |\n  use psci;\n  # include it\n  in struct a[];\n",
    b"#!/bin/sh\n# if anything fails\nmake all\n",
)


@pytest.mark.parametrize("data", UNCLEAR)
def test_an_unclear_format_is_asked_for(data: bytes) -> None:
    found = format_of("-", data)
    assert isinstance(found, ReadingFault)
    assert "--format blob|regs|c|rust|json" in found.hint
    reading = readers.read("-", data)
    assert reading == Reading("", None, None, None, (found,))


def test_empty_artefacts_have_no_fault() -> None:
    for artefact_format in FORMATS:
        reading = readers.read("-", backend(artefact_format).emit(NOTHING), artefact_format)
        assert reading.faults == (), artefact_format
    assert readers.read("-", backend("c").emit(REGISTERS_ONLY), "c").name == "registers-only"
