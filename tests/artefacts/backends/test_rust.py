import re
import shutil
import subprocess
from pathlib import Path

import pytest

from smccc_filter.artefacts.backends import backend
from smccc_filter.kvm.uapi import KVM_ACTION, Action
from tests.artefacts.backends.programs import PROGRAMS, action_map, boundaries
from tests.artefacts.backends.tools import FOLDER, run, tool

LINTS = ("-D", "warnings", "-D", "missing_docs", "-D", "unused", "-D", "nonstandard_style", "-D", "rust_2018_idioms")
FIRST_WITH_2024 = (1, 85)


@pytest.fixture(scope="module", name="modules")
def _modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("modules")
    for program in PROGRAMS:
        (folder / f"{program.symbol}.rs").write_bytes(backend("rust").emit(program))
    return folder


def as_files(visibility: str) -> str:
    return "".join(f"/// {program.name}\n{visibility}mod {program.symbol};\n" for program in PROGRAMS)


def as_includes() -> str:
    return "".join(f'mod {program.symbol} {{ include!("{program.symbol}.rs"); }}\n' for program in PROGRAMS)


@pytest.mark.parametrize("edition", ["2018", "2021", "2024"])
def test_modules_build_without_std_and_without_a_warning(modules: Path, edition: str) -> None:
    rustc = tool("rustc")
    version = re.search(r"(\d+)\.(\d+)", run(rustc, "--version"))
    assert version is not None
    if edition == "2024" and tuple(map(int, version.groups())) < FIRST_WITH_2024:
        pytest.skip("this rustc does not know the edition")
    for name, text in (("public", as_files("pub ")), ("unused", as_files("")), ("included", as_includes())):
        crate = modules / f"{name}.rs"
        crate.write_text(f"//! Generated modules.\n#![no_std]\n{text}")
        output = modules / f"{name}.rmeta"
        run(rustc, "--edition", edition, "--crate-type", "lib", "--emit", "metadata", *LINTS, "-o", output, crate)


def test_modules_say_what_the_programs_say(modules: Path) -> None:
    ids = sorted({fid for program in PROGRAMS for fid in boundaries(program.entries)})
    dumps = "\n    ".join(f"dump!({program.symbol}, &ids);" for program in PROGRAMS)
    source = (FOLDER / "dump.rs").read_text().replace("MODULES", as_includes()).replace("DUMPS", dumps)
    (modules / "dump.rs").write_text(source)
    run(tool("rustc"), "--edition", "2021", *LINTS, "-o", modules / "dump", modules / "dump.rs")
    expected: list[str] = []
    for program in PROGRAMS:
        expected.append(f"name {program.name}")
        blob = backend("blob").emit(program)
        for i, (base, nr_functions, action) in enumerate(program.entries):
            expected.append(f"entry {base:x} {nr_functions:x} {KVM_ACTION[action]:d} {[0] * 15}")
            expected.append(f"bytes {list(blob[24 * i : 24 * i + 24])}")
        expected += [f"register {register.id:x} {register.value:x}" for register in program.registers]
        actions = action_map(program.entries)
        expected += [f"forwards {fid:x} {str(actions[fid] is Action.FORWARD).lower()}" for fid in ids]
    assert run(modules / "dump", *(f"{fid:x}" for fid in ids)).splitlines() == expected


def test_clippy_has_nothing_to_say(modules: Path, tmp_path: Path) -> None:
    (tmp_path / "Cargo.toml").write_text('[package]\nname = "modules"\nversion = "0.1.0"\nedition = "2021"\n')
    shutil.copytree(modules, tmp_path / "src", ignore=shutil.ignore_patterns("*.rmeta", "dump*"))
    (tmp_path / "src" / "lib.rs").write_text(f"//! Generated modules.\n#![no_std]\n{as_files('pub ')}")
    lints = ("-D", "warnings", "-A", "unknown_lints", "-D", "clippy::pedantic", "-D", "clippy::absolute_paths")
    tool("cargo-clippy")
    run(tool("cargo"), "clippy", "--offline", "--quiet", "--manifest-path", tmp_path / "Cargo.toml", "--", *lints)


def test_layout_is_rustfmts(modules: Path) -> None:
    rustfmt = shutil.which("rustfmt")
    if rustfmt is None:
        pytest.skip("rustfmt is not installed")
    for program in PROGRAMS:
        command = (rustfmt, "--check", "--edition", "2021", modules / f"{program.symbol}.rs")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "")
