"""What is known of a function ID, a call, a service, a check or a kernel, as JSON for programs.

``explain`` and ``list`` write the same object for the same thing. The shapes are a promise and so written out here: the
classes behind them may change. What takes more than a look into the registry to know is a function of its own, which
the text for people asks too.
"""

from typing import TYPE_CHECKING

from smccc_filter.analysis.reference import id_range as ranges
from smccc_filter.analysis.reference.forms import filterable, macros, other_form, other_hint
from smccc_filter.analysis.reference.groups import Family, members, service_ids
from smccc_filter.analysis.reference.id_range import IdRange
from smccc_filter.analysis.reference.manuals import errnos, manual
from smccc_filter.analysis.reference.near_misses import near_misses
from smccc_filter.analysis.reference.search import SearchMatches
from smccc_filter.kvm.profiles import Fact, LanguageWords, Profile
from smccc_filter.kvm.uapi import Errno
from smccc_filter.reports.paper.json import id_ranges, inclusive
from smccc_filter.smccc import registry
from smccc_filter.smccc.fields import decode
from smccc_filter.smccc.function_id import show
from smccc_filter.smccc.registry.rows import Function, Service
from smccc_filter.smccc.signatures import signature_of
from smccc_filter.smccc.signatures.shape import CallValue, Signature

if TYPE_CHECKING:
    from smccc_filter.analysis.checks import Check  # brings YAML along, which only a diagnostic code is worth
    from smccc_filter.analysis.reference.topics import Topic

Json = dict[str, object]


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
            "range": inclusive(row.first, row.last + 1),
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
    known = signature_of(function)
    return {
        "kind": "call",
        "name": function.name,
        "ids": id_ranges(ids),
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
        "signature": None if known is None else _signature(known),
    }


def service(row: Service) -> Json:
    """Describe what the ``services`` key of a policy names."""
    return {
        "kind": "service",
        "name": row.name,
        "title": row.title,
        "specification": row.spec,
        "ranges": id_ranges(service_ids(row)),
        "calls": [function.name for function in members(row)],
        "filterable": filterable(service_ids(row)),
    }


def family(row: Family) -> Json:
    """Describe calls that belong together and are no service."""
    return {"kind": "family", "name": row.name, "calls": [function.name for function in members(row)]}


def check(row: "Check") -> Json:
    """Describe one diagnostic code."""
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


def _signature(known: Signature) -> Json:
    """Describe what a call takes and answers; a register that the specification reserves has no name."""
    return {
        "arguments": [_register(value) for value in known.arguments],
        "results": [_register(value) for value in known.results],
        "errors": [
            {
                "value": error.value,
                "name": error.name,
                "register": f"X{error.register}",
                "x0": _shown(error.with_x0),
                "when": error.when,
                "confidence": error.confidence or known.confidence,
            }
            for error in known.errors
        ],
        "returns": known.returns,
        "returns_when": known.returns_when,
        "flags": [{"bit": bit, "meaning": meaning} for bit, meaning in known.flags],
        "remarks": [{"about": word, "text": text} for word, text in known.remarks],
        "sources": list(known.sources),
        "confidence": known.confidence,
    }


def _register(value: CallValue) -> Json:
    return {
        "register": f"X{value.register}",
        "count": value.span,
        "name": value.name or None,
        "width": {"smc32": value.smc32, "smc64": value.smc64},
        "meaning": value.meaning,
    }


def _value(value: object) -> str | list[str]:
    return list(value) if isinstance(value, LanguageWords) else str(value)


def _named(fid: int) -> Json:
    return {"id": show(fid), "name": registry.name_of(fid)}


def _shown(fid: int | None) -> str | None:
    return None if fid is None else show(fid)


def id_range(asked: IdRange) -> Json:
    """Describe a range of IDs; every range is inclusive."""
    allowed = not ranges.reserved(asked)
    return {
        "kind": "range",
        "first": show(asked.start),
        "last": show(asked.stop - 1),
        "count": asked.stop - asked.start,
        "allocations": [
            {"range": inclusive(row.first, row.last + 1), "holder": row.service, "status": row.status}
            for row in ranges.allocations(asked)
        ],
        "services": [{"name": row.name, "ids": common, "of": count} for row, common, count in ranges.services(asked)],
        "calls": [{"name": row.name, "ids": id_ranges(ids)} for row, ids in ranges.calls(asked)],
        "serviced": id_ranges(ranges.serviced(asked)),
        "nonconforming": ranges.nonconforming(asked),
        "reserved": id_ranges(ranges.reserved(asked)),
        "filterable": allowed,
        "errno": None if allowed else Errno.EEXIST,
    }


def matches(found: SearchMatches) -> Json:
    """Describe everything that was found for a phrase, best first."""
    rows = [{"kind": match.kind, "name": match.name, "title": match.title} for match in found.found]
    return {"kind": "matches", "matches": rows}


def topic(one: "Topic | SearchMatches") -> Json:
    """Describe whatever a word stands for."""
    if isinstance(one, int):
        return function_id(one)
    if isinstance(one, Function):
        return call(one)
    if isinstance(one, Service):
        return service(one)
    if isinstance(one, Family):
        return family(one)
    if isinstance(one, IdRange):
        return id_range(one)
    return matches(one) if isinstance(one, SearchMatches) else check(one)
