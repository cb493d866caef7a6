"""The tables around the schema say of every field what the schema says."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import ValidationError

from smccc_filter.kvm.uapi import FIRMWARE_REGISTERS, PSCI_VERSIONS, Action
from smccc_filter.language.policy.language import (
    ACTIONS,
    CAPABILITIES,
    CHOICES,
    FIRMWARE_BITS,
    FIRMWARE_MEANINGS,
    SCHEMA,
    fields,
    validator,
    wrong_name,
)
from smccc_filter.language.policy.misshapen import EXPECTED, EXPECTED_ITEM
from smccc_filter.words import QUOTE

Schema = Mapping[str, Any]


def every_field() -> Iterator[tuple[str, Schema]]:
    """Yield the key and the schema of each field of each mapping."""
    for mapping in (SCHEMA["schema"], *SCHEMA["definitions"]):
        for key, field in mapping["fields"].items():
            yield key, field["schema"]


def shape_of(schema: Schema) -> str:
    """Return the type of what a schema takes, once it is read."""
    return str(schema["schema"]["type"] if schema["type"] == "function-before" else schema["type"])


def words_of(schema: Schema) -> tuple[str, ...] | None:
    """Return what an enumeration, or a list of one, takes."""
    inner = schema["items_schema"] if schema["type"] == "list" else schema
    return tuple(inner["expected"]) if inner["type"] == "literal" else None


def test_choices_are_the_words_of_each_enumerated_field() -> None:
    assert {key: words for key, schema in every_field() if (words := words_of(schema))} == CHOICES


def test_every_field_says_what_it_expects() -> None:
    enumerated = {key for key, schema in every_field() if schema["type"] == "literal"}
    assert set(EXPECTED) | enumerated == {key for key, _ in every_field()}


def test_every_list_whose_items_are_no_enumeration_says_what_it_expects_of_them() -> None:
    lists = {key for key, schema in every_field() if shape_of(schema) == "list" and not words_of(schema)}
    assert set(EXPECTED_ITEM) == lists


def test_every_field_has_a_description() -> None:
    for mapping in (SCHEMA["schema"], *SCHEMA["definitions"]):
        for field in mapping["fields"].values():
            assert field["metadata"]["pydantic_js_updates"]["description"].endswith(".")


def test_fields_are_listed_by_the_key_under_which_their_mapping_stands() -> None:
    listed = fields()
    assert listed[""][:2] == ["version", "name"]
    assert listed["except"] == ["calls", "ranges", "services"]
    assert set(listed["except"]) < set(listed["rules"])
    assert listed["allow"] == ["code", "reason"]
    assert listed["firmware"] == [register.key for register in FIRMWARE_REGISTERS]


def test_the_words_are_those_of_the_kernel_interface() -> None:
    assert list(ACTIONS) == list(Action)
    assert list(FIRMWARE_MEANINGS) == [register.key for register in FIRMWARE_REGISTERS]
    assert set(FIRMWARE_BITS) == {bit for register in FIRMWARE_REGISTERS for bit in register.bits}
    assert CHOICES["psci"] == tuple(PSCI_VERSIONS)
    assert CHOICES["capabilities"] == tuple(CAPABILITIES)


@pytest.mark.parametrize(
    ("version", "taken"),
    [(1, True), (True, False), (1.0, False), ("1", False), (2, False), (0, False), (None, False), ([1], False)],
)
def test_version_is_the_integer_and_nothing_that_equals_it(version: object, *, taken: bool) -> None:
    assert validator().isinstance_python({"version": version, "name": "a"}) == taken


@pytest.mark.parametrize("field", ["stolen_time", "protected", "nested", "aarch32"])
@pytest.mark.parametrize(
    ("value", "taken"), [(True, True), (False, True), (1, False), (0, False), ("true", False), ("yes", False)]
)
def test_a_switch_is_true_or_false(field: str, value: object, *, taken: bool) -> None:
    assert validator().isinstance_python({"version": 1, "name": "a", "target": {field: value}}) == taken


names = st.text(st.sampled_from("az09-A_ \né"), max_size=8) | st.text(max_size=100)


@given(names)
def test_a_name_is_one_as_the_schema_has_it(name: str) -> None:
    wrong = wrong_name(name)
    try:
        validator().validate_python({"version": 1, "name": name})
    except ValidationError:
        assert wrong is not None
    else:
        assert wrong is None


@given(names)
def test_a_hint_offers_a_name(name: str) -> None:
    if wrong := wrong_name(name):
        _, hint = wrong
        offered = hint.split("`")[1]
        assert wrong_name(offered) is None
        assert len(offered) <= QUOTE
