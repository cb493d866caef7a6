import re
from pathlib import Path

import pytest

from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import FAST_CALL, MUST_BE_ZERO, OWNER_MASK, OWNER_SHIFT, SMC64, SPACE, SVE_HINT
from smccc_filter.smccc.registry import Function, function_ids, functions
from smccc_filter.smccc.registry.rows import PROVISIONAL
from smccc_filter.smccc.registry.sources import SOURCES, cited
from tests.smccc.registry.facts import FunctionFact, facts, name, number, row
from tests.smccc.registry.signature_facts import CallFact, signature_facts

MODULES = sorted(Path(registry.__file__).parent.glob("*.py"))
LATER = [fact for fact in signature_facts()["calls"] if not fact.get("in_registry", True)]
"""Calls that only the signatures know."""


@pytest.mark.parametrize("fact", facts()["functions"], ids=name)
def test_row_says_what_the_fact_says(fact: FunctionFact) -> None:
    assert registry.described(name(fact)) == row(fact)


@pytest.mark.parametrize("fact", LATER, ids=lambda fact: fact["name"])
def test_row_of_a_call_that_only_the_signatures_know_says_what_they_say_and_is_provisional(fact: CallFact) -> None:
    function = registry.described(fact["name"])
    assert function is not None
    assert function == function._replace(
        smc32=number(fact["smc32"]),
        smc64=number(fact["smc64"]),
        service=fact["service"],
        since=fact["versions"]["since"],
        source="; ".join(fact["sources"]),
        confidence=fact["confidence"],
        status=PROVISIONAL,
    )
    assert function.note
    assert function.meaning


def test_a_call_that_the_signatures_saw_in_passing_has_a_row() -> None:
    (fact,) = (fact for fact in signature_facts()["also_seen"] if fact["id"] != "none")
    (function,) = registry.by_id(int(fact["id"], 16))
    assert function.source == "; ".join(source.partition(" (")[0] for source in fact["sources"])
    assert (function.confidence, function.status) == (fact["confidence"], PROVISIONAL)


def test_there_is_a_row_for_every_fact_and_no_other() -> None:
    assert len(functions()) == 376 + 24
    known = {name(fact) for fact in facts()["functions"]}
    later = {fact["name"] for fact in LATER}
    assert {function.name for function in functions()} == known | later | {"ANDROID_KVM_DEV_REQ_PWR"}
    assert not known & later


def test_no_name_is_used_twice() -> None:
    assert len({function.name for function in functions()}) == len(functions())


def test_order_is_by_lowest_id_then_name() -> None:
    keys = [(min((start for start, _ in function_ids(f)), default=SPACE), f.name) for f in functions()]
    assert keys == sorted(keys)


@pytest.mark.parametrize("function", functions(), ids=lambda function: function.name)
def test_ids_are_what_their_column_says(function: Function) -> None:
    assert re.fullmatch(r"[A-Z][A-Z0-9_]*", function.name)
    if function.smc32 is not None:
        assert function.smc32 & FAST_CALL
        assert not function.smc32 & SMC64
    if function.smc64 is not None:
        assert function.smc64 & FAST_CALL
        assert function.smc64 & SMC64
    if function.smc32 is not None and function.smc64 is not None:
        assert function.smc64 == function.smc32 | SMC64
    if function.yielding is not None:
        assert 0 <= function.yielding < FAST_CALL
        assert function.smc32 is None
        assert function.smc64 is None


def test_fast_ids_keep_the_reserved_bits_zero() -> None:
    broken = {
        function.service
        for function in functions()
        for fid in (function.smc32, function.smc64)
        if fid is not None and fid & (MUST_BE_ZERO | SVE_HINT)
    }
    assert broken == {"psci-0-1"}


OWNERS = {
    "arch": {0},
    "cpu": {1},
    "sip-arm": {2},
    "psci-0-1": {21},
    "pv-time": {5},
    "rhi": {5},
    "std-hyp": {5},
    "vendor-hyp": {6},
    "kvm": {6},
    "pkvm": {6},
    "kvm-android": {6},
    "gunyah": {6},
    "ven-el3": {7},
    "optee": {50, 63},
    "trusty": {60},
    "hyper-v": set(),
    "tsp": set(),
}


@pytest.mark.parametrize("service", sorted({function.service for function in functions()}))
def test_fast_calls_of_a_service_have_its_owner(service: str) -> None:
    ids = [fid for f in functions() if f.service == service for fid in (f.smc32, f.smc64) if fid is not None]
    assert {fid >> OWNER_SHIFT & OWNER_MASK for fid in ids} == OWNERS.get(service, {4})


ROWS = [line for module in MODULES for line in module.read_text().splitlines() if "    Function(" in line]


def test_row_is_one_line_that_grep_finds_by_name_and_by_id() -> None:
    for function in functions():
        (line,) = [line for line in ROWS if f'Function("{function.name}",' in line]
        for fid in (function.smc32, function.smc64, function.yielding):
            assert fid is None or f"0x{fid:08X}" in line


@pytest.mark.parametrize("fid", ["0xC4000003", "0x84000003", "0x8000FF01", "0xC5000021", "0x46000001", "0x95C1BA5E"])
def test_grep_for_an_id_finds_its_row_only(fid: str) -> None:
    (line,) = [line for line in ROWS if fid in line]
    assert registry.by_id(int(fid, 16))[0].name in line


def test_only_these_ids_have_two_names() -> None:
    shared = {
        start: tuple(f.name for f in registry.by_id(start))
        for function in functions()
        for start, _ in function_ids(function)
        if len(registry.by_id(start)) > 1
    }
    assert shared == {
        0x84000060: ("FFA_ERROR", "SPM_MM_VERSION"),
        0xC4000061: ("FFA_SUCCESS", "MM_SP_EVENT_COMPLETE"),
        0xC6000007: ("VENDOR_HYP_KVM_MMIO_GUARD", "ANDROID_KVM_MMIO_GUARD_MAP"),
    }


def test_every_source_cites_something_that_is_explained() -> None:
    assert [function.name for function in functions() if not cited(function.source)] == []


def test_cited_explains_each_abbreviation_once_in_the_order_of_the_text() -> None:
    assert cited("L73, L612 arm-smccc.h; L73 again") == (("L73", "Linux 7.3.4"), ("L612", "Linux 6.12.117"))
    assert cited("gap in the same tables") == ()


def test_every_explained_abbreviation_is_cited() -> None:
    sources = [f.source for f in functions()] + [fact["source"] for fact in facts()["allocation"]]
    sources += [source for fact in signature_facts()["calls"] for source in fact["sources"]]
    assert {word for source in sources for word, _ in cited(source)} == set(SOURCES)
