"""Dynamic Root of Trust for Measurement, Arm DEN0113."""

from smccc_filter.smccc.signatures.shape import CallError, CallValue, Returns, Signature

# fmt: off
_SOURCES = ("TFA services/std_svc/drtm/drtm_main.c", "TFA include/services/drtm_svc.h", "TFA services/std_svc/drtm/drtm_main.h")
_NOT_SUPPORTED = CallError(-1, "NOT_SUPPORTED", "the function is not implemented")
_STATUS = CallValue(0, "status", None, 64, "0 SUCCESS")

SIGNATURES: dict[str, Signature] = {
    "DRTM_VERSION": Signature(
        arguments=(),
        results=(CallValue(0, "version", None, 64, "30:16 major, 15:0 minor: 0x00010000"),),
        errors=(_NOT_SUPPORTED,),
        confidence="medium",
        sources=_SOURCES,
        remarks=(("encoding", "yes: 0x00010000"), ("encoding", "no: -1")),
    ),
    "DRTM_FEATURES": Signature(
        arguments=(
            CallValue(1, "id", None, 64, "bit 63 clear: function ID in 31:0; bit 63 set: feature in 7:0: 1 TPM, 2 memory requirement, 3 DMA protection, 4 boot PE, 5 TCB hashes, 6 DLME image authentication"),
        ),
        results=(
            CallValue(0, "status", None, 64, "function: 0; feature: 1 when supported"),
            CallValue(1, "value", None, 64, "feature only. TPM: 36:33 PCR schema, 32 TPM hashing, 15:0 hash algorithm; memory: 63:32 DCE pages, 31:0 minimum DLME data; DMA: 23:8 regions, 7:0 type; boot PE: MPIDR; TCB: 7:0 hashes; image auth: bit 0"),
        ),
        errors=(_NOT_SUPPORTED,),
        confidence="medium",
        sources=_SOURCES,
        remarks=(("encoding", "yes: 0 for a function, 1 for a feature"), ("encoding", "no: -1")),
    ),
    "DRTM_UNPROTECT_MEMORY": Signature(
        arguments=(),
        results=(_STATUS,),
        errors=(
            CallError(-3, "DENIED", "nothing is protected (code unverified)"),
            _NOT_SUPPORTED,
        ),
        confidence="medium",
        sources=_SOURCES,
    ),
    "DRTM_DYNAMIC_LAUNCH": Signature(
        arguments=(CallValue(1, "parameters", None, 64, "address of the DRTM_PARAMETERS structure"),),
        results=(CallValue(0, "status", None, 64, "only on error"),),
        errors=(
            CallError(-2, "INVALID_PARAMETERS", "bad structure"),
            CallError(-3, "DENIED", "not the boot PE, or wrong EL"),
            CallError(-6, "MEM_PROTECT_INVALID", "bad protection request"),
            CallError(-8, "OUT_OF_RESOURCE", "not enough memory"),
            CallError(-10, "SECONDARY_PE_NOT_OFF", "another core is on"),
            _NOT_SUPPORTED,
        ),
        confidence="medium",
        sources=_SOURCES,
        returns=Returns.NEVER,
        remarks=(
            ("note", "On success the DLME starts with X0 = DLME region address, X1 = offset of the DLME data."),
        ),
    ),
    "DRTM_CLOSE_LOCALITY": Signature(
        arguments=(CallValue(1, "locality", None, 64, "TPM locality"),),
        results=(_STATUS,),
        errors=(
            CallError(-11, "ALREADY_CLOSED", "it is closed"),
            _NOT_SUPPORTED,
        ),
        confidence="unverified",
        sources=_SOURCES,
        remarks=(("note", "TF-A does not implement it; argument from memory of DEN0113."),),
    ),
    "DRTM_GET_ERROR": Signature(
        arguments=(),
        results=(
            _STATUS,
            CallValue(1, "error_code", None, 64, "last DRTM error"),
        ),
        errors=(_NOT_SUPPORTED,),
        confidence="medium",
        sources=_SOURCES,
    ),
    "DRTM_SET_ERROR": Signature(
        arguments=(CallValue(1, "error_code", None, 64, "value to keep over a reset"),),
        results=(_STATUS,),
        errors=(_NOT_SUPPORTED,),
        confidence="medium",
        sources=_SOURCES,
    ),
    "DRTM_SET_TCB_HASH": Signature(
        arguments=(CallValue(1, "table", None, 64, "address of the TCB hash table"),),
        results=(_STATUS,),
        errors=(
            CallError(-2, "INVALID_PARAMETERS", "bad table"),
            _NOT_SUPPORTED,
        ),
        confidence="unverified",
        sources=_SOURCES,
        remarks=(("note", "TF-A does not implement it."),),
    ),
    "DRTM_LOCK_TCB_HASHES": Signature(
        arguments=(),
        results=(_STATUS,),
        errors=(_NOT_SUPPORTED,),
        confidence="unverified",
        sources=_SOURCES,
        remarks=(("note", "TF-A does not implement it."),),
    ),
}
# fmt: on
