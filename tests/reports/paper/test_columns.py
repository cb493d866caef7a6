import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.reports.paper.columns import LabelledLine, listing, prose, table, width_of

WORDS = st.text("abc-0", min_size=1, max_size=12)
SENTENCES = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)
IDS = st.lists(st.just("0x84000003"), min_size=1, max_size=5).map(",".join)
ROWS = st.lists(st.tuples(WORDS, IDS, SENTENCES), min_size=1, max_size=8)
WIDTHS = st.integers(1, 120)

WIDE = [("NAME", "IDS", "MEANING"), ("PSCI_CPU_ON", "0x84000003,0xC4000003", "power up a core at an entry point")]


def test_a_table_without_a_width_has_one_line_a_row() -> None:
    assert table(WIDE, None) == (
        "NAME         IDS                    MEANING\n"
        "PSCI_CPU_ON  0x84000003,0xC4000003  power up a core at an entry point\n"
    )


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (69, table(WIDE, None).splitlines()),
        (
            68,
            [
                "NAME         IDS                    MEANING",
                "PSCI_CPU_ON  0x84000003,0xC4000003  power up a core at an entry",
                "                                    point",
            ],
        ),
        (
            40,
            [
                "NAME         IDS          MEANING",
                "PSCI_CPU_ON  0x84000003,  power up a",
                "             0xC4000003   core at an",
                "                          entry point",
            ],
        ),
        (
            10,
            [
                "NAME         IDS          MEANING",
                "PSCI_CPU_ON  0x84000003,  power",
                "             0xC4000003   up a",
                "                          core at",
                "                          an",
                "                          entry",
                "                          point",
            ],
        ),
    ],
)
def test_a_table_wraps_in_its_columns(width: int, expected: list[str]) -> None:
    assert table(WIDE, width).splitlines() == expected


@given(ROWS)
def test_a_piped_table_can_be_split_again(rows: list[tuple[str, ...]]) -> None:
    assert [tuple(re.split(" {2,}", line)) for line in table(rows, None).splitlines()] == rows


@given(ROWS, WIDTHS)
def test_a_table_fits_where_its_longest_words_do(rows: list[tuple[str, ...]], width: int) -> None:
    columns = list(zip(*rows, strict=True))
    least = sum(max(len(word) for cell in column for word in re.findall("[^ ,]+,?", cell)) for column in columns) + 4
    assert max(map(len, table(rows, width).splitlines())) <= max(width, least)


@given(SENTENCES, IDS, WIDTHS)
def test_wrapping_loses_nothing(sentence: str, ids: str, width: int) -> None:
    written = listing([LabelledLine("label", sentence), LabelledLine(), LabelledLine("", ids)], width)
    assert "".join(written.split()) == "label" + "".join(sentence.split()) + ids
    assert prose(sentence, width).split() == sentence.split()


def test_a_listing_aligns_and_continues() -> None:
    lines = [LabelledLine("bit 31", "1"), LabelledLine(), LabelledLine("macro", "ONE"), LabelledLine("", "TWO THREE")]
    assert listing(lines, None) == "  bit 31  1\n\n  macro   ONE\n          TWO THREE\n"
    assert listing(lines, 15) == "  bit 31  1\n\n  macro   ONE\n          TWO\n          THREE\n"


def test_prose_is_filled_only_where_it_does_not_fit() -> None:
    text = "One line\nand its end.\n\nA second paragraph."
    assert prose(text, None) == prose(text, 19) == f"{text}\n"
    assert prose(text, 18) == "One line and its\nend.\n\nA second\nparagraph.\n"


def test_only_a_terminal_has_a_width() -> None:
    parent, child = os.openpty()
    with os.fdopen(child, "w") as terminal, Path(os.devnull).open("w", encoding="utf-8") as null:
        assert width_of(None) is None
        assert width_of(null) is None
        assert width_of(terminal) is None, "a terminal that does not know its width reports 0 columns"
    os.close(parent)
