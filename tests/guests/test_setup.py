import pytest

from smccc_filter.guests.setup import Refusal
from smccc_filter.kvm.filter import FilteredVm
from smccc_filter.kvm.machine import Conduit, Outcome, SmcccFeatures
from smccc_filter.kvm.profiles import Profile, all_profiles
from smccc_filter.kvm.uapi import KVM_ACTION, Errno
from smccc_filter.language.policy.model import Target
from tests.guests.policies import DENY, FORWARD, HANDLE, deny, vm


@pytest.mark.parametrize("known", all_profiles(), ids=lambda known: known.name)
def test_an_empty_policy_is_the_kernels_own_vm(known: Profile) -> None:
    made = vm(known.name)
    assert made.machine.features == SmcccFeatures(1, 1, 3, 0)
    assert (made.machine.psci_version, made.machine.psci_0_2) == (0, True)
    assert (made.conduit, made.refusals) == (Conduit.HVC, ())


def test_registers_are_written_and_the_others_keep_their_defaults() -> None:
    made = vm(
        firmware={"std": (), "vendor_hyp": ("ptp",), "vendor_hyp_2": ("discover_impl_cpus", "discover_impl_cpus")}
    )
    assert made.machine.features == SmcccFeatures(0, 1, 2, 2)
    assert made.refusals == ()


def test_what_a_kernel_refuses_keeps_its_default() -> None:
    made = vm("6.12", target=Target(psci="1.3"), firmware={"vendor_hyp_2": ("discover_impl_ver",), "std": ()})
    assert made.refusals == (Refusal("psci", 0x1_0003, Errno.EINVAL), Refusal("vendor_hyp_2", 1, Errno.ENOENT))
    assert made.machine.features == SmcccFeatures(0, 1, 3, 0)
    assert made.machine.kvm_psci_version() == 0x1_0001


@pytest.mark.parametrize("version", ["0.1", "0.2", "1.0", "1.1"])
def test_the_psci_version_of_the_target(version: str) -> None:
    made = vm("6.12", target=Target(psci=version))
    major, minor = version.split(".")
    assert made.machine.kvm_psci_version() == int(major) << 16 | int(minor)
    assert made.refusals == ()


def test_a_protected_vm_takes_neither_filter_nor_capability() -> None:
    target = Target(protected=True, capabilities=("system_suspend",))
    made = vm("7.3", deny(0x8400_0003), target=target)
    assert made.refusals == (Refusal("filter", None, Errno.EINVAL), Refusal("capabilities", None, Errno.EINVAL))
    assert made.actions.values == (HANDLE,)
    assert not made.machine.system_suspend
    assert made.outcomes()[0x8400_0003] is Outcome.ANSWERED
    assert vm("7.3", target=Target(protected=True)).refusals == ()
    assert vm("7.0", deny(0x8400_0003), target=target).outcomes()[0x8400_0003] is Outcome.NOT_SUPPORTED


def test_the_filter_decides_as_the_inserted_entries_would() -> None:
    ranges = [(0x8400_0000, 0x8400_001F, FORWARD), (0xC400_0003, 0xC400_0003, DENY), (0, 0xFFFF, DENY)]
    made, inserted = vm("7.3", ranges), FilteredVm(vm().machine.profile)
    for first, last, action in ranges:
        assert inserted.kvm_smccc_set_filter(first, last - first + 1, KVM_ACTION[action]) is None
    for fid in (0, 0xFFFF, 0x1_0000, 0x8400_0000, 0x8400_0020, 0xC400_0002, 0xC400_0003, 0x8000_0000, 0xFFFF_FFFF):
        assert made.machine.filter(fid) is inserted.kvm_smccc_filter_get_action(fid)


def test_a_nested_guest_calls_by_smc() -> None:
    assert vm(target=Target(nested=True)).conduit is Conduit.SMC
    assert vm("6.15", target=Target(nested=True)).conduit is Conduit.HVC
