"""The policy language as JSON Schema, draft-07, for editors and other tools: what ``schemas/policy.schema.json`` holds.

pydantic turns the schema that the tool itself checks with into JSON Schema, so the two cannot drift apart; what only
the registry knows, which calls and services there are, comes from ``policy.json_words``. Write the file anew after a
change of either::

    smccc-filter list schema > schemas/policy.schema.json

Beside draft-07 it has what editors read: ``enumDescriptions``, ``markdownDescription``, ``errorMessage`` and
``defaultSnippets``. A ``type`` stands wherever one can, even beside alternatives that say it too, as
yaml-language-server writes quotes and colons by it: without one it completes ``psci:`` with the number 1.1.
"""

import json

from smccc_filter.language.policy.json_words import Schema, words
from smccc_filter.language.policy.language import CODE_PATTERN, CONTENT, NAME_PATTERN, SCHEMA
from smccc_filter.language.policy.selector import SelectorKind

DRAFT = "http://json-schema.org/draft-07/schema#"
URL = "https://raw.githubusercontent.com/smccc-filter/smccc-filter/main/schemas/policy.schema.json"
"""Where the newest one is published, which is also its name."""

_CONTENTS = {"calls": "Call", "ranges": "Range", "services": "Service", "call": "CallOrId", "kernel": "Kernel"}
"""The definition of what a string holds, by the marker that ``policy.language`` puts on it."""
_SEVERAL_TYPES = {
    "versions": ("StatedVersions", ["string", "object"]),
    "implements": ("Implements", ["string", "array"]),
    "features": ("Features", ["object"]),
}
"""The same of what is no string alone, with the types that it may have."""
_DEMANDS: dict[str, Schema] = {
    "Rule": {
        "anyOf": [
            {"required": [kind], "errorMessage": "a rule selects something: add calls, ranges or services"}
            for kind in SelectorKind
        ]
    },
    "Selectors": {"minProperties": 1},
}
"""What the tool asks of a mapping beside the shape of its fields: that it selects something."""
_ACTIONS = "|forward,deny,handle|"
_SNIPPETS: dict[str, Schema] = {
    "rules": {
        "label": "a rule",
        "description": "What happens to some calls, and why.",
        "body": {"action": f"${{1{_ACTIONS}}}", "calls": ["${2:PSCI_CPU_ON}"], "reason": "$3"},
    },
    "tests": {
        "label": "an expectation",
        "description": "What the policy must decide for a call.",
        "body": {"call": "${1:PSCI_CPU_ON}", "expect": f"${{2{_ACTIONS}}}"},
    },
}
"""What an editor offers for the next item of a list, by the key of the list."""
_MESSAGES = {
    NAME_PATTERN: "lower-case letters, digits and -, the first a letter",
    CODE_PATTERN: "a letter and three digits, as in A305",
}
"""What an editor says of a word, by the pattern that it does not match."""
_LINE = 120
"""Columns within which a part of the file stands on one line."""


def schema() -> Schema:
    """Return the JSON Schema of a policy, made of Python's own lists and dictionaries."""
    from pydantic.json_schema import GenerateJsonSchema

    generated = GenerateJsonSchema(ref_template="#/definitions/{model}").generate(SCHEMA)
    shapes = {name: _mapping(name, shape) for name, shape in generated.pop("$defs").items()}
    return {
        "$schema": DRAFT,
        "$id": URL,
        "title": "SMCCC filter policy",
        "description": "Which SMCCC calls of a guest arm64 KVM answers, denies or forwards to the VMM.",
        **_finished(generated),
        "definitions": dict(sorted({**shapes, **words()}.items())),
    }


def render() -> str:
    """Write the schema as text, the same to the byte from run to run."""
    return _written(schema(), "") + "\n"


def _written(part: object, margin: str) -> str:
    """Write one part as JSON: on one line where it fits, else an item a line."""
    line = json.dumps(part)
    if not isinstance(part, dict | list) or len(margin) + len(line) < _LINE:
        return line
    inner = margin + "  "
    if isinstance(part, list):
        items = [_written(item, inner) for item in part]
        opening, closing = "[]"
    else:
        items = [f"{json.dumps(key)}: {_written(value, inner)}" for key, value in part.items()]
        opening, closing = "{}"
    return f"{opening}\n{inner}" + f",\n{inner}".join(items) + f"\n{margin}{closing}"


def _mapping(name: str, generated: Schema) -> Schema:
    """Rewrite one of the mappings that stand inside a policy."""
    return {"title": name, **_finished(generated), **_DEMANDS.get(name, {})}


def _field(name: str, generated: Schema) -> Schema:
    """Rewrite what stands under one key."""
    snippets = {"defaultSnippets": [_SNIPPETS[name]]} if name in _SNIPPETS else {}
    return {**_finished(generated), **snippets}


def _finished(generated: Schema) -> Schema:
    """Rewrite what pydantic made of one schema, and of those in it, as an editor wants it."""
    result = {key: value for key, value in generated.items() if key != "title"}
    if "`" in result.get("description", ""):
        result["markdownDescription"] = result["description"]
    if choices := result.pop("oneOf", None):
        result.pop("const", None)
        result |= {
            "type": "string",
            "enum": [choice["const"] for choice in choices],
            "enumDescriptions": [choice["description"] for choice in choices],
        }
    content = result.pop(CONTENT, None)
    if content in _SEVERAL_TYPES:
        definition, types = _SEVERAL_TYPES[content]
        described: Schema = {key: result[key] for key in ("description", "markdownDescription") if key in result}
        return {**described, "type": types, "allOf": [{"$ref": f"#/definitions/{definition}"}]}
    if content:
        del result["type"]
        result["$ref"] = f"#/definitions/{_CONTENTS[content]}"
    if "$ref" in result and len(result) > 1:  # draft-07 ignores whatever stands beside a reference
        result |= {"type": ["string", "integer"] if content else "object", "allOf": [{"$ref": result.pop("$ref")}]}
    if message := _MESSAGES.get(result.get("pattern", "")):
        result["patternErrorMessage"] = message
    if "items" in result:
        result["items"] = _finished(result["items"])
    if "properties" in result:
        result = {"additionalProperties": False, **result}  # what pydantic before 2.11 leaves out
        result["properties"] = {name: _field(name, field) for name, field in result["properties"].items()}
    return result
