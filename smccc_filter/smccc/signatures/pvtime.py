"""Paravirtualised time, Arm DEN0057."""

from smccc_filter.smccc.signatures.shape import CallError, CallValue, Signature

# fmt: off

SIGNATURES: dict[str, Signature] = {
    "PV_TIME_FEATURES": Signature(
        arguments=(CallValue(1, "pv_call_id", None, 32, "full ID asked about: 0xC5000020 or 0xC5000021"),),
        results=(CallValue(0, "status", None, 64, "0 SUCCESS: supported"),),
        errors=(CallError(-1, "NOT_SUPPORTED", "not supported (for this vCPU)"),),
        confidence="high",
        sources=("L66 arch/arm64/kvm/pvtime.c", "L66 Documentation/virt/kvm/arm/pvtime.rst (DEN0057/A)"),
        remarks=(
            ("encoding", "yes: exactly 0"),
            ("encoding", "no: -1 (64 bits)"),
            ("note", "Linux asks SMCCC_ARCH_FEATURES(0xC5000020) first and needs exactly 0 from both."),
        ),
    ),
    "PV_TIME_ST": Signature(
        arguments=(),
        results=(
            CallValue(0, "ipa", None, 64, "IPA of the stolen-time structure of the calling vCPU, 64-byte aligned (KVM)"),
        ),
        errors=(CallError(-1, "NOT_SUPPORTED", "no stolen time for this vCPU"),),
        confidence="high",
        sources=("L66 arch/arm64/kvm/pvtime.c", "L66 Documentation/virt/kvm/arm/pvtime.rst"),
        remarks=(
            ("note", "DEN0057 also defines other PV-time calls (live physical time) that Linux dropped; their IDs were not found (unverified)."),
            ("structure", "16 bytes, little-endian: u32 revision = 0 at 0, u32 attributes = 0 at 4, u64 stolen nanoseconds at 8; counting starts with this call"),
        ),
    ),
}
# fmt: on
