"""Firmware Framework for A-profile, Arm DEN0077.

Which calls an endpoint must offer depends on where it runs, so no row says that a call is mandatory.
"""

from smccc_filter.smccc.registry.rows import Function

_SOURCE = "TFA include/services/ffa_svc.h; HAF; L73 include/linux/arm_ffa.h"
_REQUIRED = "depends on FF-A instance (unverified)"
_DRAFT = "1.0 draft; in Linux header and ESRDEC, not in TF-A/Hafnium"

# fmt: off
FUNCTIONS: tuple[Function, ...] = (
    Function("FFA_ERROR",                       0x84000060, 0xC4000060, "ffa", "DEN0077", "1.0", _REQUIRED, "FF-A interface error", _SOURCE, "high"),
    Function("FFA_SUCCESS",                     0x84000061, 0xC4000061, "ffa", "DEN0077", "1.0", _REQUIRED, "FF-A interface success", _SOURCE, "high"),
    Function("FFA_INTERRUPT",                   0x84000062, None,       "ffa", "DEN0077", "1.0", _REQUIRED, "FF-A interface interrupt", _SOURCE, "high"),
    Function("FFA_VERSION",                     0x84000063, None,       "ffa", "DEN0077", "1.0", _REQUIRED, "FF-A interface version", _SOURCE, "high"),
    Function("FFA_FEATURES",                    0x84000064, None,       "ffa", "DEN0077", "1.0", _REQUIRED, "FF-A interface features", _SOURCE, "high"),
    Function("FFA_RX_RELEASE",                  0x84000065, None,       "ffa", "DEN0077", "1.0", _REQUIRED, "FF-A interface rx release", _SOURCE, "high"),
    Function("FFA_RXTX_MAP",                    0x84000066, 0xC4000066, "ffa", "DEN0077", "1.0", _REQUIRED, "FF-A interface rxtx map", _SOURCE, "high"),
    Function("FFA_RXTX_UNMAP",                  0x84000067, None,       "ffa", "DEN0077", "1.0", _REQUIRED, "FF-A interface rxtx unmap", _SOURCE, "high"),
    Function("FFA_PARTITION_INFO_GET",          0x84000068, None,       "ffa", "DEN0077", "1.0", _REQUIRED, "FF-A interface partition info get", _SOURCE, "high"),
    Function("FFA_ID_GET",                      0x84000069, None,       "ffa", "DEN0077", "1.0", _REQUIRED, "FF-A interface id get", _SOURCE, "high"),
    Function("FFA_MSG_POLL",                    0x8400006A, None,       "ffa", "DEN0077", "1.0 (legacy)", _REQUIRED, "FF-A interface msg poll", _SOURCE, "high"),
    Function("FFA_MSG_WAIT",                    0x8400006B, None,       "ffa", "DEN0077", "1.0", _REQUIRED, "FF-A interface msg wait", _SOURCE, "high"),
    Function("FFA_YIELD",                       0x8400006C, None,       "ffa", "DEN0077", "1.0", _REQUIRED, "FF-A interface yield", _SOURCE, "high"),
    Function("FFA_RUN",                         0x8400006D, None,       "ffa", "DEN0077", "1.0", _REQUIRED, "FF-A interface run", _SOURCE, "high"),
    Function("FFA_MSG_SEND",                    0x8400006E, None,       "ffa", "DEN0077", "1.0 (legacy)", _REQUIRED, "FF-A interface msg send", _SOURCE, "high"),
    Function("FFA_MSG_SEND_DIRECT_REQ",         0x8400006F, 0xC400006F, "ffa", "DEN0077", "1.0", _REQUIRED, "FF-A interface msg send direct req", _SOURCE, "high"),
    Function("FFA_MSG_SEND_DIRECT_RESP",        0x84000070, 0xC4000070, "ffa", "DEN0077", "1.0", _REQUIRED, "FF-A interface msg send direct resp", _SOURCE, "high"),
    Function("FFA_MEM_DONATE",                  0x84000071, 0xC4000071, "ffa", "DEN0077", "1.0", _REQUIRED, "FF-A interface mem donate", _SOURCE, "high"),
    Function("FFA_MEM_LEND",                    0x84000072, 0xC4000072, "ffa", "DEN0077", "1.0", _REQUIRED, "FF-A interface mem lend", _SOURCE, "high"),
    Function("FFA_MEM_SHARE",                   0x84000073, 0xC4000073, "ffa", "DEN0077", "1.0", _REQUIRED, "FF-A interface mem share", _SOURCE, "high"),
    Function("FFA_MEM_RETRIEVE_REQ",            0x84000074, 0xC4000074, "ffa", "DEN0077", "1.0", _REQUIRED, "FF-A interface mem retrieve req", _SOURCE, "high"),
    Function("FFA_MEM_RETRIEVE_RESP",           0x84000075, None,       "ffa", "DEN0077", "1.0", _REQUIRED, "FF-A interface mem retrieve resp", _SOURCE, "high"),
    Function("FFA_MEM_RELINQUISH",              0x84000076, None,       "ffa", "DEN0077", "1.0", _REQUIRED, "FF-A interface mem relinquish", _SOURCE, "high"),
    Function("FFA_MEM_RECLAIM",                 0x84000077, None,       "ffa", "DEN0077", "1.0", _REQUIRED, "FF-A interface mem reclaim", _SOURCE, "high"),
    Function("FFA_MEM_OP_PAUSE",                0x84000078, None,       "ffa", "DEN0077", _DRAFT, _REQUIRED, "FF-A interface mem op pause", _SOURCE, "high"),
    Function("FFA_MEM_OP_RESUME",               0x84000079, None,       "ffa", "DEN0077", _DRAFT, _REQUIRED, "FF-A interface mem op resume", _SOURCE, "high"),
    Function("FFA_MEM_FRAG_RX",                 0x8400007A, None,       "ffa", "DEN0077", "1.0", _REQUIRED, "FF-A interface mem frag rx", _SOURCE, "high"),
    Function("FFA_MEM_FRAG_TX",                 0x8400007B, None,       "ffa", "DEN0077", "1.0", _REQUIRED, "FF-A interface mem frag tx", _SOURCE, "high"),
    Function("FFA_NORMAL_WORLD_RESUME",         0x8400007C, None,       "ffa", "DEN0077", "1.0", _REQUIRED, "FF-A interface normal world resume", _SOURCE, "high"),
    Function("FFA_NOTIFICATION_BITMAP_CREATE",  0x8400007D, None,       "ffa", "DEN0077", "1.1", _REQUIRED, "FF-A interface notification bitmap create", _SOURCE, "high"),
    Function("FFA_NOTIFICATION_BITMAP_DESTROY", 0x8400007E, None,       "ffa", "DEN0077", "1.1", _REQUIRED, "FF-A interface notification bitmap destroy", _SOURCE, "high"),
    Function("FFA_NOTIFICATION_BIND",           0x8400007F, None,       "ffa", "DEN0077", "1.1", _REQUIRED, "FF-A interface notification bind", _SOURCE, "high"),
    Function("FFA_NOTIFICATION_UNBIND",         0x84000080, None,       "ffa", "DEN0077", "1.1", _REQUIRED, "FF-A interface notification unbind", _SOURCE, "high"),
    Function("FFA_NOTIFICATION_SET",            0x84000081, None,       "ffa", "DEN0077", "1.1", _REQUIRED, "FF-A interface notification set", _SOURCE, "high"),
    Function("FFA_NOTIFICATION_GET",            0x84000082, None,       "ffa", "DEN0077", "1.1", _REQUIRED, "FF-A interface notification get", _SOURCE, "high"),
    Function("FFA_NOTIFICATION_INFO_GET",       0x84000083, 0xC4000083, "ffa", "DEN0077", "1.1", _REQUIRED, "FF-A interface notification info get", _SOURCE, "high"),
    Function("FFA_RX_ACQUIRE",                  0x84000084, None,       "ffa", "DEN0077", "1.1", _REQUIRED, "FF-A interface rx acquire", _SOURCE, "high"),
    Function("FFA_SPM_ID_GET",                  0x84000085, None,       "ffa", "DEN0077", "1.1", _REQUIRED, "FF-A interface spm id get", _SOURCE, "high"),
    Function("FFA_MSG_SEND2",                   0x84000086, None,       "ffa", "DEN0077", "1.1", _REQUIRED, "FF-A interface msg send2", _SOURCE, "high"),
    Function("FFA_SECONDARY_EP_REGISTER",       0x84000087, 0xC4000087, "ffa", "DEN0077", "1.1 (SMC32 form only in Linux header)", _REQUIRED, "FF-A interface secondary ep register", _SOURCE, "high"),
    Function("FFA_MEM_PERM_GET",                0x84000088, 0xC4000088, "ffa", "DEN0077", "1.1", _REQUIRED, "FF-A interface mem perm get", _SOURCE, "high"),
    Function("FFA_MEM_PERM_SET",                0x84000089, 0xC4000089, "ffa", "DEN0077", "1.1", _REQUIRED, "FF-A interface mem perm set", _SOURCE, "high"),
    Function("FFA_CONSOLE_LOG",                 0x8400008A, 0xC400008A, "ffa", "DEN0077", "1.2", _REQUIRED, "FF-A interface console log", _SOURCE, "high"),
    Function("FFA_EL3_INTR_HANDLE",             0x8400008C, None,       "ffa", "DEN0077", "1.2", _REQUIRED, "FF-A interface el3 intr handle", _SOURCE, "high"),
    Function("FFA_ABORT",                       0x84000090, 0xC4000090, "ffa", "DEN0077", "1.3 ALP2", _REQUIRED, "FF-A interface abort", _SOURCE, "high"),
    Function("FFA_PARTITION_INFO_GET_REGS",     None,       0xC400008B, "ffa", "DEN0077", "1.2", _REQUIRED, "FF-A interface partition info get regs", _SOURCE, "high"),
    Function("FFA_MSG_SEND_DIRECT_REQ2",        None,       0xC400008D, "ffa", "DEN0077", "1.2", _REQUIRED, "FF-A interface msg send direct req2", _SOURCE, "high"),
    Function("FFA_MSG_SEND_DIRECT_RESP2",       None,       0xC400008E, "ffa", "DEN0077", "1.2", _REQUIRED, "FF-A interface msg send direct resp2", _SOURCE, "high"),
    Function("FFA_NS_RES_INFO_GET",             None,       0xC400008F, "ffa", "DEN0077", "1.3 (HAF; TF-A header lists it under 1.2, TF-A 2.14 notes say 1.3)", _REQUIRED, "FF-A interface ns res info get", _SOURCE, "high"),
    Function("FFA_NOTIFICATION_BIND2",          None,       0xC4000094, "ffa", "DEN0077", "1.3", _REQUIRED, "FF-A interface notification bind2", _SOURCE, "high"),
    Function("FFA_NOTIFICATION_UNBIND2",        None,       0xC4000095, "ffa", "DEN0077", "1.3", _REQUIRED, "FF-A interface notification unbind2", _SOURCE, "high"),
    Function("FFA_NOTIFICATION_SET2",           None,       0xC4000096, "ffa", "DEN0077", "1.3", _REQUIRED, "FF-A interface notification set2", _SOURCE, "high"),
    Function("FFA_NOTIFICATION_GET2",           None,       0xC4000097, "ffa", "DEN0077", "1.3", _REQUIRED, "FF-A interface notification get2", _SOURCE, "high"),
)
# fmt: on
