"""The shipped policies' C headers and Rust modules, put to use as a VMM does: compiled, and what comes out run."""

import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

from smccc_filter.artefacts.backends import backend
from smccc_filter.kvm.uapi import ONE_REG
from tests.programs.live.shipped import names, program
from tests.programs.live.toolchain import HERE, run, tool


class Tables(NamedTuple):
    """The bytes of a compiled module's constants: entries, and registers as ``ONE_REG`` packs them."""

    blob: bytes
    registers: bytes


def write_headers(folder: Path) -> None:
    """Write every policy's header, and ``generated.h``, which artefacts.c includes."""
    for name in names():
        (folder / f"{name}.h").write_bytes(backend("c").emit(program(name)))
    includes = "".join(f'#include "{name}.h"\n' for name in names())
    rows = " ".join(f"X({program(name).symbol})" for name in names())
    (folder / "generated.h").write_text(f"{includes}#define ARTEFACTS(X) {rows}\n", encoding="ascii")


@cache
def rust_tables() -> dict[str, Tables]:
    """Compile every policy's Rust module for this machine, which is little endian too; return tables by policy."""
    if sys.byteorder != "little":
        raise NotImplementedError("entries are laid out as on arm64 hosts, little endian")
    symbols = [program(name).symbol for name in names()]
    modules = "".join(f'mod {symbol} {{ include!("{symbol}.rs"); }}\n' for symbol in symbols)
    dumps = "\n    ".join(f"dump!({symbol});" for symbol in symbols)
    with tempfile.TemporaryDirectory(prefix="smccc-filter-") as name:
        folder = Path(name)
        for policy in names():
            (folder / f"{program(policy).symbol}.rs").write_bytes(backend("rust").emit(program(policy)))
        text = (HERE / "artefacts.rs").read_text(encoding="ascii")
        source, binary = folder / "main.rs", folder / "main"
        source.write_text(text.replace("MODULES", modules).replace("DUMPS", dumps), encoding="ascii")
        run(tool("rustc"), "--edition", "2021", "-D", "warnings", "-o", str(binary), str(source))
        lines = run(str(binary)).splitlines()
    return dict(_tables(line) for line in lines)


def _tables(line: str) -> tuple[str, Tables]:
    name, filter_bytes, *registers = line.split(" ")
    pairs = [tuple(int(number, 16) for number in register.split("=")) for register in registers]
    return name, Tables(bytes.fromhex(filter_bytes), b"".join(ONE_REG.pack(*pair) for pair in pairs))
