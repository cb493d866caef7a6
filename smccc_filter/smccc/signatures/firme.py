"""The calls of the Firmware Interfaces for RME that discover them, Arm DEN0149."""

from smccc_filter.smccc.signatures.shape import CallError, CallValue, Signature

# fmt: off

SIGNATURES: dict[str, Signature] = {
    "FIRME_SERVICE_VERSION": Signature(
        arguments=(CallValue(1, "service_id", None, 64, "7:0: 0 base, others per service"),),
        results=(CallValue(0, "version", None, 64, "bit 31 zero, 30:16 major, 15:0 minor"),),
        errors=(CallError(-1, "NOT_SUPPORTED", "unknown service"),),
        confidence="medium",
        sources=(
            "TFA include/services/firme_svc.h",
            "TFA services/std_svc/firme/firme_base_service.c (DEN0149)",
        ),
        remarks=(("encoding", "yes: version"), ("encoding", "no: -1")),
    ),
    "FIRME_FEATURES": Signature(
        arguments=(
            CallValue(1, "service_id", None, 64, "7:0"),
            CallValue(2, "register_index", None, 64, "7:0"),
        ),
        results=(
            CallValue(0, "status", None, 64, "0 SUCCESS"),
            CallValue(1, "feature_register", None, 64, "base register 0: bit 0 VERSION, bit 1 FEATURES; base register 1: 1:0 minimum shared buffer, 15:2 pages, 31:16 services"),
        ),
        errors=(
            CallError(-1, "NOT_SUPPORTED", "unknown service or register"),
            CallError(-2, "INVALID_PARAMETERS", "bad input"),
        ),
        confidence="medium",
        sources=("TFA services/std_svc/firme/firme_base_service.c",),
        remarks=(
            ("encoding", "yes: X0 = 0 and the register in X1"),
            ("encoding", "no: -1"),
            ("note", "The comment in TF-A shows one argument (index), the code takes two."),
        ),
    ),
}
# fmt: on
