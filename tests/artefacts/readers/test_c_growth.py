"""Reading hostile C takes work in proportion to its length: calls of functions are counted, not time."""

import sys
from collections.abc import Callable

import pytest

from smccc_filter.artefacts import readers
from tests.programs.hostile.c_sources import C_SOURCES


def work(text: str) -> int:
    """Count what is called while a text is read, in Python and in C."""
    readers.read("-", text[:1].encode(), "c")  # what is imported once is no work of the text
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        readers.read("-", text.encode(), "c")
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("text", list(C_SOURCES.values()), ids=list(C_SOURCES))
def test_work_grows_with_the_text_and_no_faster(text: Callable[[int], str]) -> None:
    assert work(text(480)) <= 4.7 * work(text(120))


def test_what_grows_faster_is_noticed() -> None:
    def squared(n: int) -> str:
        return C_SOURCES["entries"](n * n // 200)

    assert work(squared(400)) > 3 * work(squared(200))
