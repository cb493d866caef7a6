"""What the specifications define: every function ID with a name, every service, and the partition of the ID space.

One module a specification, so that the folder says what is known and ``grep 0xC4000003`` finds the row. The tables are
imported when something is first looked up, only those that can hold the answer, and each look-up is built once.
"""

from bisect import bisect_right
from functools import cache, lru_cache
from importlib import import_module
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING

from smccc_filter.smccc.function_id import NUMBER_MASK, SMC64, SPACE
from smccc_filter.smccc.intervals import IntervalMap, Intervals, union
from smccc_filter.smccc.registry.rows import TABLES, Function, Service

if TYPE_CHECKING:
    from smccc_filter.smccc.registry.partition import Allocation

__all__ = [
    "Function",
    "Service",
    "all_names",
    "allocation_of",
    "by_id",
    "by_name",
    "described",
    "function_ids",
    "functions",
    "functions_of",
    "known_ids",
    "name_of",
    "service",
    "service_of",
    "services",
    "services_near",
]

_OVERLAID = frozenset({"spm-mm", "kvm-android"})
"""Families that reuse IDs to which a standard or upstream Linux gave another name; that name comes first."""


@cache
def functions() -> tuple[Function, ...]:
    """Return every known call by its lowest ID, then by name; the ones without an ID come last."""
    return _rows(tuple(TABLES))


@cache
def functions_of(*names: str) -> tuple[Function, ...]:
    """Return the calls of services, or of families of calls that are none, in the order of ``functions``."""
    tables = tuple(table for table, (_, services, _) in TABLES.items() if not set(names).isdisjoint(services))
    return tuple(function for function in _rows(tables) if function.service in names)


def services_near(ids: Intervals) -> tuple[str, ...]:
    """Return the services, and families of calls, that may have calls among ``ids``: all that do, and more.

    The intervals are ascending and disjoint. It reads no table, and takes O(log n).
    """

    def meets(first: int, last: int) -> bool:
        behind = bisect_right(ids, first, key=itemgetter(1))
        return behind < len(ids) and ids[behind][0] <= last

    return tuple(
        service
        for _, services, ranges in TABLES.values()
        if any(meets(first, last) or meets(first | SMC64, last | SMC64) for first, last in ranges)
        for service in services
    )


def function_ids(function: Function) -> Intervals:
    """Return every ID of a call: SMC32, SMC64, yielding, and all of a block. Empty where it has no ID yet."""
    width = _width(function)
    return union((first, first + width) for first in _first_ids(function))


@lru_cache(maxsize=2048)
def by_name(name: str) -> Intervals | None:
    """Return the IDs that a policy means by ``NAME``, ``NAME/32``, ``NAME/64`` or a name of Linux's headers.

    ``None`` where there is no such call, where the call lacks that form (a yielding call lacks both), or where nobody
    has given it an ID. A header's name stands for one ID and takes no form.
    """
    base, slash, form = name.partition("/")
    function = _named(base)
    if function is None:
        fid = None if slash else _aliases().get(base)
        return None if fid is None else ((fid, fid + 1),)
    if not slash:
        return function_ids(function) or None
    first = {"32": function.smc32, "64": function.smc64}.get(form)
    return None if first is None else ((first, first + _width(function)),)


def described(name: str) -> Function | None:
    """Return the call that a name stands for, in whichever form: also that of a form which the call lacks."""
    base, slash, _ = name.partition("/")
    function = _named(base)
    if function is None and not slash and (fid := _aliases().get(base)) is not None:
        function = by_id(fid)[0]
    return function


@cache
def all_names() -> tuple[str, ...]:
    """Return every name that ``by_name`` knows, without forms: the calls by ID, then the names of Linux's headers."""
    return (*(function.name for function in functions() if _first_ids(function)), *_aliases())


def by_id(fid: int) -> tuple[Function, ...]:
    """Return the calls that have this ID, the standard's own first; empty where no specification defines it."""
    return _rows_by_id(_table_map()[fid & ~SMC64]).get(fid, ())


@cache
def known_ids() -> Intervals:
    """Return every ID that some call has, as a canonical set."""
    return union(interval for function in functions() for interval in function_ids(function))


def name_of(fid: int) -> str | None:
    """Write an ID as a policy would: ``PSCI_CPU_OFF`` where the call has one form, else with ``/32`` or ``/64``.

    ``by_name`` of it gives the ID back, and no other unless the name stands for a block (``VEN_EL3_DEBUGFS/32``).
    """
    known = by_id(fid)
    if not known:
        return None
    both = known[0].smc32 is not None and known[0].smc64 is not None
    return f"{known[0].name}/{64 if fid & SMC64 else 32}" if both else known[0].name


def services() -> tuple[Service, ...]:
    """Return every service that a policy may name: blocks of specifications, then owners, then yielding ranges."""
    from smccc_filter.smccc.registry.service_ranges import SERVICES

    return SERVICES


def service(name: str) -> Service | None:
    """Return the service of that name."""
    return _services_by_name().get(name)


def service_of(fid: int) -> Service | None:
    """Return the service with the narrowest range around ``fid``; ``None`` where SMCCC allocates it to nobody."""
    return _service_map()[fid]


def allocation_of(fid: int) -> "Allocation":
    """Return the row of the partition that holds ``fid`` (0 to 0xFFFFFFFF). O(log n)."""
    return _allocation_map()[fid]


def _first_ids(function: Function) -> list[int]:
    """List the IDs that the row spells out, one a form."""
    return [first for first in (function.smc32, function.smc64, function.yielding) if first is not None]


def _width(function: Function) -> int:
    """Count the function numbers that the name stands for; only a fast call can be a block."""
    if function.last is None:
        return 1
    return function.last - (_first_ids(function)[0] & NUMBER_MASK) + 1


@cache
def _aliases() -> dict[str, int]:
    from smccc_filter.smccc.registry.aliases import ALIASES

    return ALIASES


@cache
def _rows(tables: tuple[str, ...]) -> tuple[Function, ...]:
    """Return the calls of some tables in the order of ``functions``."""
    rows: list[Function] = []
    for table in tables:
        rows += import_module(f"smccc_filter.smccc.registry.{table}").FUNCTIONS
    return tuple(sorted(rows, key=lambda row: (min(_first_ids(row), default=SPACE), row.name)))


def _named(name: str) -> Function | None:
    """Return the call of that name."""
    return _rows_by_name(tuple(table for table, (begins, *_) in TABLES.items() if name.startswith(begins))).get(name)


@cache
def _rows_by_name(tables: tuple[str, ...]) -> dict[str, Function]:
    return {function.name: function for function in _rows(tables)}


@cache
def _rows_by_id(tables: tuple[str, ...]) -> dict[int, tuple[Function, ...]]:
    result: dict[int, tuple[Function, ...]] = {}
    for function in sorted(_rows(tables), key=lambda row: row.service in _OVERLAID):
        for start, stop in function_ids(function):
            for fid in range(start, stop):
                result[fid] = (*result.get(fid, ()), function)
    return result


@cache
def _table_map() -> IntervalMap[tuple[str, ...]]:
    """Map an ID with bit 30 clear to the tables that can hold it in either form."""
    ranges = [(first, last + 1, table) for table, (*_, ranges) in TABLES.items() for first, last in ranges]
    edges = sorted({edge for first, stop, _ in ranges for edge in (first, stop)})
    segments = (
        (start, stop, tuple(table for first, end, table in ranges if first <= start and stop <= end))
        for start, stop in pairwise(edges)
    )
    return IntervalMap.of(segments, ())


@cache
def _services_by_name() -> dict[str, Service]:
    return {row.name: row for row in services()}


@cache
def _service_map() -> IntervalMap[Service | None]:
    ranges = sorted(
        ((first, last + 1, row) for row in services() for first, last in row.ranges), key=lambda r: r[1] - r[0]
    )
    edges = sorted({edge for first, stop, _ in ranges for edge in (first, stop)})
    narrowest = (
        (start, stop, next((row for first, end, row in ranges if first <= start and stop <= end), None))
        for start, stop in pairwise(edges)
    )
    return IntervalMap.of(narrowest, None)


@cache
def _allocation_map() -> "IntervalMap[Allocation]":
    from smccc_filter.smccc.registry.partition import PARTITION

    return IntervalMap(tuple(row.first for row in PARTITION), PARTITION)
