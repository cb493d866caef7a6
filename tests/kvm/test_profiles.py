import pytest

from smccc_filter.kvm.filter import FilteredVm
from smccc_filter.kvm.profiles import (
    NEWEST,
    RAN,
    RELEASES,
    Evidence,
    LanguageWords,
    NestedSupport,
    Profile,
    ProtectedSupport,
    ReservedInserted,
    VcpuFeatures,
    all_profiles,
    predates_filter,
    profile,
)
from smccc_filter.kvm.releases import parse
from smccc_filter.kvm.uapi import FIRMWARE_REGISTERS, PSCI_VERSIONS, Errno, SmcccFilterAction

# A name, the errno of `0x0+0` there, how well it is known.
EMPTY_RANGE_AT_ZERO = [
    ("6.4", Errno.EEXIST, Evidence.READ),
    ("6.4.6", Errno.EEXIST, Evidence.RAN),
    ("6.4.16", Errno.EEXIST, Evidence.INFERRED),
    ("6.5", Errno.EEXIST, Evidence.INFERRED),
    ("6.6", Errno.EEXIST, Evidence.READ),
    ("6.6.1", Errno.EEXIST, Evidence.READ),
    ("6.6.150", Errno.EEXIST, Evidence.RAN),
    ("6.6.157", Errno.EEXIST, Evidence.READ),
    ("6.6.158", Errno.EINVAL, Evidence.READ),
    ("6.6.200", Errno.EINVAL, Evidence.READ),
    ("6.7", Errno.EEXIST, Evidence.INFERRED),
    ("6.8.1", Errno.EEXIST, Evidence.INFERRED),
    ("6.11.11", Errno.EEXIST, Evidence.INFERRED),
    ("6.12", Errno.EEXIST, Evidence.READ),
    ("6.12.43", Errno.EEXIST, Evidence.RAN),
    ("6.12.95", Errno.EEXIST, Evidence.RAN),
    ("6.12.111", Errno.EEXIST, Evidence.READ),
    ("6.12.112", Errno.EINVAL, Evidence.READ),
    ("6.12.117", Errno.EINVAL, Evidence.RAN),
    ("6.12.118", Errno.EINVAL, Evidence.RAN),
    ("6.12.9999", Errno.EINVAL, Evidence.READ),
    ("6.17.13", Errno.EEXIST, Evidence.INFERRED),
    ("6.18", Errno.EEXIST, Evidence.READ),
    ("6.18.54", Errno.EEXIST, Evidence.READ),
    ("6.18.55", Errno.EINVAL, Evidence.READ),
    ("6.19.14", Errno.EEXIST, Evidence.INFERRED),
    ("7.0", Errno.EEXIST, Evidence.INFERRED),
    ("7.0.10", Errno.EEXIST, Evidence.RAN),
    ("7.1.3", Errno.EEXIST, Evidence.RAN),
    ("7.2", Errno.EEXIST, Evidence.READ),
    ("7.2.6", Errno.EEXIST, Evidence.RAN),
    ("7.2.8", Errno.EEXIST, Evidence.READ),
    ("7.2.9", Errno.EINVAL, Evidence.READ),
    ("7.2.11", Errno.EINVAL, Evidence.RAN),
    ("7.3", Errno.EINVAL, Evidence.READ),
    ("7.3.4", Errno.EINVAL, Evidence.RAN),
]

RESERVED_INSERTED = [
    ("6.4", ReservedInserted.VM_CREATION, Evidence.READ),
    ("6.6", ReservedInserted.VM_CREATION, Evidence.INFERRED),
    ("6.6.158", ReservedInserted.VM_CREATION, Evidence.INFERRED),
    ("6.7", ReservedInserted.FIRST_FILTER_CALL, Evidence.READ),
    ("6.10", ReservedInserted.FIRST_FILTER_CALL, Evidence.INFERRED),
    ("6.12.117", ReservedInserted.FIRST_FILTER_CALL, Evidence.READ),
    ("7.3", ReservedInserted.FIRST_FILTER_CALL, Evidence.INFERRED),
    ("7.3.4", ReservedInserted.FIRST_FILTER_CALL, Evidence.READ),
]

UNTIL_6_12, SINCE_6_13 = ("0.1", "0.2", "1.0", "1.1"), ("0.1", "0.2", "1.0", "1.1", "1.2", "1.3")
UNTIL_6_14, SINCE_6_15 = ("std", "std_hyp", "vendor_hyp"), ("std", "std_hyp", "vendor_hyp", "vendor_hyp_2")
NO_PVM, PVM = ProtectedSupport.NOT_OFFERED, ProtectedSupport.FILTER_REFUSED
NO_NV, NV = NestedSupport.NOT_OFFERED, NestedSupport.OFFERED
RAN_, READ, INFERRED = Evidence.RAN, Evidence.READ, Evidence.INFERRED

# A name; what its guests may see, and how well each is known.
GUEST_VISIBLE = [
    ("6.4", (UNTIL_6_12, INFERRED), (UNTIL_6_14, INFERRED), (NO_PVM, INFERRED), (NO_NV, INFERRED)),
    ("6.12", (UNTIL_6_12, INFERRED), (UNTIL_6_14, INFERRED), (NO_PVM, INFERRED), (NO_NV, INFERRED)),
    ("6.12.43", (UNTIL_6_12, RAN_), (UNTIL_6_14, RAN_), (NO_PVM, INFERRED), (NO_NV, INFERRED)),
    ("6.12.117", (UNTIL_6_12, RAN_), (UNTIL_6_14, RAN_), (NO_PVM, READ), (NO_NV, READ)),
    ("6.13", (SINCE_6_13, READ), (UNTIL_6_14, INFERRED), (NO_PVM, INFERRED), (NO_NV, INFERRED)),
    ("6.14.11", (SINCE_6_13, INFERRED), (UNTIL_6_14, INFERRED), (NO_PVM, INFERRED), (NO_NV, INFERRED)),
    ("6.15", (SINCE_6_13, INFERRED), (SINCE_6_15, READ), (NO_PVM, INFERRED), (NO_NV, INFERRED)),
    ("6.16", (SINCE_6_13, INFERRED), (SINCE_6_15, INFERRED), (NO_PVM, INFERRED), (NV, READ)),
    ("7.0.10", (SINCE_6_13, RAN_), (SINCE_6_15, RAN_), (NO_PVM, INFERRED), (NV, INFERRED)),
    ("7.1", (SINCE_6_13, INFERRED), (SINCE_6_15, INFERRED), (PVM, INFERRED), (NV, INFERRED)),
    ("7.2.12", (SINCE_6_13, READ), (SINCE_6_15, READ), (PVM, READ), (NV, READ)),
    ("7.3", (SINCE_6_13, INFERRED), (SINCE_6_15, INFERRED), (PVM, INFERRED), (NV, INFERRED)),
    ("7.3.4", (SINCE_6_13, RAN_), (SINCE_6_15, RAN_), (PVM, RAN_), (NV, RAN_)),
    ("6.4.6", (UNTIL_6_12, RAN_), (UNTIL_6_14, RAN_), (NO_PVM, INFERRED), (NO_NV, INFERRED)),
    ("6.6.150", (UNTIL_6_12, RAN_), (UNTIL_6_14, RAN_), (NO_PVM, INFERRED), (NO_NV, INFERRED)),
    ("6.8.1", (UNTIL_6_12, RAN_), (UNTIL_6_14, RAN_), (NO_PVM, INFERRED), (NO_NV, INFERRED)),
    ("6.16.12", (SINCE_6_13, RAN_), (SINCE_6_15, RAN_), (NO_PVM, INFERRED), (NV, RAN_)),
]

NO_RELEASE = [
    *("", ".", "..", "6", "6.", ".12", "6.12.", "6..12", "6.12.0", "6.12.00", "6.12.-1", "6.12.+1", "-6.12", "6.-12"),
    *("06.12", "6.012", "6.12.01", "6.12.1.2", "6.12.1.", "6.12.10000", "6.12.1_0", "6.1_2", "6,12", "6.12 ", " 6.12"),
    *(
        "6.12\n",
        "6.12.1\n",
        "\x006.12",
        "6.12\x00",
        "v6.12",
        "6.12-rc1",
        "6.12.112+deb13",
        "6.12.112-1",
        "6.x",
        "6.12.y",
    ),
    # Fullwidth and Arabic-Indic digits, a superscript two, a fullwidth full stop.
    *("\uff16.12", "6.\uff11\uff12", "\u0666.12", "6.12.\u00b2", "6\uff0e12"),
    *("6.20", "7.4", "7.99", "8.9", "9999.9999", "0.0", "0.4", "latest", "newest", "mainline", "[bold]6.12[/]"),
    *("6." + "1" * 100_000, "6" * 100_000, "6." * 100_000, "6.12." + "9" * 100_000),
]

BEFORE_FILTER = ["3.7", "3.19.8", "4.4", "4.20", "5.0", "5.4.290", "5.15.10", "5.19", "6.0", "6.1.192", "6.3", "6.3.13"]
NEVER_PUBLISHED = ["2.6.32", "3.20", "4.21", "5.20", "5.99", "5.99.1", "6.3.0", "5.015", "5.15.1.2"]


@pytest.mark.parametrize(("name", "errno", "evidence"), EMPTY_RANGE_AT_ZERO)
def test_empty_range_at_zero(name: str, errno: Errno, evidence: Evidence) -> None:
    known = profile(name)
    assert known is not None
    assert (known.empty_range_at_zero.value, known.empty_range_at_zero.evidence) == (errno, evidence)
    vm = FilteredVm(known)
    assert vm.kvm_smccc_set_filter(0, 0, SmcccFilterAction.DENY) is errno
    assert vm.kvm_smccc_set_filter(1, 0, SmcccFilterAction.DENY) is Errno.EINVAL


@pytest.mark.parametrize(("name", "when", "evidence"), RESERVED_INSERTED)
def test_reserved_inserted(name: str, when: ReservedInserted, evidence: Evidence) -> None:
    known = profile(name)
    assert known is not None
    assert (known.reserved_inserted.value, known.reserved_inserted.evidence) == (when, evidence)


@pytest.mark.parametrize("row", GUEST_VISIBLE, ids=lambda row: row[0])
def test_what_a_guest_may_see(row: tuple[str, *tuple[tuple[object, Evidence], ...]]) -> None:
    name, *facts = row
    known = profile(name)
    assert known is not None
    seen = (known.psci, known.firmware, known.protected, known.nested)
    assert [(fact.value, fact.evidence) for fact in seen] == facts


VCPU_FEATURES = [
    ("6.4", VcpuFeatures.EACH_VCPU, INFERRED),
    ("6.4.6", VcpuFeatures.EACH_VCPU, RAN_),
    ("6.5", VcpuFeatures.VM, READ),
    ("6.6.150", VcpuFeatures.VM, RAN_),
    ("6.8.1", VcpuFeatures.VM, INFERRED),
    ("6.12.117", VcpuFeatures.VM, READ),
    ("6.12.118", VcpuFeatures.VM, RAN_),
    ("7.3.4", VcpuFeatures.VM, RAN_),
]


@pytest.mark.parametrize(("name", "whose", "evidence"), VCPU_FEATURES)
def test_whose_vcpu_features_are(name: str, whose: VcpuFeatures, evidence: Evidence) -> None:
    known = profile(name)
    assert known is not None
    assert (known.vcpu_features.value, known.vcpu_features.evidence) == (whose, evidence)


@pytest.mark.parametrize(
    ("name", "evidence"),
    [
        *((name, RAN_) for name in ("6.4.6", "6.6.150", "6.8.1", "6.12.118", "6.16.12", "7.3.4")),
        ("6.12.95", INFERRED),
    ],
)
def test_the_capability_was_seen(name: str, evidence: Evidence) -> None:
    known = profile(name)
    assert known is not None
    assert known.capabilities.evidence is evidence


@pytest.mark.parametrize("name", RELEASES)
def test_every_release_knows_the_capability(name: str) -> None:
    known = profile(name)
    assert known is not None
    assert known.capabilities.value == ("system_suspend",)


@pytest.mark.parametrize("known", all_profiles(), ids=lambda known: known.name)
def test_words_are_the_policy_languages_and_shown_with_commas(known: Profile) -> None:
    assert set(known.psci.value) <= set(PSCI_VERSIONS)
    assert set(known.firmware.value) <= {register.key for register in FIRMWARE_REGISTERS}
    assert str(known.psci.value).startswith("0.1, 0.2, 1.0, 1.1")
    assert str(LanguageWords()) == "none"


def test_every_release_that_ran_says_so() -> None:
    ran = [profile(name) for name in sorted(RAN)]
    assert {p.psci.evidence for p in ran if p is not None} == {Evidence.RAN}
    assert len([p for p in ran if p is not None]) == len(RAN)


def test_no_release_as_first_published_ran() -> None:
    assert all(
        Evidence.RAN not in (p.empty_range_at_zero.evidence, p.reserved_inserted.evidence) for p in all_profiles()
    )


@pytest.mark.parametrize("name", RELEASES)
def test_every_fact_names_its_source(name: str) -> None:
    for known in (profile(name), profile(name + ".9999")):
        assert known is not None
        assert all(fact.source for fact in known[1:])


def test_releases_are_those_of_mainline_in_order() -> None:
    assert [p.name for p in all_profiles()] == list(RELEASES)
    assert list(RELEASES) == [f"6.{minor}" for minor in range(4, 20)] + [f"7.{minor}" for minor in range(4)]
    assert tuple(profile(name) for name in RELEASES) == all_profiles()


def test_the_newest_is_the_default() -> None:
    assert NEWEST.name == "7.3"


def test_a_stable_release_keeps_its_name() -> None:
    known = profile("6.12.112")
    assert known is not None
    assert known.name == "6.12.112"


@pytest.mark.parametrize(
    ("name", "parts"),
    [("6.12", (6, 12, 0)), ("7.0", (7, 0, 0)), ("6.12.112", (6, 12, 112)), ("9999.10.1", (9999, 10, 1))],
)
def test_the_parts_of_a_name(name: str, parts: tuple[int, int, int]) -> None:
    assert parse(name) == parts


@pytest.mark.parametrize("name", NO_RELEASE + NEVER_PUBLISHED, ids=lambda name: ascii(name[:20]))
def test_what_is_no_release_is_unknown(name: str) -> None:
    assert profile(name) is None
    assert not predates_filter(name)


@pytest.mark.parametrize("name", BEFORE_FILTER)
def test_a_release_before_the_filter_is_told_from_an_unknown_one(name: str) -> None:
    assert profile(name) is None
    assert predates_filter(name)


@pytest.mark.parametrize("name", [*RELEASES, *sorted(RAN)])
def test_a_release_with_a_filter_does_not_predate_it(name: str) -> None:
    assert not predates_filter(name)
