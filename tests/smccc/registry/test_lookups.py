import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SMC64, SPACE
from smccc_filter.smccc.intervals import Intervals, size, union
from smccc_filter.smccc.registry import (
    all_names,
    by_id,
    by_name,
    described,
    function_ids,
    functions,
    known_ids,
    name_of,
)

KNOWN = sorted(
    {fid for function in functions() for start, stop in function_ids(function) for fid in range(start, stop)}
)
FIDS = st.integers(0, SPACE - 1) | st.sampled_from(KNOWN)


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


@pytest.mark.parametrize(
    ("asked", "loaded"),
    [
        ("registry.Function", set[str]()),
        ("registry.by_name('PSCI_CPU_ON/64')", {"psci"}),
        ("registry.by_id(0x84000003)", {"psci"}),
        ("registry.name_of(0x84000003)", {"psci"}),
        ("registry.service('psci')", {"service_ranges"}),
        ("registry.service_of(0x84000003)", {"service_ranges"}),
        ("registry.by_name('PSCI_0_2_FN_CPU_ON')", {"psci", "aliases"}),
        ("registry.allocation_of(0x84000003)", {"partition"}),
    ],
)
def test_only_the_tables_that_a_look_up_needs_are_imported(asked: str, loaded: set[str]) -> None:
    program = f"import sys; from smccc_filter.smccc import registry; {asked}; print(*sys.modules)"
    output = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    tables = {"psci", "service_ranges", "aliases", "partition"}
    assert {table for table in tables if f"smccc_filter.smccc.registry.{table}" in output.split()} == loaded


def test_no_table_hides_the_function_of_its_name() -> None:
    # Importing a submodule binds its name in the package, over a function of the same name.
    registry.services()
    registry.allocation_of(0)
    registry.by_name("PSCI_0_2_FN_CPU_ON")
    assert all(callable(getattr(registry, name)) for name in registry.__all__)
