import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.language.policy.ranges import ID_PATTERN, RANGE_PATTERN, WrittenRange, number, parse, parts
from smccc_filter.smccc.function_id import SPACE, show, show_range


@pytest.mark.parametrize(
    ("text", "base", "size"),
    [
        ("0x84000003", 0x84000003, 1),
        ("0X84000003", 0x84000003, 1),
        ("0x0", 0, 1),
        ("0xffffffff", 0xFFFFFFFF, 1),
        ("0xFfFfFfFf", 0xFFFFFFFF, 1),
        ("0x00000000084000003", 0x84000003, 1),
        ("0x8400_0003", 0x84000003, 1),
        ("0x8_4_0_0_0_0_0_3", 0x84000003, 1),
        ("0x84000000-0x8400001F", 0x84000000, 0x20),
        ("0x8400_0000-0X8400_001f", 0x84000000, 0x20),
        ("0x84000003-0x84000003", 0x84000003, 1),
        ("0x0-0xFFFFFFFF", 0, SPACE),
        ("0x84000000+0x20", 0x84000000, 0x20),
        ("0x84000000+32", 0x84000000, 32),
        ("0x84000000+1_000", 0x84000000, 1000),
        ("0x84000000+010", 0x84000000, 10),
        ("0x0+0xFFFFFFFF", 0, SPACE - 1),
        ("0x0+4294967295", 0, SPACE - 1),
    ],
)
def test_range(text: str, base: int, size: int) -> None:
    written = parse(text)
    assert written == WrittenRange(base, size)
    assert written
    assert written.ids == ((base, base + size),)


@pytest.mark.parametrize(
    ("text", "base", "size"),
    [
        pytest.param("0x84000000+0", 0x84000000, 0, id="empty"),
        pytest.param("0x0+0x0", 0, 0, id="empty at 0"),
        pytest.param("0x84000001-0x84000000", 0x84000001, 0, id="last just before first"),
        pytest.param("0x84000003-0x84000000", 0x84000003, -2, id="last before first"),
        pytest.param("0xFFFFFFFF+2", 0xFFFFFFFF, 2, id="past the end"),
        pytest.param("0x84000000+0xFFFFFFFF", 0x84000000, 0xFFFFFFFF, id="around"),
    ],
)
def test_a_range_that_no_kernel_takes_selects_nothing(text: str, base: int, size: int) -> None:
    written = parse(text)
    assert written == WrittenRange(base, size)
    assert written
    assert written.ids == ()


bounds = st.tuples(st.integers(0, SPACE - 1), st.integers(0, SPACE - 1)).map(sorted)


@given(bounds)
def test_what_messages_write_reads_back(both: list[int]) -> None:
    first, last = both
    assert parse(show_range(first, last + 1)) == WrittenRange(first, last + 1 - first)


def spell(draw: st.DrawFn, number: int, *, hexadecimal: bool = True) -> str:
    """Write a number in any way that the language has."""
    digits = f"{number:x}" if hexadecimal else str(number)
    digits = draw(st.sampled_from(["", "0", "00"])) + digits
    if hexadecimal and draw(st.booleans()):
        digits = digits.upper()
    for at in sorted(draw(st.sets(st.integers(1, 12), max_size=3)), reverse=True):
        if at < len(digits):
            digits = f"{digits[:at]}_{digits[at:]}"
    return draw(st.sampled_from(["0x", "0X"])) + digits if hexadecimal else digits


@st.composite
def spelt(draw: st.DrawFn) -> tuple[str, int, int]:
    first, last = draw(bounds)
    form = draw(st.sampled_from(["first-last", "base+count", "one"]))
    if form == "one":
        return spell(draw, first), first, 1
    size = last - first + 1
    if form == "first-last" or size == SPACE:
        return f"{spell(draw, first)}-{spell(draw, last)}", first, size
    return f"{spell(draw, first)}+{spell(draw, size, hexadecimal=draw(st.booleans()))}", first, size


@given(spelt())
def test_every_spelling_means_the_same(written: tuple[str, int, int]) -> None:
    text, base, size = written
    assert parse(text) == WrittenRange(base, size)


@given(st.integers(-SPACE, 2 * SPACE), st.integers(-SPACE, 2 * SPACE))
def test_ids_are_never_clipped(base: int, size: int) -> None:
    ids = WrittenRange(base % SPACE, size).ids
    assert ids in ((), ((base % SPACE, base % SPACE + size),))
    assert all(0 <= start < stop <= SPACE for start, stop in ids)


almost = st.text(st.sampled_from("0123456789abcdefABCDEFxX_+- "), max_size=24) | spelt().map(lambda made: made[0])


@given(almost)
def test_the_pattern_takes_what_the_grammar_takes(text: str) -> None:
    written = parts(text)
    assert (re.search(RANGE_PATTERN, text) is not None) == (written is not None)
    fits = written is not None and all(number(part) < SPACE for part in written if part)
    assert (parse(text) is not None) == fits


@given(st.integers(0, SPACE - 1))
def test_the_pattern_of_one_id_takes_ids_and_no_more(fid: int) -> None:
    assert re.search(ID_PATTERN, show(fid))
    assert not re.search(ID_PATTERN, f"{show(fid)}+1")
    assert not re.search(ID_PATTERN, str(fid))
