"""Paravirtualised time, Arm DEN0057.

Every call is SMC64; the same numbers in SMC32 belong to nobody.
"""

from smccc_filter.smccc.registry.rows import Function

# fmt: off
FUNCTIONS: tuple[Function, ...] = (
    Function("PV_TIME_FEATURES", None, 0xC5000020, "pv-time", "DEN0057", "1.0", "mandatory for PV time (medium)", "is a PV-time function implemented", "L73 Documentation/virt/kvm/arm/pvtime.rst", "high"),
    Function("PV_TIME_ST",       None, 0xC5000021, "pv-time", "DEN0057", "1.0", "optional (medium)", "IPA of the stolen-time structure", "L73 pvtime.rst", "high"),
)
# fmt: on
