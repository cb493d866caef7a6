"""Errata management firmware interface, Arm DEN0100."""

from smccc_filter.smccc.signatures.shape import CallError, CallValue, Signature

# fmt: off
_SOURCES = ("TFA services/std_svc/errata_abi/errata_abi_main.c", "TFA include/services/errata_abi_svc.h", "RFA src/services/errata_management.rs")
_NOT_SUPPORTED = CallError(-1, "NOT_SUPPORTED", "the function is not implemented")

SIGNATURES: dict[str, Signature] = {
    "EM_VERSION": Signature(
        arguments=(),
        results=(CallValue(0, "version", 32, None, "0x00010000"),),
        errors=(_NOT_SUPPORTED,),
        confidence="high",
        sources=_SOURCES,
        remarks=(("encoding", "yes: major<<16|minor"), ("encoding", "no: -1")),
    ),
    "EM_FEATURES": Signature(
        arguments=(CallValue(1, "em_func_id", 32, None, "full ID"),),
        results=(CallValue(0, "flags", 32, None, "0: implemented"),),
        errors=(CallError(-1, "NOT_SUPPORTED", "the function asked about is absent"),),
        confidence="high",
        sources=_SOURCES,
        remarks=(("encoding", "yes: 0"), ("encoding", "no: -1")),
    ),
    "EM_CPU_ERRATUM_FEATURES": Signature(
        arguments=(
            CallValue(1, "cpu_erratum_id", 32, None, "erratum number"),
            CallValue(2, "forward_flag", 32, None, "1 only from EL2 on behalf of EL1; 0 else"),
            CallValue(3, "", 32, None, "zero", span=5),
        ),
        results=(
            CallValue(0, "state", 32, None, "3 HIGHER_EL_MITIGATION, 2 NOT_AFFECTED, 1 AFFECTED (the caller must act); 0 is not a result"),
        ),
        errors=(
            _NOT_SUPPORTED,
            CallError(-2, "INVALID_PARAMETERS", "forward_flag set by EL1, or a reserved argument not zero"),
            CallError(-3, "UNKNOWN_ERRATUM", "not known"),
        ),
        confidence="high",
        sources=_SOURCES,
        remarks=(("note", "About the core that calls."),),
    ),
}
# fmt: on
