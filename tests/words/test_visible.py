import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.words import visible
from tests.reports.findings import strategies

UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("plain ASCII ~", "plain ASCII ~"),
        ("漢字 é e\u0301 😀", "漢字 é e\u0301 😀"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\tb\r\n", "a\\tb\\r\\n"),
        ("\x7f\x85\x9b", "\\x7f\\x85\\x9b"),
        ("\u202e\u2066\u200b\ufeff", "\\u202e\\u2066\\u200b\\ufeff"),
        ("\xa0\u3000", "\\xa0\\u3000"),
        ("\udc80\U000e0001", "\\udc80\\U000e0001"),
        ("\ue000", "\\ue000"),
    ],
)
def test_table(text: str, expected: str) -> None:
    assert visible(text) == expected


def test_keeps_what_it_is_told_to() -> None:
    assert visible("a\r\n\x1b", keep="\r\n") == "a\r\n\\x1b"


def test_no_character_of_unicode_that_steers_gets_through() -> None:
    steering = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) in UNSEEN]
    assert all(visible(character).isascii() and len(visible(character)) > 1 for character in steering)


@given(strategies.words | st.text(st.characters(categories=["Cs"])))
def test_result_prints_encodes_and_stays(text: str) -> None:
    shown = visible(text)
    assert shown.isprintable()
    assert shown.encode().decode() == shown
    assert visible(shown) == shown
