"""The fixtures: ``<check>/fires/*.yaml`` make a check speak, ``<check>/silent/*.yaml`` leave it without a word."""

from functools import cache
from pathlib import Path

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.diagnostics import FileReport

HERE = Path(__file__).parent

POLICIES = sorted(path.relative_to(HERE).as_posix() for path in HERE.glob("*/*/*.yaml"))


@cache
def examined(policy: str) -> FileReport:
    """Examine a fixture under a path that is the same on every machine."""
    return pipeline.examine(policy, (HERE / policy).read_bytes()).report


def check_of(policy: str) -> str:
    return policy.partition("/")[0]


def fires(policy: str) -> bool:
    return policy.split("/")[1] == "fires"
