"""A PSCI version that a target kernel refuses.

KVM_SET_ONE_REG gives EINVAL for a KVM_REG_ARM_PSCI_VERSION that the kernel does not have: 1.2 and 1.3 came with 6.13.
The errno of the finding is that of the register. A VMM that goes on regardless gives the guest the kernel's own newest
version, and so another machine on every kernel.

Instead: write the newest version that every target kernel takes, which the hint names, or take the older kernels out.

Source: Linux arch/arm64/kvm/hypercalls.c, kvm_arm_set_fw_reg(); commit 8be82d536a9f.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.guest_groups import kernels_of
from smccc_filter.analysis.examination.subject import Subject, instead
from smccc_filter.kvm.profiles import all_profiles
from smccc_filter.kvm.uapi import PSCI_VERSIONS, Errno
from smccc_filter.words import enumerated

CODE = "K404"
NAME = "psci-refused"
SEVERITY = Severity.ERROR
WHOLE = False
ALLOWABLE = False


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for the kernels that refuse the version."""
    wanted = subject.policy.target.psci
    refusing = [guest for guest in subject.guests if guest.refused("psci")]
    if wanted is None or not refusing:
        return
    kernels, _ = kernels_of(subject, refusing)
    first = next(profile.name for profile in all_profiles() if wanted in profile.psci.value)
    shared = set(PSCI_VERSIONS).intersection(*(profile.psci.value for profile in subject.profiles))
    newest = max(shared, key=PSCI_VERSIONS.__getitem__)
    yield Problem(
        ("target", "psci"),
        f"KVM has no PSCI {wanted} on {enumerated(kernels)}: it came with {first}",
        f'write `psci: "{newest}"`, the newest that every target kernel takes, or name kernels from {first} on',
        errno=Errno.EINVAL,
        kernels=kernels,
        remedy=instead(("target", "psci"), f'"{newest}"'),
    )
