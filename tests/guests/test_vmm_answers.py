"""The tables of what a VMM answers, row by row, for policies whose tables can be written by hand."""

import pytest

from smccc_filter.guests.vmm import FEATURES_CALLS, REFUSED, asked_about
from smccc_filter.guests.vmm_answers import handled_ids, implemented_ids, refused_ids, vmm_answers
from smccc_filter.kvm.hypercalls import KVM_UID
from smccc_filter.kvm.machine import Call, Registers
from smccc_filter.language.policy.model import Target
from smccc_filter.smccc.intervals import Intervals, difference, union
from tests.guests.test_vmm import forwarding, one, vm
from tests.guests.vmm_policies import Rule

OK: Registers = (0, 0, 0, 0)
TRNG = ["TRNG_VERSION", "TRNG_FEATURES", "TRNG_GET_UUID", "TRNG_RND/32", "TRNG_RND/64"]
Row = tuple[int, int | None, Registers | None]


def denying(*calls: str) -> Rule:
    return {"action": "deny", "calls": list(calls)}


def only(*rules: Rule) -> tuple[list[Row], Intervals]:
    """Return the table, and what needs a handler."""
    setup = vm(*rules)
    found = vmm_answers(setup)
    return [(answer.func_id, answer.asked, answer.registers) for answer in found], handled_ids(setup, found)


def some(*names: str) -> Intervals:
    return tuple((one(name), one(name) + 1) for name in names)


def test_of_one_service() -> None:
    features = one("TRNG_FEATURES")
    assert only(forwarding(*TRNG, version="1.0")) == (
        [
            (one("TRNG_VERSION"), None, (0x1_0000, 0, 0, 0)),
            *((features, one(name), OK) for name in TRNG),
        ],
        ((one("TRNG_GET_UUID"), one("TRNG_RND/32") + 1), *some("TRNG_RND/64")),
    )


def test_about_a_call_that_is_left_to_kvm_or_denied() -> None:
    features = one("TRNG_FEATURES")
    assert only(forwarding("TRNG_FEATURES"), denying("TRNG_RND/32")) == (
        [(features, one(name), REFUSED if name == "TRNG_RND/32" else OK) for name in TRNG],
        (),
    )


def test_a_features_call_knows_nothing_of_other_services() -> None:
    setup = vm(forwarding(*TRNG, "PSCI_VERSION", "PSCI_FEATURES"))
    for features, others in ((one("TRNG_FEATURES"), "PSCI_VERSION"), (one("PSCI_FEATURES"), "TRNG_VERSION")):
        assert setup.reply(Call(features, one(others))).registers == REFUSED


def test_what_features_calls_can_be_asked_about() -> None:
    assert asked_about(one("TRNG_FEATURES")) == tuple(sorted(one(name) for name in TRNG))
    assert asked_about(one("PSCI_VERSION")) == ()
    assert [one("SMCCC_VERSION") in asked_about(func_id) for func_id in FEATURES_CALLS] == [True, *[False] * 5]


@pytest.mark.parametrize(
    ("target", "told", "handled"),
    [
        (Target(stolen_time=True), OK, ()),
        (Target(stolen_time=False), REFUSED, ()),
        (Target(stolen_time=None), None, some("PV_TIME_FEATURES")),
    ],
)
def test_of_stolen_time_by_kvm(target: Target, told: Registers | None, handled: Intervals) -> None:
    setup = vm(forwarding("PV_TIME_FEATURES"), target=target)
    features, clock = one("PV_TIME_FEATURES"), one("PV_TIME_ST")
    found = vmm_answers(setup)
    assert [tuple(answer) for answer in found] == [(features, features, OK), (features, clock, told)]
    assert handled_ids(setup, found) == handled


def test_the_bitmap_the_uid_and_what_needs_a_handler() -> None:
    uid, bitmap, cpus = "VENDOR_HYP_CALL_UID", "VENDOR_HYP_KVM_FEATURES", "VENDOR_HYP_KVM_DISCOVER_IMPL_CPUS"
    ptp = "VENDOR_HYP_KVM_PTP"
    assert only(forwarding(uid, bitmap, cpus), denying(ptp)) == (
        [(one(bitmap), None, (1, 0, 2, 0)), (one(uid), None, KVM_UID)],
        some(cpus),
    )
    assert only(forwarding(uid), denying(bitmap)) == ([], some(uid))


def count_of(query: str, *rules: Rule) -> Row:
    """Return the row of a count where everything else is denied."""
    (row,) = (row for row in vmm_answers(vm(*rules, default="deny")) if row.func_id == one(query))
    return (row.func_id, row.asked, row.registers)


@pytest.mark.parametrize(
    ("query", "calls", "expected"),
    [
        ("STD_SVC_CALL_COUNT", ("SDEI_VERSION", "PSCI_VERSION", "PSCI_CPU_ON/32", "PSCI_CPU_ON/64"), 4),
        ("STD_HYP_CALL_COUNT", ("PV_TIME_FEATURES",), 1),
        ("VENDOR_HYP_CALL_COUNT", (), 0),
    ],
)
def test_a_count_is_a_number_of_calls(query: str, calls: tuple[str, ...], expected: int) -> None:
    counting = forwarding(query, *calls)
    assert count_of(query, counting) == (one(query), None, (expected, 0, 0, 0))
    refusing: Rule = {"action": "forward", "services": ["ffa"], "vmm": {"implements": ["FFA_VERSION"]}}
    more = expected + (query == "STD_SVC_CALL_COUNT")
    assert count_of(query, counting, refusing) == (one(query), None, (more, 0, 0, 0))


def test_kvms_calls_count_where_they_are_left_to_it() -> None:
    query = "STD_SVC_CALL_COUNT"
    left: Rule = {"action": "handle", "calls": ["PSCI_VERSION", "TRNG_RND/64"]}  # the owner's first, and a 64-bit one
    assert count_of(query, forwarding(query), left) == (one(query), None, (2, 0, 0, 0))


def test_an_id_is_in_one_of_three_and_an_exception_is_in_none() -> None:
    described: Rule = {
        "action": "forward",
        "services": ["trng"],
        "except": {"calls": ["TRNG_RND/64"]},
        "vmm": {"implements": ["TRNG_VERSION", "TRNG_GET_UUID"], "version": "1.0"},
    }
    setup = vm(described)
    found = vmm_answers(setup)
    assert [tuple(answer) for answer in found] == [(one("TRNG_VERSION"), None, (0x1_0000, 0, 0, 0))]
    assert handled_ids(setup, found) == some("TRNG_GET_UUID")
    assert implemented_ids(setup) == some("TRNG_VERSION", "TRNG_GET_UUID")
    both = ((0x8400_0050, 0x8400_0060), (0xC400_0050, 0xC400_0060))
    assert refused_ids(setup) == difference(both, union((*implemented_ids(setup), *some("TRNG_RND/64"))))


@pytest.mark.parametrize(
    ("call", "version", "x0"),
    [
        *(("PSCI_VERSION", f"1.{minor}", 0x1_0000 | minor) for minor in range(4)),
        *((f"{name}_VERSION", "1.0", 0x1_0000) for name in ("MM", "TRNG", "EM", "DRTM", "PCI", "LFA")),
        ("SDEI_VERSION", "1.1", 0x1_0001 << 32),
    ],
)
def test_a_version_call_answers_in_x0_alone(call: str, version: str, x0: int) -> None:
    assert only(forwarding(call, version=version)) == ([(one(call), None, (x0, 0, 0, 0))], ())


@pytest.mark.parametrize("name", ["EM", "PCI", "LFA"])
def test_a_features_call_tells_of_each_call_of_its_service(name: str) -> None:
    features, version = f"{name}_FEATURES", f"{name}_VERSION"
    rows, handled = only(forwarding(features, version))
    assert {row[1] for row in rows if row[2] == OK} == {one(features), one(version)}
    assert {row[2] for row in rows} == {OK, REFUSED}
    assert handled == some(version)


def test_each_service_has_its_own_version() -> None:
    both = forwarding("PSCI_VERSION", "TRNG_VERSION", version={"trng": "1.0", "psci": "1.2"})
    assert only(both)[0] == [
        (one("PSCI_VERSION"), None, (0x1_0002, 0, 0, 0)),
        (one("TRNG_VERSION"), None, (0x1_0000, 0, 0, 0)),
    ]


def test_a_version_is_that_of_the_rule_that_forwards_the_call() -> None:
    rows, handled = only(forwarding("PSCI_VERSION"), forwarding("PSCI_CPU_SUSPEND/32", version="1.1"))
    assert rows == []
    assert handled == ((one("PSCI_VERSION"), one("PSCI_CPU_SUSPEND/32") + 1),)


@pytest.mark.parametrize(("flags", "told"), [(0x7FFF_FFFF, (0x7FFF_FFFF, 0, 0, 0)), (0x8000_0000, None)])
def test_flags_that_would_read_as_an_error_are_left_to_a_handler(flags: int, told: Registers | None) -> None:
    setup = vm(forwarding("PSCI_FEATURES", "PSCI_CPU_SUSPEND/32", features={"PSCI_CPU_SUSPEND/32": flags}))
    assert setup.reply(Call(one("PSCI_FEATURES"), one("PSCI_CPU_SUSPEND/32"))).registers == told
