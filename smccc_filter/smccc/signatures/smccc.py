"""The SMC Calling Convention's own calls, Arm DEN0028.

KVM keeps the Arm Architecture range to itself: a filter forwards the other owners' general queries alone.
"""

from smccc_filter.smccc.signatures.shape import CallError, CallValue, Signature

# fmt: off
_ARCH = ("TFA services/arm_arch_svc/arm_arch_svc_setup.c", "L613 arch/arm64/kvm/hypercalls.c", "RFA src/services/arch.rs")
_QUERIES = ("TFA services/std_svc/std_svc_setup.c", "TFA include/lib/smccc.h SMC_UUID_RET", "ESRDEC src/smccc (after DEN0028E)")
_ABSENT = CallError(-1, "NOT_SUPPORTED", "absent")
_NO_QUERY = CallError(-1, "NOT_SUPPORTED", "query not implemented")
_NO_UID = CallError(-1, "NOT_SUPPORTED", "no such service; a UUID whose first word is 0xFFFFFFFF is therefore not allowed")
_NO_SERVICE = CallError(-1, "NOT_SUPPORTED", "no such service")
_COUNT = CallValue(0, "count", 32, None, "number of calls of the service, unsigned")
_UID_0_3 = CallValue(0, "uid_0_3", 32, None, "bytes 0-3 of the UUID, lowest byte in bits 7:0; bits 63:32 zero")
_UID_4_7 = CallValue(1, "uid_4_7", 32, None, "bytes 4-7 of the UUID, lowest byte in bits 7:0; bits 63:32 zero")
_UID_8_11 = CallValue(2, "uid_8_11", 32, None, "bytes 8-11 of the UUID, lowest byte in bits 7:0; bits 63:32 zero")
_UID_12_15 = CallValue(3, "uid_12_15", 32, None, "bytes 12-15 of the UUID, lowest byte in bits 7:0; bits 63:32 zero")
_MAJOR = CallValue(0, "major", 32, None, "major revision")
_MINOR = CallValue(1, "minor", 32, None, "minor revision")

SIGNATURES: dict[str, Signature] = {
    "SMCCC_VERSION": Signature(
        arguments=(),
        results=(CallValue(0, "version", 32, None, "bit 31 zero, 30:16 major, 15:0 minor; KVM 0x00010001"),),
        errors=(CallError(-1, "NOT_SUPPORTED", "SMCCC 1.0"),),
        confidence="high",
        sources=_ARCH,
        remarks=(
            ("encoding", "yes: major<<16|minor"),
            ("encoding", "no: -1 reads as SMCCC 1.0"),
            ("note", "KVM reserves owner 0: a filter cannot forward this call; KVM answers it."),
        ),
    ),
    "SMCCC_ARCH_FEATURES": Signature(
        arguments=(
            CallValue(1, "arch_func_id", 32, None, "full ID of an arch call (0x8000xxxx, 0xC000xxxx), or of a standard-hypervisor one (PV_TIME_FEATURES)"),
        ),
        results=(
            CallValue(0, "answer", 32, None, "negative: absent; 0 or more: present, meaning depends on the call"),
        ),
        errors=(
            _ABSENT,
            CallError(-2, "NOT_REQUIRED", "WORKAROUND_2 only: nothing to do"),
        ),
        confidence="high",
        sources=_ARCH,
        remarks=(
            ("encoding", "yes: 0 for VERSION, FEATURES, SOC_ID, FEATURE_AVAILABILITY, PV_TIME_FEATURES; WORKAROUND_1 and 3: 0 call needed, 1 safe but not needed on this core; WORKAROUND_2: 0 dynamic, 1 not needed on this core, -2 not required on any; WORKAROUND_4: 0 mitigated by firmware"),
            ("encoding", "no: -1"),
            ("note", "KVM reserves owner 0: a filter cannot forward this call; KVM answers it. It says -1 even for SMCCC_VERSION and itself, where DEN0028 wants 0."),
        ),
    ),
    "SMCCC_ARCH_SOC_ID": Signature(
        arguments=(CallValue(1, "soc_id_type", 32, 32, "0 version, 1 revision, 2 name (SMC64 only)"),),
        results=(
            CallValue(0, "value_or_status", 32, 64, "type 0: bit 31 zero, 30:24 JEP-106 bank, 23:16 JEP-106 code, 15:0 SoC; type 1: 30:0 revision; type 2: 0"),
            CallValue(1, "name", None, 64, "type 2: 136 bytes of ASCII, zero-terminated, first byte in bits 7:0 of X1", span=17),
        ),
        errors=(
            CallError(-1, "NOT_SUPPORTED", "not implemented"),
            CallError(-3, "INVALID_PARAMETER", "unknown type"),
        ),
        confidence="high",
        sources=(
            "TFA services/arm_arch_svc/arm_arch_svc_setup.c",
            "RFA src/services/arch.rs",
            "SMCCCRS src/arch/error.rs",
        ),
        remarks=(
            ("note", "KVM reserves owner 0: a filter cannot forward this call; KVM answers it. Field split of type 0 from drivers/firmware/smccc/soc_id.c (registry)."),
        ),
    ),
    "SMCCC_ARCH_FEATURE_AVAILABILITY": Signature(
        arguments=(
            CallValue(1, "system_register", None, 64, "EL3 register by its encoding: SCR_EL3, CPTR_EL3, MDCR_EL3, MPAM3_EL3"),
        ),
        results=(
            CallValue(0, "status", None, 64, "0 SUCCESS"),
            CallValue(1, "bitmask", None, 64, "features enabled, one bit per field of the register; 0 on error"),
        ),
        errors=(
            CallError(-4, "INVALID_PARAM", "unknown register (TF-A uses -4; DEN0028 would be -3)", "unverified"),
            CallError(-1, "NOT_SUPPORTED", "the function is not implemented"),
        ),
        confidence="medium",
        sources=("TFA services/arm_arch_svc/arm_arch_svc_setup.c",),
        remarks=(("note", "KVM reserves owner 0: a filter cannot forward this call; KVM answers it."),),
    ),
    "SMCCC_ARCH_WORKAROUND_4": Signature(
        arguments=(),
        results=(),
        errors=(_ABSENT,),
        confidence="medium",
        sources=("TFA services/arm_arch_svc/arm_arch_svc_setup.c", "RFA src/services/arch.rs"),
        remarks=(
            ("note", "KVM reserves owner 0: a filter cannot forward this call; KVM answers it. Discovery only."),
        ),
    ),
    "SMCCC_ARCH_WORKAROUND_3": Signature(
        arguments=(),
        results=(),
        errors=(_ABSENT,),
        confidence="high",
        sources=_ARCH,
        remarks=(("note", "KVM reserves owner 0: a filter cannot forward this call; KVM answers it."),),
    ),
    "SMCCC_ARCH_WORKAROUND_2": Signature(
        arguments=(CallValue(1, "enable", 32, None, "0 mitigation off, nonzero on"),),
        results=(),
        errors=(_ABSENT,),
        confidence="high",
        sources=(
            "TFA services/arm_arch_svc/arm_arch_svc_setup.c",
            "RFA src/services/arch.rs",
            "SMCCCRS src/arch/calls.rs",
        ),
        remarks=(("note", "KVM reserves owner 0: a filter cannot forward this call; KVM answers it."),),
    ),
    "SMCCC_ARCH_WORKAROUND_1": Signature(
        arguments=(),
        results=(),
        errors=(_ABSENT,),
        confidence="high",
        sources=_ARCH,
        remarks=(
            ("note", "KVM reserves owner 0: a filter cannot forward this call; KVM answers it."),
            ("preserves", "no result register is written: X0-X3 as SMCCC allows, all else unchanged"),
        ),
    ),
    "ARCH_CALL_COUNT": Signature(
        arguments=(),
        results=(_COUNT,),
        errors=(_NO_QUERY,),
        confidence="medium",
        sources=_QUERIES,
    ),
    "ARCH_CALL_UID": Signature(
        arguments=(),
        results=(_UID_0_3, _UID_4_7, _UID_8_11, _UID_12_15),
        errors=(_NO_UID,),
        confidence="medium",
        sources=_QUERIES,
        remarks=(("encoding", "yes: four words"), ("encoding", "no: X0 = -1")),
    ),
    "ARCH_REVISION": Signature(
        arguments=(),
        results=(_MAJOR, _MINOR),
        errors=(_NO_SERVICE,),
        confidence="medium",
        sources=_QUERIES,
        remarks=(("note", "Two registers, unlike the VERSION calls of the services."),),
    ),
    "STD_SVC_CALL_COUNT": Signature(
        arguments=(),
        results=(_COUNT,),
        errors=(_NO_QUERY,),
        confidence="high",
        sources=_QUERIES,
    ),
    "STD_SVC_UID": Signature(
        arguments=(),
        results=(_UID_0_3, _UID_4_7, _UID_8_11, _UID_12_15),
        errors=(_NO_UID,),
        confidence="high",
        sources=_QUERIES,
        remarks=(("encoding", "yes: four words"), ("encoding", "no: X0 = -1")),
    ),
    "STD_SVC_VERSION": Signature(
        arguments=(),
        results=(_MAJOR, _MINOR),
        errors=(_NO_SERVICE,),
        confidence="high",
        sources=_QUERIES,
        remarks=(("note", "Two registers, unlike the VERSION calls of the services."),),
    ),
    "STD_HYP_CALL_COUNT": Signature(
        arguments=(),
        results=(_COUNT,),
        errors=(_NO_QUERY,),
        confidence="medium",
        sources=_QUERIES,
    ),
    "STD_HYP_CALL_UID": Signature(
        arguments=(),
        results=(_UID_0_3, _UID_4_7, _UID_8_11, _UID_12_15),
        errors=(_NO_UID,),
        confidence="medium",
        sources=_QUERIES,
        remarks=(("encoding", "yes: four words"), ("encoding", "no: X0 = -1")),
    ),
    "STD_HYP_REVISION": Signature(
        arguments=(),
        results=(_MAJOR, _MINOR),
        errors=(_NO_SERVICE,),
        confidence="medium",
        sources=_QUERIES,
        remarks=(("note", "Two registers, unlike the VERSION calls of the services."),),
    ),
    "VENDOR_HYP_CALL_COUNT": Signature(
        arguments=(),
        results=(_COUNT,),
        errors=(_NO_QUERY,),
        confidence="medium",
        sources=_QUERIES,
    ),
    "VENDOR_HYP_CALL_UID": Signature(
        arguments=(),
        results=(
            CallValue(0, "uid_0_3", 32, None, "bytes 0-3 of the UID, lowest byte in bits 7:0"),
            CallValue(1, "uid_4_7", 32, None, "bytes 4-7 of the UID, lowest byte in bits 7:0"),
            CallValue(2, "uid_8_11", 32, None, "bytes 8-11 of the UID, lowest byte in bits 7:0"),
            CallValue(3, "uid_12_15", 32, None, "bytes 12-15 of the UID, lowest byte in bits 7:0"),
        ),
        errors=(CallError(-1, "NOT_SUPPORTED", "no vendor hypervisor service"),),
        confidence="high",
        sources=(
            "L66 include/linux/arm-smccc.h",
            "L613 arch/arm64/kvm/hypercalls.c",
            "OPENVMM vmm_core/virt_hvf/src/lib.rs handle_vendor_hyp",
        ),
        remarks=(
            ("encoding", "yes: KVM 28b46fb6-2ec5-11e9-a9ca-4b564d003a74: X0 0xB66FB428, X1 0xE911C52E, X2 0x564BCAA9, X3 0x743A004D"),
            ("encoding", "no: X0 = -1"),
            ("note", "Bits 63:32 zero. Linux compares all four words before it trusts 0x86000000."),
        ),
    ),
    "VENDOR_HYP_REVISION": Signature(
        arguments=(),
        results=(_MAJOR, _MINOR),
        errors=(_NO_SERVICE,),
        confidence="medium",
        sources=_QUERIES,
        remarks=(("note", "Two registers, unlike the VERSION calls of the services."),),
    ),
}
# fmt: on
