import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.language.policy.ranges import (
    ID_PATTERN,
    RANGE_PATTERN,
    MalformedRangeError,
    WrittenRange,
    decimal,
    parse,
)
from smccc_filter.smccc.function_id import SPACE, show, show_range

HINT = "write first-last, base+count or one ID, as in 0x84000000-0x8400001F"
BITS = "a function ID, and the kernel's count of them, has 32 bits: write 0x00000000 to 0xFFFFFFFF"
SPAN = "write 0x00000000 to 0xFFFFFFFF"


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
    assert written.ids == ()


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "`` is not a range of function IDs", HINT),
        ("PSCI_CPU_ON", "`PSCI_CPU_ON` is not a range of function IDs", HINT),
        ("0x", "`0x` is not a range of function IDs", HINT),
        ("84000000", "decimal function ID 84000000", "write it in hexadecimal: 0x0501BD00"),
        ("2214592515", "decimal function ID 2214592515", "write it in hexadecimal: 0x84000003"),
        ("2_214_592_515", "decimal function ID 2214592515", "write it in hexadecimal: 0x84000003"),
        ("1-2", "decimal function ID 1", "write it in hexadecimal: 0x00000001"),
        ("1+0x10", "decimal function ID 1", "write it in hexadecimal: 0x00000001"),
        ("0x84000000-2214592546", "decimal function ID 2214592546", "write it in hexadecimal: 0x84000022"),
        ("4294967296", "4294967296 has more than 32 bits", SPAN),
        ("9" * 5000, f"{'9' * 57}... has more than 32 bits", SPAN),
        ("0x" + "F" * 5000, f"0x{'F' * 55}... has more than 32 bits", BITS),
        ("0x0+0x" + "F" * 5000, f"0x{'F' * 55}... in `0x0+0x{'F' * 51}...` has more than 32 bits", BITS),
        ("x" * 5000, f"`{'x' * 57}...` is not a range of function IDs", HINT),
        ("0x100000000", "0x100000000 has more than 32 bits", BITS),
        ("0x84000000-0x100000000", "0x100000000 in `0x84000000-0x100000000` has more than 32 bits", BITS),
        ("0x0+0x100000000", "0x100000000 in `0x0+0x100000000` has more than 32 bits", BITS),
        ("0x0+4294967296", "4294967296 in `0x0+4294967296` has more than 32 bits", BITS),
        ("-0x1", "`-0x1` is not a range of function IDs", HINT),
        ("0x84000000 - 0x8400001F", "`0x84000000 - 0x8400001F` is not a range of function IDs", HINT),
        (" 0x84000000", "` 0x84000000` is not a range of function IDs", HINT),
        ("0x84000000\n", "`0x84000000\n` is not a range of function IDs", HINT),
        ("0x84000000-", "`0x84000000-` is not a range of function IDs", HINT),
        ("0x84000000+", "`0x84000000+` is not a range of function IDs", HINT),
        ("0x84000000+-1", "`0x84000000+-1` is not a range of function IDs", HINT),
        ("0x84000000+1F", "`0x84000000+1F` is not a range of function IDs", HINT),
        ("0x84000000+1x", "`0x84000000+1x` is not a range of function IDs", HINT),
        ("0x84000000-1F", "`0x84000000-1F` is not a range of function IDs", HINT),
        ("0x84000000..0x84000001", "`0x84000000..0x84000001` is not a range of function IDs", HINT),
        ("0x0-0x1-0x2", "`0x0-0x1-0x2` is not a range of function IDs", HINT),
        ("0x_8400", "`0x_8400` is not a range of function IDs", HINT),
        ("0x8400_", "`0x8400_` is not a range of function IDs", HINT),
        ("0x84__00", "`0x84__00` is not a range of function IDs", HINT),
        ("0x8400000G", "`0x8400000G` is not a range of function IDs", HINT),
        ("0o17", "`0o17` is not a range of function IDs", HINT),
        ("\u0660x1", "`\u0660x1` is not a range of function IDs", HINT),
        ("0x\uff11", "`0x\uff11` is not a range of function IDs", HINT),
    ],
)
def test_no_range(text: str, message: str, hint: str) -> None:
    with pytest.raises(MalformedRangeError) as raised:
        parse(text)
    assert (raised.value.message, raised.value.hint) == (message, hint)


@pytest.mark.parametrize(
    ("number", "message", "hint"),
    [
        (2214592515, "decimal function ID 2214592515", "write it in hexadecimal: 0x84000003"),
        (0, "decimal function ID 0", "write it in hexadecimal: 0x00000000"),
        (-1, "a function ID is never negative: -1", SPAN),
        (SPACE, f"{SPACE} has more than 32 bits", SPAN),
    ],
)
def test_number_instead_of_a_text(number: int, message: str, hint: str) -> None:
    error = decimal(number)
    assert (error.message, error.hint) == (message, hint)


bounds = st.tuples(st.integers(0, SPACE - 1), st.integers(0, SPACE - 1)).map(sorted)


@given(bounds)
def test_what_messages_write_reads_back(both: list[int]) -> None:
    first, last = both
    assert parse(show_range(first, last + 1)).ids == ((first, last + 1),)


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
    try:
        parse(text)
    except MalformedRangeError as error:
        taken = error.hint == BITS
    else:
        taken = True
    assert (re.search(RANGE_PATTERN, text) is not None) == taken


@given(st.integers(0, SPACE - 1))
def test_the_pattern_of_one_id_takes_ids_and_no_more(fid: int) -> None:
    assert re.search(ID_PATTERN, show(fid))
    assert not re.search(ID_PATTERN, f"{show(fid)}+1")
    assert not re.search(ID_PATTERN, str(fid))
