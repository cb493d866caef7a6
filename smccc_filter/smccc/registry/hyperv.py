"""Hyper-V's hypercall for arm64 guests.

It is a yielding call in the range that SMCCC keeps for the future, so no owner contains it.
"""

from smccc_filter.smccc.registry.rows import Function

# fmt: off
FUNCTIONS: tuple[Function, ...] = (
    Function("HYPERV_HVCALL", None, None, "hyper-v", "Linux arch/arm64/include/asm/mshyperv.h", "Linux 5.15+ (medium)", "impl", "single Hyper-V hypercall entry 0x46000001: YIELDING, SMC64, OEN 6, number 1; lies in the reserved yielding range", "L73 mshyperv.h HV_FUNC_ID, hv_core.c", "high", yielding=0x46000001),
)
# fmt: on
