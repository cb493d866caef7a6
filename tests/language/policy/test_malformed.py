"""What is nearly a range gets a value that says what is wrong, and what was meant wherever a person could tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.language.policy.malformed import FORMS, MalformedRange, malformed, meant_by_a_name
from smccc_filter.language.policy.ranges import parse
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SPACE, show
from tests.language.policy.slips import SLIPS, nearly

NO_ID = "write `0x` and hexadecimal digits, as in 0x84000003"
NO_COUNT = "write a count in decimal, or in hexadecimal with `0x`, as in 32 or 0x20"
SPAN = "write 0x00000000 to 0xFFFFFFFF"
BITS = f"a function ID, and the kernel's count of them, has 32 bits: {SPAN}"

MEANT = {
    "0x84000000+1F": "0x84000000+0x1F",
    "0x84000000+FF": "0x84000000+0xFF",
    "0x84000000+ff": "0x84000000+0xff",
    "0x84000000+x1F": "0x84000000+0x1F",
    "0x84000000+1Fh": "0x84000000+0x1F",
    "0x84000000+32h": "0x84000000+0x32",
    "0x84000000+0b11": "0x84000000+3",
    "0x84000000+0o17": "0x84000000+15",
    "0x84000000+32U": "0x84000000+32",
    "0x84000000+0x20UL": "0x84000000+0x20",
    "0x84000000++2": "0x84000000+2",
    "0x84000000+1_": "0x84000000+1",
    "0x84000000+1__0": "0x84000000+10",
    "2214592512+1F": "0x84000000+0x1F",
    "84000000+1F": "0x84000000+0x1F",
    "C4000000+2": "0xC4000000+2",
    "84000000-8400001F": "0x84000000-0x8400001F",
    "84000003": "0x84000003",
    "84000000-84000010": "0x84000000-0x84000010",
    "0x84000000-84000010": "0x84000000-0x84000010",
    "84000050+16": "0x84000050+16",
    "0x84000000-8400001F": "0x84000000-0x8400001F",
    "8400000A-84000010": "0x8400000A-0x84000010",
    "0x84000000 - 0x8400001F": "0x84000000-0x8400001F",
    "0x84000000\u20130x8400001F": "0x84000000-0x8400001F",
    "0x84000000..0x8400001F": "0x84000000-0x8400001F",
    "0x84000000...0x8400001F": "0x84000000-0x8400001F",
    "0x84000000:0x8400001F": "0x84000000-0x8400001F",
    "0x84000000 to 0x8400001F": "0x84000000-0x8400001F",
    "0x84000000--0x8400001F": "0x84000000-0x8400001F",
    "0x84000000U-0x8400001FULL": "0x84000000-0x8400001F",
    "84000000h": "0x84000000",
    "$84000000": "0x84000000",
    "#0x84000000": "0x84000000",
    "x84000000": "0x84000000",
    "Ox84000000": "0x84000000",
    "0x0x84000000": "0x84000000",
    "0x84000003UL": "0x84000003",
    "0x_84000000": "0x84000000",
    "0x84000000_": "0x84000000",
    "0x8400__0000": "0x84000000",
    "0x8400000\u0663": "0x84000003",
    "\uff10\uff58\uff18\uff14\uff10\uff10\uff10\uff10\uff10\uff13": "0x84000003",
    "8400000a": "0x8400000a",
    "0B00000A": "0x0B00000A",
    "0000000A-0B00000A": "0x0000000A-0x0B00000A",
    " 0x84000003": "0x84000003",
    "0x840000003": "0x84000003",
}
"""Each of these has one reading that selects something."""

NOTHING_MEANT = {
    "": ("`` is not a function ID", FORMS),
    "0x": ("`0x` is not a function ID", NO_ID),
    "0x84000000+0x": ("`0x` in `0x84000000+0x` is not a count", NO_COUNT),
    "0x84000000+0x1x2": ("`0x1x2` in `0x84000000+0x1x2` is not a count", NO_COUNT),
    "0x84000000+1x": ("`1x` in `0x84000000+1x` is not a count", NO_COUNT),
    "0x84000000+0b12": ("`0b12` in `0x84000000+0b12` is not a count", NO_COUNT),
    "0x84000000+_": ("nothing stands behind the `+` in `0x84000000+_`", FORMS),
    "0x84000000+": ("nothing stands behind the `+` in `0x84000000+`", FORMS),
    "0x84000000-": ("nothing stands behind the `-` in `0x84000000-`", FORMS),
    "+5": ("nothing stands before the `+` in `+5`", FORMS),
    "-0x1": ("nothing stands before the `-` in `-0x1`", FORMS),
    "+": ("nothing stands before the `+` in `+`", FORMS),
    "0x84000000-1F": ("`1F` in `0x84000000-1F` is not a function ID", FORMS),
    "0x84000000-0x8400001G": ("`0x8400001G` in `0x84000000-0x8400001G` is not a function ID", NO_ID),
    "0x8400000G": ("`0x8400000G` is not a function ID", NO_ID),
    "0b101": ("`0b101` is not a function ID", NO_ID),
    "0o17": ("`0o17` is not a function ID", NO_ID),
    "0x84000000+-1": ("`0x84000000+-1` is not a range of function IDs", FORMS),
    "0x0-0x1-0x2": ("`0x0-0x1-0x2` is not a range of function IDs", FORMS),
    "0x1,0x2": ("`0x1,0x2` is not a function ID", NO_ID),
    "x" * 5000: (f"`{'x' * 57}...` is not a range of function IDs", FORMS),
    "-1": ("a function ID is never negative: -1", SPAN),
    "99000000": (
        "decimal function ID 99000000",
        "write it in hexadecimal: 0x05E69EC0, or `0x99000000` if it is that already",
    ),
    "84000010-84000000": ("`84000010` in `84000010-84000000` is a decimal number, for it has no `0x`", FORMS),
    "4294967296": ("4294967296 has more than 32 bits", SPAN),
    "9" * 5000: (f"{'9' * 57}... has more than 32 bits", SPAN),
    "0x" + "F" * 5000: (f"0x{'F' * 55}... has more than 32 bits", BITS),
    "0x0+0x" + "F" * 5000: (f"0x{'F' * 55}... in `0x0+0x{'F' * 51}...` has more than 32 bits", BITS),
    "0x100000000": ("0x100000000 has more than 32 bits", BITS),
    "0x84000000-0x100000000": ("0x100000000 in `0x84000000-0x100000000` has more than 32 bits", BITS),
    "0x0+4294967296": ("4294967296 in `0x0+4294967296` has more than 32 bits", BITS),
}

NAMES = {
    "PSCI_CPU_ON": ("calls", "PSCI_CPU_ON"),
    "TRNG_RND/64": ("calls", "TRNG_RND/64"),
    "psci_cpu_on_64": ("calls", "PSCI_CPU_ON/64"),
    "psci": ("services", "psci"),
    "pv_time": ("services", "pv-time"),
    "vendor-hyp": ("services", "vendor-hyp"),
}
"""Names that stand among ranges, and where they belong."""

DECIMAL = {
    "2214592515": "0x84000003",
    "2_214_592_515": "0x84000003",
    "1-2": "0x00000001-0x00000002",
    "1+0x10": "0x00000001+0x10",
    "0x84000000-2214592546": "0x84000000-0x84000022",
}


@pytest.mark.parametrize(("text", "meant"), MEANT.items(), ids=ascii)
def test_what_was_meant_is_offered_as_a_guess(text: str, meant: str) -> None:
    assert parse(text) is None
    wrong = malformed(text)
    assert (wrong.instead, wrong.certain) == (meant, False)
    assert f"`{meant}`" in wrong.hint


@pytest.mark.parametrize("text", NOTHING_MEANT, ids=lambda text: ascii(text[:30]))
def test_what_was_expected_is_said_where_nobody_can_tell_what_was_meant(text: str) -> None:
    assert parse(text) is None
    assert malformed(text) == MalformedRange(*NOTHING_MEANT[text])


@pytest.mark.parametrize(("text", "belongs"), NAMES.items())
def test_a_name_among_ranges_gets_its_own_list(text: str, belongs: tuple[str, str]) -> None:
    wrong = malformed(text)
    assert (wrong.under, wrong.instead) == belongs
    assert f"{wrong.under}: [{wrong.instead}]" in wrong.hint


ALLOCATED = st.sampled_from(
    [
        fid
        for service in registry.services()
        for first, last in service.ranges
        for fid in (first, last)
        if fid > 9 and f"{fid:08X}".isdecimal()
    ]
)


@given(ALLOCATED, st.sampled_from(["{:08X}", "{:08X}-{:08X}", "0x{:08X}-{:08X}", "{:08X}-0x{:08X}", "{:08X}+1"]))
def test_digits_of_an_allocated_id_are_never_read_as_decimal(fid: int, form: str) -> None:
    wrong = malformed(form.format(fid, fid))
    assert wrong.instead
    assert not wrong.certain
    meant = parse(wrong.instead)
    assert meant
    assert meant.ids == ((fid, fid + 1),)
    assert f"`{wrong.instead}`" in wrong.hint
    assert show(int(f"{fid:08X}")) not in wrong.message + wrong.hint


@pytest.mark.parametrize(("text", "meant"), DECIMAL.items())
def test_a_decimal_id_is_certainly_the_same_in_hexadecimal(text: str, meant: str) -> None:
    wrong = malformed(text)
    assert wrong.message.startswith("decimal function ID ")
    assert (wrong.instead, wrong.certain) == (meant, True)


@given(nearly)
def test_every_text_is_a_range_or_gets_a_bounded_reason(text: str) -> None:
    if parse(text):
        return
    message, hint, instead, certain, under = malformed(text)
    assert 0 < len(message) <= 250
    assert 0 < len(hint) <= 250
    assert instead or not certain
    if instead and not under:
        meant = parse(instead)
        assert meant
        assert instead != text
        assert meant.ids or certain


@pytest.mark.parametrize("slip", SLIPS, ids=SLIPS)
@given(bounds=st.tuples(st.integers(0xA, SPACE - 1), st.integers(0xA, SPACE - 1)).map(sorted), data=st.data())
def test_a_slip_of_the_pen_is_seen_through(slip: str, bounds: list[int], data: st.DataObject) -> None:
    first, last = bounds
    written, misread = SLIPS[slip](data.draw, first, last)
    assert parse(misread) is None, misread
    assert malformed(misread).instead == written


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("C4000003", "0xC4000003"),
        ("c4000003", "0xc4000003"),
        ("C4000000+2", "0xC4000000+2"),
        ("$84000003", "0x84000003"),
        ("x84000003", "0x84000003"),
        ("FACADE", None),
        ("add", None),
        ("R201", None),
        ("F501", None),
        ("PSCI_CPU_ON", None),
        ("x" * 10_000, None),
        ("", None),
    ],
)
def test_a_name_that_is_an_id_without_its_prefix(word: str, meant: str | None) -> None:
    assert meant_by_a_name(word) == meant
