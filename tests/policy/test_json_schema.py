import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from smccc_filter import registry
from smccc_filter.policy.json_schema import render, schema
from smccc_filter.policy.language import ACTIONS, CAPABILITIES, SCHEMA
from tests.conftest import Golden

FILE = Path(__file__).parents[2] / "schemas" / "policy.schema.json"


def test_the_file_is_what_the_language_says(golden: Golden) -> None:
    golden(FILE, render())


def test_the_module_prints_the_file() -> None:
    command = [sys.executable, "-m", "smccc_filter.policy.json_schema"]
    assert subprocess.run(command, capture_output=True, check=True).stdout == FILE.read_bytes()


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
    assert not any("enum" in part for _, part in everywhere(schema()) if isinstance(part, dict))


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
    assert not keys & {"$defs", "content", "enum"}
    assert [path for path, _ in everywhere(schema()) if path[-1:] == ("title",)] == [("title",)]


def test_every_reference_leads_somewhere_and_every_definition_is_used() -> None:
    referenced = {part for path, part in everywhere(schema()) if path[-1:] == ("$ref",)}
    assert referenced == {f"#/definitions/{name}" for name in schema()["definitions"]}


@pytest.mark.parametrize("field", ["action", "default", "expect"])
def test_actions_are_offered_with_their_meaning(field: str) -> None:
    (offered,) = (part["oneOf"] for path, part in everywhere(schema()) if path[-2:] == ("properties", field))
    assert {choice["const"]: choice["description"] for choice in offered} == ACTIONS


def test_capabilities_are_offered_with_their_meaning() -> None:
    offered = schema()["definitions"]["Target"]["properties"]["capabilities"]["items"]["oneOf"]
    assert {choice["const"]: choice["description"] for choice in offered} == CAPABILITIES


def test_names_are_exactly_those_of_the_registry() -> None:
    branches = schema()["definitions"]["Call"]["anyOf"]
    constants = {branch["const"] for branch in branches if "const" in branch}
    patterns = [branch["pattern"] for branch in branches if "pattern" in branch]
    for known in registry.functions():
        for name in (known.name, f"{known.name}/32", f"{known.name}/64", f"{known.name}/", known.name.lower()):
            taken = name in constants or any(re.search(pattern, name) for pattern in patterns)
            assert taken == (registry.by_name(name) is not None)
