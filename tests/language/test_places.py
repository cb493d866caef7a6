from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.language.places import Offsets, Position, Span
from smccc_filter.language.source import SourceText

texts = st.text(st.sampled_from("ab é😀\r\n"), max_size=30)


@given(st.lists(st.integers(1, 9), min_size=8, max_size=8))
def test_spans_sort_as_they_are_read(numbers: list[int]) -> None:
    a, b, c, d, e, f, g, h = numbers
    one, other = Span(Position(a, b), Position(c, d)), Span(Position(e, f), Position(g, h))
    assert (one < other) == ((a, b, c, d) < (e, f, g, h))


@given(texts, st.integers(0, 30), st.integers(0, 30))
def test_offsets_and_spans_have_one_order(text: str, one: int, other: int) -> None:
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    span = SourceText(text).span(Offsets(start, end))
    assert span.start <= span.end
