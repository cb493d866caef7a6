import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from smccc_filter import registry
from smccc_filter.policy import shape
from smccc_filter.policy.json_schema import render, schema
from smccc_filter.policy.language import ACTIONS, CAPABILITIES, CHOICES
from smccc_filter.policy.load import load
from smccc_filter.source import read
from tests.conftest import Golden
from tests.policy.documents import Data, documents, minimal, with_rule, written

ROOT = Path(__file__).parents[2]
FILE = ROOT / "schemas" / "policy.schema.json"
POLICIES = sorted((ROOT / "policies").rglob("*.yaml"))
FULL = Path(__file__).parent.parent / "source" / "policy.yaml"

Schema = dict[str, Any]


@cache
def validator() -> Draft7Validator:
    return Draft7Validator(json.loads(FILE.read_text(encoding="utf-8")))


def takes(data: object) -> bool:
    return validator().is_valid(data)


def read_as_others_do(text: str) -> object:
    """Read YAML 1.2 as editors and check-jsonschema do, hexadecimal numbers included."""
    return YAML(typ="safe", pure=True).load(StringIO(text))


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
    assert len(fields) == 36
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
    assert [
        path for path, part in everywhere(schema()) if isinstance(part, dict) and "$ref" in part and len(part) > 1
    ] == []


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


@pytest.mark.parametrize("path", [*POLICIES, FULL], ids=lambda path: path.name)
def test_every_shipped_policy_is_taken(path: Path) -> None:
    assert [error.message for error in validator().iter_errors(read_as_others_do(path.read_text("utf-8")))] == []


def test_check_jsonschema_takes_every_shipped_policy() -> None:
    pytest.importorskip("check_jsonschema", reason="check-jsonschema is not installed")
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", FILE, *POLICIES, FULL]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nname: a",
        "version: 1\nname: a\nrules: []",
        "version: 1\nname: a\nrules: [{action: deny, ranges: [0x84000003, 0X84000003, 0x8400_0003, 0x0+0]}]",
        "version: 1\nname: a\nrules: [{action: deny, ranges: ['0x84000003', 0x84000000-0x8400001f, 0xC6000040+2]}]",
        "version: 1\nname: a\nrules: [{action: deny, calls: [PSCI_CPU_ON, PSCI_CPU_ON/32, PSCI_0_2_FN64_CPU_ON]}]",
        "version: 1\nname: a\ntests: [{call: 0x84000003, expect: deny}, {call: '0x84000003', expect: deny}]",
        'version: 1\nname: a\ntarget: {kernels: ["6.12"], psci: "1.0", capabilities: []}',
    ],
)
def test_taken_as_by_the_tool(text: str) -> None:
    assert takes(read_as_others_do(text))
    assert load(read(text.encode()))[1] == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "version: 2\nname: a",
        "version: '1'\nname: a",
        "version: true\nname: a",
        "version: 1",
        "name: a",
        "version: 1\nname: A",
        "version: 1\nname: a\nauthor: me",
        "version: 1\nname: a\ndefault: drop",
        "version: 1\nname: a\ntarget: {kernels: [6.12]}",
        "version: 1\nname: a\ntarget: {kernels: []}",
        "version: 1\nname: a\ntarget: {psci: 1.1}",
        "version: 1\nname: a\ntarget: {capabilities: [x]}",
        "version: 1\nname: a\ntarget: {nested: 'true'}",
        "version: 1\nname: a\nfirmware: {std: [ptp]}",
        "version: 1\nname: a\nfirmware: {trng: []}",
        "version: 1\nname: a\nrules: [{action: deny}]",
        "version: 1\nname: a\nrules: [{calls: [TRNG_RND]}]",
        "version: 1\nname: a\nrules: [{action: deny, calls: []}]",
        "version: 1\nname: a\nrules: [{action: deny, calls: [NO_CALL]}]",
        "version: 1\nname: a\nrules: [{action: deny, calls: [PSCI_CPU_OFF/64]}]",
        "version: 1\nname: a\nrules: [{action: deny, calls: [PSCI_CPU_ON/16]}]",
        "version: 1\nname: a\nrules: [{action: deny, calls: [PSCI_0_2_FN64_CPU_ON/64]}]",
        "version: 1\nname: a\nrules: [{action: deny, calls: [psci_cpu_on]}]",
        "version: 1\nname: a\nrules: [{action: deny, calls: [VENDOR_HYP_KVM_FEATURES_2]}]",
        "version: 1\nname: a\nrules: [{action: deny, calls: [0x84000003]}]",
        "version: 1\nname: a\nrules: [{action: deny, services: [pcsi]}]",
        "version: 1\nname: a\nrules: [{action: deny, ranges: ['2214592515']}]",
        "version: 1\nname: a\nrules: [{action: deny, ranges: [0x100000000]}]",
        "version: 1\nname: a\nrules: [{action: deny, ranges: [-1]}]",
        "version: 1\nname: a\nrules: [{action: deny, ranges: [1.5]}]",
        "version: 1\nname: a\nrules: [{action: deny, ranges: [0x0 - 0x1]}]",
        "version: 1\nname: a\nrules: [{action: deny, calls: [TRNG_RND], except: {}}]",
        "version: 1\nname: a\nrules: [{action: deny, calls: [TRNG_RND], allow: [{code: A305}]}]",
        "version: 1\nname: a\nrules: [{action: deny, calls: [TRNG_RND], allow: [{code: A305, reason: ''}]}]",
        "version: 1\nname: a\nrules: [{action: deny, calls: [TRNG_RND], name: ''}]",
        "version: 1\nname: a\ntests: [{call: 0x84000000+2, expect: deny}]",
        "version: 1\nname: a\ntests: [{call: psci, expect: deny}]",
        "version: 1\nname: a\ntests: [{call: TRNG_RND}]",
    ],
)
def test_refused_as_by_the_tool(text: str) -> None:
    assert not takes(read_as_others_do(text))
    assert load(read(text.encode()))[1] != ()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(with_rule(ranges=[0x84000003]), id="a number, which others make of an unquoted ID"),
        pytest.param(with_rule(ranges=["0x0-0x100000000"]), id="more than 32 bits"),
        pytest.param(minimal(rules=[{"name": "a", "action": "deny", "services": ["psci"]}] * 2), id="a name twice"),
        pytest.param(minimal(version=1.0), id="1.0, which JSON does not tell from 1"),
    ],
)
def test_refused_by_the_tool_alone(data: Data) -> None:
    assert takes(data)
    assert load(read(written(data)))[1] != ()


def test_names_are_exactly_those_of_the_registry() -> None:
    for known in registry.functions():
        for name in (known.name, f"{known.name}/32", f"{known.name}/64", f"{known.name}/", known.name.lower()):
            assert takes(with_rule(calls=[name])) == (registry.by_name(name) is not None)


def test_aliases_and_services_are_those_of_the_registry() -> None:
    assert takes(with_rule(calls=list(registry.all_names()), services=[known.name for known in registry.services()]))


@given(documents())
def test_what_the_tool_takes_is_taken(data: Data) -> None:
    assert load(read(written(data)))[1] == ()
    assert takes(data)


leaves = (
    st.none()
    | st.booleans()
    | st.integers(-2, 2**33).filter(lambda number: not 0 <= number < 2**32)
    | st.sampled_from([0.5, -1.5, 1e300])
    | st.sampled_from(["", "x", "deny", "handle", "1.1", "7.3", "A305", "trng", "ptp", "psci", "TRNG_RND", "0x1-0x2"])
)
keys = st.sampled_from(sorted({"version", "name", "rules", "calls", "except", "zz", *CHOICES}))
trees: st.SearchStrategy[Any] = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(keys, inner, max_size=2), max_leaves=4
)


def spots(part: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 -- a part of any document
    """Yield every list and mapping with each of its indices and keys."""
    steps = enumerate(part) if isinstance(part, list) else part.items() if isinstance(part, dict) else ()
    for step, inner in list(steps):
        yield part, step
        yield from spots(inner)


@st.composite
def mutated(draw: st.DrawFn) -> Data:
    """Make a right document, then change, take out or add parts of it."""
    data = copy.deepcopy(draw(documents()))
    for _ in range(draw(st.integers(1, 3))):
        owner, step = draw(st.sampled_from([*spots(data)] or [(data, "version")]))
        change = draw(st.sampled_from(["replace", "remove", "add"]))
        if change == "remove":
            owner.pop(step)
        elif change == "replace":
            owner[step] = draw(trees)
        elif isinstance(owner, list):
            owner.insert(step, draw(trees))
        else:
            owner[draw(keys)] = draw(trees)
    return data


def is_well_shaped(data: Data) -> bool:
    """Tell whether the tool takes the shape of a document, and the names and ranges in it."""
    _, faults = load(read(written(data)))
    return not any("a second rule is called" not in fault.message for fault in faults)


@given(mutated())
def test_schema_and_tool_agree_on_mutated_documents(data: Data) -> None:
    assert takes(data) == is_well_shaped(data)


@given(trees)
def test_schema_and_tool_agree_on_any_tree(data: object) -> None:
    assert takes(data) == (shape.check(read(written(data)))[1] == [])
