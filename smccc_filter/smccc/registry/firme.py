"""Firmware Interfaces for RME, Arm DEN0149.

The document is an alpha: names and numbers are TF-A's and may move.
"""

from smccc_filter.smccc.registry.rows import Function

_SOURCE = "TFA include/services/firme/*.h"

# fmt: off
FUNCTIONS: tuple[Function, ...] = (
    Function("FIRME_SERVICE_VERSION",                None, 0xC4000400, "firme", "DEN0149", "1.0 (alpha)", "unverified", "firmware interface for RME: service version", _SOURCE, "high"),
    Function("FIRME_FEATURES",                       None, 0xC4000401, "firme", "DEN0149", "1.0 (alpha)", "unverified", "firmware interface for RME: features", _SOURCE, "high"),
    Function("FIRME_GM_GPI_SET",                     None, 0xC4000402, "firme", "DEN0149", "1.0 (alpha)", "unverified", "firmware interface for RME: gm gpi set", _SOURCE, "medium"),
    Function("FIRME_IDE_KM_KEYSET_PROG",             None, 0xC4000403, "firme", "DEN0149", "1.0 (alpha)", "unverified", "firmware interface for RME: ide km keyset prog", _SOURCE, "medium"),
    Function("FIRME_IDE_KM_KEYSET_GO",               None, 0xC4000404, "firme", "DEN0149", "1.0 (alpha)", "unverified", "firmware interface for RME: ide km keyset go", _SOURCE, "medium"),
    Function("FIRME_IDE_KM_KEYSET_STOP",             None, 0xC4000405, "firme", "DEN0149", "1.0 (alpha)", "unverified", "firmware interface for RME: ide km keyset stop", _SOURCE, "medium"),
    Function("FIRME_IDE_KM_KEYSET_POLL",             None, 0xC4000406, "firme", "DEN0149", "1.0 (alpha)", "unverified", "firmware interface for RME: ide km keyset poll", _SOURCE, "medium"),
    Function("FIRME_MEC_REFRESH",                    None, 0xC4000407, "firme", "DEN0149", "1.0 (alpha)", "unverified", "firmware interface for RME: mec refresh", _SOURCE, "medium"),
    Function("FIRME_ATTEST_PAT_GET",                 None, 0xC4000408, "firme", "DEN0149", "1.0 (alpha)", "unverified", "firmware interface for RME: attest pat get", _SOURCE, "medium"),
    Function("FIRME_ATTEST_RAK_GET",                 None, 0xC4000409, "firme", "DEN0149", "1.0 (alpha)", "unverified", "firmware interface for RME: attest rak get", _SOURCE, "medium"),
    Function("FIRME_ATTEST_RAT_SIGN",                None, 0xC400040A, "firme", "DEN0149", "1.0 (alpha)", "unverified", "firmware interface for RME: attest rat sign", _SOURCE, "medium"),
    Function("FIRME_ATTEST_PAT_EXT_CLAIMS_STAGE",    None, 0xC400040B, "firme", "DEN0149", "1.0 (alpha)", "unverified", "firmware interface for RME: attest pat ext claims stage", _SOURCE, "medium"),
    Function("FIRME_ATTEST_PAT_EXT_CLAIMS_CLEAR",    None, 0xC400040C, "firme", "DEN0149", "1.0 (alpha)", "unverified", "firmware interface for RME: attest pat ext claims clear", _SOURCE, "medium"),
    Function("FIRME_ATTEST_PAT_EXT_CLAIMS_FINALISE", None, 0xC400040D, "firme", "DEN0149", "1.0 (alpha)", "unverified", "firmware interface for RME: attest pat ext claims finalise", _SOURCE, "medium"),
    Function("FIRME_GM_L1_GPT_CREATE",               None, 0xC400040E, "firme", "DEN0149", "1.0 (alpha)", "unverified", "firmware interface for RME: gm l1 gpt create", _SOURCE, "medium"),
    Function("FIRME_GM_L1_GPT_DESTROY",              None, 0xC400040F, "firme", "DEN0149", "1.0 (alpha)", "unverified", "firmware interface for RME: gm l1 gpt destroy", _SOURCE, "medium"),
    Function("FIRME_IDEV_OP_START",                  None, 0xC4000410, "firme", "DEN0149", "1.0 (alpha)", "unverified", "firmware interface for RME: idev op start", _SOURCE, "medium"),
    Function("FIRME_IDEV_OP_CONTINUE",               None, 0xC4000411, "firme", "DEN0149", "1.0 (alpha)", "unverified", "firmware interface for RME: idev op continue", _SOURCE, "medium"),
    Function("FIRME_GM_GPI_OP_CONTINUE",             None, 0xC4000412, "firme", "DEN0149", "1.0 (alpha)", "unverified", "firmware interface for RME: gm gpi op continue", _SOURCE, "medium"),
)
# fmt: on
