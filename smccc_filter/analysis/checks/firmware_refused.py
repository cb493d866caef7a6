"""A firmware register, or a bit of one, that a target kernel refuses.

Each register came with some release. KVM_SET_ONE_REG gives ENOENT for one that the kernel does not have, whatever is
written, 0 too: KVM_REG_ARM_VENDOR_HYP_BMAP_2 (`vendor_hyp_2`) came with 6.15. It gives EINVAL for a bit that the kernel
does not have. The errno of the finding is that of the register; the filter's own entries are taken all the same, which
is the worse for it: the guest then runs with half of the policy.

Instead: leave the register out where a target kernel lacks it. Such a kernel advertises nothing by it, so that a filter
which forwards the calls does so in vain there. Or name newer kernels only.

Source: Linux arch/arm64/kvm/hypercalls.c, kvm_arm_set_fw_reg_bmap(); commit c0000e58c74e.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.guest_groups import kernels_of
from smccc_filter.analysis.examination.guest_view import Guest
from smccc_filter.analysis.examination.subject import Subject, unsafe
from smccc_filter.kvm.profiles import all_profiles
from smccc_filter.kvm.uapi import REGISTER_OF_KEY, Errno
from smccc_filter.language.places import KeyOf
from smccc_filter.words import enumerated

CODE = "K403"
NAME = "firmware-refused"
SEVERITY = Severity.ERROR
WHOLE = False
ALLOWABLE = False


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each register and errno."""
    refused: dict[tuple[str, Errno], list[Guest]] = {}
    for guest in subject.guests:
        for refusal in guest.vm.refusals:
            if refusal.key in subject.policy.firmware:
                refused.setdefault((refusal.key, refusal.errno), []).append(guest)
    for (key, errno), some in refused.items():
        from smccc_filter.language.changes import Remove

        kernels, _ = kernels_of(subject, some)
        macro = REGISTER_OF_KEY[key].macro
        first = next(profile.name for profile in all_profiles() if key in profile.firmware.value)
        yield Problem(
            KeyOf(("firmware", key)),
            f"KVM has no {macro} on {enumerated(kernels)}: it came with {first}",
            f"take `{key}` out, or name kernels from {first} on",
            errno=errno,
            kernels=kernels,
            remedy=unsafe(f"take `{key}` out", (Remove(("firmware", key)),)),
        )
