"""What stands in the lists of a selector, as JSON Schema: every call, service and kernel, each with its meaning.

One alternative a word rather than an ``enum`` with its descriptions, since yaml-language-server shows somebody who
points at a word all the values of an ``enum``, and of alternatives the one that it is.
"""

from collections.abc import Iterator
from typing import Any

from smccc_filter.kvm.profiles import RELEASES
from smccc_filter.language.policy.language import EVERY_CALL, FLAGS_PATTERN, MAX_FLAGS
from smccc_filter.language.policy.ranges import ID_PATTERN, RANGE_PATTERN
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SPACE, show_range
from smccc_filter.smccc.intervals import Intervals, intersection
from smccc_filter.smccc.registry import Function, Service

Schema = dict[str, Any]

_RESERVED = "KVM keeps it: a filter that selects it gets EEXIST"
_UNKNOWN = "no call has this name, or no such form: see `smccc-filter list calls`"
_MALFORMED = "no function IDs in hexadecimal: write first-last, base+count or one ID, as in 0x84000000-0x8400001F"
_NO_ID = "neither a call nor one function ID in hexadecimal, as in 0x84000003"


def words() -> dict[str, Schema]:
    """Define what each kind of word may be, by the name of its definition."""
    written = "Function IDs in hexadecimal: 0x84000000-0x8400001F (inclusive), 0xC6000040+2 or 0x95C1BA5E."
    number = "One function ID in hexadecimal."
    return {
        **_vmm(),
        "Call": {"title": "Call", "anyOf": [_only_forms(), *_calls(), *_aliases(), *_forms()]},
        "CallOrId": {"anyOf": [{"$ref": "#/definitions/Call"}, _ids(number, ID_PATTERN, _NO_ID)]},
        "Kernel": _kernel(),
        "Range": _ids(written, RANGE_PATTERN, _MALFORMED),
        "Service": {"title": "Service", "oneOf": [_service(known) for known in registry.services()]},
    }


def _vmm() -> dict[str, Schema]:
    """Define what stands under the keys of ``vmm``."""
    one = {"type": "string", "description": "The version that every VERSION call of the rule answers."}
    each = {"type": "string", "description": "The version that the service's VERSION call answers."}
    by_service = {"type": "object", "description": "A version for each service.", "minProperties": 1}
    every = {"type": "string", "const": EVERY_CALL, "description": "Every call that `calls` of the rule names."}
    some = {"type": "array", "description": "Calls by name, as in `calls`.", "minItems": 1}
    flags = {
        "description": "Flags in hexadecimal.",
        "type": ["string", "integer"],
        "pattern": FLAGS_PATTERN,
        "patternErrorMessage": "flags in hexadecimal, as in 0x2",
        "minimum": 0,
        "maximum": MAX_FLAGS,
    }
    call = {"$ref": "#/definitions/Call"}
    return {
        "StatedVersions": {"title": "Versions", "anyOf": [one, {**by_service, "additionalProperties": each}]},
        "Implements": {"title": "Implements", "anyOf": [every, {**some, "items": call}]},
        "Features": {
            "title": "Features",
            "type": "object",
            "minProperties": 1,
            "propertyNames": call,
            "additionalProperties": flags,
        },
    }


def _ids(description: str, pattern: str, message: str) -> Schema:
    """Take a string, or the number that other readers of YAML make of an unquoted 0x84000003."""
    return {
        "title": "Function IDs",
        "description": description,
        "type": ["string", "integer"],
        "pattern": pattern,
        "patternErrorMessage": message,
        "minimum": 0,
        "maximum": SPACE - 1,
    }


def _kernel() -> Schema:
    """Take any string, and offer the releases as first published, newest first."""
    offered = [
        {"label": f'"{release}"', "sortText": f"{place:02}", "body": f'"{release}"'}
        for place, release in enumerate(reversed(RELEASES))
    ]
    about = "A Linux release as first published, or a stable one."
    return {"title": "Kernel", "description": about, "type": "string", "defaultSnippets": offered}


def _only_forms() -> Schema:
    """Take the form of every call that has one. It comes first: an editor shows its message of whatever is no call."""
    names = {
        form: "|".join(
            function.name
            for function in registry.functions()
            if not _has_both(function) and registry.by_name(f"{function.name}/{form}")
        )
        for form in (32, 64)
    }
    pattern = "|".join(f"({either})/{form}" for form, either in names.items())
    return {
        "description": "The only form of a call, SMC32 (/32) or SMC64 (/64).",
        "type": "string",
        "pattern": f"^({pattern})$",
        "patternErrorMessage": _UNKNOWN,
    }


def _calls() -> Iterator[Schema]:
    """Yield every call under its own name, those of the standards first, in the order of their services."""
    order = {service.name: place for place, service in enumerate(registry.services())}
    for function in sorted(registry.functions(), key=lambda function: order.get(function.service, len(order))):
        if ids := registry.function_ids(function):
            yield _word(function.name, f"{_about(function)}: {_show(ids)}", ids)


def _forms() -> Iterator[Schema]:
    """Describe both forms of each call that has two, by patterns: constants would crowd what an editor offers."""
    for function in filter(_has_both, registry.functions()):
        for form in (32, 64):
            name = f"{function.name}/{form}"
            ids = registry.by_name(name) or ()
            described = _noted(f"{_about(function)}, SMC{form}: {_show(ids)}", ids)
            yield {"type": "string", "pattern": f"^{name}$", "description": described}


def _aliases() -> Iterator[Schema]:
    described = {known.name for known in registry.functions()}
    for name in registry.all_names():
        ids = registry.by_name(name)
        if name not in described and ids:
            function = registry.by_id(ids[0][0])[0]
            called = f"{function.meaning}: {registry.name_of(ids[0][0])} as Linux's headers call it, {_show(ids)}"
            yield _word(name, called, ids)


def _service(known: Service) -> Schema:
    ids = tuple((first, last + 1) for first, last in known.ranges)
    return _word(known.name, f"{known.title} ({known.spec}): {_show(ids)}", ids)


def _word(name: str, about: str, ids: Intervals) -> Schema:
    return {"type": "string", "const": name, "description": _noted(about, ids)}


def _noted(about: str, ids: Intervals) -> str:
    """Add to what is said of ``ids`` that no filter may select them, if so."""
    arch = registry.service("arch")
    reserved = arch and intersection(ids, tuple((first, last + 1) for first, last in arch.ranges))
    return f"{about}. {_RESERVED}" if reserved else about


def _has_both(function: Function) -> bool:
    return function.smc32 is not None and function.smc64 is not None


def _about(function: Function) -> str:
    return f"{function.meaning} ({function.spec})"


def _show(ids: Intervals) -> str:
    return ", ".join(show_range(*interval) for interval in ids)
