"""Stolen time, as the guest asks KVM for it.

Lay it beside arch/arm64/kvm/pvtime.c. Whether there is any depends on a page that the VMM gives each vCPU, not on the
filter or the firmware register alone, and so the same call can be advertised and empty.

Source: Linux 6.12.117 and 7.3.4 arch/arm64/kvm/pvtime.c.
"""

from smccc_filter.kvm.machine import NOT_SUPPORTED, SUCCESS, U32_MAX, Call, Machine, Outcome, Reply, Why

PV_TIME_FEATURES = 0xC500_0020
PV_TIME_ST = 0xC500_0021


def kvm_hypercall_pv_features(machine: Machine, call: Call, why: Why) -> Reply:
    """Answer PV_TIME_FEATURES: SUCCESS for the two calls of the service where the vCPU has a stolen-time page."""
    known = machine.stolen_time if call.x1 & U32_MAX in {PV_TIME_FEATURES, PV_TIME_ST} else False
    return Reply(Outcome.ANSWERED, why, None if known is None else (SUCCESS if known else NOT_SUPPORTED, 0, 0, 0))


def kvm_init_stolen_time(machine: Machine, why: Why) -> Reply:
    """Answer PV_TIME_ST with the address that the VMM chose, or with NOT_SUPPORTED."""
    if machine.stolen_time is None:
        return Reply(Outcome.ANSWERED, Why.STOLEN_TIME, None)
    if machine.stolen_time:
        return Reply(Outcome.ANSWERED, why, None)
    return Reply(Outcome.NOT_SUPPORTED, Why.STOLEN_TIME, (NOT_SUPPORTED, 0, 0, 0))
