"""The partition of the 32-bit ID space, Arm DEN0028 tables 6-1 and 6-2: who may define calls where.

Of the 2**24 IDs that a fast call's owner holds in each convention only the first 2**16 are calls: bit 16 makes the same
calls with the SVE hint, and bits 23:17 must be zero. So every owner has three rows in each, all made of its row in
``registry.owners``.
"""

from collections.abc import Iterator
from typing import NamedTuple

from smccc_filter.smccc.function_id import FUNCTIONS, OWNER_BLOCK, SVE_HINT
from smccc_filter.smccc.registry.owners import OWNERS, YIELDING, calls_of

_HINT = "sve-hint-alias (1.3+) of the range below; MBZ violation before 1.3"
_INVALID = "invalid: bits 23:17 must be zero"
_TABLES = "XINO Tables 6-1/6-2 (v1.6); TFA docs/getting_started/rt-svc-writers-guide.rst Table 1; RFA src/smccc.rs"


class Allocation(NamedTuple):
    """One range (inclusive) of the partition of the whole ID space, Arm DEN0028 tables 6-1 and 6-2.

    ``kind`` is ``fast`` or ``yielding``; ``since`` is the SMCCC version that allocated the range, where known.
    """

    first: int
    last: int
    kind: str
    service: str
    status: str
    source: str
    confidence: str
    note: str = ""
    since: str = ""


def _calls() -> Iterator[Allocation]:
    for owners in OWNERS:
        for first, last in calls_of(owners.first, owners.last):
            yield Allocation(first, last, "fast", owners.calls, owners.status, _TABLES, "high", since=owners.since)


def _with_hint_and_rest(calls: Allocation) -> Iterator[Allocation]:
    """Yield the rows of one owner in one convention: its calls, the same with the hint, and what can't be a call."""
    first, kind, service = calls.first, calls.kind, calls.service
    hint = first + SVE_HINT
    rest = hint + FUNCTIONS
    end = first + OWNER_BLOCK - 1
    yield calls
    yield Allocation(hint, rest - 1, kind, service, _HINT, "ESRDEC; TFA", "high")
    yield Allocation(rest, end, kind, service, _INVALID, "TFA; RFA FunctionId::valid", "high")


PARTITION: tuple[Allocation, ...] = (
    *(Allocation(first, last, "yielding", *rest) for first, last, *rest in YIELDING),
    *(row for calls in sorted(_calls()) for row in _with_hint_and_rest(calls)),
)
"""Every ID once: ascending, without gap or overlap, from 0x00000000 to 0xFFFFFFFF."""
