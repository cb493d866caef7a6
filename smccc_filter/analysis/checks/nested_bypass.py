"""A guest with EL2 makes its HVCs to itself, so that KVM sees only its SMCs.

With `nested: true` the guest has a hypervisor's exception level, and that is where its HVC instruction goes. Neither
the filter nor a firmware register has a say in it: what the guest runs at EL2 answers a call that the policy denies.
Three calls are older than that: SMCCC_ARCH_WORKAROUND_1, _2 and _3 by HVC end in KVM's exception vector, so that the
guest's EL2 never sees them. KVM filters the guest's SMCs as usual, and PSCI is reached by SMC only; where the guest's
EL2 sets HCR_EL2.TSC, the SMCs of its EL1 go to that EL2 too.

There is such a guest only on a host booted with `kvm-arm.mode=nested`, which the policy cannot see, and only with an
in-kernel GICv3 that is initialised before the first vCPU runs. Kernels before 6.16 give no guest EL2.

Instead: nothing, where that is understood; an allowance with the reason says so. The guest's firmware tables have to
name SMC as the conduit (`method = "smc"` in the device tree's PSCI node, no PSCI_USE_HVC in the ACPI FADT).

Source: Linux arch/arm64/kvm/handle_exit.c, handle_hvc() and handle_smc(); arch/arm64/kvm/hyp/hyp-entry.S, el1_sync;
commit a7484c80e5ca. Linux 6.16.12 and 7.3.4 were seen to do so.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.subject import Subject
from smccc_filter.kvm.profiles import NestedSupport, all_profiles
from smccc_filter.language.places import KeyOf
from smccc_filter.words import enumerated

CODE = "K407"
NAME = "nested-bypass"
SEVERITY = Severity.WARNING
WHOLE = False
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for the kernels on which HVCs pass the filter by, and one for those without nested guests."""
    if not subject.policy.target.nested:
        return
    place = KeyOf(("target", "nested"))
    without = tuple(known.name for known in subject.profiles if known.nested.value is NestedSupport.NOT_OFFERED)
    offering = tuple(known.name for known in subject.profiles if known.name not in without)
    if offering:
        yield Problem(
            place,
            "the guest's HVCs go to its own EL2, so the policy decides only about its SMCs",
            "boot the host with `kvm-arm.mode=nested`, name SMC as the conduit in the guest's firmware tables, and add "
            "`allow: [{code: K407, reason: ...}]`",
            kernels=offering,
        )
    if without:
        first = next(known.name for known in all_profiles() if known.nested.value is NestedSupport.OFFERED)
        yield Problem(
            place,
            f"KVM gives no guest EL2 on {enumerated(without)}, so there is none for this policy",
            f"name kernels from {first} on and boot the host with `kvm-arm.mode=nested`, or take `nested` out",
            kernels=without,
        )
