"""What a handler of the VMM may answer to the image's calls, as far as the specifications leave it no choice.

The policy says only that a handler answers. But the image calls from the first CPU, whose affinity is 0, so that some
answers are known all the same; and an error that a call of PSCI or TRNG does not have is a mistake in any VM.

Source: Arm DEN0022F.b 5.1.4 and 5.1.5, DEN0098 2.3, DEN0077 on FFA_VERSION.
"""

from smccc_filter.kvm.machine import SUCCESS, U32_MAX, U64_MAX, Registers, signed
from smccc_filter.kvm.psci import (
    AFFINITY_INFO,
    AFFINITY_LEVEL_ON,
    ALREADY_ON,
    CPU_OFF,
    CPU_ON,
    HIBERNATE_OFF,
    INVALID_PARAMS,
    PSCI_FEATURES,
    SYSTEM_OFF2,
)
from smccc_filter.kvm.trng import TRNG_INVALID_PARAMETER, TRNG_RND32, TRNG_RND64, WORDS
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SMC64, show
from smccc_filter.smccc.signatures import signature_of

ABSENT_CPU = 0x00FF_FF00
"""An affinity that no CPU of a VM has, and whose lowest byte is that of the first CPU."""
TRNG_RND = {TRNG_RND32: 32, TRNG_RND64: 64}
"""The calls that answer entropy, and the bits of one word of it."""
FFA_VERSION = 0x8400_0063
FFA_1_0 = 0x0001_0000
"""The version that whoever speaks FF-A 1 understands. To one that it does not understand, it says NOT_SUPPORTED."""
ASKED_OF_HANDLERS = (
    (FFA_VERSION, FFA_1_0, 0),
    (PSCI_FEATURES, CPU_OFF | SMC64, 0),
    (AFFINITY_INFO[0], 0, U32_MAX),
    *((func_id, ABSENT_CPU, 0) for func_id in (*AFFINITY_INFO, *CPU_ON)),
    *((func_id, bits, 0) for func_id in TRNG_RND for bits in (1, 64)),
)
"""What is asked of a VMM beside its plain calls: the ID, the low half of X1, and the upper half of X0 to X3.

PSCI_FEATURES is asked about the SMC64 form of a call that has none.
"""
CHECKED_SERVICES = frozenset({"psci", "trng"})
"""Services whose calls have no other errors than those of their signatures."""
_LEAST_ERROR = signed(-4095)
TOO_NARROW = "the error is 32 bits wide, and a guest that looks at X0 takes it for a number"


def fault_of(func_id: int, x1: int, seen: Registers) -> str:
    """Say what is wrong with a handler's answer to a call with ``x1`` in W1; empty where nothing is known to be."""
    x0 = seen[0]
    errors = _errors(func_id)
    if x0 >= _LEAST_ERROR and errors and x0 not in errors:
        return f"{_name(func_id)} has no error {x0 - U64_MAX - 1}"
    if x0 <= U32_MAX and x0 | U64_MAX - U32_MAX in errors:
        return TOO_NARROW
    if func_id in AFFINITY_INFO:
        return _affinity_fault(x1, x0)
    if func_id in CPU_ON:
        return _cpu_on_fault(x1, x0)
    if func_id in SYSTEM_OFF2 and x1 == HIBERNATE_OFF and x0 == INVALID_PARAMS:
        return "type 1 is HIBERNATE_OFF, which is no invalid parameter"
    return _entropy_fault(x1, TRNG_RND[func_id], seen) if func_id in TRNG_RND else ""


def _affinity_fault(x1: int, x0: int) -> str:
    if x1 == ABSENT_CPU and x0 != INVALID_PARAMS:
        return f"no CPU of a VM has the affinity {show(ABSENT_CPU)}: that is INVALID_PARAMETERS, -2"
    if x1 == 0 and x0 != AFFINITY_LEVEL_ON:
        return "affinity 0 is that of the CPU that calls, which is on: that is 0"
    return ""


def _cpu_on_fault(x1: int, x0: int) -> str:
    if x1 == ABSENT_CPU and (x0 < _LEAST_ERROR or x0 == ALREADY_ON):
        return f"no CPU of a VM has the affinity {show(ABSENT_CPU)}: who finds one looks at a part of it"
    if x1 == 0 and x0 < _LEAST_ERROR:
        return "the CPU to turn on is the one that calls, which is on: that is an error, ALREADY_ON"
    return ""


def _entropy_fault(bits: int, width: int, seen: Registers) -> str:
    """Judge entropy, which is one number with its highest word in X1."""
    status, *words = seen
    if not 0 < bits <= WORDS * width:
        return "" if status == TRNG_INVALID_PARAMETER else f"{bits} bits of entropy are INVALID_PARAMETERS, -2"
    if status == TRNG_INVALID_PARAMETER:
        return f"{bits} bits of entropy are no invalid parameter"
    if status != SUCCESS:
        return ""
    if max(words) >> width:
        return f"a word of the entropy has more than {width} bits"
    high, middle, low = words
    if (high << 2 * width | middle << width | low) >> bits:
        return f"bits from {bits} on are to be 0, and the lowest word is that in X3"
    return ""


def _errors(func_id: int) -> frozenset[int]:
    """Return what X0 may hold as an error, 64 bits; nothing for a call of which not every error is known."""
    service = registry.service_of(func_id)
    if service is None or service.name not in CHECKED_SERVICES:
        return frozenset()
    signatures = map(signature_of, registry.by_id(func_id))
    return frozenset(signed(error.value) for signature in signatures if signature for error in signature.errors)


def _name(func_id: int) -> str:
    return registry.name_of(func_id) or show(func_id)
