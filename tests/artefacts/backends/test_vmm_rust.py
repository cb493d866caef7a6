"""The generated Rust dispatcher answers as the specifications say, compiled with overflow checks and run."""

import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType

import pytest

from smccc_filter.artefacts.backends import backend
from smccc_filter.artefacts.backends.program import CompiledPolicy
from tests.artefacts.backends.test_frame import proves
from tests.artefacts.backends.test_rust import LINTS
from tests.artefacts.backends.tools import FOLDER, run, tool
from tests.artefacts.backends.vmm_c import cases, drive, handlers_of, names_of, wanted_line
from tests.artefacts.backends.vmm_mutants import RUST_MUTANTS, Mutant
from tests.artefacts.backends.vmm_oracle import Given, expected
from tests.artefacts.backends.vmm_programs import EVERY_CALL, EVERYTHING, VMM_PROGRAMS, drawn
from tests.artefacts.backends.vmm_rust import handler

PROGRAMS = (*VMM_PROGRAMS, EVERY_CALL, *map(drawn, range(4)))


def build(
    folder: Path,
    programs: Sequence[CompiledPolicy],
    changes: Mapping[str, Callable[[str], str]] = MappingProxyType({}),
) -> Path:
    """Compile the driver around the modules of ``programs``; ``changes`` are made to the text of the one so called."""
    for program in programs:
        text = backend("rust").emit(program).decode()
        (folder / f"{program.symbol}.rs").write_text(changes.get(program.name, str)(text))
    source = (FOLDER / "vmm_driver.rs").read_text()
    for slot, text in {
        "MODULES": "".join(f'mod {program.symbol} {{ include!("{program.symbol}.rs"); }}\n' for program in programs),
        "HANDLERS": "".join(
            f"impl {program.symbol}::Handlers for Given {{\n{''.join(map(handler, handlers_of(program)))}}}\n"
            for program in programs
        ),
        "            CASES\n": "".join(
            f'            "{i}" => ({program.symbol}::answer(&x), {program.symbol}::dispatch(&mut given, &x)),\n'
            for i, program in enumerate(programs)
        ),
    }.items():
        assert source.count(slot) == 1, slot
        source = source.replace(slot, text)
    (folder / "driver.rs").write_text(source)
    flags = ("--edition", "2021", "-C", "overflow-checks=on", "-C", "debug-assertions=on", "--cap-lints", "allow")
    run(tool("rustc"), *flags, "-o", folder / "driver", folder / "driver.rs")
    return folder / "driver"


def with_handlers(programs: Sequence[CompiledPolicy]) -> tuple[list[tuple[int, Given]], str]:
    """Return the exits: Rust has no handler that is missing."""
    made, text = cases(programs)
    return [(i, given._replace(handlers=True)) for i, given in made], text


def wanted_output(programs: Sequence[CompiledPolicy], made: list[tuple[int, Given]]) -> list[str]:
    names = list(map(names_of, programs))
    return [wanted_line(expected(vmm, given, names[i])) for i, given in made if (vmm := programs[i].vmm)]


def test_every_exit_is_answered_as_specified(tmp_path: Path) -> None:
    made, text = with_handlers(PROGRAMS)
    got = drive(build(tmp_path, PROGRAMS), text)
    for line, wanted in zip(got, wanted_output(PROGRAMS, made), strict=True):
        assert line == wanted


def test_the_comparison_catches_what_vmms_got_wrong(tmp_path: Path) -> None:
    mutants = {f"mutant-{i}": mutant for i, mutant in enumerate(RUST_MUTANTS)}
    programs = [EVERYTHING._replace(name=name) for name in mutants]
    made, text = with_handlers([EVERYTHING])
    wanted = wanted_output([EVERYTHING], made)
    everything = "\n".join(f"{i}{line[1:]}" for i in range(len(programs)) for line in text.splitlines())
    changes = {name: partial(mutant.changed, "") for name, mutant in mutants.items()}
    got = drive(build(tmp_path, programs, changes), everything)
    runs = [got[i * len(made) : (i + 1) * len(made)] for i in range(len(programs))]
    assert [mutant.bug for mutant, lines in zip(RUST_MUTANTS, runs, strict=True) if lines == wanted] == []


@pytest.mark.parametrize("mutant", RUST_MUTANTS, ids=lambda mutant: mutant.bug)
def test_no_mutant_is_an_artefact(mutant: Mutant) -> None:
    text = backend("rust").emit(EVERYTHING).decode()
    assert proves("rust", EVERYTHING, text.encode())
    assert not proves("rust", EVERYTHING, mutant.changed("", text).encode())


def write_crate(folder: Path) -> Path:
    (folder / "src").mkdir()
    for program in PROGRAMS:
        (folder / "src" / f"{program.symbol}.rs").write_bytes(backend("rust").emit(program))
    modules = "".join(f"/// {program.name}\npub mod {program.symbol};\n" for program in PROGRAMS)
    (folder / "src" / "lib.rs").write_text(f"//! Generated modules.\n#![no_std]\n{modules}")
    (folder / "Cargo.toml").write_text('[package]\nname = "modules"\nversion = "0.1.0"\nedition = "2021"\n')
    return folder


@pytest.mark.parametrize("edition", ["2018", "2021"])
def test_modules_build_without_std_and_without_a_warning(tmp_path: Path, edition: str) -> None:
    crate = write_crate(tmp_path) / "src" / "lib.rs"
    (tmp_path / "src" / "unused.rs").write_text(crate.read_text().replace("pub mod", "mod"))
    for source in (crate, crate.with_name("unused.rs")):
        command = ("--edition", edition, "--crate-type", "lib", "--emit", "metadata", *LINTS)
        run(tool("rustc"), *command, "-o", tmp_path / "modules.rmeta", source)


def test_clippy_has_nothing_to_say(tmp_path: Path) -> None:
    write_crate(tmp_path)
    lints = ("-D", "warnings", "-A", "unknown_lints", "-D", "clippy::pedantic", "-D", "clippy::absolute_paths")
    tool("cargo-clippy")
    run(tool("cargo"), "clippy", "--offline", "--quiet", "--manifest-path", tmp_path / "Cargo.toml", "--", *lints)


def test_layout_is_rustfmts(tmp_path: Path) -> None:
    rustfmt = shutil.which("rustfmt")
    if rustfmt is None:
        pytest.skip("rustfmt is not installed")
    write_crate(tmp_path)
    for program in PROGRAMS:
        command = (rustfmt, "--check", "--edition", "2021", tmp_path / "src" / f"{program.symbol}.rs")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "")
