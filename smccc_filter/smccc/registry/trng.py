"""True Random Number Generator firmware interface, Arm DEN0098.

KVM services it, gated by bit 0 of ``KVM_REG_ARM_STD_BMAP``.
"""

from smccc_filter.smccc.registry.rows import Function

_SOURCE = "L73 include/linux/arm-smccc.h; TFA trng_svc.h"
_MANDATORY = "mandatory when TRNG is present (medium)"

# fmt: off
FUNCTIONS: tuple[Function, ...] = (
    Function("TRNG_VERSION",  0x84000050, None,       "trng", "DEN0098", "1.0", _MANDATORY, "version, >= 0x10000 means present", _SOURCE, "high"),
    Function("TRNG_FEATURES", 0x84000051, None,       "trng", "DEN0098", "1.0", _MANDATORY, "is a TRNG function implemented", _SOURCE, "high"),
    Function("TRNG_GET_UUID", 0x84000052, None,       "trng", "DEN0098", "1.0", _MANDATORY, "UUID of the entropy source", _SOURCE, "high"),
    Function("TRNG_RND",      0x84000053, 0xC4000053, "trng", "DEN0098", "1.0", _MANDATORY, "up to 96 bits (SMC32) or 192 bits (SMC64) of entropy", _SOURCE, "high"),
)
# fmt: on
