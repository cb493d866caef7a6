"""What each Linux release does, one profile a release, with where every fact was read and who saw it happen.

A policy names the kernels that it must load on. What differs between them is a fact of a ``Profile`` and nowhere else,
so that a check can say for which kernels a finding holds and ``list kernels`` can say how sure it is.

Source: Linux arch/arm64/kvm and its history; the commits and stable releases are named beside the tables.
"""

from enum import StrEnum
from functools import cache, lru_cache
from typing import NamedTuple

from smccc_filter.kvm.releases import (
    LAST_BEFORE_FILTER,
    RAN,
    RELEASES,
    SOURCE_READ,
    Evidence,
    Fact,
    KernelVersion,
    LanguageWords,
    changed,
    parse,
    predates_filter,
)
from smccc_filter.kvm.uapi import Errno

__all__ = [
    "FIX_OF_EMPTY_RANGE",
    "LAST_BEFORE_FILTER",
    "NEWEST",
    "RAN",
    "RELEASES",
    "Evidence",
    "Fact",
    "KernelVersion",
    "LanguageWords",
    "NestedSupport",
    "Profile",
    "ProtectedSupport",
    "ReservedInserted",
    "VcpuFeatures",
    "all_profiles",
    "parse",
    "predates_filter",
    "profile",
]


class ReservedInserted(StrEnum):
    """When KVM puts the Arm Architecture ranges into a VM's filter."""

    VM_CREATION = "VM creation"
    FIRST_FILTER_CALL = "first filter call"


class ProtectedSupport(StrEnum):
    """Whether there are pKVM protected VMs (``KVM_VM_TYPE_ARM_PROTECTED``), and what they do to a policy."""

    NOT_OFFERED = "not offered"
    """KVM_CREATE_VM refuses the type with EINVAL."""
    FILTER_REFUSED = "filter refused with EINVAL"
    """There are protected VMs, on which no VM attribute can be set and no capability of the policy language enabled."""


class NestedSupport(StrEnum):
    """Whether a VMM may give the guest EL2 (``KVM_ARM_VCPU_HAS_EL2``)."""

    NOT_OFFERED = "not offered"
    OFFERED = "offered"


class VcpuFeatures(StrEnum):
    """Whose the features of ``KVM_ARM_VCPU_INIT`` are, KVM_ARM_VCPU_PSCI_0_2 among them; POWER_OFF is each vCPU's."""

    EACH_VCPU = "each vCPU's own"
    VM = "alike in a VM, else EINVAL"


class Profile(NamedTuple):
    """What one release does with a filter, and with the calls that a filter leaves to it.

    ``name`` is what a policy writes: ``6.12`` is that release as first published, ``6.12.112`` a stable release of it.
    ``empty_range_at_zero`` is the errno for no functions at base 0; at every other base no functions are EINVAL.
    ``psci`` has the versions that ``KVM_REG_ARM_PSCI_VERSION`` takes, oldest first; the last is KVM's own. ``firmware``
    has the bitmap registers by the policy language's name; of those it has, every release takes the bits in ``uapi``.
    ``capabilities`` can be enabled on a VM that is not protected.
    """

    name: str
    empty_range_at_zero: Fact[Errno]
    reserved_inserted: Fact[ReservedInserted]
    psci: Fact[LanguageWords]
    firmware: Fact[LanguageWords]
    capabilities: Fact[LanguageWords]
    protected: Fact[ProtectedSupport]
    nested: Fact[NestedSupport]
    vcpu_features: Fact[VcpuFeatures]


FIX_OF_EMPTY_RANGE = {
    "6.6": (158, "144d60ed2273"),
    "6.12": (112, "ae09ce390bbb"),
    "6.18": (55, "cb68b5589318"),
    "7.2": (9, "166d27b5908d"),
    "7.3": (0, "64dc6f1db7e6"),
}
"""Where 64dc6f1db7e6 "KVM: arm64: Return -EINVAL for an empty SMCCC filter range at base 0" is: the first
stable release of each series that carries it, and its commit there.

Mainline took it for 7.3-rc5 (2026-09-26), every series then maintained in its next release (2026-10-03): the commit
stands in the stable tree before "Linux 6.6.158", "Linux 6.12.112", "Linux 6.18.55" and "Linux 7.2.9". That the other
series had ended by then is inferred.
"""

EMPTY_RANGE_NOT_ASKED = frozenset({"6.8.1"})
"""The releases that were run and not asked for an empty range at base 0."""

_reserved_inserted = changed(
    first="6.7",
    before=ReservedInserted.VM_CREATION,
    after=ReservedInserted.FIRST_FILTER_CALL,
    source_before="init_smccc_filter() as of 821d935c87bc",
    source="kvm_smccc_set_filter() after d34b76489ea0",
    read=SOURCE_READ | {"6.4", "6.7"},
)
"""d34b76489ea0 "KVM: arm64: Only insert reserved ranges when SMCCC filter is used" came with 6.7."""

_psci = changed(
    first="6.13",
    before=LanguageWords(("0.1", "0.2", "1.0", "1.1")),
    after=LanguageWords(("0.1", "0.2", "1.0", "1.1", "1.2", "1.3")),
    source_before="KVM_ARM_PSCI_LATEST and kvm_arm_set_fw_reg() before 8be82d536a9f",
    source="KVM_ARM_PSCI_LATEST and kvm_arm_set_fw_reg() after 8be82d536a9f",
    read=SOURCE_READ | {"6.13"},
    ran=RAN,
)
"""8be82d536a9f "KVM: arm64: Add support for PSCI v1.2 and v1.3" came with 6.13, and SYSTEM_OFF2 (97413cea1c48) too."""

_firmware = changed(
    first="6.15",
    before=LanguageWords(("std", "std_hyp", "vendor_hyp")),
    after=LanguageWords(("std", "std_hyp", "vendor_hyp", "vendor_hyp_2")),
    source_before="kvm_arm_fw_reg_ids[] before c0000e58c74e",
    source="kvm_arm_fw_reg_ids[] after c0000e58c74e",
    read=SOURCE_READ | {"6.15"},
    ran=RAN,
)
"""c0000e58c74e "KVM: arm64: Introduce KVM_REG_ARM_VENDOR_HYP_BMAP_2" came with 6.15."""

_capabilities = changed(
    first=RELEASES[0],
    before=LanguageWords(),
    after=LanguageWords(("system_suspend",)),
    source_before="kvm_vm_ioctl_enable_cap() before 5.19",
    source="kvm_vm_ioctl_enable_cap(), KVM_CAP_ARM_SYSTEM_SUSPEND",
    read=SOURCE_READ,
    ran=frozenset({"6.4.6", "6.6.150", "6.8.1", "6.12.118", "6.16.12", "7.3.4"}),
)
"""KVM_CAP_ARM_SYSTEM_SUSPEND is older than the filter, so every release here has it."""

_protected = changed(
    first="7.1",
    before=ProtectedSupport.NOT_OFFERED,
    after=ProtectedSupport.FILTER_REFUSED,
    source_before="kvm_arch_init_vm() before 8800dbf6614a",
    source="kvm_arch_init_vm() after 8800dbf6614a; kvm_pkvm_ioctl_allowed() after b12b3b04f6ba",
    read=SOURCE_READ,
    ran=frozenset({"7.3.4"}),
)
"""b12b3b04f6ba "KVM: arm64: Check whether a VM IOCTL is allowed in pKVM" came with 7.0, when no VM could be protected.

8800dbf6614a "KVM: arm64: Allow userspace to create protected VMs when pKVM is enabled" was ready for 7.1; 7.2 has it.
"""

_nested = changed(
    first="6.16",
    before=NestedSupport.NOT_OFFERED,
    after=NestedSupport.OFFERED,
    source_before="KVM_VCPU_VALID_FEATURES before a7484c80e5ca",
    source="KVM_VCPU_VALID_FEATURES after a7484c80e5ca",
    read=SOURCE_READ | {"6.16"},
    ran=frozenset({"6.16.12", "7.3.4"}),
)
"""a7484c80e5ca "KVM: arm64: Allow userspace to request KVM_ARM_VCPU_EL2*" came with 6.16."""


_vcpu_features = changed(
    first="6.5",
    before=VcpuFeatures.EACH_VCPU,
    after=VcpuFeatures.VM,
    source_before="kvm_vcpu_set_target() before 2251e9ff1573",
    source="kvm_vcpu_initialize() after 2251e9ff1573",
    read=SOURCE_READ | {"6.5"},
    ran=frozenset({"6.4.6", "6.6.150", "6.12.118", "7.3.4"}),
)
"""2251e9ff1573 "KVM: arm64: Make vCPU feature flags consistent VM-wide" came with 6.5."""


@lru_cache(maxsize=64)
def profile(name: str) -> Profile | None:
    """Return what the release called ``name`` does; ``None`` for a name that is no release with a filter.

    Any stable number of a known release is taken, because kernel.org goes on publishing them; a number later than this
    table was written does what the last release it knows does.
    """
    version = parse(name)
    if version is None or version.release not in RELEASES:
        return None
    return Profile(
        name=name,
        empty_range_at_zero=_empty_range_at_zero(name, version),
        reserved_inserted=_reserved_inserted(name, version),
        psci=_psci(name, version),
        firmware=_firmware(name, version),
        capabilities=_capabilities(name, version),
        protected=_protected(name, version),
        nested=_nested(name, version),
        vcpu_features=_vcpu_features(name, version),
    )


def _empty_range_at_zero(name: str, version: KernelVersion) -> Fact[Errno]:
    stable, commit = FIX_OF_EMPTY_RANGE.get(version.release, (None, ""))
    if stable is not None and version.stable >= stable:
        errno, source = Errno.EINVAL, f"kvm_smccc_set_filter() after {commit}"
    else:
        errno, source = Errno.EEXIST, "kvm_smccc_set_filter() as of 821d935c87bc"
    if name in RAN - EMPTY_RANGE_NOT_ASKED:
        evidence = Evidence.RAN
    elif stable is not None or name == RELEASES[0]:
        evidence = Evidence.READ
    else:
        evidence = Evidence.INFERRED
    return Fact(errno, source, evidence)


@cache
def all_profiles() -> tuple[Profile, ...]:
    """Return one profile a release as first published, oldest first."""
    return tuple(filter(None, map(profile, RELEASES)))


NEWEST = next(filter(None, map(profile, reversed(RELEASES))))
"""The kernel of a policy that names none."""
