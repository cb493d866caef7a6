from smccc_filter.smccc.fields import decode
from smccc_filter.smccc.function_id import FAST_CALL, FUNCTIONS, SMC64
from smccc_filter.smccc.intervals import intersection, union
from smccc_filter.smccc.registry.owners import NOBODY, OWNERS, UNALLOCATED, calls_of
from tests.smccc.registry.facts import facts
from tests.smccc.spaces import is_canonical


def test_every_owner_number_stands_once_in_order() -> None:
    assert [owner for row in OWNERS for owner in range(row.first, row.last + 1)] == list(range(64))


def test_reserved_numbers_have_no_version_and_all_others_have_one() -> None:
    assert [bool(row.since) for row in OWNERS] == [row.status not in NOBODY for row in OWNERS]


def test_what_is_allocated_to_nobody_is_what_the_facts_say() -> None:
    reserved = {fact["service"] for fact in facts()["allocation"] if fact["status"] in {"reserved", "unallocated"}}
    ranges = ((int(fact["start"], 16), int(fact["end"], 16) + 1, fact["service"]) for fact in facts()["allocation"])
    assert is_canonical(UNALLOCATED)
    assert union((first, stop) for first, stop, service in ranges if service in reserved) == UNALLOCATED


def test_the_calls_of_owners_are_their_first_numbers_in_both_conventions() -> None:
    assert calls_of(48, 49) == (
        (0xB000_0000, 0xB000_FFFF),
        (0xB100_0000, 0xB100_FFFF),
        (0xF000_0000, 0xF000_FFFF),
        (0xF100_0000, 0xF100_FFFF),
    )
    for row in OWNERS:
        calls = calls_of(row.first, row.last)
        assert {decode(first).owner for first, _ in calls} == set(range(row.first, row.last + 1))
        assert {first & (FAST_CALL | SMC64) for first, _ in calls} == {FAST_CALL, FAST_CALL | SMC64}
        assert {last - first + 1 for first, last in calls} == {FUNCTIONS}
        alone = intersection(union((first, last + 1) for first, last in calls), UNALLOCATED)
        assert bool(alone) == (row.status in NOBODY)
