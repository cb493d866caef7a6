"""Live Firmware Activation, Arm DEN0147.

Linux's driver for it is not in 7.3, so no Linux header names these calls yet.
"""

from smccc_filter.smccc.registry.rows import Function

_SOURCE = "TFA include/services/lfa_svc.h; Linux LFA driver patches (not in 7.3.4)"

# fmt: off
FUNCTIONS: tuple[Function, ...] = (
    Function("LFA_VERSION",       None, 0xC40002E0, "lfa", "DEN0147", "1.0", "unverified", "version", _SOURCE, "high"),
    Function("LFA_FEATURES",      None, 0xC40002E1, "lfa", "DEN0147", "1.0", "unverified", "is an LFA function implemented", _SOURCE, "high"),
    Function("LFA_GET_INFO",      None, 0xC40002E2, "lfa", "DEN0147", "1.0", "unverified", "number of components", _SOURCE, "high"),
    Function("LFA_GET_INVENTORY", None, 0xC40002E3, "lfa", "DEN0147", "1.0", "unverified", "component UUID and flags", _SOURCE, "high"),
    Function("LFA_PRIME",         None, 0xC40002E4, "lfa", "DEN0147", "1.0", "unverified", "load and authenticate new firmware", _SOURCE, "high"),
    Function("LFA_ACTIVATE",      None, 0xC40002E5, "lfa", "DEN0147", "1.0", "unverified", "switch to primed firmware", _SOURCE, "high"),
    Function("LFA_CANCEL",        None, 0xC40002E6, "lfa", "DEN0147", "1.0", "unverified", "cancel a primed activation", _SOURCE, "high"),
)
# fmt: on
