"""How KVM takes a filter, entry by entry, in the order of its own checks and under its own names.

Lay it beside arch/arm64/kvm/hypercalls.c. A model that differs from the kernel is worse than none, so the tests replay
what real kernels answered.

Source: Linux 6.12.117 and 7.3.4 arch/arm64/kvm/hypercalls.c, and commits 821d935c87bc, 5a23ad6510c8 and d34b76489ea0.
"""

from bisect import bisect_right

from smccc_filter.kvm.profiles import Profile, ReservedInserted
from smccc_filter.kvm.uapi import Errno, SmcccFilterAction
from smccc_filter.smccc.intervals import Intervals

SMC32_ARCH_RANGE_BEGIN = 0x8000_0000
SMC32_ARCH_RANGE_END = 0x8000_FFFF
SMC64_ARCH_RANGE_BEGIN = 0xC000_0000
SMC64_ARCH_RANGE_END = 0xC000_FFFF

RESERVED: Intervals = (
    (SMC32_ARCH_RANGE_BEGIN, SMC32_ARCH_RANGE_END + 1),
    (SMC64_ARCH_RANGE_BEGIN, SMC64_ARCH_RANGE_END + 1),
)
"""The Arm Architecture ranges, half-open: no filter may touch them, so that no guest is misled about mitigations."""

NR_SMCCC_FILTER_ACTIONS = len(SmcccFilterAction)
U8_MAX = 0xFF
U32_MAX = 0xFFFF_FFFF


class FilteredVm:
    """A VM of one kernel, as far as its filter goes: ``struct kvm_arch``'s ``smccc_filter`` and the flags around it.

    ``has_ran_once`` is for the caller to set: KVM sets it when a vCPU first runs. n insertions cost O(n log n).
    """

    __slots__ = ("_configured", "_ranges", "_starts", "has_ran_once", "profile")

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.has_ran_once = False
        self._starts: list[int] = []
        """First ID of every range, ascending."""
        self._ranges: dict[int, tuple[int, SmcccFilterAction]] = {}
        """Last ID, inclusive as in the kernel's maple tree, and action of the range that starts at the key."""
        self._configured = False
        if self.profile.reserved_inserted.value is ReservedInserted.VM_CREATION:
            self._kvm_smccc_filter_insert_reserved()

    def kvm_smccc_set_filter(self, base: int, nr_functions: int, action: int, pad: int = 0) -> Errno | None:
        """Insert one ``struct kvm_smccc_filter``; return the errno, or ``None`` where the kernel takes it.

        ``base`` and ``nr_functions`` are ``__u32`` and ``action`` is ``__u8``, valid or not, as the struct holds them:
        ValueError for what it cannot hold. ``pad`` is the fifteen pad bytes as one number.
        """
        if not (0 <= base <= U32_MAX and 0 <= nr_functions <= U32_MAX and 0 <= action <= U8_MAX):
            raise ValueError(f"no struct kvm_smccc_filter holds {base:#x}, {nr_functions:#x}, {action:#x}")
        if pad:
            return Errno.EINVAL
        start = base
        end = (start + nr_functions - 1) & U32_MAX
        # Without the fix an empty range at 0 wraps to all IDs: end < start lets it pass, the reserved ranges do not.
        if not nr_functions and self.profile.empty_range_at_zero.value is Errno.EINVAL:
            return Errno.EINVAL
        if end < start or action >= NR_SMCCC_FILTER_ACTIONS:
            return Errno.EINVAL
        if self.has_ran_once:
            return Errno.EBUSY
        if not self._starts:
            self._kvm_smccc_filter_insert_reserved()
        errno = self._mtree_insert_range(start, end, SmcccFilterAction(action))
        if errno is None:
            self._configured = True
        return errno

    def kvm_smccc_filter_configured(self) -> bool:
        """Tell whether KVM consults the filter: since 6.7 also after an insertion that only the overlap test refused.

        Before, a flag that an insertion sets when it succeeds (KVM_ARCH_FLAG_SMCCC_FILTER_CONFIGURED).
        """
        if self.profile.reserved_inserted.value is ReservedInserted.FIRST_FILTER_CALL:
            return bool(self._starts)
        return self._configured

    def kvm_smccc_filter_get_action(self, func_id: int) -> SmcccFilterAction:
        """Return what the filter says of the ID that a guest has in W0; HANDLE where it says nothing. O(log n)."""
        if not self.kvm_smccc_filter_configured():
            return SmcccFilterAction.HANDLE
        i = bisect_right(self._starts, func_id)
        if i == 0:
            return SmcccFilterAction.HANDLE
        end, action = self._ranges[self._starts[i - 1]]
        return action if func_id <= end else SmcccFilterAction.HANDLE

    def _kvm_smccc_filter_insert_reserved(self) -> None:
        self._mtree_insert_range(SMC32_ARCH_RANGE_BEGIN, SMC32_ARCH_RANGE_END, SmcccFilterAction.HANDLE)
        self._mtree_insert_range(SMC64_ARCH_RANGE_BEGIN, SMC64_ARCH_RANGE_END, SmcccFilterAction.HANDLE)

    def _mtree_insert_range(self, first: int, last: int, action: SmcccFilterAction) -> Errno | None:
        # Ranges are disjoint, so of those that start by ``last`` only the final one can reach ``first``.
        i = bisect_right(self._starts, last)
        if i and self._ranges[self._starts[i - 1]][0] >= first:
            return Errno.EEXIST
        self._starts.insert(i, first)
        self._ranges[first] = (last, action)
        return None
