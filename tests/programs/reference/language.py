"""The page of the policy language, made of its JSON Schema."""

from collections.abc import Iterator

from smccc_filter.language.policy.json_schema import schema
from smccc_filter.language.policy.json_words import Schema
from smccc_filter.language.policy.language import MAX_RULES
from smccc_filter.language.source.compose import MAX_DEPTH, MAX_NODES
from tests.programs.reference import markdown

WORDS = {
    "Call": "the name of a call, see `smccc-filter list calls`",
    "CallOrId": "the name of a call, or one function ID",
    "Kernel": "the name of a kernel",
    "Range": "function IDs in hexadecimal",
    "Service": "the name of a service, see `smccc-filter list services`",
    "StatedVersions": "a version, or a mapping of services to versions",
    "Implements": "`all`, or a list of calls",
    "Features": "a mapping of calls to flags in hexadecimal",
}
"""What a definition that is no mapping of its own stands for."""
TITLES = {"Target": "target", "Firmware": "firmware", "Rule": "rules", "Selectors": "except", "Vmm": "vmm"}
TITLES |= {"Allowance": "allow", "Expectation": "tests"}


LEAD = """\
A policy is one mapping in a strict subset of YAML 1.2, in UTF-8: anchors, aliases, merge keys, tags, duplicate keys and
second documents are errors. These are its keys, as the JSON Schema has them that `smccc-filter list schema` prints.
"""


def page() -> str:
    """Return the page."""
    whole = schema()
    parts = [
        LEAD,
        f"A file has at most {MAX_RULES:,} rules, {MAX_NODES:,} values and {MAX_DEPTH} levels.",
        "## The policy",
        _keys(whole),
    ]
    for name, title in TITLES.items():
        parts += [f"## `{title}`", _keys(whole["definitions"][name])]
    return markdown.page("The language", *parts, *_choices(whole))


def _keys(mapping: Schema) -> str:
    required = mapping.get("required", [])
    rows = [
        (f"`{key}`{', required' if key in required else ''}", _type(value), value.get("description", ""))
        for key, value in mapping["properties"].items()
    ]
    return markdown.table(("key", "value", "meaning"), rows)


def _type(value: Schema) -> str:
    """Say in words what a value may be."""
    references = [value, *value.get("allOf", [])]
    name = next((each["$ref"].rpartition("/")[2] for each in references if "$ref" in each), "")
    if name in WORDS:
        return WORDS[name]
    if name:
        return f"a mapping: [{TITLES[name]}](#{TITLES[name]})"
    if "items" in value:
        return _list(value["items"])
    if "enum" in value:
        return " ".join(f"`{each}`" for each in value["enum"])
    if "const" in value:
        return f"`{value['const']}`"
    pattern = f" like `{value['pattern']}`" if "pattern" in value else ""
    return {"string": "a string", "boolean": "`true` or `false`"}[value["type"]] + pattern


def _list(items: Schema) -> str:
    name = items.get("$ref", "").rpartition("/")[2]
    if name in TITLES:
        return f"a list of mappings: [{TITLES[name]}](#{TITLES[name]})"
    return f"a list, each {_type(items)}"


def _choices(whole: Schema) -> Iterator[str]:
    """Yield what each word of a closed list means."""
    meanings: dict[str, str] = {}
    for mapping in (whole, *whole["definitions"].values()):
        for value in mapping.get("properties", {}).values():
            chosen = value.get("items", value)
            meanings |= dict(zip(chosen.get("enum", []), chosen.get("enumDescriptions", []), strict=False))
    yield "## Words"
    yield markdown.table(("word", "meaning"), [(f"`{word}`", meaning) for word, meaning in meanings.items()])
