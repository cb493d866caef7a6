"""Random C programs are read as they run, or refused; those that people could have written are read."""

import os
import secrets
from pathlib import Path

from tests.artefacts.backends.tools import tool
from tests.programs.fuzz.c_programs import BATCH, compare


def test_import_reads_what_random_programs_give_to_kvm(tmp_path: Path) -> None:
    tool("gcc")
    seed = int(os.environ.get("SMCCC_FILTER_SEED") or secrets.randbelow(1 << 31))
    outcome = compare(BATCH, seed, tmp_path)
    print(f"python -m tests.programs.fuzz.c_programs --programs {BATCH} --seed {seed}")
    assert outcome.misread == ()
    assert outcome.ran >= 0.9 * BATCH, "gcc refuses the programs, or they crash"
    assert outcome.calm >= 0.1 * BATCH
    assert outcome.calm_read >= 0.85 * outcome.calm, outcome.refused[:3]
    assert outcome.read < 0.6 * outcome.ran, "few programs change an entry"
