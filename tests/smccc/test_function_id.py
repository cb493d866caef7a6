from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.smccc import function_id
from smccc_filter.smccc.fields import FunctionId, decode
from smccc_filter.smccc.function_id import SPACE, show, show_range
from tests.smccc.registry.facts import facts

FIDS = st.integers(0, SPACE - 1)
YIELDING = FunctionId(fast=False, smc64=None, owner=None, must_be_zero=None, sve_hint=None, number=None)


def fast(owner: int, number: int, *, smc64: bool = False, must_be_zero: int = 0, sve_hint: bool = False) -> FunctionId:
    return FunctionId(True, smc64, owner, must_be_zero, sve_hint, number)  # noqa: FBT003


@pytest.mark.parametrize(
    ("fid", "fields"),
    [
        pytest.param(0x80000000, fast(0, 0), id="SMCCC_VERSION"),
        pytest.param(0x84000003, fast(4, 3), id="PSCI_CPU_ON/32"),
        pytest.param(0xC4000003, fast(4, 3, smc64=True), id="PSCI_CPU_ON/64"),
        pytest.param(0x84010003, fast(4, 3, sve_hint=True), id="PSCI_CPU_ON/32 with the SVE hint"),
        pytest.param(0x84020003, fast(4, 3, must_be_zero=1), id="lowest bit that must be zero"),
        pytest.param(0x84800003, fast(4, 3, must_be_zero=0x40), id="highest bit that must be zero"),
        pytest.param(0x84FF0003, fast(4, 3, must_be_zero=0x7F, sve_hint=True), id="all of them and the hint"),
        pytest.param(0xC5000021, fast(5, 0x21, smc64=True), id="PV_TIME_ST"),
        pytest.param(0x8600FF01, fast(6, 0xFF01), id="VENDOR_HYP_CALL_UID"),
        pytest.param(0x95C1BA5E, fast(0x15, 0xBA5E, must_be_zero=0x60, sve_hint=True), id="PSCI 0.1 of KVM"),
        pytest.param(0xFFFFFFFF, fast(63, 0xFFFF, smc64=True, must_be_zero=0x7F, sve_hint=True), id="last ID"),
    ],
)
def test_fast_call(fid: int, fields: FunctionId) -> None:
    assert decode(fid) == fields


@pytest.mark.parametrize("fid", [0, 1, 0x3200_0003, 0x4600_0001, 0x4400_0003, 0x7FFF_FFFF])
def test_yielding_call_has_no_owner_nor_any_other_field(fid: int) -> None:
    assert decode(fid) == YIELDING


@given(FIDS)
def test_fields_of_a_fast_call_are_the_whole_id(fid: int) -> None:
    fields = decode(fid)
    if fid < function_id.FAST_CALL:
        assert fields == YIELDING
        return
    assert fields.smc64 is not None
    assert fields.owner is not None
    assert fields.must_be_zero is not None
    assert fields.sve_hint is not None
    assert fields.number is not None
    whole = 1 << 31 | fields.smc64 << 30 | fields.owner << 24 | fields.must_be_zero << 17
    assert whole | fields.sve_hint << 16 | fields.number == fid


@pytest.mark.parametrize(
    ("bits", "mask"),
    [
        ("31", function_id.FAST_CALL),
        ("30", function_id.SMC64),
        ("29:24", function_id.OWNER_MASK << function_id.OWNER_SHIFT),
        ("23:17", function_id.MUST_BE_ZERO),
        ("16", function_id.SVE_HINT),
        ("15:0", function_id.NUMBER_MASK),
    ],
)
def test_layout_is_the_specifications(bits: str, mask: int) -> None:
    layout = cast("dict[str, Any]", facts())["bit_layout"]
    assert bits in [row["bits"] for row in layout]
    assert len(layout) == 6
    high, _, low = bits.partition(":")
    assert mask == (1 << int(high) + 1) - (1 << int(low or high))


def test_an_owner_has_its_block_and_its_numbers() -> None:
    assert function_id.OWNER_BLOCK == 0x0100_0000
    assert function_id.FUNCTIONS == function_id.NUMBER_MASK + 1
    assert function_id.GENERAL_QUERIES == 0xFF00


@pytest.mark.parametrize(
    ("start", "stop", "text"),
    [
        (0, 1, "0x00000000"),
        (0xABCDEF, 0xABCDF0, "0x00ABCDEF"),
        (0x84000000, 0x84000020, "0x84000000-0x8400001F"),
        (0xFFFFFFFE, SPACE, "0xFFFFFFFE-0xFFFFFFFF"),
        (0, SPACE, "0x00000000-0xFFFFFFFF"),
    ],
)
def test_show_range_is_inclusive_with_eight_upper_case_digits(start: int, stop: int, text: str) -> None:
    assert show_range(start, stop) == text


@given(FIDS)
def test_show_reads_back(fid: int) -> None:
    assert int(show(fid), 16) == fid
    assert len(show(fid)) == len("0x84000003")
