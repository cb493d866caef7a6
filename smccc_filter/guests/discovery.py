"""What a guest is told of each call, what it gets when it then calls, and whether the two agree.

KVM answers discovery from tables that know nothing of the filter. So a denied call goes on being advertised, and a
forwarded one stays hidden, unless a firmware register or the PSCI version says so too.
"""

from collections.abc import Iterator
from typing import NamedTuple

from smccc_filter.guests.relations import DiscoveryRelation, announces, relations
from smccc_filter.guests.setup import VmSetup
from smccc_filter.kvm.hypercalls import KVM_UID, VENDOR_HYP_CALL_UID, VENDOR_HYP_KVM_FEATURES
from smccc_filter.kvm.machine import Call, Outcome, Reply
from smccc_filter.kvm.psci import KVM_ARM_PSCI_1_0, PSCI_FEATURES, PSCI_VERSION, SMCCC_VERSION


class DiscoveryAnswer(NamedTuple):
    """What the call ``discovery`` tells of the call ``asked``, and the outcome of that call.

    ``call`` is as the guest finds it. ``advertised`` is ``None`` where the VMM answers and the policy does not say
    what, the host's CPUs decide (the workarounds), or nobody knows whether
    there is a stolen-time page. ``consistent`` says
    whether the guest knows the truth afterwards: told of a call, it is answered or forwarded; not told, it gets
    NOT_SUPPORTED. Where nobody here knows what it is told, nothing disagrees. ``told`` is the reply to the call
    ``told_by``, which is the discovery call, or the one before it where the guest does not get that far. ``got`` is the
    reply to the call itself, with zeros for arguments.
    """

    discovery: int
    asked: int
    advertised: bool | None
    call: Outcome
    consistent: bool
    told_by: int
    told: Reply
    got: Reply

    @property
    def kernels_own(self) -> bool:
        """Whether KVM itself, under any policy, does not tell of a call that it answers."""
        answered = self.told.outcome is self.got.outcome is Outcome.ANSWERED
        return answered and self.advertised is False


def answers(vm: VmSetup) -> tuple[DiscoveryAnswer, ...]:
    """Ask every discovery call about everything it can be asked about, by the conduit of the guest.

    A guest that reads a PSCI version below 1.0 has no PSCI_FEATURES and asks nothing of it; what it would need it for
    is SMCCC_VERSION, so that one question stays. A guest with PSCI 0.1 has its calls from the devicetree and asks
    PSCI nothing. One that is not told that it runs on KVM does not ask for KVM's services, and so is told of none;
    where the VMM says on what it runs and KVM's bitmap is refused, the VMM knows what the guest will make of that.
    """
    replies: dict[tuple[int, int], Reply] = {}

    def ask(func_id: int, x1: int = 0) -> Reply:
        reply = replies.get((func_id, x1))
        if reply is None:
            reply = replies[func_id, x1] = vm.reply(Call(func_id, x1))
        return reply

    def told_of(relation: DiscoveryRelation, asked: int) -> tuple[int, Reply, bool | None]:
        reply = ask(relation.discovery, asked if relation.argument else 0)
        if relation.discovery == VENDOR_HYP_KVM_FEATURES:
            uid = ask(VENDOR_HYP_CALL_UID)
            if uid.registers not in {None, KVM_UID}:
                return VENDOR_HYP_CALL_UID, uid, False
            if uid.registers is None and reply.for_guest is Outcome.NOT_SUPPORTED:
                return VENDOR_HYP_CALL_UID, uid, None
        if reply.registers is None:
            return relation.discovery, reply, None
        return relation.discovery, reply, announces(vm.machine, relation, reply.registers, asked)

    result = []
    for relation in relations():
        for asked in _asked(vm, relation, ask(PSCI_VERSION)):
            told_by, told, advertised = told_of(relation, asked)
            got = ask(asked)
            consistent = advertised in {None, got.for_guest is not Outcome.NOT_SUPPORTED}
            result.append(
                DiscoveryAnswer(relation.discovery, asked, advertised, got.for_guest, consistent, told_by, told, got)
            )
    return tuple(result)


def _asked(vm: VmSetup, relation: DiscoveryRelation, version: Reply) -> Iterator[int]:
    if relation.discovery not in {PSCI_VERSION, PSCI_FEATURES}:
        yield from relation.asked
    elif vm.machine.psci_0_2:
        below_1_0 = version.registers is not None and version.registers[0] < KVM_ARM_PSCI_1_0
        skips = below_1_0 and relation.discovery == PSCI_FEATURES
        yield from (asked for asked in relation.asked if not skips or asked == SMCCC_VERSION)
