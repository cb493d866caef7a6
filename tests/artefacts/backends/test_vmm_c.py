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
from tests.artefacts.backends.vmm_mutants import C_MUTANTS, Mutant
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


def test_the_comparison_catches_what_vmms_got_wrong(tmp_path: Path) -> None:
    """Every mutant is another policy of one program, so that they cost one compilation."""
    mutants = {f"mutant-{i}": mutant for i, mutant in enumerate(C_MUTANTS)}
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
    assert [mutant.bug for i, mutant in enumerate(C_MUTANTS) if i not in differ] == []


@pytest.mark.parametrize("mutant", C_MUTANTS, ids=lambda mutant: mutant.bug)
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
