"""What an ID, a call, a service, a family or a diagnostic code is, as text."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from smccc_filter.analysis.reference.forms import filterable, macros, other_form, other_hint
from smccc_filter.analysis.reference.groups import Family, members, service_ids
from smccc_filter.analysis.reference.manuals import errnos
from smccc_filter.analysis.reference.near_misses import near_misses
from smccc_filter.reports.explain.explanation import RESERVED, Explanation, block, labelled
from smccc_filter.reports.explain.signature import signature
from smccc_filter.reports.paper.columns import LabelledLine
from smccc_filter.smccc import registry
from smccc_filter.smccc.fields import decode
from smccc_filter.smccc.function_id import GENERAL_QUERIES, NUMBER_MASK, SVE_HINT, show, show_range
from smccc_filter.smccc.intervals import Intervals, size
from smccc_filter.smccc.registry.owners import NOBODY
from smccc_filter.smccc.registry.partition import Allocation
from smccc_filter.smccc.registry.rows import PROVISIONAL, Function, Service
from smccc_filter.smccc.registry.sources import cited

if TYPE_CHECKING:
    from smccc_filter.analysis.checks import Check

_ALLOCATED = "allocated"
NOTHING = "-"
_REQUIRED = {"impl": "left to the implementation", "unverified": "not verified"}
_PAIR = 2
"""Ranges that stand on one line: mostly SMC32 and SMC64."""


def explain(one: "int | Function | Service | Family | Check") -> Explanation:
    """Explain what a word stands for."""
    if isinstance(one, int):
        return function_id(one)
    if isinstance(one, Function):
        return call(one)
    if isinstance(one, Service):
        return service(one)
    return family(one) if isinstance(one, Family) else check(one)


def function_id(fid: int) -> Explanation:
    """Explain one ID, whether anybody defines it or not."""
    functions = registry.by_id(fid)
    row = registry.allocation_of(fid)
    lines = [*_layout(fid, row.service), LabelledLine()]
    if service := registry.service_of(fid):
        lines.append(LabelledLine("service", f"{service.name}: {service.title}"))
    for function in functions[:1]:
        lines += _definition(function)
    if row.kind == "yielding" or row.status != _ALLOCATED:
        lines += _allocation(row)
    lines += _relatives(fid)
    misses = near_misses(fid)
    lines += labelled("near", [f"{show(one.fid)}, {registry.name_of(one.fid)}: {one.difference}" for one in misses])
    lines += _filter(((fid, fid + 1),), _selectors(fid))
    for function in functions[:1]:
        lines += signature(function)
    for function in functions[1:]:
        lines += [LabelledLine(), LabelledLine("also", f"{function.name}: {function.meaning}"), *_definition(function)]
        lines += signature(function)
    return Explanation(_title(fid), tuple(lines))


def call(function: Function) -> Explanation:
    """Explain a call with all its forms."""
    ids = registry.function_ids(function)
    forms = (("SMC32", function.smc32), ("SMC64", function.smc64), ("yielding", function.yielding))
    lines = [LabelledLine(label, _form(fid, function)) for label, fid in forms if fid is not None]
    if not ids:
        lines.append(LabelledLine("ID", "none: nobody has given it one"))
    if service := registry.service(function.service):
        lines.append(LabelledLine("service", f"{service.name}: {service.title}"))
    lines += _definition(function)
    if ids:
        lines += _filter(ids, [f"calls: [{function.name}]"])
    lines += signature(function)
    return Explanation(f"{function.name}: {function.meaning}", tuple(lines))


def service(row: Service) -> Explanation:
    """Explain a service: its ranges, the services inside, and its own calls."""
    ids = service_ids(row)
    shown = [show_range(*interval) for interval in ids]
    lines = [LabelledLine("defined in", row.spec)]
    lines += labelled("ranges", [", ".join(shown[i : i + _PAIR]) for i in range(0, len(shown), _PAIR)])
    lines += _filter(ids, [f"services: [{row.name}]"])
    inside = dict.fromkeys(function.service for function in members(row) if function.service != row.name)
    if inside:
        lines.append(LabelledLine("inside", ", ".join(inside)))
    return Explanation(f"{row.name}: {row.title}", (*lines, *_calls(row)))


def family(row: Family) -> Explanation:
    """Explain a word that the tables use of calls, and that is no service."""
    calls = members(row)
    lines = [
        *labelled("defined in", list(dict.fromkeys(function.spec for function in calls))),
        LabelledLine("in a policy", f"calls: [{calls[0].name}], each by its name: `services` does not know the family"),
        *_calls(row),
    ]
    return Explanation(f"{row.name}: a family of calls that are no standard", tuple(lines))


def check(row: "Check") -> Explanation:
    """Explain a diagnostic code with its check's own manual."""
    refusals = errnos(row)
    kind = ", ".join([row.SEVERITY, *([" or ".join(refusals)] if refusals else [])])
    allow = f'yes: allow: [{{code: {row.CODE}, reason: "..."}}], on a rule or at top level' if row.ALLOWABLE else "no"
    lines = (LabelledLine("may be allowed", allow),)
    return Explanation(f"{row.CODE} {row.NAME} ({kind})", lines, (row.__doc__ or "").strip())


def ids_of(function: Function) -> str:
    """Write the IDs of a call as ``ranges`` takes them, without blanks: ``0x84000003,0xC4000003``."""
    return ",".join(block(start, stop) for start, stop in registry.function_ids(function)) or NOTHING


def meaning_of(function: Function) -> str:
    """Write what a call is for, and that it is provisional where it is."""
    return f"{function.meaning} ({PROVISIONAL})" if function.status == PROVISIONAL else function.meaning


def _title(fid: int) -> str:
    if functions := registry.by_id(fid):
        return f"{show(fid)} is {registry.name_of(fid)}: {functions[0].meaning}"
    plain = other_hint(fid)
    if fid & SVE_HINT and plain is not None and (name := registry.name_of(plain)):
        return f"{show(fid)} is {name} with the SVE hint"
    if decode(fid).must_be_zero:
        return f"{show(fid)}: no conforming call has this ID"
    if registry.allocation_of(fid if plain is None else fid & ~SVE_HINT).status in NOBODY:
        return f"{show(fid)}: SMCCC allocates this ID to nobody"
    return f"{show(fid)}: no known call has this ID"


def _layout(fid: int, owner: str) -> Iterator[LabelledLine]:
    fields = decode(fid)
    if not fields.fast:
        yield _field("bit 31", "0", "yielding call: the bits below are one number")
        return
    number = fid & NUMBER_MASK
    queries = number >= GENERAL_QUERIES
    must_be_zero = fields.must_be_zero or 0
    yield _field("bit 31", "1", "fast call")
    yield _field("bit 30", *(("1", "SMC64") if fields.smc64 else ("0", "SMC32")))
    yield _field("bits 29:24", f"{fields.owner}", f"owner: {owner}")
    yield _field("bits 23:17", f"0x{must_be_zero:02X}", "must be zero, and is not" if must_be_zero else "must be zero")
    yield _field("bit 16", *(("1", "SVE hint: no live SVE state") if fields.sve_hint else ("0", "no SVE hint")))
    yield _field("bits 15:0", f"0x{number:04X}", "function number" + ", of the owner's general queries" * queries)


def _field(bits: str, value: str, meaning: str) -> LabelledLine:
    return LabelledLine(bits, f"{value:<6} {meaning}")


def _definition(function: Function) -> Iterator[LabelledLine]:
    """Yield what a row of the registry says of a call beyond its name, its IDs and its service."""
    if registry.service(function.service) is None:
        yield LabelledLine("family", function.service)
    yield LabelledLine("defined in", function.spec)
    if function.since != NOTHING:
        yield LabelledLine("since", function.since)
    if function.last is not None:
        yield LabelledLine("block", f"one name for every function number up to 0x{function.last:04X}")
    yield LabelledLine("required", _REQUIRED.get(function.required, function.required))
    if function.status:
        yield LabelledLine("status", function.status)
    if function.note:
        yield LabelledLine("note", function.note)
    yield from _source(function.source, function.confidence)


def _allocation(row: Allocation) -> Iterator[LabelledLine]:
    yield LabelledLine("allocation", f"{show_range(row.first, row.last + 1)}, {row.service}: {row.status}")
    if row.note:
        yield LabelledLine("", row.note)
    yield from _source(row.source, row.confidence)


def _source(source: str, confidence: str) -> Iterator[LabelledLine]:
    yield LabelledLine("source", f"{source} (confidence {confidence})")
    for short, edition in cited(source):
        yield LabelledLine("", f"{short} is {edition}")


def _relatives(fid: int) -> Iterator[LabelledLine]:
    """Yield the header names of an ID, and the other IDs of the same call."""
    yield from labelled("macro", macros(fid))
    fields = decode(fid)
    mine, other = "SMC64" if fields.smc64 else "SMC32", "SMC32" if fields.smc64 else "SMC64"
    form, hint = other_form(fid), other_hint(fid)
    if form is not None and registry.by_id(fid):
        yield LabelledLine("other form", f"{other}: {show(form)}, {registry.name_of(form)}")
    elif form is not None:
        yield LabelledLine("other form", f"{other}: {show(form)} is {registry.name_of(form)}, which has no {mine} form")
    elif registry.by_id(fid) and hint is not None:
        yield LabelledLine("other form", f"none: the call has no {other} form")
    if hint is None:
        return
    if fields.sve_hint:
        name = registry.name_of(hint)
        yield LabelledLine("without hint", show(hint) + (f", {name}" if name else ""))
        yield LabelledLine("", "SMCCC ignores the hint; KVM compares all 32 bits, so that this is another ID to it")
    else:
        yield LabelledLine("with hint", f"{show(hint)}, another ID to a filter, see `smccc-filter explain A306`")


def _filter(ids: Intervals, selectors: list[str]) -> Iterator[LabelledLine]:
    """Yield whether a filter may select ``ids``, and if so how a policy does it."""
    if filterable(ids):
        yield LabelledLine("filter", "may select it")
        yield from labelled("in a policy", selectors)
    else:
        yield LabelledLine("filter", f"may not select it. {RESERVED}")


def _selectors(fid: int) -> list[str]:
    """Write how a policy selects one ID: by name where the name means no other."""
    name = registry.name_of(fid)
    count = size(registry.by_name(name) or ()) if name else 0
    by_name = [f"calls: [{name}]" + (f", which is {count} IDs" if count > 1 else "")] if name else []
    return [*by_name, f"ranges: [{show(fid)}]"]


def _form(fid: int, function: Function) -> str:
    """Write one form of a call: its ID, the name that means this form alone, and those of headers."""
    end = fid + 1 if function.last is None else (fid & ~NUMBER_MASK) + function.last + 1
    both = function.smc32 is not None and function.smc64 is not None
    own = [f"{function.name}/{64 if decode(fid).smc64 else 32}"] if both else []
    return ", ".join([block(fid, end), *own, *macros(fid)])


def _calls(group: Service | Family) -> Iterator[LabelledLine]:
    """Yield the calls that a group's own rows define, one a line."""
    own = [function for function in members(group) if function.service == group.name]
    longest = max((len(function.name) for function in own), default=0)
    return labelled("calls", [f"{function.name:{longest}}  {ids_of(function)}" for function in own])
