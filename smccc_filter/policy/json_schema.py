"""The policy language as JSON Schema, draft-07, for editors and other tools: what ``schemas/policy.schema.json`` holds.

pydantic turns the schema that the tool itself checks with into JSON Schema, so the two cannot drift apart; what only
the registry knows, which calls and services there are, is put in here. Write the file anew after a change of either::

    python -m smccc_filter.policy.json_schema > schemas/policy.schema.json
"""

import json
import sys
from typing import Any

from smccc_filter import registry
from smccc_filter.function_id import show, show_range
from smccc_filter.intervals import Intervals
from smccc_filter.policy.language import CONTENT, SCHEMA
from smccc_filter.policy.model import Kind
from smccc_filter.policy.ranges import ID_PATTERN, RANGE_PATTERN
from smccc_filter.registry import Service

DRAFT = "http://json-schema.org/draft-07/schema#"
URL = "https://raw.githubusercontent.com/smccc-filter/smccc-filter/main/schemas/policy.schema.json"
"""Where the newest one is published, which is also its name."""

Schema = dict[str, Any]

_CONTENTS = {"calls": "Call", "ranges": "Range", "services": "Service", "call": "CallOrId"}
"""The definition of what a string holds, by the marker that ``policy.language`` puts on it."""
_DEMANDS: dict[str, Schema] = {
    "Rule": {"anyOf": [{"required": [kind]} for kind in Kind]},
    "Selectors": {"minProperties": 1},
}
"""What the tool asks of a mapping beside the shape of its fields: that it selects something."""


def schema() -> Schema:
    """Return the JSON Schema of a policy, made of Python's own lists and dictionaries."""
    from pydantic.json_schema import GenerateJsonSchema

    generated = GenerateJsonSchema(ref_template="#/definitions/{model}").generate(SCHEMA)
    shapes = {name: _finished(shape) | _DEMANDS.get(name, {}) for name, shape in generated.pop("$defs").items()}
    return {
        "$schema": DRAFT,
        "$id": URL,
        "title": "SMCCC filter policy",
        "description": "Which SMCCC calls of a guest arm64 KVM answers, denies or forwards to the VMM.",
        **_finished(generated),
        "definitions": dict(sorted({**shapes, **_words()}.items())),
    }


def render() -> str:
    """Write the schema as text, the same to the byte from run to run."""
    return json.dumps(schema(), indent=2) + "\n"


def _finished(generated: Schema) -> Schema:
    """Rewrite what pydantic made of one schema, and of those in it, as an editor wants it."""
    result = {key: value for key, value in generated.items() if key != "title"}
    if "oneOf" in result:
        result = {key: value for key, value in result.items() if key not in {"enum", "const", "type"}}
    if content := result.pop(CONTENT, None):
        del result["type"]
        result["$ref"] = f"#/definitions/{_CONTENTS[content]}"
    if "$ref" in result and len(result) > 1:  # draft-07 ignores whatever stands beside a reference
        result["allOf"] = [{"$ref": result.pop("$ref")}]
    if "items" in result:
        result["items"] = _finished(result["items"])
    if "properties" in result:
        result["properties"] = {name: _finished(field) for name, field in result["properties"].items()}
    return result


def _words() -> dict[str, Schema]:
    """Define what stands in the lists of a selector, and under ``call``."""
    number = {
        "description": "One function ID as a number, which is what YAML readers make of an unquoted 0x84000003.",
        "type": "integer",
        "minimum": 0,
        "maximum": 0xFFFF_FFFF,
    }
    written = "Function IDs in hexadecimal: 0x84000000-0x8400001F (inclusive), 0xC6000040+2 or 0x95C1BA5E."
    ranges = {"description": written, "type": "string", "pattern": RANGE_PATTERN}
    one = {"description": "One function ID in hexadecimal.", "type": "string", "pattern": ID_PATTERN}
    return {
        "Call": {"anyOf": [*_calls(), *_forms(), *_aliases()]},
        "CallOrId": {"anyOf": [{"$ref": "#/definitions/Call"}, one, number]},
        "Range": {"anyOf": [ranges, number]},
        "Service": {"oneOf": [_service(known) for known in registry.services()]},
    }


def _calls() -> list[Schema]:
    return [
        {"const": function.name, "description": f"{function.meaning} ({function.spec}): {_show(ids)}"}
        for function in registry.functions()
        if (ids := registry.function_ids(function))
    ]


def _forms() -> list[Schema]:
    """Take exactly the names with a form; spelt out one by one they would crowd every list that an editor offers."""
    result: list[Schema] = []
    for form, convention in (("32", "SMC32"), ("64", "SMC64")):
        names = [known.name for known in registry.functions() if registry.by_name(f"{known.name}/{form}")]
        description = f"The {convention} form of a call alone."
        result.append({"description": description, "type": "string", "pattern": f"^({'|'.join(names)})/{form}$"})
    return result


def _aliases() -> list[Schema]:
    described = {known.name for known in registry.functions()}
    return [
        {"const": name, "description": f"{registry.name_of(ids[0][0])} as Linux's headers call it: {_show(ids)}"}
        for name in registry.all_names()
        if name not in described and (ids := registry.by_name(name))
    ]


def _service(known: Service) -> Schema:
    ids = ", ".join(f"{show(first)}-{show(last)}" for first, last in known.ranges)
    return {"const": known.name, "description": f"{known.title} ({known.spec}): {ids}"}


def _show(ids: Intervals) -> str:
    return ", ".join(show_range(*interval) for interval in ids)


if __name__ == "__main__":
    sys.stdout.write(render())
