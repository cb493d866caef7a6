"""What pKVM changes for a protected VM: the hypervisor answers calls first, and the host cannot filter the rest.

Lay it beside arch/arm64/kvm/hyp/nvhe/pkvm.c and arch/arm64/include/asm/kvm_pkvm.h.

Source: Linux 7.2.12 and 7.3.4, the files above, arch/arm64/kvm/hyp/nvhe/switch.c and arch/arm64/kvm/arm.c.
"""

from smccc_filter.kvm.machine import Call, Machine, Outcome, Registers, Reply, Why, signed
from smccc_filter.kvm.profiles import ProtectedSupport

VENDOR_HYP_KVM_FEATURES = 0x8600_0000
VENDOR_HYP_KVM_HYP_MEMINFO = 0xC600_0002
VENDOR_HYP_KVM_MEM_SHARE = 0xC600_0003
VENDOR_HYP_KVM_MEM_UNSHARE = 0xC600_0004
PKVM_CALLS = (
    VENDOR_HYP_KVM_FEATURES,
    VENDOR_HYP_KVM_HYP_MEMINFO,
    VENDOR_HYP_KVM_MEM_SHARE,
    VENDOR_HYP_KVM_MEM_UNSHARE,
)

INVALID_PARAMETER = signed(-3)
PKVM_FEATURES = 1 << 0 | 1 << 2 | 1 << 3 | 1 << 4
"""FEATURES, HYP_MEMINFO, MEM_SHARE and MEM_UNSHARE by function number."""


def kvm_vm_is_protected(machine: Machine) -> bool:
    """Tell whether the VM is a protected one: no release before 7.1 makes any, whatever is asked for."""
    return machine.protected and machine.profile.protected.value is not ProtectedSupport.NOT_OFFERED


def kvm_pkvm_ioctl_allowed(machine: Machine) -> bool:
    """Tell whether KVM_SET_DEVICE_ATTR and KVM_ENABLE_CAP get through to the VM. Where they don't, they give EINVAL."""
    return not kvm_vm_is_protected(machine)


def kvm_handle_pvm_hvc64(machine: Machine, call: Call) -> Reply | None:
    """Answer a protected VM's HVC at EL2; ``None`` for a call, or another VM's, that goes on to the host."""
    if call.func_id not in PKVM_CALLS or not kvm_vm_is_protected(machine):
        return None
    registers: Registers | None = None
    if call.func_id == VENDOR_HYP_KVM_FEATURES:
        registers = (PKVM_FEATURES, 0, 0, 0)
    elif call.x2 or call.x3 or (call.x1 and call.func_id == VENDOR_HYP_KVM_HYP_MEMINFO):
        registers = (INVALID_PARAMETER, 0, 0, 0)
    return Reply(Outcome.ANSWERED, Why.PROTECTED, registers)
