"""What `compile` writes, read with the files of the VMM that uses it: the policy's entries, registers and name."""

import pytest

from smccc_filter.artefacts import readers
from smccc_filter.artefacts.backends import backend
from smccc_filter.artefacts.backends.program import CompiledPolicy
from smccc_filter.artefacts.readers import Reading
from tests.artefacts.backends.programs import ALTERNATING, KVMTOOL, LOCKDOWN, NOTHING, PROGRAMS, REGISTERS_ONLY

C_USE = """
#include <stdio.h>
#include "gen/policy.h"

int set_up(int vm_fd, int vcpu_fd)
{
    const struct @_entry *failed;
    const struct @_register *refused;
    int error = @_apply(vm_fd, &failed);

    if (error == -EOPNOTSUPP)
        return 0;
    else if (error && failed)
        printf("%x", failed->base);
    return error ? error : @_set_registers(vcpu_fd, &refused);
}
"""
RUST_USE = """
mod policy;

fn set_up(vm: &VmFd, vcpu: &VcpuFd) -> Result<()> {
    for entry in &policy::FILTER {
        vm.set_device_attr(&kvm_device_attr {
            flags: 0,
            group: policy::KVM_ARM_VM_SMCCC_CTRL,
            attr: policy::KVM_ARM_VM_SMCCC_FILTER,
            addr: entry.addr(),
        })?;
    }
    for (id, value) in &policy::REGISTERS {
        vcpu.set_one_reg(*id, &value.to_le_bytes())?;
    }
    Ok(())
}
"""
USES = {"c": ("vmm.c", C_USE, "out/gen/policy.h"), "rust": ("src/vm.rs", RUST_USE, "src/policy.rs")}
"""Of each language: a file of a VMM, what is in it, with ``@`` for the policy's symbol, and where the policy is."""


def together(*files: tuple[str, bytes]) -> Reading:
    return readers.read(*files[0], None, files[1:])


def compiled(language: str, program: CompiledPolicy) -> tuple[str, bytes]:
    """Return the file that `compile` writes for a VMM."""
    return USES[language][2], backend(language).emit(program)


def using(language: str, program: CompiledPolicy) -> tuple[str, bytes]:
    """Return the file of a VMM that uses a policy."""
    name, text, _ = USES[language]
    return name, text.replace("@", program.symbol).encode()


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
@pytest.mark.parametrize("language", USES)
def test_a_policy_is_read_whole_with_the_file_that_uses_it(
    language: str, program: CompiledPolicy, *, is_first: bool
) -> None:
    files = [compiled(language, program), using(language, program)]
    reading = together(*(files if is_first else files[::-1]))
    assert reading.faults == ()
    assert tuple(entry[:3] for entry in reading.entries or ()) == program.entries
    assert [register[:2] for register in reading.registers or ()] == list(program.registers)
    assert reading.name == program.name


@pytest.mark.parametrize("program", [LOCKDOWN, REGISTERS_ONLY], ids=lambda program: program.name)
def test_a_module_within_a_file_is_read_whole(program: CompiledPolicy) -> None:
    text = f"mod policy {{\n{compiled('rust', program)[1].decode()}}}\n{RUST_USE.replace('mod policy;', '')}"
    reading = readers.read("vm.rs", text.encode())
    assert reading.faults == ()
    assert len(reading.entries or ()) == len(program.entries)
    assert [register[:2] for register in reading.registers or ()] == list(program.registers)
    assert reading.name == program.name


@pytest.mark.parametrize(
    "pair", [(KVMTOOL, LOCKDOWN), (REGISTERS_ONLY, ALTERNATING), (NOTHING, NOTHING)], ids=lambda pair: pair[0].name
)
@pytest.mark.parametrize(("language", "suffix"), [("c", "h"), ("rust", "rs")])
def test_two_policies_are_refused(language: str, suffix: str, pair: tuple[CompiledPolicy, CompiledPolicy]) -> None:
    first, second = (
        (f"{at}.{suffix}", backend(language).emit(program)) for at, program in zip("ab", pair, strict=True)
    )
    faults = together(first, second).faults
    (fault,) = [fault for fault in faults if "second policy" in fault.message]
    assert fault.file == second[0]
    assert f"the first is at {first[0]}:" in fault.message
    assert "by itself" in fault.hint
    assert fault.span is not None


@pytest.mark.parametrize("program", [KVMTOOL, REGISTERS_ONLY], ids=lambda program: program.name)
@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        ("c", '#include "gen/policy.h"', '#ifdef WITH\n#include "gen/policy.h"\n#endif'),
        ("rust", "mod policy;", '#[cfg(feature = "with")]\nmod policy;'),
    ],
)
def test_a_policy_under_a_condition_is_refused(language: str, before: str, after: str, program: CompiledPolicy) -> None:
    name, text = using(language, program)
    assert before.encode() in text
    assert together((name, text.replace(before.encode(), after.encode())), compiled(language, program)).faults


OTHER_TABLES = [
    ("const REGISTERS: [(u64, u64); 1] = [(0x6030_0000_0014_0000, 0x1_0001)];", (1, 0)),
    ("const REGISTERS: [u32; 2] = [0, 4];", (0, 0)),
    ("static mut REGISTERS: [(u64, u64); 1] = [(0x6030_0000_0014_0000, 0x1_0001)];", (1, 1)),
    ("mod a { pub const FILTER: u8 = 1; pub const REGISTERS: T = TABLE; }", (0, 1)),
]
"""What a file of a VMM has besides, how many registers are in it, and how many faults."""


@pytest.mark.parametrize(("table", "expected"), OTHER_TABLES, ids=[case[0] for case in OTHER_TABLES])
def test_other_tables_are_registers_by_their_type_or_by_what_is_beside_them(
    table: str, expected: tuple[int, int]
) -> None:
    text = f"{table}\nstatic F: kvm_smccc_filter = kvm_smccc_filter {{ base: 1, nr_functions: 1, action: 1 }};"
    for reading in (readers.read("a.rs", text.encode()), together(("a.rs", text.encode()), ("b.rs", b"fn f() {}"))):
        assert (len(reading.registers or ()), len(reading.faults)) == expected


KNOWN_ALIKE = [
    ("#ifdef A\n#define B 7\n#else\n#define B 7\n#endif", True),
    ("#if A\n#define B 7\n#elif C\n#define B 7\n#else\n#define B 7\n#endif", True),
    ("#if A\n#if C\n#define B 7\n#else\n#define B 7\n#endif\n#else\n#define B 7\n#endif", True),
    ("#ifdef A\n#define B 7\n#else\n#define B 8\n#endif", False),
    ("#ifdef A\n#define B 7\n#elif C\n#else\n#define B 7\n#endif", False),
    ("#ifdef A\n#define B 7\n#elif C\n#define B 7\n#endif", False),
    ("#ifdef A\n#define B 7\n#undef B\n#else\n#define B 7\n#endif", False),
    ("#ifdef A\n#define B 7\n#else\n#if C\n#define B 7\n#endif\n#endif", False),
    ("#ifdef A\n#define C 7\n#define B C\n#else\n#define C 8\n#define B C\n#endif", False),
]


@pytest.mark.parametrize(("text", "is_known"), KNOWN_ALIKE, ids=[case[0] for case in KNOWN_ALIKE])
def test_what_each_part_of_a_condition_defines_alike_is_known(text: str, *, is_known: bool) -> None:
    reading = readers.read("a.c", f"{text}\nstruct kvm_smccc_filter t = {{ B, 1, 1 }};\n".encode())
    assert [entry.base for entry in reading.entries or ()] == ([7] if is_known else [])
    assert bool(reading.faults) is not is_known


HANDLES = [
    ("static void point(const struct kvm_smccc_filter **p) { if (p) { *p = 0; } }", "point(&q);", True),
    ("static void point(const struct kvm_smccc_filter **p) { *p = &t[1]; }", "point(&q);", True),
    ("static void point(const struct kvm_smccc_filter **p) { ((uint8_t *)*p)[8] = 0; }", "point(&q);", False),
    ("static void point(const struct kvm_smccc_filter **p) { *(uint8_t *)*p = 0; }", "point(&q);", False),
    ("static void point(const struct kvm_smccc_filter **p) { *p++ = 0; }", "point(&q);", False),
    ("static void point(const struct kvm_smccc_filter **p) { keep = p; }", "point(&q);", False),
    ("static void point(const struct kvm_smccc_filter **p) { p = elsewhere; *p = 0; }", "point(&q);", False),
    ("static void point(const struct kvm_smccc_filter **p) { *p = elsewhere; }", "point(&q);", False),
    ("static void point(const struct kvm_smccc_filter **p) { other(p); }", "point(&q);", False),
    ("static void point(const struct kvm_smccc_filter **p) { *p = 0; }", "point(&q); point(t);", False),
    ("static void point(const struct kvm_smccc_filter **p) { *p = 0; }", "*(char *)&q = 0;", False),
    ("", "other(&q);", False),
    ("", "struct kvm_smccc_filter *r = (&q)[0]; r->action = 0;", False),
]
"""What a function does with the address of a pointer to an entry, what gives it that, and whether that is harmless."""


@pytest.mark.parametrize(("function", "use", "is_harmless"), HANDLES, ids=[f"{f} {use}" for f, use, _ in HANDLES])
def test_the_address_of_a_pointer_is_followed(function: str, use: str, *, is_harmless: bool) -> None:
    table = "static const struct kvm_smccc_filter t[2] = { {1, 1, 1}, {2, 1, 1} };"
    text = f"{table}\n{function}\nvoid f(void) {{ const struct kvm_smccc_filter *q = t; {use} }}\n"
    assert (readers.read("a.c", text.encode()).faults == ()) is is_harmless
