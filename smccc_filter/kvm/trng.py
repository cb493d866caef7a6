"""KVM's TRNG 1.0 service.

Lay it beside arch/arm64/kvm/trng.c. Its FEATURES call answers for the whole service, whatever the filter does to it.

Source: Linux 6.12.117 and 7.3.4 arch/arm64/kvm/trng.c.
"""

from smccc_filter.kvm.machine import NOT_SUPPORTED, SUCCESS, U32_MAX, Call, Outcome, Registers, Reply, Why, signed

TRNG_VERSION = 0x8400_0050
TRNG_FEATURES = 0x8400_0051
TRNG_GET_UUID = 0x8400_0052
TRNG_RND32 = 0x8400_0053
TRNG_RND64 = 0xC400_0053
TRNG_CALLS = (TRNG_VERSION, TRNG_FEATURES, TRNG_GET_UUID, TRNG_RND32, TRNG_RND64)

TRNG_VERSION_1_0 = 0x1_0000
TRNG_INVALID_PARAMETER = signed(-2)
KVM_TRNG_UUID: Registers = (0x00E0_210D, 0xEB11_8443, 0x4452_7080, 0x4C5A_4E55)
"""0d21e000-4384-11eb-8070-5244554e5a4c, as ``arm_smc_trng_uuid`` lies in memory, four little-endian words."""
WORDS = 3
"""Registers that carry entropy: X1 to X3."""


def kvm_trng_call(call: Call, why: Why) -> Reply:
    """Answer one of the service's calls."""
    match call.func_id:
        case 0x8400_0050:
            registers: Registers | None = (TRNG_VERSION_1_0, 0, 0, 0)
        case 0x8400_0051:
            # All 64 bits of the argument count here, where other services look at 32.
            registers = (SUCCESS if call.x1 in TRNG_CALLS else NOT_SUPPORTED, 0, 0, 0)
        case 0x8400_0052:
            registers = KVM_TRNG_UUID
        case fid:
            registers = kvm_trng_do_rnd(call, 64 if fid == TRNG_RND64 else 32)
    return Reply(Outcome.ANSWERED, why, registers)


def kvm_trng_do_rnd(call: Call, size: int) -> Registers | None:
    """Return the registers for so many bits of entropy as X1 asks for; ``None`` where they are random."""
    num_bits = call.x1 & U32_MAX
    if num_bits > WORDS * size:
        return (TRNG_INVALID_PARAMETER, 0, 0, 0)
    return None if num_bits else (SUCCESS, 0, 0, 0)
