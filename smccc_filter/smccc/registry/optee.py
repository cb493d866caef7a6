"""OP-TEE's calls.

The general queries and LOAD_IMAGE use owner 63, the other fast calls owner 50; the yielding calls lie in the range that
SMCCC keeps for the future.
"""

from smccc_filter.smccc.registry.rows import Function

_SPEC = "OP-TEE optee_smc.h"
_YIELDING = "OP-TEE yielding call"
_YIELDING_SOURCE = "OPTEE; L73 drivers/tee/optee/optee_smc.h"
_FAST = "OP-TEE fast call"
_FAST_SOURCE = "OPTEE; L73 optee_smc.h"

# fmt: off
FUNCTIONS: tuple[Function, ...] = (
    Function("OPTEE_RETURN_FROM_RPC",       None,       None, "optee", _SPEC, "-", "impl", _YIELDING, _YIELDING_SOURCE, "high", yielding=0x32000003),
    Function("OPTEE_CALL_WITH_ARG",         None,       None, "optee", _SPEC, "-", "impl", _YIELDING, _YIELDING_SOURCE, "high", yielding=0x32000004),
    Function("OPTEE_CALL_WITH_RPC_ARG",     None,       None, "optee", _SPEC, "-", "impl", _YIELDING, _YIELDING_SOURCE, "high", yielding=0x32000012),
    Function("OPTEE_CALL_WITH_REGD_ARG",    None,       None, "optee", _SPEC, "-", "impl", _YIELDING, _YIELDING_SOURCE, "high", yielding=0x32000013),
    Function("OPTEE_GET_OS_UUID",           0xB2000000, None, "optee", _SPEC, "-", "impl", _FAST, _FAST_SOURCE, "high"),
    Function("OPTEE_GET_OS_REVISION",       0xB2000001, None, "optee", _SPEC, "-", "impl", _FAST, _FAST_SOURCE, "high"),
    Function("OPTEE_GET_SHM_CONFIG",        0xB2000007, None, "optee", _SPEC, "-", "impl", _FAST, _FAST_SOURCE, "high"),
    Function("OPTEE_L2CC_MUTEX",            0xB2000008, None, "optee", _SPEC, "-", "impl", _FAST, _FAST_SOURCE, "high"),
    Function("OPTEE_EXCHANGE_CAPABILITIES", 0xB2000009, None, "optee", _SPEC, "-", "impl", _FAST, _FAST_SOURCE, "high"),
    Function("OPTEE_DISABLE_SHM_CACHE",     0xB200000A, None, "optee", _SPEC, "-", "impl", _FAST, _FAST_SOURCE, "high"),
    Function("OPTEE_ENABLE_SHM_CACHE",      0xB200000B, None, "optee", _SPEC, "-", "impl", _FAST, _FAST_SOURCE, "high"),
    Function("OPTEE_BOOT_SECONDARY",        0xB200000C, None, "optee", _SPEC, "-", "impl", _FAST, _FAST_SOURCE, "high"),
    Function("OPTEE_VM_CREATED",            0xB200000D, None, "optee", _SPEC, "-", "impl", _FAST, _FAST_SOURCE, "high"),
    Function("OPTEE_VM_DESTROYED",          0xB200000E, None, "optee", _SPEC, "-", "impl", _FAST, _FAST_SOURCE, "high"),
    Function("OPTEE_GET_THREAD_COUNT",      0xB200000F, None, "optee", _SPEC, "-", "impl", _FAST, _FAST_SOURCE, "high"),
    Function("OPTEE_ENABLE_ASYNC_NOTIF",    0xB2000010, None, "optee", _SPEC, "-", "impl", _FAST, _FAST_SOURCE, "high"),
    Function("OPTEE_GET_ASYNC_NOTIF_VALUE", 0xB2000011, None, "optee", _SPEC, "-", "impl", _FAST, _FAST_SOURCE, "high"),
    Function("OPTEE_GET_PROTMEM_CONFIG",    0xB2000014, None, "optee", _SPEC, "-", "impl", _FAST, _FAST_SOURCE, "high"),
    Function("OPTEE_LOAD_IMAGE",            0xBF000002, None, "optee", "Linux/TF-A", "-", "impl", "load the OP-TEE image from Linux via EL3", "L73 optee_smc.h OPTEE_SMC_CALL_LOAD_IMAGE", "high"),
    Function("OPTEE_CALLS_COUNT",           0xBF00FF00, None, "optee", "OP-TEE", "-", "impl", "Trusted OS call count", "OPTEE", "high"),
    Function("OPTEE_CALLS_UID",             0xBF00FF01, None, "optee", "OP-TEE", "-", "impl", "Trusted OS UID 384fb3e0-e7f8-11e3-af63-0002a5d5c51b", "OPTEE; L73 optee_msg.h", "high"),
    Function("OPTEE_CALLS_REVISION",        0xBF00FF03, None, "optee", "OP-TEE", "-", "impl", "Trusted OS API revision", "OPTEE", "high"),
)
# fmt: on
