"""Random policies, made where a kernel and a model may disagree: at edges, at known calls, before and after a run.

A policy is a sequence of operations (see agent.py), its ``V`` first. It is a function of its seed alone, so that a seed
in a log is a policy.
"""

from random import Random
from typing import NamedTuple

from smccc_filter.kvm.filter import RESERVED, U32_MAX
from smccc_filter.kvm.uapi import FIRMWARE_REGISTERS, KVM_REG_ARM_PSCI_VERSION, PSCI_VERSIONS
from smccc_filter.smccc import registry
from tests.programs.live.probes import Interval, random_probes

SYSTEM_SUSPEND_CAPABILITY = 216
"""KVM_CAP_ARM_SYSTEM_SUSPEND of Linux include/uapi/linux/kvm.h."""

MAX_ENTRIES = 12
EDGES = (*(edge for interval in RESERVED for edge in interval), 0, 1 << 32)
SIZES = (0, 1, 1, 1, 2, 3, 4, 8, 0x20, 0x40, 0x100, 0xFF00, 0x1_0000, 0x100_0000, 0x4000_0000, 0x8000_0000, U32_MAX)


class Policy(NamedTuple):
    """One VM's operations, and what a log calls them."""

    label: str
    operations: tuple[str, ...]


def known_ids() -> list[int]:
    """Return the first and last ID of every run of IDs that some specification defines."""
    return sorted({fid for start, stop in registry.known_ids() for fid in (start, stop - 1)})


def random_policy(seed: int, known: list[int]) -> Policy:
    """Return the policy of a seed: settings and insertions in any order, then calls, now and then late changes.

    ``known`` is what ``known_ids`` returns, computed once for many policies.
    """
    random = Random(seed)  # noqa: S311 - reproducible, not secret
    entries = _entries(random, known)
    settings = [*_settings(random), *(_insertion(random, *entry) for entry in entries)]
    random.shuffle(settings)
    probes = random_probes(random, [(base, base + nr_functions) for base, nr_functions in entries], known)
    late = [*_settings(random), _insertion(random, *_entry(random, known))] if random.random() < 0.1 else []
    fresh = "V 0" if random.random() < 0.05 else "V"
    return Policy(f"seed {seed}", (fresh, *settings, *probes, *late))


def _entries(random: Random, known: list[int]) -> list[Interval]:
    entries: list[Interval] = []
    for _ in range(random.randint(0, MAX_ENTRIES)):
        if entries and random.random() < 0.4:  # Beside, inside or across one of the others.
            base, nr_functions = random.choice(entries)
            base = random.choice((base, base + nr_functions, base + nr_functions - 1, base - 1)) & U32_MAX
            entries.append((base, random.choice(SIZES)))
        else:
            entries.append(_entry(random, known))
    return entries


def _entry(random: Random, known: list[int]) -> Interval:
    near = random.choice(EDGES) if random.random() < 0.25 else random.choice(known)
    base = near + random.randint(-2, 2) if random.random() < 0.9 else random.getrandbits(32)
    nr_functions = random.choice(SIZES) if random.random() < 0.9 else random.getrandbits(32)
    return base & U32_MAX, nr_functions


def _insertion(random: Random, base: int, nr_functions: int) -> str:
    action = random.choice((3, 4, 255)) if random.random() < 0.05 else random.randint(0, 2)
    pad = random.choice((1, 255)) if random.random() < 0.03 else 0
    return f"F {base:x} {nr_functions:x} {action} {pad}"


def _settings(random: Random) -> list[str]:
    settings = [f"C {SYSTEM_SUSPEND_CAPABILITY}"] if random.random() < 0.2 else []
    settings += ["T"] * random.choice((0, 0, 0, 0, 0, 0, 0, 1, 1, 2))
    if random.random() < 0.4:
        version = random.choice((*PSCI_VERSIONS.values(), 0, 0x1_0004, 0x2_0000))
        settings.append(f"R {KVM_REG_ARM_PSCI_VERSION:x} {version:x}")
    # One bit more than a register has, so that an unknown bit is asked for, too.
    settings += [
        f"R {register.id:x} {random.getrandbits(len(register.bits) + 1):x}"
        for register in FIRMWARE_REGISTERS
        if random.random() < 0.3
    ]
    readable = (KVM_REG_ARM_PSCI_VERSION, *(register.id for register in FIRMWARE_REGISTERS))
    return settings + [f"G {reg_id:x}" for reg_id in readable if random.random() < 0.1]
