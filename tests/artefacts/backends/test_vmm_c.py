"""The generated dispatcher answers as the specifications say, compiled and run; and what breaks it is seen."""

from functools import partial
from pathlib import Path

import pytest

from smccc_filter.artefacts.backends import backend
from smccc_filter.artefacts.backends.program import CompiledPolicy
from tests.artefacts.backends.test_c import ONLY_C, ONLY_CXX, WARNINGS
from tests.artefacts.backends.test_frame import proves
from tests.artefacts.backends.tools import run, tool
from tests.artefacts.backends.vmm_c import build, cases, drive, wanted_output
from tests.artefacts.backends.vmm_mutants import Mutant
from tests.artefacts.backends.vmm_programs import DISCOVERY, EVERY_CALL, EVERYTHING, KVMTOOL_VMM, VMM_PROGRAMS, drawn
from tests.linux_headers import LinuxHeaders

SANITIZED = ("-std=c99", "-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover")
PROGRAMS = (*VMM_PROGRAMS, *map(drawn, range(4)))


@pytest.mark.parametrize(
    ("compiler", "flags", "programs"),
    [("gcc", SANITIZED, PROGRAMS), ("g++", ("-std=c++17",), (*PROGRAMS, EVERY_CALL))],
    ids=["sanitized", "every call"],
)
def test_every_exit_is_answered_as_specified(
    tmp_path: Path, compiler: str, flags: tuple[str, ...], programs: tuple[CompiledPolicy, ...]
) -> None:
    made, text = cases(programs)
    got = drive(build(tmp_path, programs, flags, compiler), text)
    for line, wanted in zip(got, wanted_output(programs, made), strict=True):
        assert line == wanted


def told_absent(call: str, fid: int) -> tuple[str, str]:
    row = f"/* PSCI_FEATURES of {call} */\n    {{ 0x8400000AU, 0xFFFFFFFFU, 0x{fid:08X}U,\n      {{ "
    return f"{row}0x0ULL", f"{row}0xFFFFFFFFFFFFFFFFULL"


COPY = "index < %_RESULT_COUNT; index++) {\n        results[index] = out[index];\n    }\n    return true;"
MUTANTS = [
    Mutant("features-version-absent", *told_absent("PSCI_VERSION", 0x8400_0000)),
    Mutant("features-version-absent", *told_absent("PSCI_FEATURES", 0x8400_000A)),
    Mutant("smccc-version-hidden", *told_absent("SMCCC_VERSION", 0x8000_0000)),
    Mutant("smc64-twin-missing", *told_absent("PSCI_CPU_ON/64", 0xC400_0003)),
    Mutant("features-bare-numbers", "asked = regs[1] & %_LOW_HALF", "asked = regs[1] & 0x1FU"),
    Mutant("features-bare-numbers", "(asked & row->mask) == row->asked", "(asked & 0x1FU) == (row->asked & 0x1FU)"),
    Mutant("bit30-ignored", "asked = regs[1] & %_LOW_HALF", "asked = regs[1] & 0xBFFFFFFFU"),
    Mutant("bit30-ignored", "func_id = regs[0] & %_LOW_HALF", "func_id = regs[0] & 0xBFFFFFFFU"),
    Mutant("bit30-ignored", "switch (regs[0] & %_LOW_HALF)", "switch (regs[0] & 0xBFFFFFFFU)"),
    Mutant("sve hint dropped", "func_id = regs[0] & %_LOW_HALF", "func_id = regs[0] & 0xFFFEFFFFU"),
    Mutant("trng-word-order", "place = %_WORD_COUNT - index / width", "place = 1U + index / width"),
    Mutant("trng-no-zero-fill", "status == 0 && index < wanted", "status == 0 && index < %_WORD_COUNT * width"),
    Mutant("trng-n-zero", "wanted == 0 || ", ""),
    Mutant("trng-id-not-checked", ": %_WORD / 2U", ": %_WORD"),
    Mutant("trng limit", "wanted > %_WORD_COUNT * width", "wanted > %_WORD_COUNT * width + 1U"),
    Mutant("entropy beside an error", "status == 0 && index < wanted", "index < wanted"),
    Mutant("stale-x1-x3", COPY, COPY.replace("index < %_RESULT_COUNT", "index < 1U")),
    Mutant(
        "stale-x1-x3",
        "index < %_RESULT_COUNT; index++) {\n        results[index] = row",
        "index < 1U; index++) {\n        results[index] = row",
    ),
    Mutant("smc64-twin-missing", "    case %_FID_C4000003:\n", ""),
    Mutant("enable-twins", "    case %_FID_84000003:\n", ""),
    Mutant("upper-halves", "!= 0 ? UINT64_MAX\n", "!= 1 ? UINT64_MAX\n"),
    Mutant(
        "upper-halves",
        "regs[1] & @_used(regs),\n            regs[2] & @_used(regs),",
        "regs[1],\n            regs[2] & @_used(regs),",
    ),
    Mutant("upper-halves-2", "switch (regs[0] & %_LOW_HALF)", "switch (regs[0])"),
    Mutant("upper-halves-2", "func_id = regs[0] & %_LOW_HALF", "func_id = regs[0]"),
    Mutant("minus-one-not-extended", "NOT_SUPPORTED 0xFFFFFFFFFFFFFFFFULL", "NOT_SUPPORTED 0xFFFFFFFFULL"),
    Mutant("minus-one-not-extended", "status < 0 ? bits : bits & @_used(regs)", "bits & @_used(regs)"),
    Mutant("results of SMC32 not cut", "status < 0 ? bits : bits & @_used(regs)", "bits"),
    Mutant("results of SMC32 not cut", "out[index] &= @_used(regs);", "(void)out;"),
    Mutant("unknown-not-minus-one", "0U, 0U, 0U, { %_NOT_SUPPORTED,", "0U, 0U, 0U, { 0x0ULL,"),
    Mutant(
        "cpu-on-mpidr-cut",
        "psci_cpu_on(\n            vcpu,\n            regs[1] &",
        "psci_cpu_on(\n            vcpu,\n            regs[1] & 0xFFU &",
    ),
    Mutant(
        "arguments swapped",
        "psci_cpu_on(\n            vcpu,\n            regs[1] &",
        "psci_cpu_on(\n            vcpu,\n            regs[2] &",
    ),
    Mutant("reset-is-off", "handlers->psci_system_reset(", "handlers->psci_system_off("),
    Mutant("success of a call that does not come back", "status = %_INTERNAL_FAILURE", "status = 0"),
    Mutant("handlers missing unseen", "handlers->psci_cpu_on !=\n              %_NULL", "true"),
    Mutant(
        "handler asked what a row answers",
        "@_find(regs) ==\n                   %_NULL &&\n               handlers->trng_features",
        "handlers->trng_features",
    ),
    Mutant("one row too far", "row->asked <= asked", "row->asked < asked"),
]


def test_the_comparison_catches_what_vmms_got_wrong(tmp_path: Path) -> None:
    """Every mutant is another policy of one program, so that they cost one compilation."""
    mutants = {f"mutant-{i}": mutant for i, mutant in enumerate(MUTANTS)}
    programs = [EVERYTHING._replace(name=name) for name in mutants]
    changes = {
        name: partial(mutant.changed, program.symbol)
        for (name, mutant), program in zip(mutants.items(), programs, strict=True)
    }
    made, text = cases([EVERYTHING])
    wanted = wanted_output([EVERYTHING], made)
    everything = "\n".join(f"{i}{line[1:]}" for i in range(len(programs)) for line in text.splitlines())
    got = drive(build(tmp_path, programs, ("-O0", "-w"), changes=changes), everything)
    missing = len(wanted) - len(made)
    differ = set()
    for i in range(len(programs)):
        at = len(programs) * missing + i * len(made)
        if got[i * missing : (i + 1) * missing] + got[at : at + len(made)] != wanted:
            differ.add(i)
    assert [mutant.bug for i, mutant in enumerate(MUTANTS) if i not in differ] == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.bug)
def test_no_mutant_is_an_artefact(mutant: Mutant) -> None:
    text = backend("c").emit(EVERYTHING).decode()
    assert proves("c", EVERYTHING, text.encode())
    assert not proves("c", EVERYTHING, mutant.changed(EVERYTHING.symbol, text).encode())


@pytest.mark.parametrize(("compiler", "standard"), [("gcc", "c99"), ("g++", "c++17"), ("aarch64-linux-gnu-gcc", "c11")])
def test_headers_compile_without_a_warning_together_twice_and_unused(
    tmp_path: Path, linux_headers: LinuxHeaders, compiler: str, standard: str
) -> None:
    for program in PROGRAMS:
        (tmp_path / f"{program.name}.h").write_bytes(backend("c").emit(program))
    text = "".join(f'#include "{program.name}.h"\n' for program in (*PROGRAMS, *reversed(PROGRAMS)))
    (tmp_path / "all.c").write_text(f"{text}int main(void) {{ return 0; }}\n")
    language = ("-x", "c++", *ONLY_CXX) if "++" in standard else ONLY_C
    flags = (f"-std={standard}", *WARNINGS, "-O1", "-S", "-o", "/dev/null", *linux_headers.include())
    run(tool(compiler), *flags, *language, tmp_path / "all.c")


@pytest.mark.parametrize("program", [KVMTOOL_VMM, EVERYTHING, DISCOVERY], ids=lambda program: program.name)
def test_what_projects_check_with_finds_nothing(
    tmp_path: Path, linux_headers: LinuxHeaders, program: CompiledPolicy
) -> None:
    header, kernel = tmp_path / f"{program.name}.h", linux_headers.include()
    header.write_bytes(backend("c").emit(program))
    checks = ("--quiet", "--warnings-as-errors=*", "--checks=-*,bugprone-*,cert-*,readability-*")
    run(tool("clang-tidy"), *checks, header, "--", "-x", "c", "-std=c11", *kernel)
    warnings = ("-Wall", "-Wextra", "-Werror", "-Wzero-as-null-pointer-constant", "-Wno-unused-function")
    run(tool("clang++"), "-x", "c++-header", "-std=c++17", "-fsyntax-only", *warnings, *kernel, header)
