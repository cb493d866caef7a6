import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft7Validator

from smccc_filter.kvm.profiles import RELEASES
from smccc_filter.language.policy.json_schema import render, schema
from smccc_filter.language.policy.language import ACTIONS, CAPABILITIES, SCHEMA
from smccc_filter.smccc import registry
from tests import paths
from tests.conftest import Golden


def test_the_file_is_what_the_language_says(golden: Golden) -> None:
    golden(paths.SCHEMA, render())


def test_it_is_draft_7() -> None:
    Draft7Validator.check_schema(schema())
    assert schema()["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert schema()["$id"].endswith("/schemas/policy.schema.json")


def everywhere(part: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield every part of the schema with its path."""
    yield path, part
    steps = enumerate(part) if isinstance(part, list) else part.items() if isinstance(part, dict) else ()
    for step, inner in steps:
        yield from everywhere(inner, (*path, step))


def test_every_field_has_a_description() -> None:
    fields = [(path, part) for path, part in everywhere(schema()) if path[-2:-1] == ("properties",)]
    assert len(fields) == sum(len(mapping["fields"]) for mapping in (SCHEMA["schema"], *SCHEMA["definitions"]))
    assert [path for path, field in fields if not field.get("description")] == []


def test_every_enumerated_value_has_a_description() -> None:
    values = [(path, part) for path, part in everywhere(schema()) if isinstance(part, dict) and "const" in part]
    assert len(values) > 500
    assert [path for path, value in values if not value.get("description")] == []
    choices = [part for _, part in everywhere(schema()) if isinstance(part, dict) and "enum" in part]
    assert len(choices) > len(ACTIONS)
    assert all(len(choice["enum"]) == len(choice["enumDescriptions"]) for choice in choices)
    assert all(all(choice["enumDescriptions"]) for choice in choices)


def test_whatever_an_editor_may_insert_says_its_type() -> None:
    """Without one, yaml-language-server writes ``psci: 1.1`` for "1.1", and ``target`` without its colon."""
    offered = [
        (path, part)
        for path, part in everywhere(schema())
        if path[-2:-1] == ("properties",) or (isinstance(part, dict) and {"const", "enum"} & set(part))
    ]
    assert offered
    assert [path for path, part in offered if "type" not in part] == []


def test_every_alternative_that_is_no_reference_has_a_description() -> None:
    alternatives = [
        (path, part)
        for path, part in everywhere(schema())
        if path[-2:-1] in (("anyOf",), ("oneOf",)) and not {"$ref", "required"} & set(part)
    ]
    assert [path for path, part in alternatives if not part.get("description")] == []


def test_nothing_stands_beside_a_reference_where_draft_7_would_ignore_it() -> None:
    references = [part for _, part in everywhere(schema()) if isinstance(part, dict) and "$ref" in part]
    assert references
    assert [part for part in references if len(part) > 1] == []


def test_nothing_of_its_making_is_left() -> None:
    keys = {step for path, _ in everywhere(schema()) for step in path if isinstance(step, str)}
    assert not keys & {"$defs", "content"}


def test_each_definition_has_the_title_under_which_an_editor_shows_what_is_in_it() -> None:
    titles = {name: part.get("title") for name, part in schema()["definitions"].items()}
    assert all(titles[name] for name in titles if name != "CallOrId")


def test_every_reference_leads_somewhere_and_every_definition_is_used() -> None:
    referenced = {part for path, part in everywhere(schema()) if path[-1:] == ("$ref",)}
    assert referenced == {f"#/definitions/{name}" for name in schema()["definitions"]}


@pytest.mark.parametrize("field", ["action", "default", "expect"])
def test_actions_are_offered_with_their_meaning(field: str) -> None:
    (offered,) = (part for path, part in everywhere(schema()) if path[-2:] == ("properties", field))
    assert dict(zip(offered["enum"], offered["enumDescriptions"], strict=True)) == ACTIONS


def test_capabilities_are_offered_with_their_meaning() -> None:
    offered = schema()["definitions"]["Target"]["properties"]["capabilities"]["items"]
    assert dict(zip(offered["enum"], offered["enumDescriptions"], strict=True)) == CAPABILITIES


@cache
def alternatives() -> list[dict[str, str]]:
    """Return what may stand for a call, made once for its many names."""
    found: list[dict[str, str]] = schema()["definitions"]["Call"]["anyOf"]
    return found


def described(name: str) -> list[str]:
    """Return what is said of a name, one text an alternative that takes it."""
    taking = (one for one in alternatives() if one.get("const") == name or re.search(one.get("pattern", "$^"), name))
    return [one["description"] for one in taking]


def test_each_name_and_form_is_described_once() -> None:
    forms = [f"{name}/{form}" for name in registry.all_names() for form in (32, 64)]
    names = [*registry.all_names(), *(name for name in forms if registry.by_name(name))]
    assert [name for name in names if len(described(name)) != 1] == []


@pytest.mark.parametrize(
    ("name", "text"),
    {
        "PSCI_CPU_ON": "power up a core at an entry point (DEN0022): 0x84000003, 0xC4000003",
        "PSCI_CPU_ON/64": "power up a core at an entry point (DEN0022), SMC64: 0xC4000003",
        "PSCI_CPU_OFF/32": "The only form of a call, SMC32 (/32) or SMC64 (/64).",
        "PSCI_0_2_FN64_CPU_ON": "power up a core at an entry point: PSCI_CPU_ON/64 as Linux's headers call it, "
        "0xC4000003",
        "SMCCC_ARCH_FEATURES": "Reports whether an arch (OEN 0) or standard-hypervisor (OEN 5) function is implemented "
        "(DEN0028): 0x80000001. KVM keeps it: a filter that selects it gets EEXIST",
    }.items(),
)
def test_a_call_is_described_by_its_meaning_and_ids(name: str, text: str) -> None:
    assert described(name) == [text]


def test_the_standards_come_first() -> None:
    names = [one["const"] for one in schema()["definitions"]["Call"]["anyOf"] if "const" in one]
    assert names[0].startswith("PSCI_")
    assert names.index("TRNG_RND") < names.index("FFA_VERSION") < names.index("OPTEE_RETURN_FROM_RPC")


def test_known_releases_are_offered_as_strings_newest_first() -> None:
    offered = sorted(schema()["definitions"]["Kernel"]["defaultSnippets"], key=lambda snippet: snippet["sortText"])
    assert [snippet["body"] for snippet in offered] == [f'"{release}"' for release in reversed(RELEASES)]


def test_names_are_exactly_those_of_the_registry() -> None:
    branches = schema()["definitions"]["Call"]["anyOf"]
    constants = {branch["const"] for branch in branches if "const" in branch}
    patterns = [branch["pattern"] for branch in branches if "pattern" in branch]
    for known in registry.functions():
        for name in (known.name, f"{known.name}/32", f"{known.name}/64", f"{known.name}/", known.name.lower()):
            taken = name in constants or any(re.search(pattern, name) for pattern in patterns)
            assert taken == (registry.by_name(name) is not None)
