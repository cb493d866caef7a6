"""What switches a call off or on in KVM's services and in every answer about it alike, and the lines that write it.

That is a bit of a firmware register, the PSCI version or a VM capability. Nothing else changes what KVM announces.

Source: Linux 6.12.117 and 7.3.4 arch/arm64/kvm/hypercalls.c and psci.c.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from smccc_filter.analysis.examination.guest_view import Guest
from smccc_filter.analysis.examination.subject import Subject
from smccc_filter.kvm.hypercalls import GATES
from smccc_filter.kvm.machine import SmcccFeatures
from smccc_filter.kvm.psci import KVM_ARM_PSCI_1_0, SINCE, SYSTEM_SUSPEND
from smccc_filter.kvm.pvtime import PV_TIME_ST
from smccc_filter.kvm.uapi import FIRMWARE_REGISTERS, PSCI_VERSIONS
from smccc_filter.language.changes import Change, SetKeys
from smccc_filter.language.policy.language import fields_above
from smccc_filter.language.policy.model import Target
from smccc_filter.words import enumerated

ONLY_VMM = {0xC600_0040: ("vendor_hyp_2", 1 << 0), 0xC600_0041: ("vendor_hyp_2", 1 << 1)}
"""The calls that a bit announces and that KVM has no code for: DISCOVER_IMPL_VER and DISCOVER_IMPL_CPUS."""
BITS = {**GATES, **ONLY_VMM}
"""The register and its bit that announce a call, whether or not they gate it too."""
CHOSEN_AWAY = {call: version for call, version in SINCE.items() if version > KVM_ARM_PSCI_1_0}
"""The calls that a guest does not have in some PSCI version from 1.0 on, and the version that brought them."""
NAMES = {register.key: register.bits for register in FIRMWARE_REGISTERS}


class AnnouncingLines(NamedTuple):
    """Lines that switch calls off or on, the calls for which there are none, and the lines as changes."""

    lines: tuple[str, ...]
    fixed: tuple[int, ...]
    changes: tuple[Change, ...] = ()


class PolicyLine(NamedTuple):
    """A line of ``firmware`` or ``target``; ``aside`` is a remark on it."""

    where: str
    key: str
    value: str
    aside: str = ""


def register_of(call: int) -> str | None:
    """Return the register that has a bit for a call."""
    return BITS[call][0] if call in BITS else None


def written_bit(subject: Subject, call: int) -> tuple[str, str] | None:
    """Return the register and the bit that announce a call, where the policy itself writes them."""
    if call not in BITS:
        return None
    key, mask = BITS[call]
    bit = NAMES[key][mask.bit_length() - 1]
    return (key, bit) if bit in subject.policy.firmware.get(key, ()) else None


def off(subject: Subject, calls: Iterable[int], beside: Iterable[int] = ()) -> AnnouncingLines:
    """Return how KVM stops announcing ``calls``, in a way that also fits those ``beside`` them.

    Where the bit goes that gates a whole service, the rest of the register goes with it.
    """
    registers: dict[str, int] = {}
    since, suspend, fixed = [], False, []
    for call in calls:
        if call in BITS:
            key, bit = BITS[call]
            registers[key] = registers.get(key, 0) | (-1 if call in GATES and bit & 1 else bit)
        elif call in SYSTEM_SUSPEND:
            suspend = True
        elif call in CHOSEN_AWAY:
            since.append(CHOSEN_AWAY[call])
        else:
            fixed.append(call)
    lines = [_firmware(key, _set(subject, key) & ~mask) for key, mask in registers.items()]
    if since:
        since += [CHOSEN_AWAY[call] for call in beside if call in CHOSEN_AWAY]
        lines.append(_psci(max(_psci_versions(subject, most=min(since) - 1))))
    if suspend:
        lines.append(PolicyLine("target", "capabilities", "[]"))
    return _switch(subject, lines, fixed)


def gated_with(calls: Iterable[int]) -> frozenset[int]:
    """Return every call that KVM stops to answer where ``off`` hides ``calls``; none unless registers gate them all."""
    cleared = {GATES.get(call) for call in calls}
    if None in cleared:
        return frozenset()
    return frozenset(call for call, (key, bit) in GATES.items() if not cleared.isdisjoint({(key, bit), (key, 1)}))


def on(subject: Subject, guests: Sequence[Guest], calls: Iterable[int]) -> AnnouncingLines:
    """Return how KVM starts announcing ``calls``, discovery calls among them, to guests to which it does not."""
    machine = guests[0].vm.machine
    have_page = all(guest.vm.machine.stolen_time for guest in guests)
    registers: dict[str, int] = {}
    since, suspend, stolen_time, fixed = [], False, False, []
    for call in calls:
        if call in BITS and len(_lacking(subject, BITS[call][0])) < len(subject.profiles):
            key, bit = BITS[call]
            if not _set(subject, key) & bit:
                registers[key] = registers.get(key, 0) | bit
            stolen_time = stolen_time or (call == PV_TIME_ST and not have_page)
        elif call in SYSTEM_SUSPEND and not machine.system_suspend:
            suspend = True
        elif call in SINCE and SINCE[call] > machine.kvm_psci_version() and _psci_versions(subject, SINCE[call]):
            since.append(SINCE[call])
        else:
            fixed.append(call)
    lines = [_firmware(key, _set(subject, key) | mask, _lacking(subject, key)) for key, mask in registers.items()]
    if stolen_time:
        lines.append(PolicyLine("target", "stolen_time", "true"))
    if since:
        lines.append(_psci(min(_psci_versions(subject, max(since)))))
    if suspend:
        lines.append(PolicyLine("target", "capabilities", "[system_suspend]"))
    return _switch(subject, lines, fixed)


def _switch(subject: Subject, lines: list[PolicyLine], fixed: list[int]) -> AnnouncingLines:
    """Write lines for a hint, and as changes where nothing has to be said beside them."""
    there = {"firmware": bool(subject.policy.firmware), "target": subject.policy.target != Target()}
    values: dict[str, list[tuple[str, str]]] = {}
    for line in lines:
        values.setdefault(line.where, []).append((line.key, line.value))
    clear = not any(line.aside for line in lines)
    changes = [SetKeys((where,), tuple(pairs), fields_above("", where)) for where, pairs in values.items() if clear]
    return AnnouncingLines(tuple(_show(line, there[line.where]) for line in lines), tuple(fixed), tuple(changes))


def _show(line: PolicyLine, there: bool) -> str:  # noqa: FBT001 -- whether the mapping is there
    written = f"{line.key}: {line.value}"
    return (f"`{written}` under `{line.where}`" if there else f"`{line.where}: {{{written}}}`") + line.aside


def _set(subject: Subject, key: str) -> int:
    """Return the bits of a register: as the policy has them, or KVM's default."""
    written = subject.policy.firmware.get(key)
    if written is not None:
        return sum(1 << NAMES[key].index(name) for name in set(written))
    default: int = getattr(SmcccFeatures(), key)
    return default


def _lacking(subject: Subject, key: str) -> list[str]:
    """Name the target kernels that do not have a register."""
    return [profile.name for profile in subject.profiles if key not in profile.firmware.value]


def _firmware(key: str, bits: int, lacking: Sequence[str] = ()) -> PolicyLine:
    value = f"[{', '.join(name for number, name in enumerate(NAMES[key]) if bits >> number & 1)}]"
    have = "has" if len(lacking) == 1 else "have"
    return PolicyLine("firmware", key, value, f" ({enumerated(lacking)} {have} no such register)" if lacking else "")


def _psci_versions(
    subject: Subject, least: int = KVM_ARM_PSCI_1_0, most: int = max(PSCI_VERSIONS.values())
) -> list[int]:
    """Return the versions from ``least`` to ``most``, never below 1.0, that every target kernel takes."""
    taken = set(PSCI_VERSIONS).intersection(*(profile.psci.value for profile in subject.profiles))
    return [PSCI_VERSIONS[name] for name in taken if max(least, KVM_ARM_PSCI_1_0) <= PSCI_VERSIONS[name] <= most]


def _psci(version: int) -> PolicyLine:
    return PolicyLine("target", "psci", f'"{version >> 16}.{version & 0xFFFF}"')
