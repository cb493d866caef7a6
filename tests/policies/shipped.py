"""The policies that the project ships, examined once for all tests."""

from functools import cache
from pathlib import Path

import pytest

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.analysis.resolve import Resolution
from smccc_filter.artefacts.backends.program import CompiledPolicy
from smccc_filter.language.policy.model import Policy
from tests.paths import POLICIES, SUFFIX

NAMES = tuple(sorted(path.name.removesuffix(SUFFIX) for path in POLICIES.glob(f"*{SUFFIX}")))

each_policy = pytest.mark.parametrize("name", NAMES)


def path(name: str) -> Path:
    return POLICIES / f"{name}{SUFFIX}"


@cache
def examine(name: str) -> Examination:
    return pipeline.examine(f"policies/{name}{SUFFIX}", path(name).read_bytes())


def policy(name: str) -> Policy:
    found = examine(name).policy
    assert found is not None
    return found


def program(name: str) -> CompiledPolicy:
    return pipeline.program(examine(name))


def unmet(wanted: Policy, resolution: Resolution) -> list[str]:
    """List the calls whose expectations do not hold."""
    return [
        test.call
        for test in wanted.tests
        if any(
            decision.action is not test.expect
            for interval in test.ids
            for _, _, decision in resolution.decisions.within(*interval)
        )
    ]
