"""The SMC Calling Convention's own calls, Arm DEN0028: the Arm Architecture range and every owner's general queries.

KVM reserves the architecture range, so that a policy cannot touch it; the rows are here because discovery starts in it.
"""

from smccc_filter.smccc.registry.rows import Function

_DECODER = "ESRDEC arm.rs"
_STD = "TFA std_svc.h; XEN vsmc.c"
_STD_HYP = "XEN xen/arch/arm/vsmc.c handle_hypervisor; GUN smccc.tc"
_STD_HYP_USERS = "used by Xen (UID a71812dc-c698-4369-9acf-79d18ddee667) and Gunyah"

# fmt: off
FUNCTIONS: tuple[Function, ...] = (
    # Arm Architecture range, owner 0
    Function("SMCCC_VERSION",                   0x80000000, None,       "arch", "DEN0028", "1.1", "mandatory from 1.1 (medium)", "SMCCC version: bits 30:16 major, 15:0 minor, bit 31 zero; NOT_SUPPORTED means 1.0", "TFA arm_arch_svc.h; XINO 7.2", "high"),
    Function("SMCCC_ARCH_FEATURES",             0x80000001, None,       "arch", "DEN0028", "1.1", "mandatory from 1.1 (medium)", "Reports whether an arch (OEN 0) or standard-hypervisor (OEN 5) function is implemented", "TFA; NOTE16 7.3 p.29-30; GUN smccc.c", "high"),
    Function("SMCCC_ARCH_SOC_ID",               0x80000002, 0xC0000002, "arch", "DEN0028", "1.2 (SMC32); SMC64 + name type 2 from 1.6", "optional", "type 0 SoC version (JEP-106), 1 revision, 2 name string of 136 bytes in X1-X17 (SMC64 only)", "TFA arm_arch_svc_setup.c; L73 drivers/firmware/smccc/soc_id.c; NOTE16 7.4", "high"),
    Function("SMCCC_ARCH_WORKAROUND_4",         0x80000004, None,       "arch", "DEN0028", "1.6 (inferred: documented in v1.6 section 7.9 p.41; TF-A added 2025-01)", "optional", "Discovery only: result 0 means a higher EL mitigates CVE-2024-7881; calling it has no effect", "TFA; NOTE16", "high"),
    Function("SMCCC_ARCH_WORKAROUND_3",         0x80003FFF, None,       "arch", "DEN0028", "1.4 list (ESRDEC); CVE-2022-23960", "optional", "Spectre-BHB mitigation on the calling PE", "TFA; L73", "high"),
    Function("SMCCC_ARCH_WORKAROUND_2",         0x80007FFF, None,       "arch", "DEN0028 (from DEN0070A)", "1.1/1.2", "optional", "Enable/disable CVE-2018-3639 (SSB) mitigation", "TFA; L73", "high"),
    Function("SMCCC_ARCH_WORKAROUND_1",         0x80008000, None,       "arch", "DEN0028 (from DEN0070A)", "1.1/1.2", "optional", "CVE-2017-5715 (Spectre-v2) mitigation on the calling PE", "TFA; L73", "high"),
    Function("ARCH_CALL_COUNT",                 0x8000FF00, None,       "arch", "DEN0028", "1.0", "deprecated from 1.2", "general query", _DECODER, "high"),
    Function("ARCH_CALL_UID",                   0x8000FF01, None,       "arch", "DEN0028", "1.0", "deprecated from 1.2", "general query", _DECODER, "high"),
    Function("ARCH_REVISION",                   0x8000FF03, None,       "arch", "DEN0028", "1.0", "deprecated from 1.2", "general query", _DECODER, "high"),
    Function("SMCCC_ARCH_FEATURE_AVAILABILITY", None,       0xC0000003, "arch", "DEN0028", "1.5 or later (NOTE16 says 1.5+)", "optional", "EL3 feature-enable bitmask for a selected EL3 register", "TFA (macro 0x80000003 but only the SMC64 ID is answered); XINO 7.8; NOTE16", "high", note="0x80000003 itself is not answered by TF-A; XINO header uses the SMC32 value, in conflict"),
    # Standard Secure range, owner 4
    Function("STD_SVC_CALL_COUNT",              0x8400FF00, None,       "std", "DEN0028", "1.0", "call count deprecated from 1.2", "standard secure service general query", _STD, "high"),
    Function("STD_SVC_UID",                     0x8400FF01, None,       "std", "DEN0028", "1.0", "general query", "standard secure service general query", _STD, "high"),
    Function("STD_SVC_VERSION",                 0x8400FF03, None,       "std", "DEN0028", "1.0", "general query", "standard secure service general query", _STD, "high"),
    # Standard Hypervisor range, owner 5
    Function("STD_HYP_CALL_COUNT",              0x8500FF00, None,       "std-hyp", "DEN0028", "1.0", "call count deprecated from 1.2", _STD_HYP_USERS, _STD_HYP, "high"),
    Function("STD_HYP_CALL_UID",                0x8500FF01, None,       "std-hyp", "DEN0028", "1.0", "general query", _STD_HYP_USERS, _STD_HYP, "high"),
    Function("STD_HYP_REVISION",                0x8500FF03, None,       "std-hyp", "DEN0028", "1.0", "general query", _STD_HYP_USERS, _STD_HYP, "high"),
    # Vendor Specific Hypervisor range, owner 6
    Function("VENDOR_HYP_CALL_COUNT",           0x8600FF00, None,       "vendor-hyp", "DEN0028", "1.0", "deprecated from 1.2", "general query (not implemented by KVM)", "ESRDEC", "high"),
    Function("VENDOR_HYP_CALL_UID",             0x8600FF01, None,       "vendor-hyp", "DEN0028", "1.0", "general query", "identifies the hypervisor; KVM UID 28b46fb6-2ec5-11e9-a9ca-4b564d003a74 = X0..X3 0xb66fb428 0xe911c52e 0x564bcaa9 0x743a004d", "L73, L612 arm-smccc.h", "high"),
    Function("VENDOR_HYP_REVISION",             0x8600FF03, None,       "vendor-hyp", "DEN0028", "1.0", "general query", "general query (not implemented by KVM)", "ESRDEC", "high"),
)
# fmt: on
