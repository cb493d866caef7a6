"""A call from the guest's instruction on: the vector at EL2, a protected VM's hypervisor, then the host's kernel.

Lay it beside arch/arm64/kvm/hyp/hyp-entry.S and arch/arm64/kvm/handle_exit.c. An HVC passes places that an SMC does
not, so one ID may have two answers although the filter knows one ID space.

Source: Linux 6.12.117 and 7.3.4, the files above and arch/arm64/kvm/hyp/nvhe/switch.c.
"""

from smccc_filter.kvm.hypercalls import SMCCC_ARCH_WORKAROUNDS, kvm_smccc_call_handler
from smccc_filter.kvm.machine import SUCCESS, U32_MAX, Call, Conduit, Machine, Outcome, Reply, Why
from smccc_filter.kvm.pkvm import kvm_handle_pvm_hvc64
from smccc_filter.kvm.profiles import NestedSupport


def call_of(machine: Machine, conduit: Conduit, call: Call) -> Reply:
    """Return what the guest gets for ``hvc #0`` or ``smc #0`` with these registers.

    Those of an AArch32 guest have 32 bits.
    """
    if machine.aarch32:
        call = Call(call.func_id, call.x1 & U32_MAX, call.x2 & U32_MAX, call.x3 & U32_MAX)
    if conduit is Conduit.SMC:
        return handle_smc(machine, call)
    return el1_sync(call) or kvm_handle_pvm_hvc64(machine, call) or handle_hvc(machine, call)


def conduit_of(machine: Machine) -> Conduit:
    """Return the instruction by which the guest reaches KVM: SMC where it has EL2 itself, HVC elsewhere."""
    return Conduit.SMC if has_nv(machine) else Conduit.HVC


def has_nv(machine: Machine) -> bool:
    """Tell whether the guest has EL2: no release before 6.16 gives it, whatever is asked for."""
    return machine.nested and machine.profile.nested.value is NestedSupport.OFFERED


def el1_sync(call: Call) -> Reply | None:
    """Answer the workarounds in the exception vector: they were applied on the way into EL2, so there is no more to do.

    X1 is left cleared, X2 and X3 as they were.
    """
    if call.func_id not in SMCCC_ARCH_WORKAROUNDS:
        return None
    return Reply(Outcome.ANSWERED, Why.EL2_FAST_PATH, (SUCCESS, 0, call.x2, call.x3))


def handle_hvc(machine: Machine, call: Call) -> Reply:
    """Handle a trapped HVC."""
    if has_nv(machine):
        return Reply(Outcome.GUEST_EL2, Why.NESTED, None)
    return kvm_smccc_call_handler(machine, call)


def handle_smc(machine: Machine, call: Call) -> Reply:
    """Handle a trapped SMC whose immediate is 0; of another, X0 is NOT_SUPPORTED before any filter."""
    return kvm_smccc_call_handler(machine, call)
