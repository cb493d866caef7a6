"""Management Mode, Arm DEN0060, and TF-A's Secure Partition Manager for it.

TF-A numbered the partition manager's calls before FF-A was given the same block, so two of these IDs have an FF-A name
as well.
"""

from smccc_filter.smccc.registry.rows import Function

_SOURCE = "TFA spm_mm_svc.h"

# fmt: off
FUNCTIONS: tuple[Function, ...] = (
    # DEN0060
    Function("MM_VERSION",                  0x84000040, None,       "mm", "DEN0060", "1.0", "mandatory (medium)", "MM interface version", _SOURCE, "high"),
    Function("MM_COMMUNICATE",              0x84000041, 0xC4000041, "mm", "DEN0060", "1.0", "mandatory (medium)", "pass a message buffer to an MM handler", _SOURCE, "high"),
    # TF-A SPM-MM
    Function("SPM_MM_VERSION",              0x84000060, None,       "spm-mm", "TF-A SPM-MM", "0.1", "impl", "secure-side SPM version; shares 0x60-0x7F with FF-A", _SOURCE, "high"),
    Function("MM_SP_EVENT_COMPLETE",        None,       0xC4000061, "spm-mm", "TF-A SPM-MM", "0.1", "impl", "secure partition finished an event", _SOURCE, "high"),
    Function("MM_SP_MEMORY_ATTRIBUTES_GET", None,       0xC4000064, "spm-mm", "TF-A SPM-MM", "0.1", "impl", "read partition memory attributes", _SOURCE, "high"),
    Function("MM_SP_MEMORY_ATTRIBUTES_SET", None,       0xC4000065, "spm-mm", "TF-A SPM-MM", "0.1", "impl", "set partition memory attributes", _SOURCE, "high"),
)
# fmt: on
