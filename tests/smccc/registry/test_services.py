import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.smccc.function_id import SPACE
from smccc_filter.smccc.intervals import Intervals, difference, intersection, union
from smccc_filter.smccc.registry import Function, Service, function_ids, functions, service, service_of, services
from tests.smccc.registry.facts import facts
from tests.smccc.registry.signature_facts import signature_facts

BLOCKS = {
    "PSCI": "psci",
    "SDEI": "sdei",
    "MM (Management Mode)": "mm",
    "TRNG": "trng",
    "FF-A": "ffa",
    "Errata management (EM)": "errata",
    "DRTM": "drtm",
    "PCI configuration space access": "pci",
    "CCA: RMI (host to RMM), first block; 0x18F = RMM_RMI_REQ_COMPLETE (RMM to EL3)": "rmi",
    "CCA: RSI (Realm guest to RMM)": "rsi",
    "CCA: RMM-EL3 interface": "rmm-el3",
    "CCA: RMI, second block": "rmi",
    "LFA (Live Firmware Activation)": "lfa",
    "FIRME": "firme",
    "PV Time (64-bit calls only)": "pv-time",
}

OWNERS = {
    "Arm Architecture Calls": "arch",
    "CPU Service Calls": "cpu",
    "SiP Service Calls": "sip",
    "OEM Service Calls": "oem",
    "Standard Secure Service Calls": "std",
    "Standard Hypervisor Service Calls": "std-hyp",
    "Vendor Specific Hypervisor Service Calls": "vendor-hyp",
    "Vendor Specific EL3 Monitor Service Calls": "vendor-el3",
    "Trusted Application Calls": "trusted-app",
    "Trusted OS Calls": "trusted-os",
    "Trusted OS Yielding Calls": "trusted-os-yielding",
    "Reserved for existing APIs (in use by existing Armv7 devices)": "armv7-legacy",
}

LINUX = {
    "kvm": ((0x86000000, 0x8600007F), (0xC6000000, 0xC600007F)),
    "pkvm": ((0xC6000002, 0xC600003F),),
    "psci-0-1": ((0x95C1BA5E, 0x95C1BA61),),
}
"""Ranges that Linux defines and no table of Arm's knows."""

RHI = "rhi"
"""The service whose range is that of the calls which the signatures know."""

OUTSIDE = {"RMM_RMI_REQ_COMPLETE": "rmi", "RDEV_P2P_BIND": "rmm-el3"}
"""Calls that their implementations put into a neighbour's block."""


def ids(row: Service) -> Intervals:
    return union((first, last + 1) for first, last in row.ranges)


def named(name: str) -> Service:
    row = service(name)
    assert row is not None
    return row


def test_names_are_these() -> None:
    assert {row.name for row in services()} == {*BLOCKS.values(), *OWNERS.values(), *LINUX, RHI}
    assert len({row.name for row in services()}) == len(services())


@pytest.mark.parametrize("row", services(), ids=lambda row: row.name)
def test_row_is_fit_to_print(row: Service) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", row.name)
    assert row.title
    assert row.spec
    assert list(row.ranges) == sorted(row.ranges)
    assert all(first <= last for first, last in row.ranges)
    assert sum(last - first + 1 for first, last in row.ranges) == sum(stop - start for start, stop in ids(row))


def test_blocks_are_the_facts_subranges() -> None:
    expected: dict[str, list[tuple[int, int]]] = {}
    for fact in (*facts()["standard_secure_subranges"], *facts()["standard_hyp_subranges"]):
        name = BLOCKS.get(fact["service"].strip())
        if name is None:
            continue
        for text in (fact["smc32"], fact["smc64"]):
            if text is not None:
                first, last = (int(end, 16) for end in text.split("-"))
                expected.setdefault(name, []).append((first, last))
    assert expected.keys() == set(BLOCKS.values())
    assert {name: named(name).ranges for name in expected} == {n: tuple(sorted(r)) for n, r in expected.items()}


def test_only_these_subranges_name_no_service() -> None:
    rows = (*facts()["standard_secure_subranges"], *facts()["standard_hyp_subranges"])
    left = {fact["service"].strip() for fact in rows} - set(BLOCKS)
    assert left == {"Arm CCA / RMM", "general queries"}
    parts = union(piece for name in ("rmi", "rsi", "rmm-el3") for piece in ids(named(name)))
    assert difference(((0x84000150, 0x840001D0), (0xC4000150, 0xC40001D0)), parts) == ()


def test_owners_are_the_allocated_rows_of_the_partition() -> None:
    expected: dict[str, list[tuple[int, int]]] = {}
    for fact in facts()["allocation"]:
        if fact["status"] in {"allocated", "allocated-legacy"}:
            expected.setdefault(OWNERS[fact["service"]], []).append((int(fact["start"], 16), int(fact["end"], 16)))
    assert expected.keys() == set(OWNERS.values())
    assert {name: list(named(name).ranges) for name in expected} == expected


@pytest.mark.parametrize(("name", "ranges"), LINUX.items())
def test_linux_ranges(name: str, ranges: tuple[tuple[int, int], ...]) -> None:
    assert named(name).ranges == ranges


def test_the_realm_host_interface_is_what_its_calls_fill() -> None:
    found = [int(fact["smc64"] or "", 16) for fact in signature_facts()["calls"] if fact["service"] == RHI]
    assert len(found) == 23
    assert union((fid, fid + 1) for fid in found) == ids(named(RHI))


@pytest.mark.parametrize("name", sorted(set(BLOCKS.values()) | {"kvm", "pkvm", RHI}))
def test_block_lies_in_one_owner(name: str) -> None:
    owner = {"pv-time": "std-hyp", RHI: "std-hyp", "kvm": "vendor-hyp", "pkvm": "vendor-hyp"}.get(name, "std")
    assert difference(ids(named(name)), ids(named(owner))) == ()


def test_blocks_are_disjoint_and_so_are_owners() -> None:
    for group in (set(BLOCKS.values()) | {"kvm", "psci-0-1", RHI}, set(OWNERS.values())):
        for left, right in combinations(sorted(group), 2):
            assert intersection(ids(named(left)), ids(named(right))) == (), (left, right)


@pytest.mark.parametrize("function", functions(), ids=lambda function: function.name)
def test_call_lies_in_the_service_it_names(function: Function) -> None:
    row = service(OUTSIDE.get(function.name, function.service))
    if row is None:
        assert function.service in {
            "spm-mm",
            "sip-arm",
            "ven-el3",
            "kvm-android",
            "hyper-v",
            "gunyah",
            "tsp",
            "optee",
            "trusty",
        }
    else:
        assert difference(function_ids(function), ids(row)) == ()


@pytest.mark.parametrize(
    ("fid", "name"),
    [
        (0x00000000, "armv7-legacy"),
        (0x01010000, None),
        (0x02000000, "trusted-os-yielding"),
        (0x20000000, None),
        (0x80000001, "arch"),
        (0x84000003, "psci"),
        (0x8400001F, "psci"),
        (0x84000020, "sdei"),
        (0x840002D0, "std"),
        (0xC40002CF, "rmi"),
        (0x8400FF01, "std"),
        (0x84010003, None),
        (0x84020003, None),
        (0x85000020, "std-hyp"),
        (0xC5000021, "pv-time"),
        (0xC500003F, "pv-time"),
        (0xC5000040, "rhi"),
        (0xC5000056, "rhi"),
        (0xC5000057, "std-hyp"),
        (0x85000040, "std-hyp"),
        (0x86000000, "kvm"),
        (0xC6000001, "kvm"),
        (0xC6000007, "pkvm"),
        (0xC6000040, "kvm"),
        (0xC6008000, "vendor-hyp"),
        (0x88000000, None),
        (0x95C1BA5D, None),
        (0x95C1BA5E, "psci-0-1"),
        (0x95C1BA62, None),
        (0xB1000000, "trusted-app"),
        (0xB2000000, "trusted-os"),
        (0xFF00FFFF, "trusted-os"),
        (0xFFFFFFFF, None),
    ],
)
def test_service_of_is_the_narrowest(fid: int, name: str | None) -> None:
    row = service_of(fid)
    assert (row.name if row else None) == name


EDGES = sorted(
    {edge for row in services() for first, last in row.ranges for edge in (first - 1, first, last, last + 1)}
)
FIDS = st.integers(0, SPACE - 1) | st.sampled_from([edge for edge in EDGES if 0 <= edge < SPACE])


@given(FIDS)
def test_service_of_contains_the_id_and_nothing_narrower_does(fid: int) -> None:
    around = [(last - first, row) for row in services() for first, last in row.ranges if first <= fid <= last]
    row = service_of(fid)
    assert row is min(around, key=lambda item: item[0])[1] if around else row is None


def test_service_answers_by_name() -> None:
    assert all(service(row.name) is row for row in services())
    assert service("PSCI") is None
    assert service("no-such-service") is None
