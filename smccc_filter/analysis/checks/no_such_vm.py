"""The policy is for a VM that no host makes: a guest is one of `protected`, `nested` and `aarch32`.

Each of `protected`, `nested` and `aarch32` can be had, and no two of them together. A host booted with
`kvm-arm.mode=protected` makes protected VMs and refuses KVM_ARM_VCPU_HAS_EL2; one booted with `kvm-arm.mode=nested`
gives guests EL2 and refuses the VM type. KVM_ARM_VCPU_INIT refuses EL2 together with KVM_ARM_VCPU_EL1_32BIT. A
protected VM takes KVM_ARM_VCPU_EL1_32BIT, but KVM_RUN ends before the guest's first instruction. All of that is EINVAL.

Instead: write one of them, and a policy for each kind of guest.

Source: Linux arch/arm64/kvm/arm.c, kvm_arch_init_vm(), system_supported_vcpu_features() and
kvm_vcpu_init_check_features(); Linux 7.3.4 was seen to refuse the first and the last.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.subject import Subject
from smccc_filter.kvm.profiles import NestedSupport, Profile, ProtectedSupport
from smccc_filter.kvm.uapi import Errno
from smccc_filter.language.places import KeyOf

CODE = "K408"
NAME = "no-such-vm"
SEVERITY = Severity.ERROR
WHOLE = False
ALLOWABLE = False

BECAUSE = {
    frozenset({"protected", "nested"}): (
        "`kvm-arm.mode=protected` refuses KVM_ARM_VCPU_HAS_EL2, and `kvm-arm.mode=nested` refuses the VM type"
    ),
    frozenset({"nested", "aarch32"}): "KVM_ARM_VCPU_INIT refuses EL2 together with KVM_ARM_VCPU_EL1_32BIT",
    frozenset({"protected", "aarch32"}): "KVM_RUN of a protected VM ends where the guest's EL1 is AArch32",
}
"""Why two settings exclude each other."""


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for the kernels that have each of two such VMs, but none that is both."""
    target = subject.policy.target
    asked = [key for key in ("protected", "nested", "aarch32") if getattr(target, key)]
    for number, one in enumerate(asked):
        for other in asked[number + 1 :]:
            if kernels := tuple(known.name for known in subject.profiles if _has(known, one) and _has(known, other)):
                yield Problem(
                    KeyOf(("target", other)),
                    f"no host makes a VM that is `{one}` and `{other}`: {BECAUSE[frozenset((one, other))]}",
                    f"take `{one}` or `{other}` out, or write a policy for each",
                    errno=Errno.EINVAL,
                    related=((KeyOf(("target", one)), f"`{one}` is asked for here"),),
                    kernels=kernels,
                )


def _has(known: Profile, key: str) -> bool:
    """Tell whether the kernel has a kind of VM; that it has not is another check's."""
    offered = {
        "protected": known.protected.value is not ProtectedSupport.NOT_OFFERED,
        "nested": known.nested.value is not NestedSupport.NOT_OFFERED,
    }
    return offered.get(key, True)
