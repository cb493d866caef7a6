from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from smccc_filter.reports.paper.excerpt import ELLIPSIS, LEAD, TAB, WINDOW, columns, excerpt, split_lines
from smccc_filter.words import visible

ALPHABET = "ab' é漢字한😀\u0301\u0e31\t\x1b\u202e\u200b\U000e0001"


def under_caret(line: str, indent: int, width: int) -> str:
    """Return what rich, which has its own tables, draws above the carets; marks, which take no column, are left out."""
    cells = [cell_len(character) for character in line]
    starts = accumulate(cells, initial=0)
    return "".join(
        c for c, at, size in zip(line, starts, cells, strict=False) if size and indent <= at < indent + width
    )


def drawn(text: str) -> str:
    return "".join(c for c in visible(text.replace("\t", TAB)) if cell_len(c))


@given(st.data())
def test_carets_stand_under_exactly_the_span(data: st.DataObject) -> None:
    line = data.draw(st.text(st.sampled_from(ALPHABET), max_size=WINDOW))
    start = data.draw(st.integers(0, len(line)))
    stop = data.draw(st.integers(start, len(line)))
    shown = excerpt(line, start, stop)
    span = drawn(line[start:stop])
    assert shown.line.isprintable()
    assert shown.indent == sum(map(cell_len, drawn(line[:start])))
    assert shown.width == max(sum(map(cell_len, span)), 1)
    if span:
        assert under_caret(shown.line, shown.indent, shown.width).rstrip() == span.rstrip()


@given(st.integers(WINDOW + 1, 5000), st.data())
def test_a_long_line_is_cut_around_the_span(length: int, data: st.DataObject) -> None:
    line = "".join(f"{number:05}" for number in range(1000))[:length]
    start = data.draw(st.integers(0, length))
    stop = data.draw(st.integers(start, length))
    shown = excerpt(line, start, stop)
    body = shown.line.removeprefix(ELLIPSIS).removesuffix(ELLIPSIS)
    assert len(body) == WINDOW
    assert body in line
    assert shown.line.startswith(ELLIPSIS) is not line.startswith(body)
    assert shown.line.endswith(ELLIPSIS) is not line.endswith(body)
    marked = shown.line[shown.indent : shown.indent + shown.width]
    assert line[start:stop].startswith(marked) or start == stop
    assert shown.indent >= min(start, LEAD)


@pytest.mark.parametrize(
    ("line", "start", "stop", "expected"),
    [
        ("", 0, 0, ("", 0, 1)),
        ("ab", 2, 2, ("ab", 2, 1)),
        ("ab", 1, 2, ("ab", 1, 1)),
        ("ab", 1, 9, ("ab", 1, 1)),
        ("ab", 1, 0, ("ab", 1, 1)),
        ("\ta\tb  ", 1, 4, ("    a    b", 4, 6)),
        ("漢字x", 1, 2, ("漢字x", 2, 2)),
        ("e\u0301x", 2, 3, ("e\u0301x", 1, 1)),
        ("😀x", 1, 2, ("😀x", 2, 1)),
        ("\x1bx", 0, 1, ("\\x1bx", 0, 4)),
        ("a\u202ex", 2, 3, ("a\\u202ex", 7, 1)),
        ("\u1112\u1161\u11abx", 3, 4, ("\u1112\u1161\u11abx", 2, 1)),
    ],
)
def test_table(line: str, start: int, stop: int, expected: tuple[str, int, int]) -> None:
    assert excerpt(line, start, stop) == expected


def test_a_megabyte_becomes_a_window() -> None:
    shown = excerpt("x" * 1_000_000 + "y" + "z" * 1_000_000, 1_000_000, 1_000_001)
    assert shown == (f"...{'x' * LEAD}y{'z' * (WINDOW - LEAD - 1)}...", LEAD + 3, 1)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("a", ["a"]),
        ("a\n", ["a"]),
        ("\n", [""]),
        ("a\n\nb", ["a", "", "b"]),
        ("a\r\nb\rc\n", ["a", "b", "c"]),
        ("a\x85b\u2028c\x0bd\x0c", ["a\x85b\u2028c\x0bd\x0c"]),
    ],
)
def test_lines_end_where_the_source_ends_them(text: str, lines: list[str]) -> None:
    assert split_lines(text) == lines


def test_columns() -> None:
    assert [columns(text) for text in ("", "ab", "漢", "ﾊ", "\uff21", "e\u0301", "\u20dd", "é")] == [
        0,
        2,
        2,
        1,
        2,
        1,
        0,
        1,
    ]
