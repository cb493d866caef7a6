"""Trusted Firmware-A's own calls: CPU service, vendor EL3 monitor, Arm platforms' SiP range and the test payload.

None of them is a standard: another firmware may give the same ID another meaning.
"""

from smccc_filter.smccc.registry.rows import Function

_VEN_EL3_SPEC = "TF-A docs/components/ven-el3-service.rst"
_VEN_EL3 = "TF-A vendor EL3 sub-service"
_SIP_SPEC = "TF-A arm_sip_svc.h"
_SIP = "Arm platforms SiP example"
_SIP_SOURCE = "TFA include/plat/arm/common/arm_sip_svc.h"

# fmt: off
FUNCTIONS: tuple[Function, ...] = (
    # CPU service, owner 1
    Function("CPU_WORKAROUND_4193714",       0x81000010, None,       "cpu", "Arm C1-Pro erratum 4193714 / CVE-2026-0995", "TF-A 2025-11; Linux between 6.12.117 and 7.3.4", "impl", "make all affected CPUs complete SME accesses (DVMSync); called by the host kernel/pKVM via SMC", "TFA cpu_svc.h; L73 include/linux/arm-smccc.h", "high"),
    Function("CPU_SVC_UID",                  0x8100FF01, None,       "cpu", "TF-A", "TF-A CPU service 1.0", "impl", "UID of the CPU service", "TFA include/services/cpu_svc.h", "high"),
    Function("CPU_SVC_VERSION",              0x8100FF03, None,       "cpu", "TF-A", "TF-A CPU service 1.0", "impl", "revision of the CPU service", "TFA cpu_svc.h", "high"),
    # SiP service of Arm platforms, owner 2
    Function("ARM_SIP_PMF_GET_TIMESTAMP",    0x82000010, 0xC2000010, "sip-arm", _SIP_SPEC, "-", "deprecated", "moved to OEN 7", "TFA arm_sip_svc.h", "high"),
    Function("ARM_SIP_SVC_EXE_STATE_SWITCH", 0x82000020, None,       "sip-arm", _SIP_SPEC, "-", "impl", _SIP, _SIP_SOURCE, "high"),
    Function("ARM_SIP_SVC_CALL_COUNT",       0x8200FF00, None,       "sip-arm", _SIP_SPEC, "-", "impl", _SIP, _SIP_SOURCE, "high"),
    Function("ARM_SIP_SVC_UID",              0x8200FF01, None,       "sip-arm", _SIP_SPEC, "-", "impl", _SIP, _SIP_SOURCE, "high"),
    Function("ARM_SIP_SVC_VERSION",          0x8200FF03, None,       "sip-arm", _SIP_SPEC, "-", "impl", _SIP, _SIP_SOURCE, "high"),
    # Vendor Specific EL3 Monitor, owner 7
    Function("VEN_EL3_DEBUGFS",              0x87000010, 0xC7000010, "ven-el3", _VEN_EL3_SPEC, "1.0", "impl", _VEN_EL3, "TFA", "high", last=0x1F),
    Function("VEN_EL3_PMF_GET_TIMESTAMP",    0x87000020, 0xC7000020, "ven-el3", _VEN_EL3_SPEC, "1.0", "impl", _VEN_EL3, "TFA", "high", last=0x2F),
    Function("VEN_EL3_ACS_HANDLER",          0x87000030, 0xC7000030, "ven-el3", _VEN_EL3_SPEC, "1.1", "impl", _VEN_EL3, "TFA", "high", last=0x3F),
    Function("VEN_EL3_TPM_START",            0x87000040, 0xC7000040, "ven-el3", _VEN_EL3_SPEC, "1.2", "impl", _VEN_EL3, "TFA", "high", last=0x4F),
    Function("VEN_EL3_SVC_UID",              0x8700FF01, None,       "ven-el3", "TF-A", "1.0", "general query", "UID of the EL3 monitor vendor", "TFA ven_el3_svc.h", "high"),
    Function("VEN_EL3_SVC_VERSION",          0x8700FF03, None,       "ven-el3", "TF-A", "1.0 (now 1.2)", "general query", "revision", "TFA ven_el3_svc.h", "high"),
    # Test secure payload
    Function("TSP_FID_RESUME",               None,       None,       "tsp", "TF-A tsp.h", "-", "impl", "TF-A test secure payload; yielding base 0x72000000, fast base 0xF2000000", "TFA include/bl32/tsp/tsp.h", "high", yielding=0x72003000),
)
# fmt: on
