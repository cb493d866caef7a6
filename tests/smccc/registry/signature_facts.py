"""What calls take and answer, as the registry must say it: ``tests/data/call_signatures.yaml``, read once."""

from functools import cache
from typing import TypedDict, cast

from ruamel.yaml import YAML

from tests.paths import DATA

FACTS = DATA / "call_signatures.yaml"


class Width(TypedDict):
    smc32: int | None
    smc64: int | None


class ValueFact(TypedDict):
    register: str
    name: str
    width: Width
    meaning: str


class _ErrorFact(TypedDict, total=False):
    confidence: str
    register: str
    with_x0: str


class ErrorFact(_ErrorFact):
    value: int
    name: str
    when: str


class _CallFact(TypedDict, total=False):
    in_registry: bool
    forwardable: bool
    encoding: dict[str, str]
    note: str
    must_preserve: str
    word_order: str
    zero_fill: str
    on_error: str
    structure: str


class CallFact(_CallFact):
    name: str
    service: str
    smc32: str | None
    smc64: str | None
    versions: dict[str, str]
    arguments: list[ValueFact]
    results: list[ValueFact]
    errors: list[ErrorFact]
    returns: bool | str
    sources: list[str]
    confidence: str


class FlagsFact(TypedDict):
    function: str
    bits: dict[int, str]


class MandatoryFacts(TypedDict):
    features_flags: list[FlagsFact]


class SeenFact(TypedDict):
    id: str
    sources: list[str]
    confidence: str


class SignatureFacts(TypedDict):
    calls: list[CallFact]
    mandatory: MandatoryFacts
    also_seen: list[SeenFact]


@cache
def signature_facts() -> SignatureFacts:
    return cast("SignatureFacts", YAML(typ="safe").load(FACTS))
