"""Which call a guest asks about which others, and how it reads the answer.

A discovery call stands in one range and answers for calls in another; that is how a policy that is right range by range
can lie. KVM answers the first few itself. Of the rest it knows nothing, so that they say either nothing or what the VMM
says.

Source: Arm DEN0028, DEN0022, DEN0098 and DEN0057; Linux 7.3.4 Documentation/virt/kvm/arm/hypercalls.rst and the readers
of these answers in drivers/firmware, arch/arm64/kernel and arch/arm64/include/asm/archrandom.h.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from smccc_filter.kvm.hypercalls import KVM_UID, SMCCC_ARCH_FEATURES, VENDOR_HYP_CALL_UID, VENDOR_HYP_KVM_FEATURES
from smccc_filter.kvm.machine import NOT_SUPPORTED, SUCCESS, Machine, Registers
from smccc_filter.kvm.psci import PSCI_FEATURES, PSCI_VERSION, SMCCC_VERSION
from smccc_filter.kvm.pvtime import PV_TIME_FEATURES
from smccc_filter.kvm.trng import TRNG_CALLS, TRNG_FEATURES, TRNG_VERSION, TRNG_VERSION_1_0
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import GENERAL_QUERIES, NUMBER_MASK, is_smc64

Read = Callable[[Registers, int], bool]
"""Tells whether an answer of KVM announces a call."""

SIGN = 1 << 31
SDEI_VERSION = 32
"""Where SDEI_VERSION has minor, 16 bits, below major."""
SMCCC_1_1 = 0x1_0001
WORD = 32


class DiscoveryRelation(NamedTuple):
    """A discovery call and what it can be asked about, ascending; ``argument`` says whether X1 holds that ID."""

    discovery: int
    asked: tuple[int, ...]
    argument: bool
    read: Read


def announces(machine: Machine, relation: DiscoveryRelation, registers: Registers, asked: int) -> bool:
    """Tell whether an answer of KVM announces a call to the machine's guest.

    A PSCI version promises no SMC64 call to one in AArch32.
    """
    if machine.aarch32 and relation.discovery == PSCI_VERSION and is_smc64(asked):
        return False
    return relation.read(registers, asked)


@cache
def relations(*, others: bool = True) -> tuple[DiscoveryRelation, ...]:
    """Return every relation: those that KVM answers in the order in which a guest meets them, then the others.

    Without ``others``, those of services that KVM has not are left out.
    """
    return (*kvms_relations(), *_never_kvm()) if others else kvms_relations()


@cache
def kvms_relations() -> tuple[DiscoveryRelation, ...]:
    """Return the relations that KVM answers, in the order in which a guest meets them."""
    mandatory = tuple(sorted(_mandatory_psci()))
    arch = tuple(fid for fid in ids_of("arch") if fid & NUMBER_MASK < GENERAL_QUERIES)
    return (
        DiscoveryRelation(PSCI_VERSION, mandatory, argument=False, read=_psci_version_has),
        DiscoveryRelation(PSCI_FEATURES, (SMCCC_VERSION, *ids_of("psci")), argument=True, read=_not_refused),
        DiscoveryRelation(SMCCC_VERSION, (SMCCC_ARCH_FEATURES,), argument=False, read=_is_smccc_1_1),
        DiscoveryRelation(SMCCC_ARCH_FEATURES, (*arch, PV_TIME_FEATURES), argument=True, read=_is_not_negative),
        DiscoveryRelation(PV_TIME_FEATURES, ids_of("pv-time"), argument=True, read=_is_success),
        DiscoveryRelation(TRNG_VERSION, _but(TRNG_CALLS, TRNG_VERSION), argument=False, read=is_trng_1_0),
        DiscoveryRelation(TRNG_FEATURES, TRNG_CALLS, argument=True, read=_is_success),
        DiscoveryRelation(VENDOR_HYP_CALL_UID, (VENDOR_HYP_KVM_FEATURES,), argument=False, read=_is_kvm_uid),
        DiscoveryRelation(VENDOR_HYP_KVM_FEATURES, kvm_functions(), argument=False, read=_has_kvm_bit),
    )


def _never_kvm() -> Iterator[DiscoveryRelation]:
    """Yield the relations of services that KVM has not: whatever it says of them is no, and the VMM may say more."""
    reads = {"SDEI_VERSION": _sdei_version_has, "MM_VERSION": _not_refused}
    for name, services in GATES_OF_OTHERS:
        discovery = _one(name)
        asked = sorted(fid for service in services for fid in ids_of(service))
        yield DiscoveryRelation(discovery, _but(tuple(asked), discovery), argument=False, read=reads.get(name, _never))
    for version_name, features_name, service in FEATURES_OF_OTHERS:
        version, features = _one(version_name), _one(features_name)
        yield DiscoveryRelation(version, (features,), argument=False, read=_not_refused)
        yield DiscoveryRelation(features, _but(ids_of(service), features), argument=True, read=_is_success)


GATES_OF_OTHERS = (
    ("VENDOR_HYP_CALL_UID", ("hyper-v", "gunyah")),
    ("SDEI_VERSION", ("sdei",)),
    ("MM_VERSION", ("mm",)),
    ("RMI_VERSION", ("rmi",)),
    ("RSI_VERSION", ("rsi",)),
    ("OPTEE_CALLS_UID", ("optee",)),
)
"""Calls on whose answer everything else of a service hangs, and the services."""

FEATURES_OF_OTHERS = (
    ("FFA_VERSION", "FFA_FEATURES", "ffa"),
    ("EM_VERSION", "EM_FEATURES", "errata"),
    ("DRTM_VERSION", "DRTM_FEATURES", "drtm"),
    ("PCI_VERSION", "PCI_FEATURES", "pci"),
    ("LFA_VERSION", "LFA_FEATURES", "lfa"),
    ("FIRME_SERVICE_VERSION", "FIRME_FEATURES", "firme"),
)
"""Services with a version call, and another that takes a function ID and tells whether there is such a call."""

SERVICES_OF_OTHERS = frozenset(
    (*(service for _, services in GATES_OF_OTHERS for service in services), *(row[-1] for row in FEATURES_OF_OTHERS))
)
"""The services that KVM has not and of which a discovery call tells."""


def _one(name: str) -> int:
    """Return the ID of a call that has one."""
    ((fid, _),) = registry.by_name(name) or ()
    return fid


def ids_of(service: str) -> tuple[int, ...]:
    """Return every ID of a service's calls, ascending."""
    found = {
        fid
        for function in registry.functions_of(service)
        for start, stop in registry.function_ids(function)
        for fid in range(start, stop)
    }
    return tuple(sorted(found))


def _but(ids: tuple[int, ...], one: int) -> tuple[int, ...]:
    return tuple(fid for fid in ids if fid != one)


@cache
def _mandatory_psci() -> dict[int, int]:
    """Map each call that a PSCI version makes mandatory, PSCI_VERSION apart, to the version from which it does."""
    return {
        start: version_of(function.since)
        for function in registry.functions_of("psci")
        if function.required.startswith("mandatory")
        for start, _ in registry.function_ids(function)
        if start != PSCI_VERSION
    }


def version_of(text: str) -> int:
    """Return a version as PSCI and most others write it in a register, of a text that begins with it."""
    major, minor = text.partition(" ")[0].split(".")
    return int(major) << 16 | int(minor)


def kvm_functions() -> tuple[int, ...]:
    """Return every ID of which VENDOR_HYP_KVM_FEATURES tells, ascending."""
    return tuple(sorted((*ids_of("kvm"), *ids_of("pkvm"))))


def _psci_version_has(registers: Registers, asked: int) -> bool:
    return registers[0] != NOT_SUPPORTED and registers[0] >= _mandatory_psci()[asked]


def _not_refused(registers: Registers, _asked: int) -> bool:
    return registers[0] != NOT_SUPPORTED


def _is_not_negative(registers: Registers, _asked: int) -> bool:
    return not registers[0] & SIGN


def _is_success(registers: Registers, _asked: int) -> bool:
    return registers[0] == SUCCESS


def _is_smccc_1_1(registers: Registers, asked: int) -> bool:
    return _is_not_negative(registers, asked) and registers[0] >= SMCCC_1_1


def is_trng_1_0(registers: Registers, asked: int) -> bool:
    """Tell whether an answer of TRNG_VERSION announces the other calls."""
    return _is_not_negative(registers, asked) and registers[0] >= TRNG_VERSION_1_0


def _is_kvm_uid(registers: Registers, _asked: int) -> bool:
    return registers == KVM_UID


def _has_kvm_bit(registers: Registers, asked: int) -> bool:
    # 128 functions have a bit, 32 in each of X0 to X3. The call has no way of saying no: NOT_SUPPORTED, where a filter
    # denies it, is a bitmap with bits 0 to 31 set.
    number = asked & NUMBER_MASK
    return bool(registers[number // WORD] >> number % WORD & 1)


def _sdei_version_has(registers: Registers, asked: int) -> bool:
    if registers[0] == NOT_SUPPORTED:
        return False
    return _sdei_since()[asked] <= registers[0] >> SDEI_VERSION


@cache
def _sdei_since() -> dict[int, int]:
    """Map each call of SDEI to the version that brought it."""
    functions = registry.functions_of("sdei")
    return {start: version_of(row.since) for row in functions for start, _ in registry.function_ids(row)}


def _never(_registers: Registers, _asked: int) -> bool:
    return False
