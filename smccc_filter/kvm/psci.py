"""KVM's PSCI: which calls each version has, what PSCI_FEATURES says of them, and what they return.

Lay it beside arch/arm64/kvm/psci.c. FEATURES answers from a table of its own, which knows of versions and capabilities
and of nothing else: neither the filter nor any firmware register changes a word of it.

Source: Linux 6.12.117 and 7.3.4 arch/arm64/kvm/psci.c, include/kvm/arm_psci.h and include/uapi/linux/psci.h.
"""

from smccc_filter.kvm.machine import (
    NOT_SUPPORTED,
    SUCCESS,
    U32_MAX,
    Call,
    Machine,
    Outcome,
    Reply,
    SystemEvent,
    Why,
    signed,
)
from smccc_filter.kvm.uapi import PSCI_VERSIONS

KVM_PSCI_FN_CPU_OFF = 0x95C1_BA5F
KVM_PSCI_FN_CPU_ON = 0x95C1_BA60
PSCI_VERSION = 0x8400_0000
CPU_SUSPEND = (0x8400_0001, 0xC400_0001)
CPU_OFF = 0x8400_0002
CPU_ON = (0x8400_0003, 0xC400_0003)
AFFINITY_INFO = (0x8400_0004, 0xC400_0004)
MIGRATE_INFO_TYPE = 0x8400_0006
SYSTEM_OFF = 0x8400_0008
SYSTEM_RESET = 0x8400_0009
PSCI_FEATURES = 0x8400_000A
SYSTEM_SUSPEND = (0x8400_000E, 0xC400_000E)
SYSTEM_RESET2 = (0x8400_0012, 0xC400_0012)
SYSTEM_OFF2 = (0x8400_0015, 0xC400_0015)
SMCCC_VERSION = 0x8000_0000

KVM_ARM_PSCI_0_1 = PSCI_VERSIONS["0.1"]
KVM_ARM_PSCI_0_2 = PSCI_VERSIONS["0.2"]
KVM_ARM_PSCI_1_0 = PSCI_VERSIONS["1.0"]
KVM_ARM_PSCI_1_1 = PSCI_VERSIONS["1.1"]
KVM_ARM_PSCI_1_3 = PSCI_VERSIONS["1.3"]
PSCI_0_2_64BIT = 0x4000_0000

PSCI_0_1_CALLS = frozenset({KVM_PSCI_FN_CPU_OFF, KVM_PSCI_FN_CPU_ON})
"""What KVM has of PSCI 0.1, and of that version alone; its CPU_SUSPEND and MIGRATE were never written."""
SINCE = {
    **dict.fromkeys((PSCI_VERSION, CPU_OFF, MIGRATE_INFO_TYPE, SYSTEM_OFF, SYSTEM_RESET), KVM_ARM_PSCI_0_2),
    **dict.fromkeys((*CPU_SUSPEND, *CPU_ON, *AFFINITY_INFO), KVM_ARM_PSCI_0_2),
    **dict.fromkeys((PSCI_FEATURES, *SYSTEM_SUSPEND), KVM_ARM_PSCI_1_0),
    **dict.fromkeys(SYSTEM_RESET2, KVM_ARM_PSCI_1_1),
    **dict.fromkeys(SYSTEM_OFF2, KVM_ARM_PSCI_1_3),
}
"""The PSCI version from which KVM has a call."""

INVALID_PARAMS = signed(-2)
ALREADY_ON = signed(-4)
INTERNAL_FAILURE = signed(-6)
AFFINITY_LEVEL_ON = 0
AFFINITY_LEVEL_OFF = 1
TOS_MP = 2
"""MIGRATE_INFO_TYPE: no trusted OS that would have to be migrated."""
HIBERNATE_OFF = 1
SYSTEM_WARM_RESET = 0
VENDOR_RESET_START = 0x8000_0000
CONSTANTS = {PSCI_VERSION: KVM_ARM_PSCI_0_2, **dict.fromkeys(CPU_SUSPEND, SUCCESS), MIGRATE_INFO_TYPE: TOS_MP}
"""What PSCI 0.2 has in X0 for calls whose arguments and circumstances do not matter. CPU_SUSPEND waits first."""
SYSTEM_EVENTS = {SYSTEM_OFF: SystemEvent.SHUTDOWN, SYSTEM_RESET: SystemEvent.RESET}
MPIDR_HWID_BITMASK = 0xFF_00FF_FFFF
MPIDR_LEVEL_BITS = 8
MPIDR_LEVELS = 4


def kvm_psci_call(machine: Machine, call: Call, why: Why) -> Reply:
    """Answer what KVM's other services leave. ``why`` is what let the call through."""
    version = machine.kvm_psci_version()
    if not kvm_psci_check_allowed_function(machine, call.func_id):
        why = Why.AARCH32 if call.func_id in SINCE else Why.NOT_IMPLEMENTED
        return Reply(Outcome.NOT_SUPPORTED, why, (NOT_SUPPORTED, 0, 0, 0))
    if not _has(version, call.func_id):
        newest = PSCI_VERSIONS[machine.profile.psci.value[-1]]
        elsewhere = call.func_id in PSCI_0_1_CALLS or SINCE.get(call.func_id, newest + 1) <= newest
        reason = Why.PSCI_VERSION if elsewhere else Why.NOT_IMPLEMENTED
        return Reply(Outcome.NOT_SUPPORTED, reason, (NOT_SUPPORTED, 0, 0, 0))
    if version == KVM_ARM_PSCI_0_1:
        return kvm_psci_0_1_call(machine, call, why)
    if version == KVM_ARM_PSCI_0_2:
        return kvm_psci_0_2_call(machine, call, why)
    return kvm_psci_1_x_call(machine, call, why)


def kvm_psci_check_allowed_function(machine: Machine, func_id: int) -> bool:
    """Tell whether the guest may make the call at all: one whose EL1 is AArch32 has no SMC64 call, in no version."""
    return not (machine.aarch32 and func_id & PSCI_0_2_64BIT)


def kvm_psci_0_1_call(machine: Machine, call: Call, why: Why) -> Reply:
    """Answer one of ``PSCI_0_1_CALLS``."""
    if call.func_id == KVM_PSCI_FN_CPU_OFF:
        return Reply(Outcome.ANSWERED, why, None)
    return _answered(why, kvm_psci_vcpu_on(machine, call))


def kvm_psci_0_2_call(machine: Machine, call: Call, why: Why) -> Reply:
    """Answer a call that PSCI 0.2 and later have."""
    if event := SYSTEM_EVENTS.get(call.func_id):
        return Reply(Outcome.ANSWERED, why, (INTERNAL_FAILURE, 0, 0, 0), event)
    if call.func_id in CPU_ON:
        x0 = kvm_psci_vcpu_on(machine, kvm_psci_narrow_to_32bit(call))
    elif call.func_id in AFFINITY_INFO:
        x0 = kvm_psci_vcpu_affinity_info(machine, kvm_psci_narrow_to_32bit(call))
    else:
        x0 = CONSTANTS.get(call.func_id)
    return _answered(why, x0)


def kvm_psci_1_x_call(machine: Machine, call: Call, why: Why) -> Reply:
    """Answer a call that PSCI 1.0 and later have."""
    if call.func_id == PSCI_VERSION:
        reply = _answered(why, machine.kvm_psci_version())
    elif call.func_id == PSCI_FEATURES:
        reply = _answered(why, kvm_psci_features(machine, call.x1 & U32_MAX))
    elif call.func_id in SYSTEM_SUSPEND:
        reply = kvm_psci_system_suspend(machine, why)
    elif call.func_id in SYSTEM_RESET2:
        reply = kvm_psci_system_reset2(kvm_psci_narrow_to_32bit(call), why)
    elif call.func_id in SYSTEM_OFF2:
        reply = kvm_psci_system_off2(kvm_psci_narrow_to_32bit(call), why)
    else:
        reply = kvm_psci_0_2_call(machine, call, why)
    return reply


def kvm_psci_system_suspend(machine: Machine, why: Why) -> Reply:
    """Hand SYSTEM_SUSPEND to the VMM, which reads the guest's registers and writes the answer, if it asked for that."""
    if machine.system_suspend:
        return Reply(Outcome.ANSWERED, why, None, SystemEvent.SUSPEND)
    return Reply(Outcome.NOT_SUPPORTED, Why.CAPABILITY, (NOT_SUPPORTED, 0, 0, 0))


def kvm_psci_system_reset2(call: Call, why: Why) -> Reply:
    """Answer SYSTEM_RESET2: a warm reset, or one of the vendor's types. X1 to X3 are left as they were."""
    if SYSTEM_WARM_RESET < call.x1 & U32_MAX < VENDOR_RESET_START:
        return _answered(why, INVALID_PARAMS)
    registers = (INTERNAL_FAILURE, call.x1, call.x2, call.x3)
    return Reply(Outcome.ANSWERED, why, registers, SystemEvent.RESET, flag=True)


def kvm_psci_system_off2(call: Call, why: Why) -> Reply:
    """Answer SYSTEM_OFF2, of which there is one type, HIBERNATE_OFF; 0 stands for it too."""
    if call.x1 & U32_MAX not in {0, HIBERNATE_OFF} or call.x2:
        return _answered(why, INVALID_PARAMS)
    return Reply(Outcome.ANSWERED, why, (INTERNAL_FAILURE, 0, 0, 0), SystemEvent.SHUTDOWN, flag=True)


def kvm_psci_features(machine: Machine, arg: int) -> int:
    """Return what PSCI_FEATURES says in X0 of the call ``arg``, as the table in ``kvm_psci_1_x_call()`` does."""
    if arg == SMCCC_VERSION:
        return SUCCESS
    if not kvm_psci_check_allowed_function(machine, arg) or not _has(machine.kvm_psci_version(), arg):
        return NOT_SUPPORTED
    if arg in SYSTEM_SUSPEND and not machine.system_suspend:
        return NOT_SUPPORTED
    return HIBERNATE_OFF if arg in SYSTEM_OFF2 else SUCCESS


def kvm_psci_vcpu_on(machine: Machine, call: Call) -> int | None:
    """Return what CPU_ON says of the vCPU with affinity X1; ``None`` where it depends on the VM's other vCPUs."""
    if call.x1 & ~MPIDR_HWID_BITMASK:
        return INVALID_PARAMS
    if call.x1 != machine.mpidr:
        if machine.others is None:
            return None
        on = dict(machine.others).get(call.x1)
        if not on:
            return INVALID_PARAMS if on is None else SUCCESS
    return INVALID_PARAMS if machine.kvm_psci_version() == KVM_ARM_PSCI_0_1 else ALREADY_ON


def kvm_psci_vcpu_affinity_info(machine: Machine, call: Call) -> int | None:
    """Return what AFFINITY_INFO says of affinity X1 at level X2; ``None`` where it depends on other vCPUs."""
    if call.x1 & ~MPIDR_HWID_BITMASK or call.x2 >= MPIDR_LEVELS:
        return INVALID_PARAMS
    mask = MPIDR_HWID_BITMASK & ~((1 << call.x2 * MPIDR_LEVEL_BITS) - 1)
    if call.x1 & mask == machine.mpidr & mask:
        return AFFINITY_LEVEL_ON
    if machine.others is None:
        return None
    alike = [on for mpidr, on in machine.others if call.x1 & mask == mpidr & mask]
    return (AFFINITY_LEVEL_ON if any(alike) else AFFINITY_LEVEL_OFF) if alike else INVALID_PARAMS


def _has(version: int, fid: int) -> bool:
    """Tell whether KVM's PSCI of that version has the call, capabilities apart."""
    if version == KVM_ARM_PSCI_0_1:
        return fid in PSCI_0_1_CALLS
    return SINCE.get(fid, version + 1) <= version


def kvm_psci_narrow_to_32bit(call: Call) -> Call:
    """Cut the arguments of an SMC32 call to 32 bits."""
    if call.func_id & PSCI_0_2_64BIT:
        return call
    return Call(call.func_id, call.x1 & U32_MAX, call.x2 & U32_MAX, call.x3 & U32_MAX)


def _answered(why: Why, x0: int | None) -> Reply:
    return Reply(Outcome.ANSWERED, why, None if x0 is None else (x0, 0, 0, 0))
