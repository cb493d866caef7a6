"""Rust programs at random: ``import`` reads what they install or refuses, and it reads the harmless ones."""

import os
import secrets
from pathlib import Path

from tests.artefacts.backends.tools import run, tool
from tests.programs.fuzz.rust_programs import FLAGS, compare, installed, programs

PROGRAMS = 500
ALONE = 3
MAIN = "fn main() { kvm_bindings::dump(0, run); }\n"


def test_what_is_read_of_rust_is_what_runs(tmp_path: Path) -> None:
    seed = int(os.environ.get("SMCCC_FILTER_SEED") or secrets.randbelow(1 << 31))
    print(f"python -m tests.programs.fuzz.rust_programs --programs {PROGRAMS} --seed {seed}")
    tally = compare(seed, PROGRAMS, tmp_path, tool("rustc"))
    assert not tally.mismatches, tally.mismatches[0]
    assert tally.read + tally.refused > PROGRAMS * 0.9
    assert tally.refused > PROGRAMS * 0.25
    assert tally.harmless_read > PROGRAMS * 0.35
    assert len(tally.harmless_refused) <= tally.harmless_read // 50, tally.harmless_refused[0]


def test_a_module_of_a_crate_installs_what_a_file_of_its_own_does(tmp_path: Path) -> None:
    batch = list(programs(1, ALONE))
    together = installed(batch, tmp_path, tool("rustc"))
    assert len(together) == ALONE
    for number, program in enumerate(batch):
        source, binary = tmp_path / "alone.rs", tmp_path / "alone"
        source.write_text(program.text + MAIN, encoding="utf-8")
        library = tmp_path / "libkvm_bindings.rlib"
        run(tool("rustc"), *FLAGS, "--cfg", 'feature="on"', "--extern", f"kvm_bindings={library}", source, "-o", binary)
        rows = {tuple(map(int, line.split())) for line in run(binary).splitlines()[1:]}
        assert rows == together[number]
