"""From the filter to the answer: KVM's handling of one call that reached the host's kernel.

Lay it beside arch/arm64/kvm/hypercalls.c. The order is the whole precedence: a filter entry that denies or forwards
wins; what it leaves needs the bit of the register that gates the call, or a place in the default-allowed set; what is
let through is answered by the first service that knows the ID, and PSCI says no to the rest.

Source: Linux 6.12.117 and 7.3.4 arch/arm64/kvm/hypercalls.c, include/linux/arm-smccc.h.
"""

from collections.abc import Callable

from smccc_filter.kvm.filter import RESERVED
from smccc_filter.kvm.machine import (
    FIRMWARE_BITS,
    NOT_SUPPORTED,
    SUCCESS,
    U32_MAX,
    Call,
    Machine,
    Outcome,
    Registers,
    Reply,
    Why,
)
from smccc_filter.kvm.psci import SMCCC_VERSION, kvm_psci_call
from smccc_filter.kvm.pvtime import PV_TIME_FEATURES, PV_TIME_ST, kvm_hypercall_pv_features, kvm_init_stolen_time
from smccc_filter.kvm.trng import TRNG_CALLS, kvm_trng_call
from smccc_filter.kvm.uapi import (
    HOST_CPU_REGISTERS,
    KVM_REG_ARM_PSCI_VERSION,
    PSCI_VERSIONS,
    REGISTER_OF_ID,
    Errno,
    SmcccFilterAction,
)
from smccc_filter.smccc.function_id import NUMBER_MASK, OWNER_MASK, OWNER_SHIFT

SMCCC_ARCH_FEATURES = 0x8000_0001
SMCCC_ARCH_WORKAROUND_1 = 0x8000_8000
SMCCC_ARCH_WORKAROUND_2 = 0x8000_7FFF
SMCCC_ARCH_WORKAROUND_3 = 0x8000_3FFF
SMCCC_ARCH_WORKAROUNDS = (SMCCC_ARCH_WORKAROUND_1, SMCCC_ARCH_WORKAROUND_2, SMCCC_ARCH_WORKAROUND_3)
VENDOR_HYP_CALL_UID = 0x8600_FF01
VENDOR_HYP_KVM_FEATURES = 0x8600_0000
VENDOR_HYP_KVM_PTP = 0x8600_0001

SMCCC_VERSION_1_1 = 0x1_0001
ARM_SMCCC_OWNER_STANDARD = 4
PSCI_LAST_NUMBER = 0x1F
KVM_PSCI_FN_FIRST = 0x95C1_BA5E
KVM_PSCI_FN_LAST = 0x95C1_BA61
KVM_UID: Registers = (0xB66F_B428, 0xE911_C52E, 0x564B_CAA9, 0x743A_004D)
"""28b46fb6-2ec5-11e9-a9ca-4b564d003a74, as its 16 bytes lie in four little-endian words."""
PTP_COUNTERS = (0, 1)
"""KVM_PTP_VIRT_COUNTER and KVM_PTP_PHYS_COUNTER."""

GATES: dict[int, tuple[str, int]] = {
    **dict.fromkeys(TRNG_CALLS, ("std", 1 << 0)),
    **dict.fromkeys((PV_TIME_FEATURES, PV_TIME_ST), ("std_hyp", 1 << 0)),
    **dict.fromkeys((VENDOR_HYP_KVM_FEATURES, VENDOR_HYP_CALL_UID), ("vendor_hyp", 1 << 0)),
    VENDOR_HYP_KVM_PTP: ("vendor_hyp", 1 << 1),
}
"""The register, by the policy language's name, and its bit that gate a call. No bit of ``vendor_hyp_2`` gates any."""


def kvm_smccc_default_allowed(func_id: int) -> bool:
    """Tell whether KVM lets a call through to its services without a register."""
    if func_id in {SMCCC_VERSION, SMCCC_ARCH_FEATURES}:
        return True
    # Call type, calling convention and bits 23:16 are not looked at: 0x04000000 and 0x84FF0000 pass as well.
    if func_id >> OWNER_SHIFT & OWNER_MASK == ARM_SMCCC_OWNER_STANDARD and func_id & NUMBER_MASK <= PSCI_LAST_NUMBER:
        return True
    return KVM_PSCI_FN_FIRST <= func_id <= KVM_PSCI_FN_LAST


def kvm_smccc_test_fw_bmap(machine: Machine, func_id: int) -> bool:
    """Tell whether a firmware register gates the call and has its bit set."""
    if func_id not in GATES:
        return False
    register, bit = GATES[func_id]
    return bool(_bitmap(machine, register) & bit)


def kvm_smccc_get_action(machine: Machine, func_id: int) -> tuple[SmcccFilterAction, Why]:
    """Decide what happens to a call, and why: the filter first, then its register, then the default-allowed set."""
    action = machine.filter(func_id)
    if action is not SmcccFilterAction.HANDLE:
        return action, Why.FILTER
    if any(start <= func_id < stop for start, stop in RESERVED):
        reason = denied = Why.RESERVED
    elif func_id in GATES:
        reason = denied = Why.REGISTER
    else:
        reason, denied = Why.DEFAULT_ALLOWED, Why.NOT_ALLOWED
    if kvm_smccc_test_fw_bmap(machine, func_id) or kvm_smccc_default_allowed(func_id):
        return SmcccFilterAction.HANDLE, reason
    return SmcccFilterAction.DENY, denied


def kvm_smccc_call_handler(machine: Machine, call: Call) -> Reply:
    """Return what the guest gets for a call that reached the host's kernel."""
    action, why = kvm_smccc_get_action(machine, call.func_id)
    if action is SmcccFilterAction.DENY:
        return Reply(Outcome.NOT_SUPPORTED, why, (NOT_SUPPORTED, 0, 0, 0))
    if action is SmcccFilterAction.FWD_TO_USER:
        return Reply(Outcome.FORWARDED, why, None)
    if call.func_id in _OWN:
        return Reply(Outcome.ANSWERED, why, _OWN[call.func_id](machine, call.x1 & U32_MAX))
    if call.func_id == PV_TIME_FEATURES:
        return kvm_hypercall_pv_features(machine, call, why)
    if call.func_id == PV_TIME_ST:
        return kvm_init_stolen_time(machine, why)
    return kvm_trng_call(call, why) if call.func_id in TRNG_CALLS else kvm_psci_call(machine, call, why)


def smccc_version(_machine: Machine, _arg: int) -> Registers:
    """Return what SMCCC_VERSION says: 1.1, on every release."""
    return (SMCCC_VERSION_1_1, 0, 0, 0)


def smccc_arch_features(machine: Machine, feature: int) -> Registers | None:
    """Return what SMCCC_ARCH_FEATURES says of a call; ``None`` where the host's CPUs decide."""
    if feature in SMCCC_ARCH_WORKAROUNDS:
        return None
    if feature == PV_TIME_FEATURES and kvm_smccc_test_fw_bmap(machine, feature):
        return (SUCCESS, 0, 0, 0)
    return (NOT_SUPPORTED, 0, 0, 0)


def vendor_hyp_call_uid(_machine: Machine, _arg: int) -> Registers:
    """Return what VENDOR_HYP_CALL_UID says."""
    return KVM_UID


def vendor_hyp_kvm_features(machine: Machine, _arg: int) -> Registers:
    """Return what VENDOR_HYP_KVM_FEATURES says: the two registers as they are, whatever else refuses the calls."""
    return (machine.features.vendor_hyp, 0, machine.features.vendor_hyp_2, 0)


def kvm_ptp_get_time(_machine: Machine, feature: int) -> Registers | None:
    """Return what VENDOR_HYP_KVM_PTP says of a counter; ``None`` where the host's clock decides."""
    return None if feature in PTP_COUNTERS else (NOT_SUPPORTED, 0, 0, 0)


_OWN: dict[int, Callable[[Machine, int], Registers | None]] = {
    SMCCC_VERSION: smccc_version,
    SMCCC_ARCH_FEATURES: smccc_arch_features,
    VENDOR_HYP_CALL_UID: vendor_hyp_call_uid,
    VENDOR_HYP_KVM_FEATURES: vendor_hyp_kvm_features,
    VENDOR_HYP_KVM_PTP: kvm_ptp_get_time,
}
"""The calls that ``kvm_smccc_call_handler()`` answers itself; each gets the low 32 bits of X1."""


def kvm_arm_set_fw_reg(machine: Machine, reg_id: int, value: int) -> Machine | Errno:
    """Write a firmware register (64-bit ID and value); return the machine after it, or the errno of a refusal.

    Raises ValueError for the registers whose values the host's CPUs decide.
    """
    if reg_id in HOST_CPU_REGISTERS:
        raise ValueError(f"what {reg_id:#x} takes depends on the host's CPUs")
    if reg_id == KVM_REG_ARM_PSCI_VERSION:
        taken = {PSCI_VERSIONS[name] for name in machine.profile.psci.value}
        if value not in taken or (value != PSCI_VERSIONS["0.1"]) is not machine.psci_0_2:
            return Errno.EINVAL
        return machine._replace(psci_version=value)
    return kvm_arm_set_fw_reg_bmap(machine, reg_id, value)


def kvm_arm_set_fw_reg_bmap(machine: Machine, reg_id: int, value: int) -> Machine | Errno:
    """Write one of the bitmap registers that the kernel has."""
    register = REGISTER_OF_ID.get(reg_id)
    if register is None or register.key not in machine.profile.firmware.value:
        return Errno.ENOENT
    key = register.key
    if value & ~FIRMWARE_BITS[key]:
        return Errno.EINVAL
    if machine.has_ran_once and value != _bitmap(machine, key):
        return Errno.EBUSY
    return machine._replace(features=machine.features._replace(**{key: value}))


def _bitmap(machine: Machine, key: str) -> int:
    value: int = getattr(machine.features, key)
    return value
