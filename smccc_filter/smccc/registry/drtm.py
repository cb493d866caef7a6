"""Dynamic Root of Trust for Measurement, Arm DEN0113.

Number 0x112 is not defined by TF-A, from whose header the rest was read.
"""

from smccc_filter.smccc.registry.rows import Function

_SOURCE = "TFA include/services/drtm_svc.h (0x112 not defined)"

# fmt: off
FUNCTIONS: tuple[Function, ...] = (
    Function("DRTM_VERSION",          None, 0xC4000110, "drtm", "DEN0113", "1.0", "unverified", "version", _SOURCE, "high"),
    Function("DRTM_FEATURES",         None, 0xC4000111, "drtm", "DEN0113", "1.0", "unverified", "feature/function query", _SOURCE, "high"),
    Function("DRTM_UNPROTECT_MEMORY", None, 0xC4000113, "drtm", "DEN0113", "1.0", "unverified", "lift DMA protection", _SOURCE, "high"),
    Function("DRTM_DYNAMIC_LAUNCH",   None, 0xC4000114, "drtm", "DEN0113", "1.0", "unverified", "start a dynamic launch", _SOURCE, "high"),
    Function("DRTM_CLOSE_LOCALITY",   None, 0xC4000115, "drtm", "DEN0113", "1.0", "unverified", "close a TPM locality", _SOURCE, "high"),
    Function("DRTM_GET_ERROR",        None, 0xC4000116, "drtm", "DEN0113", "1.0", "unverified", "read last error", _SOURCE, "high"),
    Function("DRTM_SET_ERROR",        None, 0xC4000117, "drtm", "DEN0113", "1.0", "unverified", "record an error", _SOURCE, "high"),
    Function("DRTM_SET_TCB_HASH",     None, 0xC4000118, "drtm", "DEN0113", "1.0", "unverified", "record a TCB hash", _SOURCE, "high"),
    Function("DRTM_LOCK_TCB_HASHES",  None, 0xC4000119, "drtm", "DEN0113", "1.0", "unverified", "lock TCB hashes", _SOURCE, "high"),
)
# fmt: on
