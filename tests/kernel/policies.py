"""Random policies, made where a kernel and a model may disagree: at edges, at known calls, before and after a run.

A policy is a sequence of operations (see agent.py), its ``V`` first. It is a function of its seed alone, so that a seed
in a log is a policy.
"""

from random import Random
from typing import NamedTuple

from smccc_filter import registry
from smccc_filter.kernel.kvm import RESERVED, U32_MAX
from smccc_filter.uapi import FIRMWARE_REGISTERS, KVM_REG_ARM_PSCI_VERSION, PSCI_VERSIONS

PSCI_FEATURES = 0x8400_000A
SMCCC_ARCH_FEATURES = 0x8000_0001
TRNG_FEATURES = 0x8400_0051
PV_TIME_FEATURES = 0xC500_0020
ASKING = (PSCI_FEATURES, SMCCC_ARCH_FEATURES, TRNG_FEATURES, PV_TIME_FEATURES)
"""Discovery calls that ask about a function, in X1."""

TELLING = (0x8400_0000, 0x8000_0000, 0x8400_0050, 0x8600_FF01, 0x8600_0000)
"""Discovery calls without an argument: PSCI, SMCCC and TRNG versions, vendor UID and vendor features."""

SYSTEM_SUSPEND_CAPABILITY = 216
MIN_PROBES = 24
MAX_ENTRIES = 12
EDGES = (*(edge for interval in RESERVED for edge in interval), 0, 1 << 32)
SIZES = (0, 1, 1, 1, 2, 3, 4, 8, 0x20, 0x40, 0x100, 0xFF00, 0x1_0000, 0x100_0000, 0x4000_0000, 0x8000_0000, U32_MAX)


class Policy(NamedTuple):
    """One VM's operations. ``seed`` is None once it was changed."""

    seed: int | None
    operations: tuple[str, ...]


def known_ids() -> list[int]:
    """Return the first and last ID of every run of IDs that some specification defines."""
    return sorted({fid for start, stop in registry.known_ids() for fid in (start, stop - 1)})


def random_policy(seed: int, known: list[int]) -> Policy:
    """Return the policy of a seed: settings and insertions in any order, then calls, now and then a late insertion.

    ``known`` is what ``known_ids`` returns, computed once for many policies.
    """
    random = Random(seed)  # noqa: S311 - reproducible, not secret
    entries = _entries(random, known)
    settings = [*_settings(random), *(_insertion(random, *entry) for entry in entries)]
    random.shuffle(settings)
    calls = _calls(random, entries, known)
    late = [_insertion(random, *_entry(random, known))] if random.random() < 0.1 else []
    fresh = "V 0" if random.random() < 0.05 else "V"
    return Policy(seed, (fresh, *settings, *calls, *late))


def _entries(random: Random, known: list[int]) -> list[tuple[int, int]]:
    entries: list[tuple[int, int]] = []
    for _ in range(random.randint(0, MAX_ENTRIES)):
        if entries and random.random() < 0.4:  # Beside, inside or across one of the others.
            base, nr_functions = random.choice(entries)
            base = random.choice((base, base + nr_functions, base + nr_functions - 1, base - 1)) & U32_MAX
            entries.append((base, random.choice(SIZES)))
        else:
            entries.append(_entry(random, known))
    return entries


def _entry(random: Random, known: list[int]) -> tuple[int, int]:
    near = random.choice(EDGES) if random.random() < 0.25 else random.choice(known)
    base = near + random.randint(-2, 2) if random.random() < 0.9 else random.getrandbits(32)
    nr_functions = random.choice(SIZES) if random.random() < 0.9 else random.getrandbits(32)
    return base & U32_MAX, nr_functions


def _insertion(random: Random, base: int, nr_functions: int) -> str:
    action = random.choice((3, 4, 255)) if random.random() < 0.05 else random.randint(0, 2)
    pad = random.choice((1, 255)) if random.random() < 0.03 else 0
    return f"F {base:x} {nr_functions:x} {action} {pad}"


def _settings(random: Random) -> list[str]:
    settings = []
    if random.random() < 0.2:
        settings.append(f"C {SYSTEM_SUSPEND_CAPABILITY}")
    if random.random() < 0.2:
        settings.append("T")
    if random.random() < 0.4:
        version = random.choice((*PSCI_VERSIONS.values(), 0, 0x1_0004, 0x2_0000))
        settings.append(f"R {KVM_REG_ARM_PSCI_VERSION:x} {version:x}")
    # One bit more than a register has, so that an unknown bit is asked for, too.
    settings += [
        f"R {register.id:x} {random.getrandbits(len(register.bits) + 1):x}"
        for register in FIRMWARE_REGISTERS
        if random.random() < 0.3
    ]
    return settings


def _calls(random: Random, entries: list[tuple[int, int]], known: list[int]) -> list[str]:
    """Call at the edges of some entries, ask every discovery call, and fill up with known functions."""
    edges = [
        edge & U32_MAX
        for base, nr_functions in random.sample(entries, min(3, len(entries)))
        for edge in (base - 1, base, base + nr_functions - 1, base + nr_functions)
    ]
    asked = [(fid, random.choice(edges or known)) for fid in ASKING] + [(fid, random.choice(known)) for fid in ASKING]
    calls = [*((edge, random.choice(known)) for edge in edges), *asked, *((fid, 0) for fid in TELLING)]
    while len(calls) < MIN_PROBES:
        calls.append((random.choice(known), random.choice((0, random.choice(known)))))
    random.shuffle(calls)
    return [f"{random.choice('PS')} {fid:x} {x1:x}" for fid, x1 in calls]
