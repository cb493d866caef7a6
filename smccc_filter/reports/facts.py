"""What is known of a function ID, a call, a service, a check or a kernel, as JSON for programs.

``explain`` and ``list`` write the same object for the same thing. The shapes are a promise and so written out here: the
classes behind them may change. What takes more than a look into the registry to know is a function of its own, which
the text for people asks too.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from smccc_filter.diagnostics import Errno
from smccc_filter.kvm.filter import RESERVED
from smccc_filter.kvm.profiles import Fact, Profile, Words
from smccc_filter.reports.near import Near, near
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import FAST_CALL, MUST_BE_ZERO, SMC64, SVE_HINT, decode, show
from smccc_filter.smccc.intervals import Intervals, intersection
from smccc_filter.smccc.registry.aliases import ALIASES
from smccc_filter.smccc.registry.rows import Function, Service

if TYPE_CHECKING:
    from smccc_filter.checks import Check  # brings YAML along, which only a diagnostic code is worth

Json = dict[str, object]


class Family(NamedTuple):
    """Calls that an implementation made up inside an owner's range; a policy names them one by one."""

    name: str


def service_ids(service: Service) -> Intervals:
    """Return the IDs of a service, half-open."""
    return tuple((first, last + 1) for first, last in service.ranges)


def families() -> tuple[Family, ...]:
    """Return every family that is no service, in the order of its lowest ID."""
    names = dict.fromkeys(function.service for function in registry.functions())
    return tuple(Family(name) for name in names if registry.service(name) is None)


def members(group: Service | Family) -> tuple[Function, ...]:
    """Return the calls of a group: those whose rows name it, and of a service all that have an ID in its ranges."""
    ids = service_ids(group) if isinstance(group, Service) else ()
    return tuple(
        function
        for function in registry.functions()
        if function.service == group.name or intersection(registry.function_ids(function), ids)
    )


def filterable(ids: Intervals) -> bool:
    """Tell whether a filter may select all of ``ids``: KVM refuses one that touches the Arm Architecture calls."""
    return not intersection(ids, RESERVED)


def macros(fid: int) -> tuple[str, ...]:
    """Return the names that headers give to an ID."""
    return tuple(name for name, value in ALIASES.items() if value == fid)


def other_form(fid: int) -> int | None:
    """Return the SMC64 form of an SMC32 call and the reverse.

    For an ID without a name: the other form, where that one has a name. ``None`` where there is none, and for an ID
    that is no plain fast call.
    """
    twin = fid ^ SMC64
    if not fid & FAST_CALL or fid & (MUST_BE_ZERO | SVE_HINT):
        return None
    mine, theirs = registry.by_id(fid), registry.by_id(twin)
    return twin if theirs and (not mine or mine[0] in theirs) else None


def other_hint(fid: int) -> int | None:
    """Return the ID with which the same call is made with the SVE hint instead of without it, or the reverse."""
    return fid ^ SVE_HINT if fid & FAST_CALL and not fid & MUST_BE_ZERO else None


def near_misses(fid: int) -> tuple[Near, ...]:
    """Return the known calls that an ID was likely meant to be; none where its other form or its hint tells that."""
    hint = other_hint(fid)
    told = other_form(fid) is not None or (hint is not None and registry.by_id(hint))
    return () if told else near(fid)


def errnos(check: "Check") -> tuple[Errno, ...]:
    """Return the errnos of the entries that a check reports, in the order of its manual.

    A finding that a kernel answers with an errno can't be allowed, and the manual says which errno that is.
    """
    text = check.__doc__ or ""
    return () if check.ALLOWABLE else tuple(sorted((errno for errno in Errno if errno in text), key=text.index))


def function_id(fid: int) -> Json:
    """Describe one ID; the fields of its layout are null where a yielding call has none."""
    fields = decode(fid)
    name = registry.name_of(fid)
    service = registry.service_of(fid)
    row = registry.allocation_of(fid)
    allowed = filterable(((fid, fid + 1),))
    other, hint = other_form(fid), other_hint(fid)
    return {
        "kind": "id",
        "id": show(fid),
        "name": name,
        "call_type": "fast" if fields.fast else "yielding",
        "convention": None if fields.smc64 is None else "SMC64" if fields.smc64 else "SMC32",
        "owner": fields.owner,
        "must_be_zero": fields.must_be_zero,
        "sve_hint": fields.sve_hint,
        "function_number": fields.number,
        "service": service.name if service else None,
        "calls": [call(function) for function in registry.by_id(fid)],
        "macros": macros(fid),
        "other_form": None if other is None else _named(other),
        "with_hint": None if hint is None or fields.sve_hint else _named(hint),
        "without_hint": _named(hint) if hint is not None and fields.sve_hint else None,
        "near": [{**_named(one.fid), "difference": one.difference} for one in near_misses(fid)],
        "allocation": {
            "range": _range(row.first, row.last),
            "holder": row.service,
            "status": row.status,
            "since": row.since,
            "source": row.source,
            "confidence": row.confidence,
            "note": row.note,
        },
        "filterable": allowed,
        "errno": None if allowed else Errno.EEXIST,
    }


def call(function: Function) -> Json:
    """Describe one call; ``ids`` are inclusive ranges, and the forms are the first ID of a block."""
    ids = registry.function_ids(function)
    return {
        "kind": "call",
        "name": function.name,
        "ids": _ranges(ids),
        "smc32": _shown(function.smc32),
        "smc64": _shown(function.smc64),
        "yielding": _shown(function.yielding),
        "macros": {name: show(fid) for start, stop in ids for fid in range(start, stop) for name in macros(fid)},
        "service": function.service,
        "specification": function.spec,
        "since": function.since,
        "required": function.required,
        "meaning": function.meaning,
        "status": function.status,
        "note": function.note,
        "source": function.source,
        "confidence": function.confidence,
        "filterable": filterable(ids),
    }


def service(row: Service) -> Json:
    """Describe what the ``services`` key of a policy names."""
    return {
        "kind": "service",
        "name": row.name,
        "title": row.title,
        "specification": row.spec,
        "ranges": _ranges(service_ids(row)),
        "calls": [function.name for function in members(row)],
        "filterable": filterable(service_ids(row)),
    }


def family(row: Family) -> Json:
    """Describe calls that belong together and are no service."""
    return {"kind": "family", "name": row.name, "calls": [function.name for function in members(row)]}


def check(row: "Check") -> Json:
    """Describe one diagnostic code."""
    from smccc_filter.checks.subject import manual

    summary, text = manual(row)
    return {
        "kind": "check",
        "code": row.CODE,
        "name": row.NAME,
        "severity": row.SEVERITY,
        "errnos": errnos(row),
        "allowable": row.ALLOWABLE,
        "summary": summary,
        "manual": text,
    }


def kernel(row: Profile) -> Json:
    """Describe what one release does, each fact with how well it is known and where it was read."""
    facts = {
        key: {"value": _value(fact.value), "evidence": fact.evidence, "source": fact.source}
        for key, fact in row._asdict().items()
        if isinstance(fact, Fact)
    }
    return {"kind": "kernel", "name": row.name, "facts": facts}


def _value(value: object) -> str | list[str]:
    return list(value) if isinstance(value, Words) else str(value)


def _named(fid: int) -> Json:
    return {"id": show(fid), "name": registry.name_of(fid)}


def _shown(fid: int | None) -> str | None:
    return None if fid is None else show(fid)


def _range(first: int, last: int) -> list[str]:
    return [show(first), show(last)]


def _ranges(ids: Iterable[tuple[int, int]]) -> list[list[str]]:
    return [_range(start, stop - 1) for start, stop in ids]
