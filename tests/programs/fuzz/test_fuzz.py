"""Whatever the tool is given, it answers soundly: some thousand inputs of every kind, the same ones in CI's every run.

``python -m tests.programs.fuzz`` runs as many as there is time for.
"""

import os
from pathlib import Path
from random import SystemRandom

import pytest

from tests.programs.fuzz.campaign import BATCH, Batch, run
from tests.programs.fuzz.inputs import KINDS

CI = os.environ.get("CI", "").lower() in {"1", "true"}
SEED = 1 if CI else SystemRandom().randrange(1 << 32)
BATCHES = 2 if CI else 1
SIZE = BATCH if CI else BATCH // 4
"""How many inputs of each kind; a desk tries a few that nobody has tried."""


@pytest.mark.parametrize("first", range(0, BATCHES * BATCH, BATCH))
@pytest.mark.parametrize("kind", KINDS)
def test_every_answer_is_sound(kind: str, first: int, tmp_path: Path) -> None:
    failures = run(Batch(kind, SEED, first), str(tmp_path), SIZE).failures
    assert not failures, "".join(failure.shown() for failure in failures)
