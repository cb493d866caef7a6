"""Whatever a file holds, the tool answers soundly: at least 10,000 inputs where CI is set, a tenth elsewhere."""

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smccc_filter.analysis import pipeline
from tests.programs.fuzz import strategies
from tests.programs.fuzz.oracle import hold

CI = os.environ.get("CI", "").lower() in {"1", "true"}
HANG = timedelta(seconds=30)
"""Where an input of a few kilobytes takes longer, some part of the tool is not linear."""


def fuzz(examples: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test on so many inputs where CI is set, the same ones in every run; elsewhere on a tenth, ever new."""
    return settings(
        max_examples=examples if CI else examples // 10,
        derandomize=CI,
        deadline=HANG,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


@fuzz(2500)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_bytes(data: bytes) -> None:
    hold(data)


@fuzz(2500)
@given(strategies.words, st.booleans())
def test_words_of_yaml(text: str, headed: bool) -> None:  # noqa: FBT001 -- hypothesis gives it
    hold((strategies.HEAD if headed else b"") + text.encode(errors="surrogatepass"))


@fuzz(1500)
@given(strategies.trees, st.booleans())
def test_trees(tree: Any, block: bool) -> None:  # noqa: ANN401, FBT001
    hold(strategies.write(tree, block=block))


@fuzz(1000)
@given(strategies.policies, st.booleans())
def test_policies(tree: Any, block: bool) -> None:  # noqa: ANN401, FBT001
    data = strategies.write(tree, block=block)
    assert hold(data).report == pipeline.examine("p.yaml", data).report


@fuzz(1000)
@given(strategies.flawed(), st.booleans())
def test_flawed_policies(tree: Any, block: bool) -> None:  # noqa: ANN401, FBT001
    hold(strategies.write(tree, block=block))


@fuzz(1000)
@given(strategies.mutated())
def test_mutations_of_the_shipped_policies(data: bytes) -> None:
    hold(data)


@fuzz(1000)
@given(strategies.rearranged())
def test_rearranged_lines_of_the_shipped_policies(data: bytes) -> None:
    hold(data)
