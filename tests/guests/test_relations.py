"""The table of discovery calls holds what the facts list, with the IDs of the registry."""

from smccc_filter.guests.relations import relations
from smccc_filter.kvm.outcomes import SERVICED
from smccc_filter.smccc import registry


def table() -> dict[str | None, set[str | None]]:
    result: dict[str | None, set[str | None]] = {}
    for relation in relations():
        names = {registry.name_of(fid) for fid in relation.asked}
        result[registry.name_of(relation.discovery)] = result.get(registry.name_of(relation.discovery), set()) | names
    return result


def test_every_discovery_call() -> None:
    assert list(table()) == [
        *("PSCI_VERSION", "PSCI_FEATURES", "SMCCC_VERSION", "SMCCC_ARCH_FEATURES", "PV_TIME_FEATURES"),
        *("TRNG_VERSION", "TRNG_FEATURES", "VENDOR_HYP_CALL_UID", "VENDOR_HYP_KVM_FEATURES"),
        *("SDEI_VERSION", "MM_VERSION", "RMI_VERSION", "RSI_VERSION", "OPTEE_CALLS_UID"),
        *("FFA_VERSION", "FFA_FEATURES", "EM_VERSION", "EM_FEATURES", "DRTM_VERSION", "DRTM_FEATURES"),
        *("PCI_VERSION", "PCI_FEATURES", "LFA_VERSION", "LFA_FEATURES", "FIRME_SERVICE_VERSION", "FIRME_FEATURES"),
    ]


def test_what_the_first_ones_can_be_asked_about() -> None:
    names = table()
    assert names["PSCI_VERSION"] == {
        *("PSCI_CPU_SUSPEND/32", "PSCI_CPU_SUSPEND/64", "PSCI_CPU_OFF", "PSCI_CPU_ON/32", "PSCI_CPU_ON/64"),
        *("PSCI_AFFINITY_INFO/32", "PSCI_AFFINITY_INFO/64", "PSCI_SYSTEM_OFF", "PSCI_SYSTEM_RESET", "PSCI_FEATURES"),
    }
    assert "SMCCC_VERSION" in names["PSCI_FEATURES"]
    assert len(names["PSCI_FEATURES"]) == 36
    assert names["SMCCC_VERSION"] == {"SMCCC_ARCH_FEATURES"}
    assert names["SMCCC_ARCH_FEATURES"] == {
        *("SMCCC_VERSION", "SMCCC_ARCH_FEATURES", "SMCCC_ARCH_SOC_ID/32", "SMCCC_ARCH_SOC_ID/64"),
        *(f"SMCCC_ARCH_WORKAROUND_{n}" for n in range(1, 5)),
        *("SMCCC_ARCH_FEATURE_AVAILABILITY", "PV_TIME_FEATURES"),
    }
    assert names["PV_TIME_FEATURES"] == {"PV_TIME_FEATURES", "PV_TIME_ST"}
    assert names["TRNG_VERSION"] == {"TRNG_FEATURES", "TRNG_GET_UUID", "TRNG_RND/32", "TRNG_RND/64"}
    assert names["TRNG_FEATURES"] == {*names["TRNG_VERSION"], "TRNG_VERSION"}
    assert names["VENDOR_HYP_CALL_UID"] >= {"VENDOR_HYP_KVM_FEATURES", "HYPERV_HVCALL", "GUNYAH_HYP_IDENTIFY"}
    assert names["VENDOR_HYP_KVM_FEATURES"] == {
        f"VENDOR_HYP_KVM_{name}"
        for name in ("FEATURES", "PTP", "HYP_MEMINFO", "MEM_SHARE", "MEM_UNSHARE", "MMIO_GUARD")
    } | {"VENDOR_HYP_KVM_DISCOVER_IMPL_VER", "VENDOR_HYP_KVM_DISCOVER_IMPL_CPUS"}
    assert names["MM_VERSION"] == {"MM_COMMUNICATE/32", "MM_COMMUNICATE/64"}
    assert names["FFA_VERSION"] == {"FFA_FEATURES"}


def test_which_calls_are_told_in_x1_what_they_are_asked_about() -> None:
    assert {registry.name_of(relation.discovery) for relation in relations() if relation.argument} == {
        *("PSCI_FEATURES", "SMCCC_ARCH_FEATURES", "PV_TIME_FEATURES", "TRNG_FEATURES"),
        *("FFA_FEATURES", "EM_FEATURES", "DRTM_FEATURES", "PCI_FEATURES", "LFA_FEATURES", "FIRME_FEATURES"),
    }


def test_every_serviced_call_is_asked_about_but_the_uid_and_psci_0_1() -> None:
    asked = {fid for relation in relations() for fid in relation.asked}
    assert set(SERVICED) - asked == {0x8600_FF01, 0x95C1_BA5F, 0x95C1_BA60}


def test_asked_are_distinct_and_ascend() -> None:
    for relation in relations():
        assert list(relation.asked) == sorted(set(relation.asked))
