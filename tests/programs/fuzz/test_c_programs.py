"""C and C++ programs are read as they run, or refused; those that people could have written are read."""

import os
import secrets
from pathlib import Path

import pytest

from smccc_filter.artefacts import readers
from tests.artefacts.backends.tools import tool
from tests.programs.fuzz import c_traps, cpp_traps
from tests.programs.fuzz.c_compiled import COMPILERS, run_all
from tests.programs.fuzz.c_programs import BATCH, compare, entries_of


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


CPP_BATCH = 100


def test_import_reads_what_random_programs_of_cpp_give_to_kvm(tmp_path: Path) -> None:
    tool("g++")
    seed = int(os.environ.get("SMCCC_FILTER_SEED") or secrets.randbelow(1 << 31))
    print(f"SMCCC_FILTER_SEED={seed}, or with --language c++ --programs {CPP_BATCH} --seed {seed}")
    outcome = compare(CPP_BATCH, seed, tmp_path, "c++")
    assert outcome.misread == ()
    assert outcome.ran >= 0.5 * CPP_BATCH, "g++ refuses the programs, or they crash"
    assert outcome.calm_read >= 0.6 * outcome.calm, outcome.refused[:3]
    assert outcome.read < 0.8 * outcome.ran, "few programs change an entry"


TRAPS = {"c": (c_traps.programs(), c_traps.READ), "c++": (cpp_traps.programs(), cpp_traps.READ)}


@pytest.mark.parametrize("language", TRAPS)
def test_import_falls_into_no_trap(language: str, tmp_path: Path) -> None:
    named, known = TRAPS[language]
    tool(COMPILERS[language][0])
    numbered = {number: text.replace("@", str(number)) for number, text in enumerate(named.values())}
    given = run_all(numbered, tmp_path, language=language)
    read, misread = set(), []
    for name, (number, text) in zip(named, numbered.items(), strict=True):
        reading = readers.read("p.c", text.encode())
        if number in given and not reading.faults:
            read.add(name.partition(": ")[2])
            if entries_of(reading) != given[number]:
                misread.append(name)
    assert misread == []
    assert read == known
    assert len(given) > 0.7 * len(named)
