"""Errata management firmware interface, Arm DEN0100.

A guest asks it which errata a higher exception level already mitigates.
"""

from smccc_filter.smccc.registry.rows import Function

_MANDATORY = "mandatory (medium)"

# fmt: off
FUNCTIONS: tuple[Function, ...] = (
    Function("EM_VERSION",              0x840000F0, None, "errata", "DEN0100", "1.0", _MANDATORY, "EM interface version", "TFA errata_abi_svc.h; RFA", "high"),
    Function("EM_FEATURES",             0x840000F1, None, "errata", "DEN0100", "1.0", _MANDATORY, "is an EM function implemented", "TFA; RFA", "high"),
    Function("EM_CPU_ERRATUM_FEATURES", 0x840000F2, None, "errata", "DEN0100", "1.0", _MANDATORY, "erratum status: 3 higher EL mitigates, 2 not affected, 1 affected, -3 unknown", "TFA; RFA", "high"),
)
# fmt: on
