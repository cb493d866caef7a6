"""The calls of the Firmware Framework for A-profile that set it up, Arm DEN0077.

An error is in X2, and X0 holds ``FFA_ERROR``; ``FFA_VERSION`` alone answers plainly.
"""

from smccc_filter.smccc.signatures.shape import CallError, CallValue, Signature

# fmt: off
_FUNCTION = CallValue(0, "function", 32, None, "0x84000061 FFA_SUCCESS")
_RESERVED = CallValue(1, "", 32, None, "zero")
_NOT_SUPPORTED = CallError(-1, "NOT_SUPPORTED", "absent", register=2, with_x0=0x84000060)

SIGNATURES: dict[str, Signature] = {
    "FFA_VERSION": Signature(
        arguments=(
            CallValue(1, "input_version", 32, None, "version of the caller: bit 31 zero, 30:16 major, 15:0 minor"),
        ),
        results=(CallValue(0, "version", 32, None, "version of the callee, same layout; 1.2 = 0x00010002"),),
        errors=(CallError(-1, "NOT_SUPPORTED", "major incompatible, or no FF-A"),),
        confidence="high",
        sources=(
            "L613 arch/arm64/kvm/hyp/nvhe/ffa.c do_ffa_version",
            "L66 drivers/firmware/arm_ffa/driver.c ffa_version_check",
            "TFA include/services/ffa_svc.h",
        ),
        remarks=(
            ("encoding", "yes: plain version in X0, NOT FFA_SUCCESS"),
            ("encoding", "no: plain -1 in X0, NOT FFA_ERROR"),
        ),
    ),
    "FFA_FEATURES": Signature(
        arguments=(
            CallValue(1, "id", 32, None, "bit 31 set: FF-A function ID; clear: feature ID in 7:0"),
            CallValue(2, "input_properties", 32, None, "zero for most"),
        ),
        results=(
            _FUNCTION,
            _RESERVED,
            CallValue(2, "interface_properties", 32, None, "per function; RXTX_MAP: bits 1:0 minimum buffer 0 4K, 1 64K, 2 16K"),
            CallValue(3, "more_properties", 32, None, "per function"),
        ),
        errors=(
            _NOT_SUPPORTED,
            CallError(-2, "INVALID_PARAMETERS", "bad input", register=2, with_x0=0x84000060),
        ),
        confidence="high",
        sources=(
            "L613 arch/arm64/kvm/hyp/nvhe/ffa.c do_ffa_features, ffa_to_smccc_res_prop",
            "L66 include/linux/arm_ffa.h",
            "TFA include/services/ffa_svc.h",
        ),
        remarks=(("encoding", "yes: X0 = 0x84000061"), ("encoding", "no: X0 = 0x84000060 with X2 = -1")),
    ),
    "FFA_ID_GET": Signature(
        arguments=(),
        results=(
            _FUNCTION,
            _RESERVED,
            CallValue(2, "id", 32, None, "15:0 endpoint ID of the caller"),
        ),
        errors=(_NOT_SUPPORTED,),
        confidence="high",
        sources=("L66 drivers/firmware/arm_ffa/driver.c", "TFA include/services/ffa_svc.h"),
        remarks=(("note", "X3-X7 zero. Linux on KVM never asks: it needs SMCCC 1.2, KVM says 1.1."),),
    ),
}
# fmt: on
