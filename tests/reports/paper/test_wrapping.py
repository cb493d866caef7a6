import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.reports.findings import text
from smccc_filter.reports.paper.excerpt import columns
from smccc_filter.reports.paper.styles import Piece, Style, plain
from smccc_filter.reports.paper.wrapping import wrapped
from tests.reports.findings.cases import REPORTS

LINES = st.lists(
    st.tuples(
        st.text("ab \u6f22", max_size=12), st.sampled_from([style for style in Style if style is not Style.CODE])
    ),
    max_size=8,
)


@given(LINES, st.integers(4, 30))
def test_words_stay_whole_and_in_order(line: list[Piece], width: int) -> None:
    assert plain(wrapped(line, width)).split() == plain(line).split()


@given(LINES, st.integers(4, 30))
def test_a_line_is_too_long_only_where_a_word_is(line: list[Piece], width: int) -> None:
    for written in plain(wrapped(line, width)).split("\n"):
        assert columns(written) <= width or len(written.split()) <= 1 or line[0][1] is Style.GUTTER


@given(LINES, st.integers(4, 30))
def test_what_fits_stays_as_it_is(line: list[Piece], width: int) -> None:
    if columns(plain(line)) <= width:
        assert list(wrapped(line, width)) == line


def test_what_continues_a_line_stands_below_its_text() -> None:
    line = [("  = ", Style.GUTTER), ("help: write it anew", Style.HINT), ("\n", Style.PLAIN)]
    assert plain(wrapped(line, 14)) == "  = help:\n    write it\n    anew\n"
    assert plain(wrapped([("error", Style.ERROR), (" it is wrong", Style.MESSAGE)], 9)) == "error it\n  is\n  wrong"


def test_source_lines_are_not_broken() -> None:
    line = [("3 |", Style.GUTTER), (" rules: [ a, b, c ]", Style.CODE), ("\n", Style.PLAIN)]
    assert list(wrapped(line, 10)) == line


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_keeps_its_words_and_its_excerpts(name: str, width: int) -> None:
    pieces = list(text.render(REPORTS[name], notes=True))
    written = plain(wrapped(pieces, width))
    assert written.split() == plain(pieces).split()
    for line in written.splitlines():
        assert columns(line) <= width or not re.search("[^ ] +[^ |]", line[8:]) or "|" in line[:8]
