"""The Trusty OS's calls.

Its yielding calls lie in the range that SMCCC keeps for the future.
"""

from smccc_filter.smccc.registry.rows import Function

_SPEC = "Trusty smcall.h"
_SOURCE = "TFA services/spd/trusty/smcall.h"

# fmt: off
FUNCTIONS: tuple[Function, ...] = (
    Function("TRUSTY_YC_VIRTIO_GET_DESCR",  None,       None,       "trusty", _SPEC, "-", "impl", "Trusty call", _SOURCE, "high", yielding=0x32000014),
    Function("TRUSTY_YC_VIRTIO_START",      None,       None,       "trusty", _SPEC, "-", "impl", "Trusty call", _SOURCE, "high", yielding=0x32000015),
    Function("TRUSTY_YC_VIRTIO_STOP",       None,       None,       "trusty", _SPEC, "-", "impl", "Trusty call", _SOURCE, "high", yielding=0x32000016),
    Function("TRUSTY_YC_VDEV_RESET",        None,       None,       "trusty", _SPEC, "-", "impl", "Trusty call", _SOURCE, "high", yielding=0x32000017),
    Function("TRUSTY_YC_VDEV_KICK_VQ",      None,       None,       "trusty", _SPEC, "-", "impl", "Trusty call", _SOURCE, "high", yielding=0x32000018),
    Function("TRUSTY_YC_SET_ROT_PARAMS",    None,       None,       "trusty", _SPEC, "-", "impl", "Trusty call", _SOURCE, "high", yielding=0x3200FFFF),
    Function("TRUSTY_YC_RESTART_LAST",      None,       None,       "trusty", _SPEC, "-", "impl", "Trusty call", _SOURCE, "high", yielding=0x3C000000),
    Function("TRUSTY_YC_NOP",               None,       None,       "trusty", _SPEC, "-", "impl", "Trusty call", _SOURCE, "high", yielding=0x3C000001),
    Function("TRUSTY_FC_FIQ_EXIT",          0xBC000001, None,       "trusty", _SPEC, "-", "impl", "Trusty call", _SOURCE, "high"),
    Function("TRUSTY_FC_REQUEST_FIQ",       0xBC000002, None,       "trusty", _SPEC, "-", "impl", "Trusty call", _SOURCE, "high"),
    Function("TRUSTY_FC_GET_NEXT_IRQ",      0xBC000003, None,       "trusty", _SPEC, "-", "impl", "Trusty call", _SOURCE, "high"),
    Function("TRUSTY_FC_FIQ_ENTER",         0xBC000004, None,       "trusty", _SPEC, "-", "impl", "Trusty call", _SOURCE, "high"),
    Function("TRUSTY_FC_CPU_SUSPEND",       0xBC000007, None,       "trusty", _SPEC, "-", "impl", "Trusty call", _SOURCE, "high"),
    Function("TRUSTY_FC_CPU_RESUME",        0xBC000008, None,       "trusty", _SPEC, "-", "impl", "Trusty call", _SOURCE, "high"),
    Function("TRUSTY_FC_AARCH_SWITCH",      0xBC000009, None,       "trusty", _SPEC, "-", "impl", "Trusty call", _SOURCE, "high"),
    Function("TRUSTY_FC_GET_VERSION_STR",   0xBC00000A, None,       "trusty", _SPEC, "-", "impl", "Trusty call", _SOURCE, "high"),
    Function("TRUSTY_FC64_SET_FIQ_HANDLER", None,       0xFC000005, "trusty", _SPEC, "-", "impl", "Trusty call", _SOURCE, "high"),
    Function("TRUSTY_FC64_GET_FIQ_REGS",    None,       0xFC000006, "trusty", _SPEC, "-", "impl", "Trusty call", _SOURCE, "high"),
)
# fmt: on
