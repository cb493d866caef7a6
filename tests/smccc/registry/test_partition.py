import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.smccc.fields import decode
from smccc_filter.smccc.function_id import FUNCTIONS, SPACE
from smccc_filter.smccc.registry import allocation_of
from smccc_filter.smccc.registry.partition import PARTITION, Allocation
from tests.smccc.registry.facts import facts

FIDS = st.integers(0, SPACE - 1)


def test_rows_are_the_facts_row_by_row() -> None:
    expected = tuple(
        Allocation(
            first=int(fact["start"], 16),
            last=int(fact["end"], 16),
            kind=fact["kind"],
            service=fact["service"],
            status=fact["status"],
            source=fact["source"],
            confidence=fact["confidence"],
            note=fact.get("note", ""),
            since=fact.get("since") or "",
        )
        for fact in facts()["allocation"]
    )
    assert expected == PARTITION
    assert len(PARTITION) == 388


def test_every_id_lies_in_exactly_one_row() -> None:
    at = 0
    for row in PARTITION:
        assert row.first == at
        assert row.first <= row.last
        at = row.last + 1
    assert at == SPACE


def test_every_row_holds_one_owner_in_one_convention() -> None:
    for fact, row in zip(facts()["allocation"], PARTITION, strict=True):
        first, last = decode(row.first), decode(row.last)
        assert first.fast == last.fast == (row.kind == "fast")
        assert first.owner == last.owner == fact.get("oen")
        assert first.smc64 == last.smc64 == {"SMC32": False, "SMC64": True}.get(fact.get("cc", ""))


@given(FIDS)
def test_allocation_of_an_id_contains_it(fid: int) -> None:
    row = allocation_of(fid)
    assert row.first <= fid <= row.last
    assert row in PARTITION


@given(FIDS)
def test_status_agrees_with_the_bits(fid: int) -> None:
    bits, row = decode(fid), allocation_of(fid)
    if not bits.fast:
        assert row.kind == "yielding"
    elif bits.must_be_zero:
        assert row.status.startswith("invalid")
    elif bits.sve_hint:
        assert row.status.startswith("sve-hint-alias")
        assert allocation_of(fid - FUNCTIONS).status in {"allocated", "reserved"}
    else:
        assert row.status in {"allocated", "reserved"}


@pytest.mark.parametrize(
    ("fid", "service", "status"),
    [
        (0x00000000, "Reserved for existing APIs (in use by existing Armv7 devices)", "allocated-legacy"),
        (0x01010000, "not in the table", "unallocated"),
        (0x1FFFFFFF, "Trusted OS Yielding Calls", "allocated"),
        (0x7FFFFFFF, "Reserved for future expansion of Trusted OS Yielding Calls", "reserved"),
        (0x84000003, "Standard Secure Service Calls", "allocated"),
        (0xC6000007, "Vendor Specific Hypervisor Service Calls", "allocated"),
        (0x95C1BA5E, "Reserved for future use (OEN 8-47)", "invalid: bits 23:17 must be zero"),
        (0xFFFFFFFF, "Trusted OS Calls", "invalid: bits 23:17 must be zero"),
    ],
)
def test_known_ids_are_where_the_tables_put_them(fid: int, service: str, status: str) -> None:
    assert allocation_of(fid)[3:5] == (service, status)
