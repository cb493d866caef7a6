"""C programs are read as they run, or refused; those that people could have written are read."""

import os
import secrets
from pathlib import Path

from smccc_filter.artefacts import readers
from tests.artefacts.backends.tools import tool
from tests.programs.fuzz.c_compiled import run_all
from tests.programs.fuzz.c_programs import BATCH, compare, entries_of
from tests.programs.fuzz.c_traps import READ, programs


def test_import_reads_what_random_programs_give_to_kvm(tmp_path: Path) -> None:
    tool("gcc")
    seed = int(os.environ.get("SMCCC_FILTER_SEED") or secrets.randbelow(1 << 31))
    print(f"SMCCC_FILTER_SEED={seed}, or python -m tests.programs.fuzz.c_programs --programs {BATCH} --seed {seed}")
    outcome = compare(BATCH, seed, tmp_path)
    assert outcome.misread == ()
    assert outcome.ran >= 0.85 * BATCH, "gcc refuses the programs, or they crash"
    assert outcome.calm >= 0.1 * BATCH
    assert outcome.calm_read >= 0.85 * outcome.calm, outcome.refused[:3]
    assert outcome.read < 0.6 * outcome.ran, "few programs change an entry"


def test_import_falls_into_no_trap(tmp_path: Path) -> None:
    tool("gcc")
    named = programs()
    numbered = {number: text.replace("@", str(number)) for number, text in enumerate(named.values())}
    given = run_all(numbered, tmp_path)
    read, misread = set(), []
    for name, (number, text) in zip(named, numbered.items(), strict=True):
        reading = readers.read("p.c", text.encode())
        if number in given and not reading.faults:
            read.add(name.partition(": ")[2])
            if entries_of(reading) != given[number]:
                misread.append(name)
    assert misread == []
    assert read == READ
    assert len(given) > 0.7 * len(named)
