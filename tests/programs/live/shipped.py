"""The policies that the project ships, compiled once."""

from functools import cache

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.artefacts.backends.program import CompiledPolicy
from tests.paths import POLICIES, SUFFIX


@cache
def names() -> tuple[str, ...]:
    """Return the names of the shipped policies, which are those of their files."""
    return tuple(sorted(path.name.removesuffix(SUFFIX) for path in POLICIES.glob(f"*{SUFFIX}")))


@cache
def examine(name: str) -> Examination:
    """Examine a shipped policy."""
    path = POLICIES / f"{name}{SUFFIX}"
    return pipeline.examine(path.name, path.read_bytes())


@cache
def program(name: str) -> CompiledPolicy:
    """Compile a shipped policy."""
    return pipeline.program(examine(name))


def program_called(symbol: str) -> CompiledPolicy:
    """Compile the shipped policy with that C and Rust name."""
    return program(symbol.replace("_", "-"))
