"""The policies that live kernels are given: what the project ships, and some beside it; compiled once.

Those in ``beside`` are there so that every text around an artefact's tables is put to use.
"""

from functools import cache
from pathlib import Path

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.artefacts.backends.program import CompiledPolicy
from tests.paths import POLICIES, SUFFIX

BESIDE = Path(__file__).parent / "beside"


@cache
def _paths() -> dict[str, Path]:
    paths = (path for folder in (POLICIES, BESIDE) for path in folder.glob(f"*{SUFFIX}"))
    return {path.name.removesuffix(SUFFIX): path for path in sorted(paths, key=lambda path: path.name)}


def names() -> tuple[str, ...]:
    """Return the names of the policies, which are those of their files, in their order."""
    return tuple(_paths())


@cache
def examine(name: str) -> Examination:
    """Examine one of the policies."""
    path = _paths()[name]
    return pipeline.examine(path.name, path.read_bytes())


@cache
def program(name: str) -> CompiledPolicy:
    """Compile one of the policies."""
    return pipeline.program(examine(name))


def program_called(symbol: str) -> CompiledPolicy:
    """Compile the policy with that C and Rust name."""
    return program(symbol.replace("_", "-"))
