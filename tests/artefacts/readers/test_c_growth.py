"""Reading hostile C takes work in proportion to its length: calls of functions are counted, not time."""

from collections.abc import Callable

import pytest

from smccc_filter.artefacts import readers
from tests.programs.hostile.c_sources import C_SOURCES
from tests.work import calls_of

pytestmark = pytest.mark.no_cover


def work(text: str) -> int:
    """Count what is called while a text is read, in Python and in C."""
    readers.read("-", text[:1].encode(), "c")  # what is imported once is no work of the text
    return calls_of(lambda: readers.read("-", text.encode(), "c"))


@pytest.mark.parametrize("text", list(C_SOURCES.values()), ids=list(C_SOURCES))
def test_work_grows_with_the_text_and_no_faster(text: Callable[[int], str]) -> None:
    assert work(text(480)) <= 4.7 * work(text(120))


def test_what_grows_faster_is_noticed() -> None:
    def squared(n: int) -> str:
        return C_SOURCES["entries"](n * n // 200)

    assert work(squared(400)) > 3 * work(squared(200))
