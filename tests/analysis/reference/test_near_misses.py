import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smccc_filter.analysis.reference.near_misses import MOST, NearMiss, near_misses, resembling
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SPACE

KNOWN = [fid for start, stop in registry.known_ids() for fid in range(start, stop)]


@pytest.mark.parametrize(
    ("fid", "meant", "difference"),
    [
        (0x8400003, 0x84000003, "a digit is missing"),
        (0xC400053, 0xC4000053, "a digit is missing"),
        (0x8400001, 0x84000011, "a digit is missing"),
        (0x48000003, 0x84000003, "two digits are exchanged"),
        (0x80400003, 0x84000003, "two digits are exchanged"),
        (0x84000005 & ~(1 << 31), 0x84000005, "bit 31 differs"),
        (0x84020008, 0x84000008, "bit 17 differs"),
        (0x94000053, 0x84000053, "bit 28 differs"),
        (0x8A000053, 0x84000053, "one digit differs"),
        (0xB900FF01, 0xBF00FF01, "one digit differs"),
    ],
)
def test_a_slip_leads_to_the_call(fid: int, meant: int, difference: str) -> None:
    assert (meant, difference) in resembling(fid)


@pytest.mark.parametrize(
    ("fid", "found"),
    [
        (0x8400003, [(0x84000003, "a digit is missing")]),
        (0xC400053, [(0xC4000053, "a digit is missing")]),
        (0x18400003, []),
        (0x94000053, [(0x84000053, "bit 28 differs"), (0xC4000053, "one digit differs")]),
        (
            0x82000001,
            [
                (0x82000010, "two digits are exchanged"),
                (0x86000001, "bit 26 differs"),
                (0x80000001, "bit 25 differs"),
                (0xB2000001, "one digit differs"),
            ],
        ),
    ],
)
def test_the_likeliest_comes_first(fid: int, found: list[tuple[int, str]]) -> None:
    assert list(near_misses(fid)) == found


@pytest.mark.parametrize("fid", [0x88880888, 0x12345678, 0x00FF00FF])
def test_of_what_resembles_nothing_nothing_is_told(fid: int) -> None:
    assert resembling(fid) == ()


@given(st.sampled_from(KNOWN))
def test_a_known_call_has_no_near_miss(fid: int) -> None:
    assert resembling(fid) == ()


@given(st.sampled_from(KNOWN), st.integers(16, 31))
def test_one_wrong_bit_above_the_number_is_found_or_crowded_out(fid: int, bit: int) -> None:
    found = resembling(fid ^ 1 << bit)
    assert registry.by_id(fid ^ 1 << bit) or len(found) == MOST or fid in [one.fid for one in found]


@given(st.sampled_from(KNOWN), st.sampled_from([16, 20, 24, 28]), st.integers(0, 15))
def test_one_wrong_digit_above_the_number_is_found_or_crowded_out(fid: int, shift: int, digit: int) -> None:
    slip = fid & ~(0xF << shift) | digit << shift
    found = resembling(slip)
    assert registry.by_id(slip) or len(found) == MOST or fid in [one.fid for one in found]
    assert all(differs_so(slip, one) for one in found)


def differs_so(fid: int, one: NearMiss) -> bool:
    """Tell whether two IDs differ as it is said."""
    written, meant = f"{fid:08X}", f"{one.fid:08X}"
    places = [i for i in range(8) if written[i] != meant[i]]
    if one.difference == "one digit differs":
        return len(places) == 1
    if one.difference == "two digits are exchanged":
        return [written[i] for i in places] == [meant[i] for i in reversed(places)] and places[1] - places[0] == 1
    if one.difference == "a digit is missing":
        return any(meant[:i] + meant[i + 1 :] == written[1:] and meant[i] == meant[i - 1] for i in range(1, 8))
    return one.difference == f"bit {(fid ^ one.fid).bit_length() - 1} differs" and (fid ^ one.fid).bit_count() == 1


@given(st.integers(0, SPACE - 1))
@example(0xC4300020)  # a digit beyond the last would carry into the next
@example(0x10000000)
def test_only_known_calls_are_told_each_once(fid: int) -> None:
    assert all(differs_so(fid, one) for one in resembling(fid))
    found = [one.fid for one in resembling(fid)]
    assert len(found) == len(set(found)) <= MOST
    assert all(registry.by_id(one) for one in found)


@pytest.mark.parametrize("fid", [0xC4000009, 0xC4010003, 0x84010008])
def test_nothing_is_guessed_where_the_other_form_or_the_hint_tells_it(fid: int) -> None:
    assert near_misses(fid) == ()
