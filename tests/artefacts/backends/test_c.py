import errno
import re
import subprocess
from pathlib import Path

import pytest

from smccc_filter.artefacts.backends import backend
from smccc_filter.artefacts.backends.program import CompiledPolicy
from smccc_filter.kvm.uapi import KVM_ACTION, Action
from tests.artefacts.backends.programs import KVMTOOL, PROGRAMS, action_map, boundaries
from tests.artefacts.backends.tools import FOLDER, run, tool
from tests.linux_headers import LinuxHeaders, include

WARNINGS = (
    *("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wsign-conversion", "-Wshadow", "-Wundef", "-Wcast-qual"),
    *("-Wcast-align", "-Wformat=2", "-Wwrite-strings", "-Werror"),
)
ONLY_C = ("-Wstrict-prototypes", "-Wmissing-prototypes", "-Wc++-compat")
ONLY_CXX = ("-Wold-style-cast", "-Wuseless-cast")

REFUSALS = ("EEXIST", "EINVAL", "EBUSY", "EFAULT", "ENXIO", "ENOMEM", "ENOENT", "ENOTTY", "EBADF", "ENOEXEC")
NO_FILTER = ("EINVAL", "ENXIO", "ENOTTY")
"""What kernels without a filter answer to ``KVM_HAS_DEVICE_ATTR`` on a VM."""


def write_headers(folder: Path) -> Path:
    for program in PROGRAMS:
        (folder / f"{program.name}.h").write_bytes(backend("c").emit(program))
    return folder


@pytest.fixture(scope="module", name="headers")
def _headers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the header of every program, and one source that includes them all, twice."""
    folder = write_headers(tmp_path_factory.mktemp("headers"))
    text = "".join(f'#include "{program.name}.h"\n' for program in (*PROGRAMS, *reversed(PROGRAMS)))
    (folder / "all.c").write_text(text + "int main(void) { return 0; }\n")
    return folder


@pytest.mark.parametrize("kvm_h", ["installed", "x86", "aarch64"])
@pytest.mark.parametrize(
    ("compiler", "standard"),
    [
        ("gcc", "c99"),
        ("gcc", "c11"),
        ("g++", "c++17"),
        ("aarch64-linux-gnu-gcc", "c99"),
        ("aarch64-linux-gnu-gcc", "c11"),
    ],
)
def test_headers_compile_without_a_warning_together_twice_and_unused(
    headers: Path, linux_headers: LinuxHeaders, compiler: str, standard: str, kvm_h: str
) -> None:
    language = ("-x", "c++", *ONLY_CXX) if "++" in standard else ONLY_C
    kernel = () if kvm_h == "installed" else linux_headers.include(kvm_h)
    flags = (f"-std={standard}", *WARNINGS, "-O1", "-S", "-o", "/dev/null")
    run(tool(compiler), *flags, *kernel, *language, headers / "all.c")


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_what_projects_check_with_finds_nothing(
    headers: Path, linux_headers: LinuxHeaders, program: CompiledPolicy
) -> None:
    header, kernel = headers / f"{program.name}.h", linux_headers.include()
    checks = ("--quiet", "--warnings-as-errors=*", "--checks=-*,bugprone-*,cert-*,readability-*")
    run(tool("clang-tidy"), *checks, header, "--", "-x", "c", "-std=c11", *kernel)
    warnings = ("-Wall", "-Wextra", "-Werror", "-Wzero-as-null-pointer-constant", "-Wno-unused-function")
    run(tool("clang++"), "-x", "c++-header", "-std=c++17", "-fsyntax-only", *warnings, *kernel, header)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("pad[15]", "pad[16]"),
        ("KVM_SMCCC_FILTER_DENY,", "KVM_SMCCC_FILTER_DENY = 3,"),
        ("KVM_ARM_VM_SMCCC_FILTER\t0", "KVM_ARM_VM_SMCCC_FILTER\t1"),
        ("KVM_ARM_VM_SMCCC_CTRL\t\t0", "KVM_ARM_VM_SMCCC_CTRL\t\t1"),
    ],
)
def test_a_kernel_header_that_disagrees_does_not_compile(
    headers: Path, linux_headers: LinuxHeaders, tmp_path: Path, old: str, new: str
) -> None:
    own, common = linux_headers.folders()
    source = (own / "asm" / "kvm.h").read_text()
    assert old in source
    (tmp_path / "asm").mkdir()
    (tmp_path / "asm" / "kvm.h").write_text(source.replace(old, new))
    command = (tool("gcc"), "-fsyntax-only", *include(tmp_path, own, common), headers / "all.c")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "agrees_with_linux" in done.stderr


def drive(headers: Path, program: CompiledPolicy, compiler: str, standard: str) -> list[str]:
    """Compile the driver around one header, without a warning, and return what it prints."""
    binary = headers / f"{program.name}.{standard}"
    run(
        tool(compiler),
        *(f"-std={standard}", *WARNINGS, "-fsanitize=undefined", "-fno-sanitize-recover"),
        *(f'-DPOLICY_HEADER="{headers / program.name}.h"', f"-DPOLICY_NAME={program.symbol}"),
        f"-DPOLICY_MACRO={program.symbol.upper()}",
        *(["-DHAS_FILTER"] if program.entries else []),
        *(["-DHAS_REGISTERS"] if program.registers else []),
        *(["-x", "c++"] if "++" in standard else []),
        *(FOLDER / "driver.c", "-o", binary),
    )
    ids = " ".join(f"{fid:x}" for fid in boundaries(program.entries))
    return subprocess.run([binary], input=ids, capture_output=True, text=True, check=True).stdout.splitlines()


def outcome(case: str, done: list[str], error: int, at: int) -> str:
    return " ".join([case, *done, f"= {error} {at}"])


PROBES = ("extension", "version", "has")
"""What ``apply`` asks before it installs the first entry: whether this is a VM, and not all of KVM, with a filter."""


def after_refused_probe(calls: list[str], i: int, code: str) -> tuple[list[str], int]:
    """Say what ``apply`` still does when a probe is refused, and what it returns."""
    number = getattr(errno, code)
    match PROBES[i]:
        case "extension":
            return [], errno.ENOTTY if code == "EINVAL" else number
        case "version":
            return [call for call in calls if call != "version"], 0
        case _:
            return calls[:i], errno.EOPNOTSUPP if code in NO_FILTER else number


def expected_runs(name: str, calls: list[str], tries: int) -> list[str]:
    """Say what the driver prints of every errno at every ioctl."""
    probes = len(PROBES) if name == "apply" else 0
    lines = []
    for i in range(tries):
        for code in REFUSALS:
            number = getattr(errno, code)
            case = f"{name} {i} {number}"
            if i >= len(calls):
                lines.append(outcome(case, calls, 0, -1))
            elif i < probes:
                lines.append(outcome(case, *after_refused_probe(calls, i, code), -1))
            else:
                lines.append(outcome(case, calls[:i], number, i - probes))
        lines.append(outcome(f"{name} {i} {errno.EINTR}", calls, 0, -1))
    return lines


def expected_output(program: CompiledPolicy) -> list[str]:
    actions = action_map(program.entries)
    entries = [(f"{base:x}", f"{count:x}", str(int(KVM_ACTION[action]))) for base, count, action in program.entries]
    registers = [(f"{register.id:x}", f"{register.value:x}") for register in program.registers]
    sets = [*PROBES, *(":".join(("set", *entry)) for entry in entries)] if entries else []
    writes = [":".join(("register", *register)) for register in registers]
    reads = [f"read:{register}" for register, _ in registers]
    wrong = errno.ENOTTY if entries else 0
    busy = errno.EBUSY if registers else 0
    without_failed = [errno.EBUSY if entries else 0, busy, busy, *reads[:1], errno.ESTALE if registers else 0]
    return [
        *(" ".join(("entry", *entry)) for entry in entries),
        *(" ".join(("register", *register)) for register in registers),
        *(f"forwards {fid:x} {int(actions[fid] is Action.FORWARD)}" for fid in boundaries(program.entries)),
        outcome("apply - 0", sets, 0, -1),
        outcome("vcpu - 0", sets[:1], wrong, -1),
        outcome("kvm - 0", sets[:2], wrong, -1),
        outcome("other - 0", sets[:1], wrong, -1),
        outcome("set_registers - 0", writes, 0, -1),
        outcome("check_registers - 0", reads, 0, -1),
        *(outcome(f"drifted {i} 0", reads[: i + 1], errno.ESTALE, i) for i in range(len(registers))),
        *expected_runs("apply", sets, len(entries) + 3),
        *expected_runs("set_registers", writes, len(registers) + 1),
        *expected_runs("check_registers", reads, len(registers) + 1),
        " ".join(map(str, ["null", *without_failed])),
    ]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_header_says_and_does_what_the_program_says(headers: Path, program: CompiledPolicy) -> None:
    assert drive(headers, program, "gcc", "c99") == expected_output(program)


def test_header_does_the_same_in_cxx(headers: Path) -> None:
    assert drive(headers, KVMTOOL, "g++", "c++17") == expected_output(KVMTOOL)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_every_name_begins_with_the_policys(program: CompiledPolicy) -> None:
    text = re.sub(r"/\*.*?\*/", "", backend("c").emit(program).decode(), flags=re.DOTALL)
    prefix = (f"{program.symbol}_", f"{program.symbol.upper()}_")
    names = re.findall(
        r"^#define (\w+)|^struct (\w+) \{|^(?:typedef|static) [\w *]*?(\w+)(?=[(\[\n])", text, re.MULTILINE
    )
    found = {next(filter(None, groups)) for groups in names} - {f"SMCCC_FILTER_{program.symbol.upper()}_H"}
    assert len(found) >= 13
    assert all(name.startswith(prefix) for name in found), found
