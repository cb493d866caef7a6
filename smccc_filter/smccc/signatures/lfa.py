"""The calls of Live Firmware Activation that discover it, Arm DEN0147."""

from smccc_filter.smccc.signatures.shape import CallError, CallValue, Signature

# fmt: off

SIGNATURES: dict[str, Signature] = {
    "LFA_VERSION": Signature(
        arguments=(),
        results=(CallValue(0, "version", None, 64, "30:16 major, 15:0 minor: 0x00010000"),),
        errors=(CallError(-1, "NOT_SUPPORTED", "the function is not implemented"),),
        confidence="medium",
        sources=("TFA services/std_svc/lfa/lfa_main.c", "TFA include/services/lfa_svc.h (DEN0147)"),
        remarks=(("encoding", "yes: 0x00010000"), ("encoding", "no: -1")),
    ),
    "LFA_FEATURES": Signature(
        arguments=(CallValue(1, "lfa_func_id", None, 64, "full ID"),),
        results=(CallValue(0, "status", None, 64, "0: implemented"),),
        errors=(CallError(-1, "NOT_SUPPORTED", "absent"),),
        confidence="medium",
        sources=("TFA services/std_svc/lfa/lfa_main.c",),
        remarks=(("encoding", "yes: 0"), ("encoding", "no: -1")),
    ),
}
# fmt: on
