"""True Random Number Generator firmware interface, Arm DEN0098."""

from smccc_filter.smccc.signatures.shape import CallError, CallValue, Signature

# fmt: off
_NOT_SUPPORTED = CallError(-1, "NOT_SUPPORTED", "no TRNG")

SIGNATURES: dict[str, Signature] = {
    "TRNG_VERSION": Signature(
        arguments=(),
        results=(CallValue(0, "version", 32, None, "bit 31 zero, 30:16 major, 15:0 minor: 1.0 = 0x00010000"),),
        errors=(_NOT_SUPPORTED,),
        confidence="high",
        sources=(
            "TFA services/std_svc/trng/trng_main.c",
            "L66 arch/arm64/kvm/trng.c",
            "RFA src/services/trng.rs",
        ),
        remarks=(
            ("encoding", "yes: 0x00010000"),
            ("encoding", "no: -1"),
            ("note", "Linux takes any value with bit 31 clear and >= 0x10000."),
        ),
    ),
    "TRNG_FEATURES": Signature(
        arguments=(CallValue(1, "trng_func_id", 32, None, "full 32-bit ID of the function asked about"),),
        results=(CallValue(0, "flags", 32, None, "0 or more: implemented (no flags defined in 1.0)"),),
        errors=(CallError(-1, "NOT_SUPPORTED", "the function asked about is not implemented"),),
        confidence="high",
        sources=(
            "TFA services/std_svc/trng/trng_main.c",
            "L66 arch/arm64/kvm/trng.c",
            "TFTF lib/trng/trng.c",
        ),
        remarks=(
            ("encoding", "yes: 0"),
            ("encoding", "no: -1"),
            ("note", "0x84000053 and 0xC4000053 are separate questions. RND and RND64 share one name here."),
        ),
    ),
    "TRNG_GET_UUID": Signature(
        arguments=(),
        results=(
            CallValue(0, "uuid_0_3", 32, None, "bytes 0-3 of the UUID, the lowest byte in bits 7:0; bits 63:32 zero"),
            CallValue(1, "uuid_4_7", 32, None, "bytes 4-7 of the UUID, the lowest byte in bits 7:0; bits 63:32 zero"),
            CallValue(2, "uuid_8_11", 32, None, "bytes 8-11 of the UUID, the lowest byte in bits 7:0; bits 63:32 zero"),
            CallValue(3, "uuid_12_15", 32, None, "bytes 12-15 of the UUID, the lowest byte in bits 7:0; bits 63:32 zero"),
        ),
        errors=(_NOT_SUPPORTED,),
        confidence="high",
        sources=(
            "TFA include/lib/smccc.h SMC_UUID_RET",
            "L66 arch/arm64/kvm/trng.c",
            "CROSVM devices/src/smccc_trng.rs",
        ),
        remarks=(
            ("note", "A UUID whose first word is 0xFFFFFFFF cannot be told from NOT_SUPPORTED; do not choose one. KVM: 0d21e000-4384-11eb-8070-5244554e5a4c; crosvm: 534d4343-4354-824e-872d-43726f73564d."),
        ),
    ),
    "TRNG_RND": Signature(
        arguments=(CallValue(1, "n", 32, 64, "bits of entropy wanted: 1 to 96 for SMC32, 1 to 192 for SMC64"),),
        results=(
            CallValue(0, "status", 32, 64, "0 SUCCESS"),
            CallValue(1, "entropy_high", 32, 64, "SMC32: bits 95:64 in W1; SMC64: bits 191:128"),
            CallValue(2, "entropy_middle", 32, 64, "SMC32: bits 63:32 in W2; SMC64: bits 127:64"),
            CallValue(3, "entropy_low", 32, 64, "SMC32: bits 31:0 in W3; SMC64: bits 63:0"),
        ),
        errors=(
            _NOT_SUPPORTED,
            CallError(-2, "INVALID_PARAMETERS", "N is 0 or over the limit of the convention"),
            CallError(-3, "NO_ENTROPY", "not enough entropy now; the caller may retry"),
        ),
        confidence="high",
        sources=(
            "TFA services/std_svc/trng/trng_main.c",
            "RFA src/services/trng.rs",
            "TFTF tftf/tests/runtime_services/standard_service/trng/api_tests/test_trng.c (zero fill, N = 0)",
            "L66 drivers/char/hw_random/arm_smccc_trng.c (reads X3, then X2, then X1)",
            "L66 arch/arm64/include/asm/archrandom.h",
        ),
        remarks=(
            ("note", "Entropy is one number of up to 3 words: X1 holds the HIGH word, X2 the middle, X3 the LOW one. KVM in the kernel answers N = 0 with SUCCESS and zeros, against the conformance test. TF-A also knows -4 when the platform has no UUID; that code is not in the interface (medium)."),
            ("word order", "X1 high, X2 middle, X3 low"),
            ("zero fill", "all bits from N upward are 0: N = 1 leaves X1 = X2 = 0 and X3 0 or 1; SMC32: bits 63:32 of X1-X3 are 0"),
            ("on error", "X1-X3 zero (KVM); TF-A sets only X0"),
        ),
    ),
}
# fmt: on
