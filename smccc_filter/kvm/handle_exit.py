"""A call from the guest's instruction on: the vector at EL2, a protected VM's hypervisor, then the host's kernel.

Lay it beside arch/arm64/kvm/hyp/hyp-entry.S and arch/arm64/kvm/handle_exit.c. An HVC passes places that an SMC does
not, so one ID may have two answers although the filter knows one ID space.

Source: Linux 6.12.117 and 7.3.4, the files above and arch/arm64/kvm/hyp/nvhe/switch.c.
"""

from smccc_filter.kvm.hypercalls import SMCCC_ARCH_WORKAROUNDS, kvm_smccc_call_handler
from smccc_filter.kvm.machine import NOT_SUPPORTED, SUCCESS, U32_MAX, Call, Conduit, Machine, Outcome, Reply, Why
from smccc_filter.kvm.pkvm import kvm_handle_pvm_hvc64
from smccc_filter.kvm.profiles import NestedSupport


def call_of(machine: Machine, conduit: Conduit, call: Call, *, immediate: int = 0, el2: bool = False) -> Reply:
    """Return what the guest gets for ``hvc`` or ``smc`` with these registers, 32 bits each from an AArch32 guest.

    ``immediate`` is that of the instruction, and ``el2`` says that it is executed at the EL2 of a guest that has one.
    """
    if machine.aarch32:
        call = Call(call.func_id, call.x1 & U32_MAX, call.x2 & U32_MAX, call.x3 & U32_MAX)
    if conduit is Conduit.SMC:
        return forward_smc_trap(machine, el2=el2) or handle_smc(machine, call, immediate)
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
    """Handle a trapped HVC, whatever its immediate."""
    if has_nv(machine):
        return Reply(Outcome.GUEST_EL2, Why.NESTED, None)
    return kvm_smccc_call_handler(machine, call)


def forward_smc_trap(machine: Machine, *, el2: bool) -> Reply | None:
    """Hand an SMC of the guest's EL1 to the guest's EL2 where that traps SMCs; ``None`` for one that is KVM's."""
    if el2 or not (machine.hcr_el2_tsc and has_nv(machine)):
        return None
    return Reply(Outcome.GUEST_EL2, Why.NESTED, None)


def handle_smc(machine: Machine, call: Call, immediate: int) -> Reply:
    """Handle a trapped SMC; whatever its immediate is, if not 0, X0 alone becomes NOT_SUPPORTED before any filter."""
    if immediate:
        return Reply(Outcome.NOT_SUPPORTED, Why.SMC_IMMEDIATE, (NOT_SUPPORTED, call.x1, call.x2, call.x3))
    return kvm_smccc_call_handler(machine, call)
