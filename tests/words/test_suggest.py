import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.words import MAX_WORD, QUOTE, cut, did_you_mean, nearest

ACTIONS = ("handle", "deny", "forward")


@pytest.mark.parametrize(
    ("word", "choices", "expected"),
    [
        ("denny", ACTIONS, ["deny"]),
        ("FORWARDS", ACTIONS, ["forward"]),
        ("drop", ACTIONS, []),
        ("", ACTIONS, []),
        ("psci_cpu_on", ("PSCI_CPU_OFF", "PSCI_CPU_ON", "TRNG_RND"), ["PSCI_CPU_ON", "PSCI_CPU_OFF"]),
        ("aaaa", ("aaab", "aaac", "aaad", "aaae"), 3),
        ("x" * MAX_WORD, ("x" * MAX_WORD,), ["x" * MAX_WORD]),
        ("x" * (MAX_WORD + 1), ("x" * (MAX_WORD + 1),), []),
    ],
)
def test_nearest(word: str, choices: tuple[str, ...], expected: list[str] | int) -> None:
    found = nearest(word, choices)
    assert found == expected if isinstance(expected, list) else len(found) == expected


@given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=8))
def test_only_choices_are_suggested_and_three_at_most(word: str, choices: list[str]) -> None:
    found = nearest(word, choices)
    assert set(found) <= set(choices)
    assert len(found) <= 3


def test_hint_offers_what_is_near_and_else_says_where_to_look() -> None:
    assert did_you_mean("dney", ACTIONS, "see the manual") == "did you mean `deny`?"
    assert did_you_mean("drop", ACTIONS, "see the manual") == "see the manual"


@pytest.mark.parametrize(("length", "shown"), [(0, 0), (QUOTE, QUOTE), (QUOTE + 1, QUOTE), (10**6, QUOTE)])
def test_a_long_word_is_cut_to_its_beginning(length: int, shown: int) -> None:
    text = cut("x" * length)
    assert len(text) == shown
    assert text.endswith("...") == (length > QUOTE)
