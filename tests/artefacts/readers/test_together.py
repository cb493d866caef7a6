"""Sources that belong together are read as a compiler joins them; what one does not see of another is refused."""

import re
from typing import NamedTuple

import pytest

from smccc_filter.artefacts import readers
from smccc_filter.artefacts.readers import Reading
from smccc_filter.kvm.uapi import Action
from tests.artefacts.readers.sources import DENY, FORWARD, Row

INSTALL = """
int install(int fd, uint32_t first, uint32_t count, uint8_t what)
{
    struct kvm_smccc_filter range = { .base = first, .nr_functions = count, .action = what };
    return ioctl(fd, KVM_SET_DEVICE_ATTR, &(struct kvm_device_attr){ .addr = (uintptr_t)&range });
}
"""
HEADER = """
#ifndef IDS_H
#define IDS_H
#define TRNG 0x84000050
enum { COUNT = 16 };
static const uint32_t SMC64 = 0x40000000;
int install(int fd, uint32_t first, uint32_t count, uint8_t what);
#endif
"""
CALL = "void run(int fd) { install(fd, TRNG, COUNT, 1); }\n"
TABLE = "static const struct kvm_smccc_filter t[] = { { TRNG, COUNT, 2 } };\n"

IDS = """
use std::ops::Range;
pub struct Trng {}
impl Trng {
    pub const SMC32: Range<u32> = 0x8400_0050..0x8400_0060;
    pub const SMC64: Range<u32> = 0xC400_0050..0xC400_0060;
}
"""
BUILD = """
use devices::Trng;
fn build(vm: &impl Vm, components: Components) -> Result<()> {
    if components.trng {
        for ids in [Trng::SMC32, Trng::SMC64] {
            let base = ids.start.into();
            let count = ids.len();
            bus.insert(base, count.try_into().unwrap()).map_err(|e| Error::Insert(base, count, e))?;
            vm.forward_calls(base, count).map_err(|e| Error::Forward(base, count, e))?;
        }
    }
    Ok(())
}
"""
VM = """
mod arm64;
impl Vm for KvmVm {
    fn forward_calls(&self, first: u64, count: usize) -> Result<()> {
        cfg_if! {
            if #[cfg(target_arch = "aarch64")] {
                let base = u32::try_from(first).unwrap();
                let nr_functions = u32::try_from(count).unwrap();
                self.set_filter(base, nr_functions)
            } else {
                let _ = first;
                Err(Error::new(ENOTSUP))
            }
        }
    }
}
"""
ARM64 = """
impl KvmVm {
    pub fn init(&self) -> Result<()> {
        if match self.mode { Mode::On => true, Mode::Off => false } { self.enable(1)? }
        Ok(())
    }
    pub(super) fn set_filter(&self, base: u32, nr_functions: u32) -> Result<()> {
        let filter = kvm_smccc_filter {
            base,
            nr_functions,
            action: kvm_smccc_filter_action_KVM_SMCCC_FILTER_FWD_TO_USER as u8,
            pad: [0; 15],
        };
        let attr = kvm_device_attr { group: 0, attr: 0, addr: &filter as *const _ as u64, flags: 0 };
        match unsafe { ioctl_with_ref(self, KVM_SET_DEVICE_ATTR, &attr) } { 0 => Ok(()), _ => errno_result() }
    }
}
"""
LITERAL = "kvm_smccc_filter { base: BASE, nr_functions: 1, action: 1 }"
CROSVM = {"src/lib.rs": BUILD, "devices/trng.rs": IDS, "kvm/mod.rs": VM, "kvm/arm64.rs": ARM64}
"""The shapes of crosvm, in whose four files the ranges, the loop, the method of a trait and the struct are."""


class Together(NamedTuple):
    """Files by name, in order, and what they hold."""

    files: dict[str, str]
    rows: tuple[Row, ...]
    definitions: tuple[tuple[str, str], ...] = ()


def joined(files: dict[str, str], definitions: tuple[tuple[str, str], ...] = ()) -> Reading:
    """Read files together."""
    first, *others = ((name, text.encode()) for name, text in files.items())
    return readers.read(*first, None, others, definitions)


TOGETHER = {
    "a header, in any order": Together(
        {"ids.h": HEADER, "a.c": f'#include "ids.h"\n{TABLE}'}, ((0x84000050, 16, FORWARD),)
    ),
    "a header that comes last": Together(
        {"a.c": f"#include <vmm/ids.h>\n{TABLE}", "src/vmm/ids.h": HEADER}, ((0x84000050, 16, FORWARD),)
    ),
    "a call of a function in another file, and a header of both": Together(
        {"ids.h": HEADER, "a.c": f'#include "ids.h"\n{INSTALL}', "b.c": f'#include "ids.h"\n{CALL}'},
        ((0x84000050, 16, DENY),),
    ),
    "a call as in QEMU's series, with the function": Together(
        {
            "kvm.c": INSTALL.replace("install", "kvm_arm_set_smccc_filter")
            .replace("uint32_t count, ", "")
            .replace("= count", "= 1"),
            "virt.c": "void f(void) { kvm_arm_set_smccc_filter(0, PSCI_0_2_FN64_CPU_ON, 2); }",
        },
        ((0xC4000003, 1, FORWARD),),
    ),
    "macros of one file end there": Together(
        {
            "a.c": "#define BASE 0x82000000\nstatic struct kvm_smccc_filter a[] = { { BASE, 1, 1 } };",
            "b.c": "#define BASE 0x82000001\nstatic struct kvm_smccc_filter b[] = { { BASE, 1, 1 } };",
        },
        ((0x82000000, 1, DENY), (0x82000001, 1, DENY)),
    ),
    "a table in a header counts once": Together(
        {
            "t.h": f"#pragma once\n#define TRNG 1\n#define COUNT 1\n{TABLE}",
            "a.c": '#include "t.h"\n',
            "b.c": '#include "t.h"\n',
        },
        ((1, 1, FORWARD),),
    ),
    "a list that is included in braces": Together(
        {"t.inc": "{ 1, 1, 1 },\n", "a.c": 'struct kvm_smccc_filter t[] = {\n#include "t.inc"\n};'}, ((1, 1, DENY),)
    ),
    "macros of the command line": Together(
        {"a.c": f"#ifdef WITH\n{TABLE}#endif\n"},
        ((0x84000050, 1, FORWARD),),
        (("WITH", "1"), ("TRNG", "0x84000050"), ("COUNT", "WITH")),
    ),
    "crosvm": Together(CROSVM, ((0x84000050, 16, FORWARD), (0xC4000050, 16, FORWARD))),
    "a constant that `use` brings": Together(
        {
            "a.rs": f"use crate::ids::BASE; static F: kvm_smccc_filter = {LITERAL};",
            "ids.rs": "pub const BASE: u32 = 7;",
        },
        ((7, 1, DENY),),
    ),
}


@pytest.mark.parametrize("case", list(TOGETHER.values()), ids=list(TOGETHER))
def test_files_that_belong_together(case: Together) -> None:
    reading = joined(case.files, case.definitions)
    assert reading.faults == ()
    assert tuple(entry[:3] for entry in reading.entries or ()) == case.rows


STATIC = INSTALL.replace("int install", "static int install")
APART = {
    "a constant of a file that is not included": (
        {"a.c": "enum { TRNG = 1, COUNT = 1 };", "b.c": TABLE},
        "b.c",
        "which this file does not",
    ),
    "a macro of a file that is not included": (
        {"a.c": "#define TRNG 1\n#define COUNT 1\n", "b.c": TABLE},
        "b.c",
        "`TRNG` is not known",
    ),
    "a function that is static": (
        {"ids.h": HEADER, "a.c": STATIC, "b.c": f'#include "ids.h"\n{CALL}'},
        "ids.h",
        "`install` is that of a.c",
    ),
    "a table that is static": (
        {"a.c": TABLE.replace("const ", "").replace("TRNG, COUNT", "1, 1"), "b.c": "void f(void) { hide(t); }"},
        "b.c",
        "`t`",
    ),
    "a type of another file": (
        {"a.c": "typedef uint8_t id_type;", "b.c": "static const id_type TRNG = 1, COUNT = 1;\n" + TABLE},
        "b.c",
        "`id_type`",
    ),
    "a header that means two things": (
        {
            "t.h": TABLE,
            "a.c": '#define TRNG 1\n#define COUNT 1\n#include "t.h"\n',
            "b.c": '#define TRNG 2\n#define COUNT 1\n#include "t.h"\n',
        },
        "t.h",
        "something else",
    ),
    "a list that two files include": (
        {
            "t.inc": "{ 1, 1, 1 },\n",
            "a.c": 'static struct kvm_smccc_filter t[] = {\n#include "t.inc"\n};',
            "b.c": 'static struct kvm_smccc_filter u[] = {\n#include "t.inc"\n};',
        },
        "t.inc",
        "within a declaration",
    ),
    "a file that goes on in the next": (
        {"a.c": "struct kvm_smccc_filter t[] = {", "b.c": "{1, 1, 1} };"},
        "a.c",
        "within a declaration",
    ),
    "a file that is included in itself": ({"a.c": TABLE, "b.h": '#include "b.h"\n' + TABLE}, "b.h", "in itself"),
    "a file that is not included where it counts": (
        {"t.h": TABLE, "a.c": '#if 0\n#include "t.h"\n#endif\nstruct kvm_smccc_filter u = { 1, 1, 1 };'},
        "t.h",
        "where it counts",
    ),
    "two files of one name": (
        {"a/t.h": HEADER, "b/t.h": HEADER, "a.c": f'#include "t.h"\n{TABLE}'},
        "a.c",
        "one of several",
    ),
    "two languages": ({"a.c": TABLE, "b.rs": IDS}, "b.rs", "this file is rust"),
    "a constant that two files have": (
        {
            "a.rs": f"use ids::BASE; static F: kvm_smccc_filter = {LITERAL};",
            "b.rs": "pub const BASE: u32 = 7;",
            "c.rs": "pub const BASE: u32 = 8;",
        },
        "a.rs",
        "one of several",
    ),
    "a constant that is not `pub`": (
        {"a.rs": f"use ids::BASE; static F: kvm_smccc_filter = {LITERAL};", "b.rs": "const BASE: u32 = 7;"},
        "a.rs",
        "`BASE` is not known",
    ),
    "a loop over what is not written": (
        {**CROSVM, "src/lib.rs": BUILD.replace("[Trng::SMC32, Trng::SMC64]", "trng.ranges()")},
        "src/lib.rs",
        "no list",
    ),
    "a range of another type": (
        {**CROSVM, "devices/trng.rs": IDS.replace("std::ops", "mine")},
        "devices/trng.rs",
        "no range",
    ),
    "a number that does not fit": (
        {**CROSVM, "devices/trng.rs": IDS.replace("u32", "u64").replace("0x8400", "0x1_8400")},
        "kvm/mod.rs",
        "0x184000050",
    ),
}
"""Files, and where and what is told."""


@pytest.mark.parametrize(("files", "file", "words"), list(APART.values()), ids=list(APART))
def test_what_one_file_does_not_see_of_another_is_refused(files: dict[str, str], file: str, words: str) -> None:
    faults = joined(files).faults
    assert any(fault.file == file and words in fault.message for fault in faults), faults
    assert all(fault.hint for fault in faults)


@pytest.mark.parametrize(
    ("name", "others", "definitions", "words"),
    [
        ("a.bin", [("b.bin", b"")], (), "no source"),
        ("a.json", (), (("A", "1"),), "only C has macros"),
        ("a.rs", (), (("A", "1"),), "only C has macros"),
    ],
)
def test_only_sources_have_other_files_and_only_c_has_macros(
    name: str, others: list[tuple[str, bytes]], definitions: tuple[tuple[str, str], ...], words: str
) -> None:
    (fault,) = readers.read(name, b"", None, others, definitions).faults
    assert words in fault.message


MARKED = """\
# 1 "vmm.c"
# 1 "/usr/include/linux/kvm.h" 1 3 4
int ioctl(int fd, unsigned long request, ...);
# 12 "vmm.c" 2
struct kvm_smccc_filter t[] = {
    { 0x82000000, 1, 1 },
    { X, 1, 1 },
};
#line 40
struct kvm_smccc_filter u = { Y, 1, 1 };
"""


def test_line_markers_say_where_a_line_comes_from() -> None:
    reading = readers.read("-", MARKED.encode(), "c")
    assert [(fault.file, fault.span and fault.span.start) for fault in reading.faults] == [
        ("vmm.c", (14, 7)),
        ("vmm.c", (40, 31)),
    ]
    reading = readers.read("-", re.sub("[XY]", "1", MARKED).encode(), "c")
    assert [(entry.file, entry.place) for entry in reading.entries or ()] == [
        ("vmm.c", "vmm.c:13"),
        ("vmm.c", "vmm.c:14"),
        ("vmm.c", "vmm.c:40"),
    ]


OTHER_VALUES = [
    ("c", "#define KVM_SMCCC_FILTER_DENY 2\n@", Action.FORWARD, (1, 9)),
    ("c", "#define MINE (1 + 1)\n#define KVM_SMCCC_FILTER_DENY MINE\n@", Action.FORWARD, (2, 9)),
    ("c", "enum { KVM_SMCCC_FILTER_DENY = 2 };\n@", Action.FORWARD, (1, 8)),
    ("c", "static const uint8_t KVM_SMCCC_FILTER_DENY = 2;\n@", Action.FORWARD, (1, 22)),
    ("c", "#define PSCI_0_2_FN(n) (0x82000000 + n)\n@", Action.DENY, (1, 9)),
    ("rust", "const KVM_SMCCC_FILTER_DENY: u8 = 2;\n@", Action.FORWARD, (1, 7)),
]
ENTRY = {
    "c": "struct kvm_smccc_filter t = { PSCI_0_2_FN(3), 1, KVM_SMCCC_FILTER_DENY };",
    "rust": "static T: kvm_smccc_filter = "
    "kvm_smccc_filter { base: 1, nr_functions: 1, action: KVM_SMCCC_FILTER_DENY };",
}


@pytest.mark.parametrize(("language", "text", "action", "place"), OTHER_VALUES, ids=[case[1] for case in OTHER_VALUES])
def test_another_value_than_linux_gives_is_taken_and_told(
    language: str, text: str, action: Action, place: tuple[int, int]
) -> None:
    reading = readers.read("-", text.replace("@", ENTRY[language]).encode(), language)
    assert reading.faults == ()
    assert [entry.action for entry in reading.entries or ()] == [action]
    (note,) = reading.notes
    assert "in Linux's headers" in note.message
    assert note.span is not None
    assert note.span.start == place
    same = text.replace("= 2", "= 1").replace("DENY 2", "DENY 1").replace("(1 + 1)", "1").replace("0x82", "0x84")
    assert readers.read("-", same.replace("@", ENTRY[language]).encode(), language).notes == ()
