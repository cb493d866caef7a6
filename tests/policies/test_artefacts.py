"""What every shipped policy compiles to, byte by byte; ``pytest --update`` rewrites the golden files.

The two binary formats are kept as hexadecimal text, an entry or a register a line.
"""

from pathlib import Path

import pytest

from smccc_filter.analysis import pipeline
from smccc_filter.artefacts.backends import FORMAT_OF_SUFFIX, FORMATS, backend
from smccc_filter.artefacts.backends.blob import ENTRY_BYTES
from smccc_filter.artefacts.backends.regs import PAIR_BYTES
from smccc_filter.smccc.function_id import SPACE
from tests.artefacts.backends.tools import run, tool
from tests.conftest import Golden
from tests.policies.shipped import NAMES, each_policy, examine

GOLDEN = Path(__file__).parent / "golden"
SUFFIX = {artefact_format: suffix for suffix, artefact_format in FORMAT_OF_SUFFIX.items()}
LINE_BYTES = {"blob": ENTRY_BYTES, "regs": PAIR_BYTES}


def golden_path(name: str, artefact_format: str) -> Path:
    suffix = SUFFIX[artefact_format]
    return GOLDEN / f"{name}{suffix}.txt" if artefact_format in LINE_BYTES else GOLDEN / f"{name}{suffix}"


def as_text(data: bytes, artefact_format: str) -> str:
    if artefact_format not in LINE_BYTES:
        return data.decode("ascii")
    width = LINE_BYTES[artefact_format]
    return "".join(f"{data[at : at + width].hex(' ', -4)}\n" for at in range(0, len(data), width))


@each_policy
@pytest.mark.parametrize("artefact_format", FORMATS)
def test_golden(name: str, artefact_format: str, golden: Golden) -> None:
    artefact = pipeline.build(examine(name), artefact_format)
    assert artefact.proved == (0 if artefact_format == "regs" else SPACE)
    assert backend(artefact_format).BINARY is (artefact_format in LINE_BYTES)
    golden(golden_path(name, artefact_format), as_text(artefact.data, artefact_format))


def test_no_golden_file_without_its_policy() -> None:
    wanted = {golden_path(name, artefact_format) for name in NAMES for artefact_format in FORMATS}
    assert set(GOLDEN.iterdir()) == wanted


@pytest.mark.parametrize("compiler", ["gcc", "g++"])
def test_all_headers_fit_into_one_translation_unit(compiler: str, tmp_path: Path) -> None:
    language, standard = ("c++", "c++17") if compiler == "g++" else ("c", "c99")
    unit = tmp_path / "all.c"
    unit.write_text("".join(f'#include "{golden_path(name, "c")}"\n' for name in NAMES))
    flags = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror", "-fsyntax-only")
    run(tool(compiler), "-x", language, f"-std={standard}", *flags, unit)


def test_all_modules_fit_into_one_crate(tmp_path: Path) -> None:
    crate = tmp_path / "all.rs"
    modules = (f'#[path = "{golden_path(name, "rust")}"]\npub mod {name.replace("-", "_")};\n' for name in NAMES)
    crate.write_text("//! Every shipped policy.\n#![no_std]\n" + "/// One policy.\n".join(("", *modules)))
    flags = ("--crate-type=lib", "--emit=metadata", "--edition=2021", "-Dwarnings", "-Dmissing_docs")
    run(tool("rustc"), *flags, "--out-dir", tmp_path, crate)
