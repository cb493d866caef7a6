import subprocess
import sys
from importlib import import_module
from pkgutil import iter_modules

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SMC64, SPACE
from smccc_filter.smccc.intervals import Intervals, intersection, size, union
from smccc_filter.smccc.registry import (
    all_names,
    by_id,
    by_name,
    described,
    function_ids,
    functions,
    functions_of,
    known_ids,
    name_of,
    services_near,
)
from smccc_filter.smccc.registry.rows import TABLES, Function

KNOWN = sorted(
    {fid for function in functions() for start, stop in function_ids(function) for fid in range(start, stop)}
)
FIDS = st.integers(0, SPACE - 1) | st.sampled_from(KNOWN)


def rows_of(table: str) -> tuple[Function, ...]:
    rows: tuple[Function, ...] = import_module(f"{registry.__name__}.{table}").FUNCTIONS
    return rows


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("PSCI_CPU_ON", ((0x84000003, 0x84000004), (0xC4000003, 0xC4000004))),
        ("PSCI_CPU_ON/32", ((0x84000003, 0x84000004),)),
        ("PSCI_CPU_ON/64", ((0xC4000003, 0xC4000004),)),
        ("PSCI_CPU_OFF", ((0x84000002, 0x84000003),)),
        ("PSCI_CPU_OFF/32", ((0x84000002, 0x84000003),)),
        ("PSCI_CPU_OFF/64", None),
        ("PV_TIME_ST/32", None),
        ("PV_TIME_ST/64", ((0xC5000021, 0xC5000022),)),
        ("PSCI_CPU_ON/", None),
        ("PSCI_CPU_ON/16", None),
        ("PSCI_CPU_ON/32/64", None),
        ("CPU_ON", None),
        ("psci_cpu_on", None),
        ("", None),
        ("/32", None),
        ("FFA_VERSION", ((0x84000063, 0x84000064),)),
        ("FFA_SUCCESS", ((0x84000061, 0x84000062), (0xC4000061, 0xC4000062))),
        ("FFA_FN64_SUCCESS", ((0xC4000061, 0xC4000062),)),
        ("HYPERV_HVCALL", ((0x46000001, 0x46000002),)),
        ("HYPERV_HVCALL/32", None),
        ("HYPERV_HVCALL/64", None),
        ("VEN_EL3_DEBUGFS", ((0x87000010, 0x87000020), (0xC7000010, 0xC7000020))),
        ("VEN_EL3_DEBUGFS/64", ((0xC7000010, 0xC7000020),)),
        ("VENDOR_HYP_KVM_FEATURES_2", None),
        ("VENDOR_HYP_KVM_FEATURES_2/32", None),
        ("KVM_PSCI_0_1_CPU_ON", ((0x95C1BA60, 0x95C1BA61),)),
    ],
)
def test_name_means_these_ids(name: str, ids: Intervals | None) -> None:
    assert by_name(name) == ids


@pytest.mark.parametrize("name", [f.name for f in functions()])
def test_name_means_all_forms_and_each_form_its_own(name: str) -> None:
    function = described(name)
    assert function is not None
    forms = {form: by_name(f"{name}/{form}") for form in (32, 64)}
    assert (forms[32] is None) == (function.smc32 is None)
    assert (forms[64] is None) == (function.smc64 is None)
    if function.yielding is None:
        assert (by_name(name) or ()) == union([*(forms[32] or ()), *(forms[64] or ())]) == function_ids(function)
    assert all(not start & SMC64 for start, _ in forms[32] or ())
    assert all(start & SMC64 for start, _ in forms[64] or ())


def test_described_knows_the_call_whose_form_is_missing() -> None:
    function = described("PSCI_CPU_OFF/64")
    assert function is not None
    assert function.name == "PSCI_CPU_OFF"
    assert described("NO_SUCH_CALL") is None
    assert described("NO_SUCH_CALL/64") is None


@pytest.mark.parametrize(
    ("fid", "name"),
    [
        (0x84000002, "PSCI_CPU_OFF"),
        (0x84000003, "PSCI_CPU_ON/32"),
        (0xC4000003, "PSCI_CPU_ON/64"),
        (0x84000060, "FFA_ERROR/32"),
        (0xC4000061, "FFA_SUCCESS/64"),
        (0xC4000064, "MM_SP_MEMORY_ATTRIBUTES_GET"),
        (0xC6000007, "VENDOR_HYP_KVM_MMIO_GUARD"),
        (0xC6000005, "ANDROID_KVM_MMIO_GUARD_INFO"),
        (0x8700001F, "VEN_EL3_DEBUGFS/32"),
        (0x46000001, "HYPERV_HVCALL"),
        (0x84010003, None),
        (0x8400001F, None),
    ],
)
def test_id_is_written_as(fid: int, name: str | None) -> None:
    assert name_of(fid) == name


@given(FIDS)
def test_name_of_an_id_means_that_id(fid: int) -> None:
    name = name_of(fid)
    assert (name is None) == (not by_id(fid))
    if name is not None:
        function = described(name)
        ids = by_name(name)
        assert function is not None
        assert ids is not None
        assert any(start <= fid < stop for start, stop in ids)
        assert size(ids) == 1 or function.last is not None


@given(st.sampled_from(all_names()))
def test_ids_of_a_name_have_a_name_that_means_them_again(name: str) -> None:
    for start, stop in by_name(name) or ():
        back = name_of(start)
        assert back is not None
        assert by_name(back) == ((start, stop),)


@given(FIDS)
def test_by_id_and_function_ids_agree(fid: int) -> None:
    holding = {f for f in functions() if any(start <= fid < stop for start, stop in function_ids(f))}
    assert set(by_id(fid)) == holding
    assert len(by_id(fid)) == len(holding)


@given(FIDS)
def test_an_id_is_known_when_some_call_has_it(fid: int) -> None:
    assert any(start <= fid < stop for start, stop in known_ids()) == bool(by_id(fid))
    assert known_ids() == union(known_ids())


@given(st.text())
def test_any_text_may_be_asked(name: str) -> None:
    ids = by_name(name)
    assert ids is None or ids == union(ids) != ()
    assert ids is None or described(name) is not None


def test_every_table_is_indexed() -> None:
    modules = [module.name for module in iter_modules(registry.__path__)]
    tables = [
        name
        for name in modules
        if isinstance(vars(import_module(f"{registry.__name__}.{name}")).get("FUNCTIONS"), tuple)
    ]
    assert sorted(TABLES) == sorted(tables)


@pytest.mark.parametrize("table", TABLES)
def test_the_index_covers_every_row_and_has_nothing_that_no_row_needs(table: str) -> None:
    begins, services, ranges = TABLES[table]
    rows = rows_of(table)
    assert {begin for row in rows for begin in begins if row.name.startswith(begin)} == set(begins)
    assert all(row.name.startswith(begins) for row in rows)
    assert {row.service for row in rows} == set(services)
    lying = {
        fid: [(first, last) for first, last in ranges if first <= fid & ~SMC64 <= last]
        for row in rows
        for start, stop in function_ids(row)
        for fid in range(start, stop)
    }
    assert all(len(where) == 1 for where in lying.values())
    assert {one for where in lying.values() for one in where} == set(ranges)
    assert all(first <= last and not (first | last) & SMC64 for first, last in ranges)


def test_a_service_is_in_one_table() -> None:
    services = [service for _, services, _ in TABLES.values() for service in services]
    assert len(services) == len(set(services))


@pytest.mark.parametrize("services", [("psci",), ("kvm", "pkvm"), ("rsi", "spm-mm"), ("no-such",), ()])
def test_calls_of_services_are_in_the_order_of_all(services: tuple[str, ...]) -> None:
    assert functions_of(*services) == tuple(row for row in functions() if row.service in services)


@given(st.lists(st.tuples(FIDS, st.integers(1, 1 << 25)), max_size=8))
def test_every_service_with_a_call_among_ids_is_near_them(stretches: list[tuple[int, int]]) -> None:
    ids = union((start, min(start + length, SPACE)) for start, length in stretches)
    near = services_near(ids)
    for function in functions():
        if intersection(function_ids(function), ids):
            assert function.service in near


def test_only_the_services_of_touched_tables_are_near() -> None:
    assert services_near(()) == ()
    assert services_near(((0x8400_0000, 0x8400_0020), (0xC400_0000, 0xC400_0020))) == ("psci", "psci-0-1")
    assert services_near(((0xC400_001F, 0xC400_0021),)) == ("psci", "psci-0-1", "sdei")
    assert services_near(((0x4600_0000, 0x4600_0001), (0x4600_0002, 0x4600_0003))) == ()
    assert services_near(((0x4600_0000, 0x4600_0002),)) == ("hyper-v",)
    assert set(services_near(((0, SPACE),))) == {row.service for row in functions()}


@pytest.mark.parametrize(
    ("asked", "loaded"),
    [
        ("registry.Function", set[str]()),
        ("registry.by_name('PSCI_CPU_ON/64')", {"psci"}),
        ("registry.by_name('VENDOR_HYP_KVM_FEATURES')", {"smccc", "kvm"}),
        ("registry.by_name('psci_cpu_on')", {"aliases"}),
        ("registry.described('FFA_ERROR')", {"ffa"}),
        ("registry.by_id(0x84000003)", {"psci"}),
        ("registry.by_id(0xC4000064)", {"ffa", "mm"}),
        ("registry.by_id(0xC4FFFFFF)", set[str]()),
        ("registry.name_of(0xC4000003)", {"psci"}),
        ("registry.functions_of('rsi', 'trng')", {"rmm", "trng"}),
        ("registry.services_near(((0, 1 << 32),))", set[str]()),
        ("registry.functions()", {*TABLES}),
        ("registry.known_ids()", {*TABLES}),
        ("registry.service('psci')", {"service_ranges"}),
        ("registry.service_of(0x84000003)", {"service_ranges"}),
        ("registry.by_name('PSCI_0_2_FN_CPU_ON')", {"psci", "aliases"}),
        ("registry.allocation_of(0x84000003)", {"partition"}),
    ],
)
def test_only_the_tables_that_a_look_up_needs_are_imported(asked: str, loaded: set[str]) -> None:
    program = f"import sys; from smccc_filter.smccc import registry; {asked}; print(*sys.modules)"
    output = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    tables = {*TABLES, "service_ranges", "aliases", "partition"}
    assert {table for table in tables if f"smccc_filter.smccc.registry.{table}" in output.split()} == loaded


def test_no_table_hides_the_function_of_its_name() -> None:
    # Importing a submodule binds its name in the package, over a function of the same name.
    registry.services()
    registry.allocation_of(0)
    registry.by_name("PSCI_0_2_FN_CPU_ON")
    assert all(callable(getattr(registry, name)) for name in registry.__all__)
