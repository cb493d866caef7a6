"""The VMM does not implement a call that its specification makes mandatory.

Who answers the version call promises the rest: a guest that reads PSCI 0.2 or later takes CPU_ON, CPU_OFF, SYSTEM_OFF
and the others for given and does not ask. Here the policy forwards such a call, and `vmm` says what is implemented, and
this is not among it. It is an error for PSCI_VERSION, which a Linux guest reads as PSCI 65535.65535 where it is
refused, and for PSCI_FEATURES from PSCI 1.0 on: without it the guest finds no SMCCC 1.1, and nothing that is behind it.

Where a specification does not say what is mandatory, what a version tells of counts: SDEI 1.0 has its calls, and a
guest that reads it may make any of them.

A mandatory call that is denied, or left to a KVM that does not have it, is F509. One of which only one form is
implemented is V705.

Instead: implement the call, or state a version of the specification that does without it.

Source: Arm DEN0022, DEN0060, DEN0098, DEN0100 and DEN0115, as far as the registry knows what each makes mandatory
(`smccc-filter explain CALL`); Linux 7.3.4 drivers/firmware/psci/psci.c.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.guest_groups import gather, names, rule_of, them
from smccc_filter.analysis.examination.guest_view import Guest
from smccc_filter.analysis.examination.subject import Subject
from smccc_filter.kvm.psci import PSCI_FEATURES, PSCI_VERSION
from smccc_filter.language.places import Place
from smccc_filter.smccc import registry

CODE = "V702"
NAME = "unimplemented-mandatory"
SEVERITY = Severity.WARNING
WHOLE = True
ALLOWABLE = True

ANNOUNCED_BY = {
    "psci": PSCI_VERSION,
    "trng": 0x8400_0050,
    "sdei": 0xC400_0020,
    "mm": 0x8400_0040,
    "errata": 0x8400_00F0,
    "drtm": 0xC400_0110,
    "pci": 0x8400_0130,
    "lfa": 0xC400_02E0,
}
"""The call whose answer promises a service, by the service."""
ALWAYS = frozenset({PSCI_VERSION, PSCI_FEATURES})
"""What a guest can't do without, whoever answers the version."""

Missing = tuple[str, int, bool, str]
"""The service, the rule that forwards what is missing, whether it is an error, and what promises it."""


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each service, rule and severity."""
    if not subject.vmm_rules:
        return

    def find(guest: Guest) -> Iterator[tuple[Missing, int]]:
        for service, announcer in ANNOUNCED_BY.items():
            if service in guest.services_forwarded:
                for call, why in _missing(guest, service, announcer):
                    rule = rule_of(subject, call)
                    if rule is not None:
                        yield (service, rule, call in ALWAYS, why), call

    for group in gather(subject, find):
        service, rule, is_error, why = group.key
        part = subject.policy.rules[rule].vmm
        place: Place = (*part.path, "implements") if part else ()
        it = them(group.calls)
        yield Problem(
            place,
            f"the VMM does not implement {names(group.calls)}, {why}{group.on}",
            f"implement {it}, or leave {service} to KVM"
            if is_error
            else f"implement {it}: a guest calls without asking",
            group.ids,
            kernels=group.kernels,
            severity=Severity.ERROR if is_error else None,
        )


def _version(guest: Guest, announcer: int) -> int | None:
    """Return what the VMM answers as its version, ``None`` where that is not stated or not the VMM's to answer."""
    registers = guest.reply(announcer).registers
    return registers[0] if registers and guest.vmm_implements(announcer) else None


def _missing(guest: Guest, service: str, announcer: int) -> Iterator[tuple[int, str]]:
    """Yield the refused forms of promised calls of which no form is implemented, and what promises them."""
    from smccc_filter.guests.relations import version_of

    promised, told = _version(guest, announcer), _told(guest, announcer)
    is_announced = guest.vmm_implements(announcer)
    for function in registry.functions_of(service):
        forms = [start for start, _ in registry.function_ids(function) if guest.makes(start)]
        refused = [call for call in forms if guest.vmm_refuses(call)]
        if not all(map(guest.refuses, forms)):
            continue
        if not is_announced and (ALWAYS.isdisjoint(forms) or not _has_psci(guest)):
            continue
        if not function.required.startswith("mandatory"):
            name = registry.name_of(announcer)
            yield from ((call, f"of which {name} tells") for call in refused if call in told)
        elif promised is None or promised >= version_of(function.since):
            yield from ((call, f"mandatory by {function.spec}{_show(promised)}") for call in refused)


def _told(guest: Guest, announcer: int) -> set[int]:
    """Return the calls of which a version tells, whether or not a specification makes them mandatory."""
    from smccc_filter.guests.relations import relations

    return {
        asked
        for relation in relations(others=guest.forwards_others)
        if relation.discovery == announcer
        for asked in relation.asked
        if guest.says(relation, asked)
    }


def _has_psci(guest: Guest) -> bool:
    """Tell whether the VMM implements some call of PSCI."""
    calls = (start for function in registry.functions_of("psci") for start, _ in registry.function_ids(function))
    return any(guest.vmm_implements(call) for call in calls)


def _show(version: int | None) -> str:
    return "" if version is None else f" {version >> 16}.{version & 0xFFFF}"
