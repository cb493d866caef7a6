"""What the VMM answers to the calls that a policy forwards, where the policy says what the VMM implements.

A forwarded call that it does not implement is NOT_SUPPORTED. Discovery and versions follow from the policy: from what
is implemented, and for a call that the filter leaves to KVM from what that kernel does. Everything else a handler of
the VMM answers, and the policy says only that it is answered.

A discovery call whose answers are more than the presence of calls (FFA_FEATURES, DRTM_FEATURES, FIRME_FEATURES), that
negotiates (FFA_VERSION) or that names somebody (TRNG_GET_UUID) is left to a handler.

Source: Arm DEN0022F.b 5.3.2, DEN0028, DEN0054, DEN0057, DEN0060, DEN0098, DEN0100, DEN0113, DEN0115 and DEN0147, as far
as ``smccc.signatures`` cites them; Linux 7.3.4 Documentation/virt/kvm/arm/hypercalls.rst.
"""

import struct
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from smccc_filter.guests.relations import ids_of, kvm_functions
from smccc_filter.kvm.handle_exit import call_of
from smccc_filter.kvm.hypercalls import KVM_UID, VENDOR_HYP_CALL_UID, VENDOR_HYP_KVM_FEATURES
from smccc_filter.kvm.machine import (
    NOT_SUPPORTED,
    SUCCESS,
    U32_MAX,
    Call,
    Conduit,
    Machine,
    Outcome,
    Registers,
    Reply,
    Why,
)
from smccc_filter.kvm.outcomes import SERVICED
from smccc_filter.kvm.psci import PSCI_FEATURES, SMCCC_VERSION, kvm_psci_features
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.policy.model import Policy, Rule
from smccc_filter.language.policy.vmm_part import VmmPart
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import FAST_CALL, GENERAL_QUERIES, NUMBER_MASK, SMC64, SPACE
from smccc_filter.smccc.intervals import IntervalMap, Intervals, difference, intersection, union

REFUSED: Registers = (NOT_SUPPORTED, 0, 0, 0)
"""What the VMM answers to a call that it does not implement."""
MAX_FLAGS = 0x7FFF_FFFF
"""A FEATURES call answers 32 bits, and a set sign means that there is no such call."""
BITMAP = struct.Struct("<4I")
"""The 128 bits of KVM's functions, 32 in each of X0 to X3."""


class VersionCall(NamedTuple):
    """A call that answers a version: its ID, the versions there are, and where major and minor lie in X0."""

    func_id: int
    versions: tuple[str, ...]
    major: int = 16
    minor: int = 0

    def registers(self, text: str | None) -> Registers | None:
        """Return what the call answers for a version that is written so; ``None`` for one that there is not."""
        if text in self.versions:
            major, minor = map(int, text.split("."))
            return (major << self.major | minor << self.minor, 0, 0, 0)
        return None


VERSION_CALLS = {
    "psci": VersionCall(0x8400_0000, ("0.2", "1.0", "1.1", "1.2", "1.3")),
    "sdei": VersionCall(0xC400_0020, ("1.0", "1.1"), 48, 32),
    "mm": VersionCall(0x8400_0040, ("1.0",)),
    "trng": VersionCall(0x8400_0050, ("1.0",)),
    "errata": VersionCall(0x8400_00F0, ("1.0",)),
    "drtm": VersionCall(0xC400_0110, ("1.0",)),
    "pci": VersionCall(0x8400_0130, ("1.0",)),
    "lfa": VersionCall(0xC400_02E0, ("1.0",)),
}
"""The services with a call that answers a version and nothing else, by the name that a policy has for them."""

FEATURES_CALLS = {
    PSCI_FEATURES: "psci",
    0x8400_0051: "trng",
    0xC500_0020: "pv-time",
    0x8400_00F1: "errata",
    0x8400_0131: "pci",
    0xC400_02E1: "lfa",
}
"""The calls that take a function ID in X1 and answer 0, or flags, where there is such a call, and the services."""

COUNT_CALLS = (0x8400_FF00, 0x8500_FF00, 0x8600_FF00)
"""STD_SVC_CALL_COUNT, STD_HYP_CALL_COUNT and VENDOR_HYP_CALL_COUNT; other owners count yielding calls as well."""

FLAGS = {0x8400_0001: 0x3, 0xC400_0001: 0x3, 0x8400_0015: 0x1, 0xC400_0015: 0x1}
"""The flags that PSCI_FEATURES may answer: of CPU_SUSPEND and SYSTEM_OFF2. No other call has any."""


class Vmm(NamedTuple):
    """What a VMM makes of forwarded calls.

    ``made`` says of an ID whether it is implemented, ``None`` where nobody here knows or where nothing is forwarded.
    ``versions`` are the registers that a version call answers, and ``flags`` those of calls that a FEATURES call is
    asked about, both by ID and ascending.
    """

    made: IntervalMap[bool | None]
    versions: tuple[tuple[int, Registers], ...]
    flags: tuple[tuple[int, int], ...]


def vmm_of(policy: Policy, actions: IntervalMap[Action]) -> Vmm:
    """Return what the VMM of a policy, which decides ``actions``, answers."""
    parts = [(rule, rule.vmm) for rule in policy.rules if rule.vmm]
    forwarded = actions.where(lambda action: action is Action.FORWARD)
    described: list[tuple[int, int]] = []
    implemented: list[tuple[int, int]] = []
    versions: dict[int, Registers] = {}
    flags: dict[int, int] = {}
    for rule, part in parts:
        own = ids_of_rule(rule)
        described += own
        implemented += intersection(own, implemented_by(part))
        versions |= {func_id: registers for func_id, registers in _versions(part) if has(own, func_id)}
        for stated in part.features:
            ids = intersection(own, stated.ids)
            flags |= {func_id: stated.flags for start, stop in ids for func_id in range(start, stop)}
    said = intersection(union(described), forwarded)
    made = intersection(union(implemented), said)
    if policy.target.aarch32:
        made = difference(made, ((FAST_CALL | SMC64, SPACE),))
    pieces = sorted([(*ids, True) for ids in made] + [(*ids, False) for ids in difference(said, made)])
    return Vmm(IntervalMap.of(pieces, None), tuple(sorted(versions.items())), tuple(sorted(flags.items())))


def ids_of_rule(rule: Rule) -> Intervals:
    """Return what a rule selects, less its exceptions."""
    selected = union(interval for selector in rule.selectors for interval in selector.ids)
    excepted = union(interval for exception in rule.exceptions for interval in exception.ids)
    return difference(selected, excepted)


def implemented_by(part: VmmPart) -> Intervals:
    """Return every form of every call that a rule calls implemented, forwarded or not."""
    return union(interval for selector in part.implements for interval in selector.ids)


def has(ids: Intervals, func_id: int) -> bool:
    """Tell whether an ID is in a canonical set."""
    return bool(intersection(ids, ((func_id, func_id + 1),)))


def reply_of(vmm: Vmm, machine: Machine, conduit: Conduit, call: Call, forwarded: Reply) -> Reply:
    """Return what the guest gets of the VMM for a call that KVM forwards with the reply ``forwarded``.

    The registers are ``None`` where a handler answers, and the reply is the same where nobody knows.
    """
    made = vmm.made[call.func_id]
    if made is None:
        return forwarded
    if not made:
        return forwarded._replace(why=Why.VMM_REFUSES, registers=REFUSED)
    return forwarded._replace(why=Why.VMM_IMPLEMENTS, registers=VmmAnswerer(vmm, machine, conduit).registers(call))


def asked_about(func_id: int) -> tuple[int, ...]:
    """Return the IDs that a call of ``FEATURES_CALLS`` may be asked about, ascending; none for any other call."""
    if func_id not in FEATURES_CALLS:
        return ()
    others = (SMCCC_VERSION,) if func_id == PSCI_FEATURES else ()
    return (*others, *ids_of(FEATURES_CALLS[func_id]))


def stated(part: VmmPart, service: str) -> str | None:
    """Return the version that a rule states of a service."""
    for version in part.versions:
        if version.service in {None, service}:
            return version.text
    return None


def _versions(part: VmmPart) -> Iterator[tuple[int, Registers]]:
    for service, call in VERSION_CALLS.items():
        if registers := call.registers(stated(part, service)):
            yield call.func_id, registers


class VmmAnswerer:
    """Answers the implemented calls of one VM that no handler is needed for."""

    def __init__(self, vmm: Vmm, machine: Machine, conduit: Conduit) -> None:
        self._vmm = vmm
        self._machine = machine
        self._conduit = conduit

    def registers(self, call: Call) -> Registers | None:
        """Return X0 to X3 of an implemented call, ``None`` where a handler answers."""
        func_id = call.func_id
        if func_id in FEATURES_CALLS:
            asked = call.x1 & U32_MAX
            return self._feature(func_id, asked) if asked in _asked_about(func_id) else REFUSED
        if func_id == VENDOR_HYP_KVM_FEATURES:
            return self._bitmap()
        if func_id == VENDOR_HYP_CALL_UID:
            return KVM_UID if self._get(VENDOR_HYP_KVM_FEATURES) else None
        if func_id in COUNT_CALLS:
            return self._count(func_id)
        return dict(self._vmm.versions).get(func_id)

    def _reply(self, func_id: int) -> Reply:
        return call_of(self._machine, self._conduit, Call(func_id))

    def _get(self, func_id: int) -> bool | None:
        """Tell whether the guest gets an answer for a call, ``None`` where nobody here knows."""
        reply = self._reply(func_id)
        if reply.outcome is Outcome.FORWARDED:
            return self._vmm.made[func_id]
        is_answered = reply.outcome is Outcome.ANSWERED
        return None if is_answered and reply.why is Why.STOLEN_TIME else is_answered

    def _feature(self, features: int, asked: int) -> Registers | None:
        """Answer about one call: with the policy's flags for one of the VMM's, as that kernel does for one of KVM's."""
        found = self._get(asked)
        if found is None:
            return None
        if not found:
            return REFUSED
        if self._reply(asked).outcome is Outcome.FORWARDED:
            flags = dict(self._vmm.flags).get(asked, SUCCESS)
            return (flags, 0, 0, 0) if flags <= MAX_FLAGS else None
        return (kvm_psci_features(self._machine, asked) if features == PSCI_FEATURES else SUCCESS, 0, 0, 0)

    def _bitmap(self) -> Registers | None:
        """Answer the bitmap of KVM's functions: those of the VMM, and those that are left to a KVM that has them."""
        found = {func_id & NUMBER_MASK: self._get(func_id) for func_id in kvm_functions()}
        if None in found.values():
            return None
        bitmap = sum(1 << number for number, is_there in found.items() if is_there)
        return BITMAP.unpack(bitmap.to_bytes(BITMAP.size, "little"))

    def _count(self, query: int) -> Registers | None:
        """Count the calls of an owner in both conventions, less its general queries."""
        number = 0
        for base in (query & ~NUMBER_MASK, query & ~NUMBER_MASK | SMC64):
            ids = range(base, base + GENERAL_QUERIES)
            if any(self._get(func_id) is None for func_id in _known_ids(ids.start, ids.stop)):
                return None
            number += sum(stop - start for start, stop, made in self._vmm.made.within(ids.start, ids.stop) if made)
            number += sum(self._reply(func_id).outcome is Outcome.ANSWERED for func_id in SERVICED if func_id in ids)
        return (number, 0, 0, 0)


@cache
def _asked_about(func_id: int) -> frozenset[int]:
    return frozenset(asked_about(func_id))


def _known_ids(start: int, stop: int) -> Iterator[int]:
    """Yield the known IDs of ``[start, stop)``, ascending."""
    for first, end in intersection(registry.known_ids(), ((start, stop),)):
        yield from range(first, end)
