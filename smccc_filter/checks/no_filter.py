"""A target kernel older than 6.4, which has no SMCCC filter.

KVM_ARM_VM_SMCCC_FILTER came with Linux 6.4. An older kernel answers ENXIO to KVM_HAS_DEVICE_ATTR, and every call is
handled as if there were no policy.

Instead: name kernels from 6.4 on, and make the VMM refuse to start a guest where the attribute is missing.
"""

from collections.abc import Iterator

from smccc_filter.checks.subject import Subject
from smccc_filter.diagnostics import Problem, Severity
from smccc_filter.kernel.profiles import RELEASES, predates_filter

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
                f"name kernels from {RELEASES[0]} on",
                kernels=(name,),
            )
