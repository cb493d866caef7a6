"""What a guest of the policy is told and gets: worked out once, for all checks that ask.

Only calls that can be discovered are looked at, a few hundred whatever the policy's size.
"""

from bisect import bisect_left
from collections.abc import Mapping
from functools import cache, cached_property

from smccc_filter.guests.relations import SERVICES_OF_OTHERS, DiscoveryRelation, announces, kvms_relations, relations
from smccc_filter.guests.setup import VmSetup
from smccc_filter.kvm.filter import RESERVED
from smccc_filter.kvm.hypercalls import VENDOR_HYP_CALL_UID, VENDOR_HYP_KVM_FEATURES
from smccc_filter.kvm.machine import Call, Outcome, Reply, Why
from smccc_filter.kvm.outcomes import SERVICED
from smccc_filter.kvm.psci import MIGRATE_INFO_TYPE, PSCI_FEATURES, PSCI_VERSION, SMCCC_VERSION
from smccc_filter.kvm.pvtime import PV_TIME_FEATURES, PV_TIME_ST
from smccc_filter.kvm.uapi import Action
from smccc_filter.smccc.function_id import is_smc64
from smccc_filter.smccc.intervals import intersection
from smccc_filter.smccc.registry import by_name, services_near

MIGRATE_CALLS = ("PSCI_MIGRATE", "PSCI_MIGRATE_INFO_UP_CPU")
"""Calls that a guest finds by MIGRATE_INFO_TYPE, whatever PSCI_FEATURES says."""
FOUND_OTHERWISE = ("HYPERV_HVCALL",)
"""Calls that a guest may know of without asking: Hyper-V's from the hypervisor ID in the ACPI FADT."""

_KVMS = frozenset(SERVICED)
_PV_TIME = frozenset({PV_TIME_FEATURES, PV_TIME_ST})


class Guest:
    """The guest of a policy, on the target kernels called ``kernels``.

    Where the policy does not say whether vCPUs have a stolen-time page there are two, of which the one without has the
    other for its ``twin``; ``has_page`` tells them apart, and is ``None`` where the policy says it.
    """

    def __init__(self, kernels: tuple[str, ...], vm: VmSetup, *, has_page: bool | None, twin: "Guest | None") -> None:
        self.kernels = kernels
        self.vm = vm
        self.has_page = has_page
        self._twin = twin
        self._replies: dict[tuple[int, int], Reply] = {}

    @property
    def with_page(self) -> "Guest":
        """The same guest with a stolen-time page, where the policy does not say whether it has one."""
        return self._twin or self

    def reply(self, func_id: int, x1: int = 0) -> Reply:
        """Make a call by the guest's conduit; the reply is KVM's, or the VMM's as far as the policy says it."""
        if self._twin and func_id not in _PV_TIME:
            return self._twin.reply(func_id, x1)
        key = func_id, x1
        if key not in self._replies:
            self._replies[key] = self.vm.reply(Call(func_id, x1))
        return self._replies[key]

    def outcome(self, func_id: int) -> Outcome:
        """Return how KVM ends a call: what the VMM makes of a forwarded one is not in it."""
        return self.reply(func_id).outcome

    def refuses(self, func_id: int) -> bool:
        """Tell whether the guest gets NOT_SUPPORTED for a call, of KVM or of the VMM."""
        return self.reply(func_id).for_guest is Outcome.NOT_SUPPORTED

    def vmm_refuses(self, func_id: int) -> bool:
        """Tell whether a call is forwarded, and the policy says that the VMM does not implement it."""
        return self.reply(func_id).why is Why.VMM_REFUSES

    def vmm_implements(self, func_id: int) -> bool:
        """Tell whether a call is forwarded, and the policy says that the VMM implements it."""
        return self.reply(func_id).why is Why.VMM_IMPLEMENTS

    def makes(self, func_id: int) -> bool:
        """Tell whether the guest has the call's convention: one in AArch32 has no SMC64."""
        return not (self.vm.machine.aarch32 and is_smc64(func_id))

    def denied(self, func_id: int) -> bool:
        """Tell whether the filter refuses a call."""
        reply = self.reply(func_id)
        return reply.outcome is Outcome.NOT_SUPPORTED and reply.why is Why.FILTER

    def refused(self, key: str | None) -> bool:
        """Tell whether the kernel refuses the register ``key`` (``psci``, or one of ``firmware``) as the policy has it.

        Another check reports that; what follows from it is not the filter's fault.
        """
        return any(refusal.key == key for refusal in self.vm.refusals)

    def says(self, relation: DiscoveryRelation, asked: int) -> bool | None:
        """Return what a discovery call that is not refused says of another; ``None`` where the VMM or the host does."""
        told = self.reply(relation.discovery, asked if relation.argument else 0)
        return None if told.registers is None else announces(self.vm.machine, relation, told.registers, asked)

    def reaches(self, discovery: int) -> bool:
        """Tell whether the guest is led to make a discovery call by the one before it."""
        gate = gates(others=self.forwards_others).get(discovery)
        return gate is None or (self.reaches(gate.discovery) and self._leads(gate, discovery))

    @cached_property
    def is_chain_broken(self) -> bool:
        """Whether the guest never gets an answer to PSCI_FEATURES(SMCCC_VERSION), and so stays at SMCCC 1.0."""
        return self.refuses(PSCI_FEATURES) or not self.reaches(PSCI_FEATURES)

    @cached_property
    def lies(self) -> Mapping[int, int]:
        """The calls that KVM announces and that are refused, each with the discovery call that is closest to it."""
        return {
            asked: relation.discovery
            for relation in kvms_relations()
            if self.outcome(relation.discovery) is Outcome.ANSWERED and self.reaches(relation.discovery)
            for asked in relation.asked
            if self.refuses(asked) and self.says(relation, asked)
        }

    @cached_property
    def hidden(self) -> Mapping[int, int]:
        """The calls that KVM or the VMM would answer and that no guest finds, each with the discovery call that fails.

        What the VMM is known to refuse is none of them.

        Those that only the broken chain to SMCCC 1.1 hides are left out, and those that another way leads to.
        """
        result = {}
        for func_id in sorted(self._live()):
            ways = discoverers(others=self.forwards_others)[func_id]
            if self._is_excused(func_id, ways):
                continue
            if not any(self.reaches(way.discovery) and self._leads(way, func_id) for way in ways):
                result[func_id] = self._failing(ways[0].discovery)
        return result

    @cached_property
    def services_filtered(self) -> frozenset[str]:
        """The services, and families of calls, of which the filter may deny or forward a call."""
        return self._services(Action.DENY, Action.FORWARD)

    @cached_property
    def services_forwarded(self) -> frozenset[str]:
        """The services, and families of calls, of which the filter may forward a call."""
        return self._services(Action.FORWARD)

    def _services(self, *actions: Action) -> frozenset[str]:
        decided = [(start, stop) for start, stop, action in self.vm.actions.segments() if action in actions]
        return frozenset(services_near(tuple(decided)))

    @cached_property
    def forwards_others(self) -> bool:
        """Whether a call may be forwarded that is found by asking for a service that KVM has not."""
        return not self.services_forwarded.isdisjoint(SERVICES_OF_OTHERS)

    def _live(self) -> set[int]:
        """Return the calls that can be discovered and are answered or forwarded: KVM itself answers few."""
        ids = _discoverable(others=self.forwards_others)
        result = {func_id for func_id in ids if func_id in _KVMS and self.outcome(func_id) is Outcome.ANSWERED}
        for start, stop, action in self.vm.actions.segments():
            if action is Action.FORWARD:
                result.update(ids[bisect_left(ids, start) : bisect_left(ids, stop)])
        return {func_id for func_id in result if not self.vmm_refuses(func_id)} if self.vm.vmm else result

    def _is_excused(self, func_id: int, ways: tuple[DiscoveryRelation, ...]) -> bool:
        if all(way.discovery in {PSCI_VERSION, PSCI_FEATURES} for way in ways):
            by_features = func_id == PSCI_FEATURES or all(way.discovery == PSCI_FEATURES for way in ways)
            if not self.vm.machine.psci_0_2 or (self.is_chain_broken and by_features):
                return True
        if func_id not in _migrate_calls():
            return False
        return self.outcome(MIGRATE_INFO_TYPE) is Outcome.FORWARDED and not self.refuses(MIGRATE_INFO_TYPE)

    def _leads(self, relation: DiscoveryRelation, asked: int) -> bool:
        if self.refuses(relation.discovery):
            if relation.discovery == VENDOR_HYP_KVM_FEATURES:
                # Then the VMM that says on what the guest runs does not mean KVM, and the calls are another's.
                return self.outcome(VENDOR_HYP_CALL_UID) is Outcome.FORWARDED
            # PSCI_VERSION, read as 65535.65535, does not keep a guest from asking PSCI_FEATURES.
            return asked == PSCI_FEATURES
        return self.says(relation, asked) is not False

    def _failing(self, discovery: int) -> int:
        """Return the first call on the way to ``discovery`` that leads no further."""
        if self.reaches(discovery):
            return discovery
        return self._failing(gates(others=self.forwards_others)[discovery].discovery)


@cache
def gates(*, others: bool) -> Mapping[int, DiscoveryRelation]:
    """Map a discovery call to the relation by which a guest learns of it; one that needs none is missing.

    Without ``others`` only the discovery calls that KVM answers are in it. ``relations`` has them in the order in which
    a guest meets them. SMCCC_VERSION needs none: a guest that does not come by PSCI may make the call unasked.
    """
    result: dict[int, DiscoveryRelation] = {}
    every = relations(others=others)
    for number, relation in enumerate(every):
        if relation.discovery != SMCCC_VERSION:
            before = (gate for gate in every[:number] if relation.discovery in gate.asked)
            result.update((relation.discovery, gate) for gate in before)
    return result


@cache
def discoverers(*, others: bool) -> Mapping[int, tuple[DiscoveryRelation, ...]]:
    """Map a call to the relations by which a guest may learn of it, ascending by ID, in the guest's order.

    What no filter can touch is left out, and what a guest may know of without asking; without ``others`` also the calls
    of services that KVM has not.
    """
    every = relations(others=others)
    order = list(dict.fromkeys(relation.discovery for relation in every))
    result: dict[int, tuple[DiscoveryRelation, ...]] = {}
    for relation in every:
        for asked in relation.asked:
            if asked not in order or order.index(relation.discovery) < order.index(asked):
                result[asked] = (*result.get(asked, ()), relation)
    otherwise = {start for name in FOUND_OTHERWISE for start, _ in by_name(name) or ()} if others else set()
    return {
        func_id: ways
        for func_id, ways in sorted(result.items())
        if func_id not in otherwise and not intersection(((func_id, func_id + 1),), RESERVED)
    }


@cache
def _discoverable(*, others: bool) -> tuple[int, ...]:
    return tuple(discoverers(others=others))


@cache
def _migrate_calls() -> frozenset[int]:
    return frozenset(start for name in MIGRATE_CALLS for start, _ in by_name(name) or ())
