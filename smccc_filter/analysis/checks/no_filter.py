"""A target kernel older than 6.4, which has no SMCCC filter.

KVM_ARM_VM_SMCCC_FILTER came with Linux 6.4, and with it the device attributes of a VM. An older kernel answers EINVAL
to KVM_HAS_DEVICE_ATTR and KVM_SET_DEVICE_ATTR on the VM, whatever the entry, and a VMM that passes over that runs the
guest as if there were no policy.

Instead: name kernels from 6.4 on, and make the VMM refuse to start a guest where the attribute is missing.

Source: Linux arch/arm64/kvm/arm.c, kvm_arch_vm_ioctl(); commit 821d935c87bc.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.subject import Subject
from smccc_filter.kvm.profiles import RELEASES, predates_filter

CODE = "K401"
NAME = "no-filter"
SEVERITY = Severity.ERROR
WHOLE = False
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield the target kernels that have no filter."""
    for number, name in enumerate(subject.policy.target.kernels):
        if predates_filter(name):
            yield Problem(
                ("target", "kernels", number),
                f"Linux {name} has no SMCCC filter",
                f"name kernels from {RELEASES[0]} on, and have the VMM refuse to start on an older one",
                kernels=(name,),
            )
