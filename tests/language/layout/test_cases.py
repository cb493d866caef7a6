"""Documents that people and programs wrote, and how each reads once it is laid out: ``cases/*.yaml`` and ``*.out``."""

from pathlib import Path

import pytest

from smccc_filter.language.layout import comments, layout
from smccc_filter.language.policy.load import load
from smccc_filter.language.source import Document, read
from tests.conftest import Golden
from tests.language.layout.trees import in_order

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)


def document(data: bytes) -> Document:
    """Read a policy in whose form nothing is wrong."""
    found = read(data)
    assert not load(found)[1]
    return found


@each_case
def test_how_it_reads(case: Path, golden: Golden) -> None:
    golden(case.with_suffix(".out"), layout(document(case.read_bytes())))


@each_case
def test_laid_out_twice(case: Path) -> None:
    text = layout(document(case.read_bytes()))
    assert layout(document(text.encode())) == text


@each_case
def test_both_parsers_see_the_same(case: Path) -> None:
    data = case.read_bytes()
    assert layout(read(data, pure=True)) == layout(read(data))


@each_case
def test_nothing_is_lost(case: Path) -> None:
    before = document(case.read_bytes())
    after = document(layout(before).encode())
    assert in_order(after) == in_order(before)
    assert sorted(comments(after)) == sorted(comments(before))
