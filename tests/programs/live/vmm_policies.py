"""Random policies that say what their VMM answers, compiled for one kernel.

Every rule that forwards has ``vmm``, so that there is generated code; it forwards services whole or in part, and some
calls of a service stay KVM's, so that discovery on one side is asked about calls on the other.
"""

import json
from random import Random
from typing import NamedTuple

from smccc_filter.analysis.pipeline import Examination, Examiner, program
from smccc_filter.artefacts.backends.program import CompiledPolicy
from smccc_filter.guests.setup import VmSetup, set_up
from smccc_filter.guests.vmm import FLAGS, VERSION_CALLS
from smccc_filter.kvm.profiles import Profile
from smccc_filter.kvm.uapi import FIRMWARE_REGISTERS, PSCI_VERSIONS
from smccc_filter.smccc import registry
from tests.programs.live.written import Written

SERVICES = (
    *("psci", "trng", "pv-time", "kvm", "vendor-hyp", "sdei", "errata", "pci", "std", "std-hyp", "mm", "lfa", "rhi"),
    *("drtm", "ffa", "firme", "psci-0-1"),
)
"""What a VMM may be forwarded of."""
OFTEN = 5
"""The first so many services are those that KVM has as well: a policy says something of every second."""
OTHERS = (0, 0, 1, 1, 2)
"""How many of the others it says something of."""
OWNERS = frozenset({"std", "std-hyp", "vendor-hyp"})
"""Services that take in the others of their owner, so that only their own calls are named."""


class VmmPolicy(NamedTuple):
    """A policy on one kernel: the VM of the model, and what its dispatcher is generated from."""

    label: str
    examination: Examination
    vm: VmSetup
    compiled: CompiledPolicy


def random_vmm_policy(seed: int, *, aarch32: bool = False) -> bytes:
    """Write the policy of a seed."""
    random = Random(seed)  # noqa: S311 - reproducible, not secret
    firmware = {
        register.key: [bit for bit in register.bits if random.random() < 0.7]
        for register in FIRMWARE_REGISTERS
        if random.random() < 0.2
    }
    target: Written = {
        "capabilities": ["system_suspend"] if random.random() < 0.3 else [],
        "stolen_time": random.random() < 0.5,
        **({"psci": random.choice(list(PSCI_VERSIONS))} if random.random() < 0.6 else {}),
        **({"aarch32": True} if aarch32 else {}),
    }
    chosen = [name for name in SERVICES[:OFTEN] if random.random() < 0.5]
    chosen += random.sample(SERVICES[OFTEN:], random.choice(OTHERS if chosen else (1,)))
    random.shuffle(chosen)
    rules: list[Written] = []
    while chosen:
        services = [chosen.pop() for _ in range(min(len(chosen), random.choice((1, 1, 1, 2))))]
        rules.append(_rule(random, services, may_deny=bool(rules)))
    head = {"version": 1, "name": f"vmm-{seed}", "target": target, "firmware": firmware}
    return json.dumps({**head, "rules": rules}).encode()


def compile_vmm(label: str, data: bytes, profile: Profile) -> VmmPolicy:
    """Compile a policy for one kernel without asking the checks, which refuse what only a stranger would write.

    Raises ValueError where it is not in the language, or where no code is generated.
    """
    examination = Examiner((profile,)).unreported(label, data)
    compiled = program(examination)
    if examination.policy is None or not examination.is_whole or compiled.vmm is None:
        raise ValueError(f"{label}: no generated code")
    vm = set_up(examination.policy, profile, examination.resolution.actions)
    return VmmPolicy(label, examination, vm, compiled)


def _rule(random: Random, services: list[str], *, may_deny: bool) -> Written:
    functions = [function for service in services for function in registry.functions_of(service)]
    names = [function.name for function in functions if registry.function_ids(function)]
    if may_deny and random.random() < 0.12:
        return {"action": "deny", "calls": names}
    if random.random() < 0.3 or not OWNERS.isdisjoint(services):
        names = random.sample(names, random.randint(1, len(names)))
        rule: Written = {"action": "forward", "calls": names}
    else:
        rule = {"action": "forward", "services": services}
        if random.random() < 0.3:
            rule["except"] = {"calls": random.sample(names, random.randint(1, max(1, len(names) // 3)))}
    return {**rule, "vmm": _vmm(random, services, names, may_be_all="calls" in rule)}


def _vmm(random: Random, services: list[str], names: list[str], *, may_be_all: bool) -> Written:
    likely = random.choice((0.3, 0.7, 0.95))
    implements = [name for name in names if random.random() < likely] or names[:1]
    stated = [name for name in services if name in VERSION_CALLS and random.random() < 0.8]
    versions = {name: random.choice(VERSION_CALLS[name].versions) for name in stated}
    flagged = {registry.by_id(func_id)[0].name: bits for func_id, bits in FLAGS.items()}
    features = {
        name: f"0x{random.randint(0, bits):X}"
        for name, bits in flagged.items()
        if name in implements and random.random() < 0.5
    }
    part: Written = {"implements": "all" if may_be_all and random.random() < 0.3 else implements}
    if versions:
        part["version"] = versions
    if features:
        part["features"] = features
    return part
