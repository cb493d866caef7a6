import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.language.source import plain, read
from smccc_filter.language.source.scalars import MAX_DIGITS, resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[(text, None) for text in ("", "~", "null", "Null", "NULL")],
        *[(text, True) for text in ("true", "True", "TRUE")],
        *[(text, False) for text in ("false", "False", "FALSE")],
        *[(text, text) for text in ("yes", "No", "on", "OFF", "y", "nULL", "tRUE", "none")],
        ("0", 0),
        ("-17", -17),
        ("+1", 1),
        ("010", 10),
        ("6.10", 6.1),
        (".5", 0.5),
        ("1.", 1.0),
        ("-1e3", -1000.0),
        ("1E+3", 1000.0),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("+.Inf", math.inf),
        ("0x84000003", "0x84000003"),
        ("0X84000003", "0X84000003"),
        ("0o17", "0o17"),
        ("0b1", "0b1"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("2026-01-01", "2026-01-01"),
        ("6.12.112", "6.12.112"),
        ("-", "-"),
        (".", "."),
        ("+.", "+."),
        ("e3", "e3"),
        ("inf", "inf"),
        ("1" * MAX_DIGITS, int("1" * MAX_DIGITS)),
        ("1" * (MAX_DIGITS + 1), "1" * (MAX_DIGITS + 1)),
        ("1" * 5000, "1" * 5000),
        ("\u0661", "\u0661"),
    ],
)
def test_plain_scalar(text: str, value: object) -> None:
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_not_a_number(text: str) -> None:
    value = resolve(text)
    assert isinstance(value, float)
    assert math.isnan(value)


@given(st.text())
def test_any_text_is_some_value(text: str) -> None:
    value = resolve(text)
    assert value == text or not isinstance(value, str)


@pytest.mark.parametrize("text", ["1", "true", "null", "1.5", "~", ""])
@pytest.mark.parametrize("quotes", ["''", '""'])
def test_quotes_make_text_of_anything(text: str, quotes: str) -> None:
    root = read(f"a: {quotes[0]}{text}{quotes[1]}".encode()).root
    assert root is not None
    assert plain(root) == {"a": text}
