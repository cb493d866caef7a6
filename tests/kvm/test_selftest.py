"""The cases of Linux tools/testing/selftests/kvm/arm64/smccc_filter.c that concern insertion, by its own names."""

import pytest

from smccc_filter.kvm.filter import FilteredVm
from smccc_filter.kvm.profiles import Profile, all_profiles
from smccc_filter.kvm.uapi import Errno, SmcccFilterAction

PSCI_0_2_FN_PSCI_VERSION = 0x8400_0000
PSCI_0_2_FN64_CPU_ON = 0xC400_0003
ARM_SMCCC_ARCH_WORKAROUND_1 = 0x8000_8000
SMC64_ARCH_CALL = 0xC000_0000
DENY = SmcccFilterAction.DENY
FWD_TO_USER = SmcccFilterAction.FWD_TO_USER
HANDLE = SmcccFilterAction.HANDLE

pytestmark = pytest.mark.parametrize("profile", all_profiles(), ids=lambda profile: profile.name)


@pytest.mark.parametrize("pad", [1 << 8 * byte for byte in range(15)] + [0xFF, (1 << 120) - 1])
def test_pad_must_be_zero(profile: Profile, pad: int) -> None:
    vm = FilteredVm(profile)
    assert vm.kvm_smccc_set_filter(PSCI_0_2_FN_PSCI_VERSION, 1, DENY, pad) is Errno.EINVAL
    assert vm.kvm_smccc_set_filter(PSCI_0_2_FN_PSCI_VERSION, 1, DENY) is None


@pytest.mark.parametrize("base", [ARM_SMCCC_ARCH_WORKAROUND_1, SMC64_ARCH_CALL, 0x8000_0000, 0x8000_FFFF, 0xC000_FFFF])
@pytest.mark.parametrize("action", SmcccFilterAction)
def test_filter_reserved_range(profile: Profile, base: int, action: SmcccFilterAction) -> None:
    vm = FilteredVm(profile)
    assert vm.kvm_smccc_set_filter(base, 1, action) is Errno.EEXIST
    assert vm.kvm_smccc_filter_get_action(base) is HANDLE


@pytest.mark.parametrize("base", [0x7FFF_FFFF, 0x8001_0000, 0xBFFF_FFFF, 0xC001_0000])
def test_filter_beside_reserved_range(profile: Profile, base: int) -> None:
    assert FilteredVm(profile).kvm_smccc_set_filter(base, 1, DENY) is None


def test_invalid_nr_functions(profile: Profile) -> None:
    assert FilteredVm(profile).kvm_smccc_set_filter(PSCI_0_2_FN64_CPU_ON, 0, DENY) is Errno.EINVAL


def test_overflow_nr_functions(profile: Profile) -> None:
    vm = FilteredVm(profile)
    assert vm.kvm_smccc_set_filter(0xFFFF_FFFF, 0xFFFF_FFFF, DENY) is Errno.EINVAL
    assert vm.kvm_smccc_set_filter(0xFFFF_FFFF, 2, DENY) is Errno.EINVAL
    assert vm.kvm_smccc_set_filter(0xFFFF_FFFF, 1, DENY) is None


@pytest.mark.parametrize("action", [3, 0xFF])
def test_reserved_action(profile: Profile, action: int) -> None:
    assert FilteredVm(profile).kvm_smccc_set_filter(PSCI_0_2_FN64_CPU_ON, 1, action) is Errno.EINVAL


@pytest.mark.parametrize("first", SmcccFilterAction)
@pytest.mark.parametrize("second", SmcccFilterAction)
def test_filter_overlap(profile: Profile, first: SmcccFilterAction, second: SmcccFilterAction) -> None:
    vm = FilteredVm(profile)
    assert vm.kvm_smccc_set_filter(PSCI_0_2_FN64_CPU_ON, 1, first) is None
    assert vm.kvm_smccc_set_filter(PSCI_0_2_FN64_CPU_ON, 1, second) is Errno.EEXIST
    assert vm.kvm_smccc_filter_get_action(PSCI_0_2_FN64_CPU_ON) is first


def test_filter_denied(profile: Profile) -> None:
    vm = FilteredVm(profile)
    assert vm.kvm_smccc_set_filter(PSCI_0_2_FN_PSCI_VERSION, 1, DENY) is None
    assert vm.kvm_smccc_filter_get_action(PSCI_0_2_FN_PSCI_VERSION) is DENY


def test_filter_fwd_to_user(profile: Profile) -> None:
    vm = FilteredVm(profile)
    assert vm.kvm_smccc_set_filter(PSCI_0_2_FN_PSCI_VERSION, 1, FWD_TO_USER) is None
    assert vm.kvm_smccc_filter_get_action(PSCI_0_2_FN_PSCI_VERSION) is FWD_TO_USER
