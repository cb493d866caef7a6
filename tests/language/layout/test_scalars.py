"""How values are written: what is read back is what was meant, and nothing is in quotes that need not be."""

from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from smccc_filter.language.layout import layout
from smccc_filter.language.layout.lines import WIDTH
from smccc_filter.language.policy.load import load
from smccc_filter.language.source import plain, read
from tests.language.policy.documents import minimal, written

texts = st.text(
    st.sampled_from("ab 01:#-,[]{}'\"\\&*!|>%@`~?=.\n\téX漢😀\u00a0\u202e")
    | st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029\ufeff\ufffe\uffff"),
    min_size=1,
    max_size=30,
)


def data_of(text: str, *, pure: bool = False) -> Any:  # noqa: ANN401 -- any YAML value
    document = read(text.encode(), pure=pure)
    assert document.root
    assert document.faults == ()
    return plain(document.root)


def value_of(text: str) -> str:
    """Return what stands behind the description's key in the layout of a policy that has it."""
    laid_out = layout(read(written(minimal(description=text))))
    return laid_out.partition("description: ")[2].rstrip("\n")


@given(texts)
@example("- a")
@example("a: b")
@example("---")
@example("a" * 200)
@example("word " * 50 + "word")
@example("two  spaces " * 20 + "end")
@example(" " + "word " * 50)
def test_every_text_is_read_back(text: str) -> None:
    rule = {"name": text, "action": "deny", "calls": ["TRNG_RND"], "reason": text}
    data = minimal(description=text, rules=[rule], allow=[{"code": "A305", "reason": text}])
    laid_out = layout(read(written(data)))
    assert data_of(laid_out) == data_of(laid_out, pure=True) == data
    assert layout(read(laid_out.encode())) == laid_out


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("plain words", "plain words"),
        ("it's", "it's"),
        ("a:b c#d", "a:b c#d"),
        ("-dash ?a :b", "-dash ?a :b"),
        ("KVM's, [x] {y} & z", "KVM's, [x] {y} & z"),
        ("64 calls", "64 calls"),
        ("a: b", '"a: b"'),
        ("a:", '"a:"'),
        ("a #b", '"a #b"'),
        ("[a]", '"[a]"'),
        (" a", '" a"'),
        ("yes", '"yes"'),
        ("Null", '"Null"'),
        ("6.10", '"6.10"'),
        ("12:30:45", '"12:30:45"'),
        ("2024-01-01", '"2024-01-01"'),
        ("0x84000003", '"0x84000003"'),
        ('say: "x"', "'say: \"x\"'"),
        ("it's: \\n", "'it''s: \\n'"),
        ("a\nb", '"a\\nb"'),
        ('a\n"b"', '"a\\n\\"b\\""'),
        ("a\tb", '"a\\tb"'),
        ("a\u202eb", '"a\\u202eb"'),
        ("a\u00a0b", '"a\\xa0b"'),
        ("a\U000e0001b", '"a\\U000e0001b"'),
        ("漢字 é 😀", "漢字 é 😀"),
    ],
)
def test_quotes_only_where_they_are_needed(text: str, form: str) -> None:
    assert value_of(text) == form


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("0x84", "0x00000084"),
        ("0X8400_001f", "0x8400001F"),
        ("0xc4000000-0xc400001f", "0xC4000000-0xC400001F"),
        ("0x0000084000000-0x84000001", "0x84000000-0x84000001"),
        ("0x84000000+032", "0x84000000+32"),
        ("0x84000000+1_0", "0x84000000+10"),
        ("0x84000000+0X0_1f", "0x84000000+0x1F"),
        ("0x84000000+0", "0x84000000+0"),
        ("0x84000000+0x0", "0x84000000+0x0"),
        (f"0x84000000+{'0' * 5000}7", "0x84000000+7"),
        ("0x84000001-0x84000000", "0x84000001-0x84000000"),
    ],
)
def test_function_ids_have_eight_upper_case_digits(text: str, form: str) -> None:
    policy = minimal(rules=[{"action": "deny", "ranges": [text]}])
    assert f"ranges: [{form}]\n" in layout(read(written(policy)))


def test_only_function_ids_are_spelt_anew() -> None:
    rule = {"name": "0xab", "action": "deny", "calls": ["TRNG_RND"], "reason": "0xab"}
    assert layout(read(written(minimal(rules=[rule])))).count('"0xab"') == 2


headers = st.builds("{}{}".format, st.sampled_from("|>"), st.sampled_from(["", "-", "+", "2", "2-", "2+"]))
bodies = st.lists(st.text("ab  #-:>|\t\"'", max_size=8), max_size=6)
rests = st.sampled_from(["", "rules: []\n"])


@given(headers, bodies, st.integers(1, 4), rests, st.sampled_from(["\n", "\r\n", "\r"]))
@example(">", ["a", "", "b", " c", "", " d", "e"], 2, "", "\n")
@example("|2+", ["  a", "b", "", ""], 2, "", "\n")
@example("|+", ["a", "", ""], 2, "rules: []\n", "\n")
@example(">+", ["", "a", "", ""], 2, "", "\r\n")
def test_a_block_scalar_keeps_its_text_and_its_style(
    header: str, body: list[str], step: int, rest: str, line_end: str
) -> None:
    indent = " " * (2 if "2" in header else step)
    lines = ["version: 1", "name: a", f"description: {header}", *(indent + line for line in body), rest]
    text = "\n".join(lines).replace("\n", line_end)
    document = read(text.encode())
    policy, faults, _ = load(document)
    assume(policy is not None and not faults)
    assert policy
    laid_out = layout(document)
    assert data_of(laid_out) == data_of(laid_out, pure=True) == data_of(text)
    assert layout(read(laid_out.encode())) == laid_out
    description = policy.description or ""
    if description and description.strip(" \t\n") == description:
        assert f"description: {header[0]}-\n" in laid_out
        assert [line.strip() for line in body if line.strip()] == [
            line.strip() for line in laid_out.removesuffix(rest).splitlines()[3:] if line.strip()
        ]


def test_long_text_is_folded_at_the_width() -> None:
    found = value_of("word " * 60 + "end")
    first, *rest = found.split("\n")
    assert first == ">-"
    assert [len(line) + len(" word") > WIDTH for line in rest] == [True, True, False]
    assert all(line.startswith("  word") for line in rest)
