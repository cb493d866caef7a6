import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from smccc_filter.smccc import registry, signatures
from smccc_filter.smccc.registry import Function
from smccc_filter.smccc.registry.rows import TABLES
from smccc_filter.smccc.registry.sources import cited
from smccc_filter.smccc.signatures import MODULES, signature_of
from smccc_filter.smccc.signatures.shape import CallError, CallValue, Returns, Signature
from tests.paths import POLICIES
from tests.smccc.registry.facts import number
from tests.smccc.registry.signature_facts import CallFact, ErrorFact, ValueFact, signature_facts

FACTS = signature_facts()["calls"]
FLAGS = {fact["function"]: fact["bits"] for fact in signature_facts()["mandatory"]["features_flags"]}
HELD_BY_NOBODY = {"reserved", "zero"}
"""Names that the facts give to registers which the specification keeps."""
IDENTIFIERS = {
    ("PSCI_SYSTEM_OFF2", "type"): "off_type",
    ("PSCI_MIGRATE_INFO_TYPE", "type"): "migration_type",
    ("SMCCC_ARCH_FEATURE_AVAILABILITY", "register"): "system_register",
}
"""Names that a language keeps for itself."""
TWICE = {("properties", "X2"): "interface_properties", ("properties", "X3"): "more_properties"}
"""Names that the facts use twice in one call, each with its register."""
REMARKS = {
    "note": "note",
    "word_order": "word order",
    "zero_fill": "zero fill",
    "on_error": "on error",
    "structure": "structure",
    "must_preserve": "preserves",
}
EARLIER = {"VENDOR_HYP_KVM_FEATURES": ((5, 12), (6, 4)), "VENDOR_HYP_KVM_PTP": ((5, 13), (6, 4))}
"""Calls of which the registry says only before which release they were there: since when, and before which."""
SOC_NAME = "name"
"""The one result that fills more registers than one, and more than X0 to X3: of a call that KVM keeps to itself."""
KEYWORDS = """
    alignas alignof auto bool break case char const constexpr continue default do double else enum extern false float
    for goto if inline int long nullptr register restrict return short signed sizeof static static_assert struct
    switch thread_local true typedef typeof typeof_unqual union unsigned void volatile while asm fortran

    and and_eq bitand bitor catch class compl concept const_cast consteval constinit decltype delete dynamic_cast
    explicit export friend mutable namespace new noexcept not not_eq operator or or_eq private protected public
    reinterpret_cast requires static_cast template this throw try typeid typename using virtual wchar_t xor xor_eq

    as async await crate dyn fn impl in let loop match mod move mut pub ref self super trait type unsafe use where
    abstract become box final gen macro override priv unsized yield

    linux unix errno
"""
"""What C, C++ and Rust keep for themselves, and macros of common C compilers and headers."""


def known(fact: CallFact) -> tuple[Function, Signature]:
    function = registry.described(fact["name"])
    assert function is not None
    signature = signature_of(function)
    assert signature is not None
    return function, signature


def identifier(call: str, value: ValueFact) -> str:
    if value["name"] in HELD_BY_NOBODY:
        return ""
    written = re.sub("[^a-z0-9]+", "_", value["name"].lower()).strip("_")
    return TWICE.get((value["name"], value["register"])) or IDENTIFIERS.get((call, value["name"]), written)


def value(call: str, fact: ValueFact) -> tuple[str, str, int | None, int | None, str]:
    width = fact["width"]
    return fact["register"], identifier(call, fact), width["smc32"], width["smc64"], fact["meaning"]


def shown(value: CallValue) -> tuple[str, str, int | None, int | None, str]:
    return value.registers, value.name, value.smc32, value.smc64, value.meaning


def error(fact: ErrorFact) -> CallError:
    return CallError(
        value=fact["value"],
        name=fact["name"],
        when=fact["when"],
        confidence=fact.get("confidence", ""),
        register=int(fact.get("register", "X0")[1:]),
        with_x0=number(fact["with_x0"].split()[0]) if "with_x0" in fact else None,
    )


def remarks(fact: CallFact) -> list[tuple[str, str]]:
    told = [("encoding", f"{word}: {text}") for word, text in fact.get("encoding", {}).items()]
    return told + [(word, str(fact[key])) for key, word in REMARKS.items() if key in fact]  # type: ignore[literal-required]


def returns(told: bool | str) -> tuple[Returns, str]:  # noqa: FBT001
    if isinstance(told, str):
        return Returns.DEPENDS, told
    return (Returns.ALWAYS if told else Returns.NEVER), ""


def release(text: str) -> str:
    found = re.search(r"\d+\.\d+", text)
    assert found is not None
    return found[0]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact["name"])
def test_a_signature_says_what_the_fact_says(fact: CallFact) -> None:
    function, signature = known(fact)
    assert (function.smc32, function.smc64) == (number(fact["smc32"]), number(fact["smc64"]))
    assert function.service == fact["service"]
    if function.name not in EARLIER:
        assert release(function.since) == release(fact["versions"]["since"])
    assert [shown(one) for one in signature.arguments] == [value(function.name, one) for one in fact["arguments"]]
    assert [shown(one) for one in signature.results] == [value(function.name, one) for one in fact["results"]]
    assert list(signature.errors) == [error(one) for one in fact["errors"]]
    assert (signature.returns, signature.returns_when) == returns(fact["returns"])
    assert list(signature.flags) == list(FLAGS.get(function.name, {}).items())
    assert list(signature.remarks) == remarks(fact)
    assert (signature.confidence, list(signature.sources)) == (fact["confidence"], fact["sources"])


@pytest.mark.parametrize("name", EARLIER)
def test_a_release_agrees_with_the_one_that_the_registry_knows_it_before(name: str) -> None:
    (fact,) = (fact for fact in FACTS if fact["name"] == name)
    since, before = EARLIER[name]
    assert since < before
    assert release(fact["versions"]["since"]) == ".".join(map(str, since))
    assert known(fact)[0].since == f"before {'.'.join(map(str, before))}"


def test_there_is_a_signature_for_every_fact_and_no_other() -> None:
    tables = {table: import_module(f"{signatures.__name__}.{table}").SIGNATURES for table in sorted(MODULES)}
    assert sorted(name for table in tables.values() for name in table) == sorted(fact["name"] for fact in FACTS)
    assert len(FACTS) == 124
    for table, names in tables.items():
        assert all((function := registry.described(name)) and function.service in TABLES[table][1] for name in names)


def test_every_module_is_listed() -> None:
    files = {file.stem for file in Path(signatures.__file__).parent.glob("*.py")}
    assert files == MODULES | {"__init__", "shape"}


def test_other_calls_have_none() -> None:
    found = {function.name for function in registry.functions() if signature_of(function) is None}
    assert found == {function.name for function in registry.functions()} - {fact["name"] for fact in FACTS}


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact["name"])
def test_names_are_identifiers_of_c_and_rust_and_unique(fact: CallFact) -> None:
    _, signature = known(fact)
    for values in (signature.arguments, signature.results):
        names = [one.name for one in values if one.name]
        assert len(set(names)) == len(names)
        assert all(re.fullmatch("[a-z][a-z0-9_]*", name) for name in names)
        assert not set(KEYWORDS.split()).intersection(names)
    for one in signature.errors:
        assert re.fullmatch("[A-Z][A-Z0-9_]*", one.name)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact["name"])
def test_registers_follow_each_other_and_widths_fit_the_forms(fact: CallFact) -> None:
    function, signature = known(fact)
    for values, lowest in ((signature.arguments, 1), (signature.results, 0)):
        taken = [one.register + i for one in values if one.name != SOC_NAME for i in range(one.span)]
        assert taken == list(range(lowest, lowest + len(taken)))
        for one in values:
            assert one.smc32 in {None, 32}
            assert one.smc64 in {None, 32, 64}
            assert one.smc32 is None or function.smc32 is not None
            assert one.smc64 is None or function.smc64 is not None
            assert one.span == 1 or not one.name or one.name == SOC_NAME


def test_every_form_of_an_argument_has_a_width() -> None:
    for fact in FACTS:
        function, signature = known(fact)
        for one in signature.arguments:
            assert (one.smc32 is None, one.smc64 is None) == (function.smc32 is None, function.smc64 is None)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact["name"])
def test_errors_can_be_told_apart(fact: CallFact) -> None:
    _, signature = known(fact)
    values = [one.value for one in signature.errors]
    assert 0 not in values
    assert len(set(values)) == len(values)
    assert all((one.value == -1) == (one.name == "NOT_SUPPORTED") for one in signature.errors)
    assert all((one.register == 0) == (one.with_x0 is None) for one in signature.errors)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact["name"])
def test_sources_cite_something_that_is_explained(fact: CallFact) -> None:
    assert cited("; ".join(known(fact)[1].sources))
    assert fact["confidence"] in {"high", "medium", "unverified"}


def test_what_decides_an_id_needs_no_signature() -> None:
    policy = str(min(POLICIES.glob("*.yaml")))
    program = f"""
import sys
from click.testing import CliRunner
from smccc_filter.cli import cli
for arguments in (["--version"], ["validate", {policy!r}], ["query", {policy!r}, "PSCI_CPU_ON"]):
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    assert not [name for name in sys.modules if ".signatures" in name], arguments
CliRunner().invoke(cli, ["explain", "PSCI_CPU_ON"])
modules = {{name.rpartition(".")[2] for name in sys.modules if ".signatures." in name}}
assert modules == {{"shape", "psci"}}, modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)
