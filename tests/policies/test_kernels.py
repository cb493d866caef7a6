"""Every shipped policy loads on every kernel that it names, and does not lie to a guest there.

What KVM advertises is written out here as two kernels answered when asked about every known function (Linux 6.12.95 and
7.3.4, PSCI_FEATURES and SMCCC_ARCH_FEATURES under each PSCI version and each value of each register).
"""

from smccc_filter.artefacts.backends.program import FilterEntry
from smccc_filter.kvm.filter import FilteredVm
from smccc_filter.kvm.profiles import RELEASES, all_profiles, parse, profile
from smccc_filter.kvm.uapi import KVM_ACTION, Action
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SMC64
from tests.policies.shipped import each_policy, examine, policy, program

PSCI_FEATURES = 0x8400_000A
ADVERTISED_AT_1_0 = (
    *(0x84000000, 0x84000001, 0xC4000001, 0x84000002, 0x84000003, 0xC4000003, 0x84000004, 0xC4000004, 0x84000006),
    *(0x84000008, 0x84000009, PSCI_FEATURES, 0x80000000),
)
"""What PSCI_FEATURES says yes to under PSCI 1.0."""
ADVERTISED_SINCE = {"1.1": (0x84000012, 0xC4000012), "1.3": (0x84000015, 0xC4000015)}
SYSTEM_SUSPEND = (0x8400000E, 0xC400000E)
"""Advertised where KVM_CAP_ARM_SYSTEM_SUSPEND is enabled."""
TRNG = (0x84000050, 0x84000051, 0x84000052, 0x84000053, 0xC4000053)
PV_TIME = (0xC5000020, 0xC5000021)
VENDOR_HYP_BITS = {"func_feat": (0x8600FF01, 0x86000000), "ptp": (0x86000001,)}
DISCOVER_IMPL = {"discover_impl_ver": 0xC6000040, "discover_impl_cpus": 0xC6000041}
PSCI_1_3_SINCE = "6.13"
"""First release with PSCI 1.2 and 1.3, and with 1.3 as default."""
BMAP_2_SINCE = "6.15"
"""First release with KVM_REG_ARM_VENDOR_HYP_BMAP_2."""


def has(kernel: str, since: str) -> bool:
    version = parse(kernel)
    assert version is not None
    return RELEASES.index(version.release) >= RELEASES.index(since)


def install(vm: FilteredVm, entries: tuple[FilterEntry, ...]) -> list[object]:
    return [vm.kvm_smccc_set_filter(base, nr, KVM_ACTION[action]) for base, nr, action in entries]


def psci_version(name: str, kernel: str) -> str:
    return policy(name).target.psci or ("1.3" if has(kernel, PSCI_1_3_SINCE) else "1.1")


@each_policy
def test_every_entry_is_taken_by_every_target_and_by_every_other_kernel(name: str) -> None:
    targets = [found for kernel in policy(name).target.kernels if (found := profile(kernel))]
    assert len(targets) == len(policy(name).target.kernels)
    for known in (*targets, *all_profiles()):
        assert not any(install(FilteredVm(known), program(name).entries)), known.name


@each_policy
def test_every_register_is_taken_by_every_target(name: str) -> None:
    found = policy(name)
    for kernel in found.target.kernels:
        assert found.target.psci not in {"1.2", "1.3"} or has(kernel, PSCI_1_3_SINCE)
        assert "vendor_hyp_2" not in found.firmware or has(kernel, BMAP_2_SINCE)


@each_policy
def test_psci_is_the_same_on_every_target(name: str) -> None:
    """One guest, one PSCI version: pinned, forwarded whole, or the same default on all."""
    if all(examine(name).resolution.actions[fid] is Action.FORWARD for fid in range(0x84000000, 0x84000020)):
        return
    assert len({psci_version(name, kernel) for kernel in policy(name).target.kernels}) == 1


@each_policy
def test_what_kvm_advertises_is_not_denied(name: str) -> None:
    found, actions = policy(name), examine(name).resolution.actions
    for kernel in found.target.kernels:
        advertised = [*ADVERTISED_AT_1_0]
        for since, ids in ADVERTISED_SINCE.items():
            advertised += ids if psci_version(name, kernel) >= since else ()
        advertised += SYSTEM_SUSPEND if "system_suspend" in found.target.capabilities else ()
        if actions[PSCI_FEATURES] is Action.FORWARD:
            advertised = []
        advertised += TRNG if found.firmware.get("std", ("trng",)) else ()
        advertised += PV_TIME if found.firmware.get("std_hyp", ("pv_time",)) else ()
        for bit in found.firmware.get("vendor_hyp", tuple(VENDOR_HYP_BITS)):
            advertised += VENDOR_HYP_BITS[bit]
        assert [f"{fid:#x}" for fid in advertised if actions[fid] is Action.DENY] == []


@each_policy
def test_the_chain_to_smccc_1_1_is_whole(name: str) -> None:
    actions = examine(name).resolution.actions
    assert policy(name).target.psci not in {"0.1", "0.2"}
    for call in ("PSCI_VERSION", "PSCI_FEATURES", "SMCCC_VERSION", "SMCCC_ARCH_FEATURES"):
        for start, _ in registry.by_name(call) or ():
            assert actions[start] is not Action.DENY, call


@each_policy
def test_only_calls_that_a_guest_can_find_are_forwarded(name: str) -> None:
    found, actions = policy(name), examine(name).resolution.actions
    if actions[PSCI_FEATURES] is not Action.FORWARD and any(actions[fid] is Action.FORWARD for fid in SYSTEM_SUSPEND):
        assert "system_suspend" in found.target.capabilities
    for bit, fid in DISCOVER_IMPL.items():
        assert (bit in found.firmware.get("vendor_hyp_2", ())) is (actions[fid] is Action.FORWARD)


@each_policy
def test_both_forms_of_a_call_have_one_fate(name: str) -> None:
    actions = examine(name).resolution.actions
    twins = [call for call in registry.functions() if call.smc32 is not None and call.smc64 is not None]
    assert len(twins) > 20
    split = [call.name for call in twins if call.smc32 and actions[call.smc32] is not actions[call.smc32 | SMC64]]
    assert split == []


@each_policy
def test_calls_that_share_state_stay_together(name: str) -> None:
    actions = examine(name).resolution.actions
    families = (
        ("PSCI_CPU_ON", "PSCI_CPU_OFF", "PSCI_CPU_SUSPEND", "PSCI_AFFINITY_INFO"),
        ("TRNG_VERSION", "TRNG_FEATURES", "TRNG_GET_UUID", "TRNG_RND"),
        tuple(call.name for call in registry.functions() if call.service == "sdei"),
    )
    for family in families:
        ids = [fid for call in family for start, stop in registry.by_name(call) or () for fid in range(start, stop)]
        assert len(ids) >= len(family)
        assert len({actions[fid] for fid in ids}) == 1, family
