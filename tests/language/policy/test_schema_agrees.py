"""What the JSON Schema takes and refuses is what the tool takes and refuses, but for what only the tool can tell."""

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
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from smccc_filter.language.policy import shape
from smccc_filter.language.policy.language import CHOICES
from smccc_filter.language.policy.load import load
from smccc_filter.language.source import read
from smccc_filter.smccc import registry
from tests.language.policy.documents import Data, documents, minimal, with_rule, written
from tests.paths import ROOT

FILE = ROOT / "schemas" / "policy.schema.json"
POLICIES = sorted((ROOT / "policies").rglob("*.smccc.yaml"))
FULL = Path(__file__).parent.parent / "source" / "policy.yaml"


@cache
def validator() -> Draft7Validator:
    return Draft7Validator(json.loads(FILE.read_text(encoding="utf-8")))


def takes(data: object) -> bool:
    return validator().is_valid(data)


def read_as_others_do(text: str) -> object:
    """Read YAML 1.2 as editors and check-jsonschema do, hexadecimal numbers included."""
    return YAML(typ="safe", pure=True).load(StringIO(text))


@pytest.mark.parametrize("path", [*POLICIES, FULL], ids=lambda path: path.name)
def test_every_shipped_policy_is_taken(path: Path) -> None:
    assert [error.message for error in validator().iter_errors(read_as_others_do(path.read_text("utf-8")))] == []


def test_check_jsonschema_takes_every_shipped_policy() -> None:
    assert POLICIES
    pytest.importorskip("check_jsonschema", reason="check-jsonschema is not installed")
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", *map(str, (FILE, *POLICIES, FULL))]
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
    assert not load(read(text.encode()))[1]


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
    assert load(read(text.encode()))[1]


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
    assert load(read(written(data)))[1]


def test_aliases_and_services_are_those_of_the_registry() -> None:
    assert takes(with_rule(calls=list(registry.all_names()), services=[known.name for known in registry.services()]))


@settings(deadline=None)
@given(documents())
def test_what_the_tool_takes_is_taken(data: Data) -> None:
    assert not load(read(written(data)))[1]
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
        owner, step = draw(st.sampled_from([*spots(data), (data, "zz")]))
        change = draw(st.sampled_from(["replace", "remove", "add"] if step != "zz" else ["add"]))
        if change == "remove":
            del owner[step]
        elif change == "replace":
            owner[step] = draw(trees)
        elif isinstance(owner, list):
            owner.insert(step, draw(trees))
        else:
            owner[draw(keys)] = draw(trees)
    return data


def is_well_shaped(data: Data) -> bool:
    """Tell whether the tool takes the shape of a document, and the names and ranges in it."""
    _, faults, _ = load(read(written(data)))
    return not any("a second rule is called" not in fault.message for fault in faults)


@settings(deadline=None)
@given(mutated())
def test_schema_and_tool_agree_on_mutated_documents(data: Data) -> None:
    assert takes(data) == is_well_shaped(data)


@settings(deadline=None)
@given(trees)
def test_schema_and_tool_agree_on_any_tree(data: object) -> None:
    assert takes(data) == (not shape.check(read(written(data)))[1])
