"""Management Mode, Arm DEN0060."""

from smccc_filter.smccc.signatures.shape import CallError, CallValue, Signature

# fmt: off
_SOURCES = ("TFA services/std_svc/spm/spm_mm/spm_mm_main.c", "TFA include/services/spm_mm_svc.h (DEN0060A)")
_NOT_SUPPORTED = CallError(-1, "NOT_SUPPORTED", "the function is not implemented")

SIGNATURES: dict[str, Signature] = {
    "MM_VERSION": Signature(
        arguments=(),
        results=(CallValue(0, "version", 32, None, "30:16 major, 15:0 minor: 0x00010000"),),
        errors=(_NOT_SUPPORTED,),
        confidence="high",
        sources=_SOURCES,
        remarks=(("encoding", "yes: 0x00010000"), ("encoding", "no: -1")),
    ),
    "MM_COMMUNICATE": Signature(
        arguments=(
            CallValue(1, "cookie", 32, 64, "reserved, zero"),
            CallValue(2, "comm_buffer_address", 32, 64, "physical address of the EFI_MM_COMMUNICATE_HEADER"),
            CallValue(3, "comm_size_address", 32, 64, "address of the size, or 0"),
        ),
        results=(CallValue(0, "status", 32, 64, "0 SUCCESS or a negative error"),),
        errors=(
            _NOT_SUPPORTED,
            CallError(-2, "INVALID_PARAMETER", "cookie not 0, or buffer 0"),
            CallError(-3, "DENIED", "refused"),
            CallError(-5, "NO_MEMORY", "out of memory"),
        ),
        confidence="high",
        sources=_SOURCES,
        remarks=(("note", "The answer is in the buffer; -5 there is NO_MEMORY, not the ON_PENDING of PSCI."),),
    ),
}
# fmt: on
