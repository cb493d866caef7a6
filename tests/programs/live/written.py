"""Policies as people write them: compiled by the tool, given to a kernel as a blob and registers, and probed.

Two predictions stand side by side. One follows the operations, so that it says what KVM does with what it was given;
the other is the tool's own of the policy. That a guest gets what its policy says needs both to be what KVM answers.
"""

import json
from collections.abc import Sequence
from itertools import pairwise
from random import Random
from typing import NamedTuple

from smccc_filter.analysis.diagnostics import FileReport
from smccc_filter.analysis.pipeline import Examination, program
from smccc_filter.analysis.resolve import resolve
from smccc_filter.artefacts.backends import backend
from smccc_filter.artefacts.backends.program import CompiledPolicy
from smccc_filter.guests.setup import set_up
from smccc_filter.kvm.profiles import Profile
from smccc_filter.kvm.uapi import FIRMWARE_REGISTERS, ONE_REG, PSCI_VERSIONS, Action
from smccc_filter.language.policy.load import load
from smccc_filter.language.source import read
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SPACE
from tests.programs.live.policies import SYSTEM_SUSPEND_CAPABILITY, Policy
from tests.programs.live.predict import predict_call
from tests.programs.live.probes import Interval, random_probes

Written = dict[str, object]


class Compiled(NamedTuple):
    """A policy of the language with what became of it."""

    examination: Examination
    program: CompiledPolicy
    policy: Policy


def random_written(seed: int, known: list[int]) -> Compiled:
    """Write the policy of a seed, compile it, and make of it what a VMM does with its blob and registers."""
    random = Random(seed)  # noqa: S311 - reproducible, not secret
    examination = understand(f"written-{seed}", json.dumps(_policy(random, seed, known)).encode())
    compiled = program(examination)
    probes = random_probes(random, ranges(examination), known)
    operations = (*installation(examination, *artefacts(compiled)), *probes)
    return Compiled(examination, compiled, Policy(f"seed {seed} in the policy language", operations))


def understand(name: str, data: bytes) -> Examination:
    """Take in a policy without asking the checks, which would refuse nearly all that nobody thought about."""
    document = read(data)
    policy, faults, _ = load(document)
    if policy is None or faults:
        raise ValueError(f"{name} is not in the language: {faults}")
    report = FileReport(name, "", ())
    return Examination(report, policy, resolve(policy), document, is_read=True, is_whole=True, is_uncut=True)


def artefacts(compiled: CompiledPolicy) -> tuple[bytes, bytes]:
    """Return the blob and the registers of a compiled policy."""
    return backend("blob").emit(compiled), backend("regs").emit(compiled)


def installation(examination: Examination, blob: bytes, registers: bytes) -> list[str]:
    """Return the operations of a VMM that follows a policy: VM, capabilities, filter, vCPU, registers."""
    return [
        *vm(examination),
        *([f"B {blob.hex()}"] if blob else []),
        *(f"R {reg_id:x} {value:x}" for reg_id, value in ONE_REG.iter_unpack(registers)),
    ]


def vm(examination: Examination) -> list[str]:
    """Return the operations that make the VM of a policy, without filter and registers."""
    if examination.policy is None:
        raise ValueError("no policy")
    target = examination.policy.target
    return [
        "V 0" if target.psci == "0.1" else "V",
        *([f"C {SYSTEM_SUSPEND_CAPABILITY}"] if "system_suspend" in target.capabilities else []),
        *(["T"] if target.stolen_time else []),
    ]


def ranges(examination: Examination) -> list[Interval]:
    """Return the ranges that the policy decides alike, each of one action."""
    starts = (*examination.resolution.actions.starts, SPACE)
    return list(pairwise(starts))


def disagreements(profile: Profile, examination: Examination, answers: Sequence[tuple[str, str | None]]) -> list[str]:
    """Return the calls, of operations with their predictions, of which the tool says something else of the policy."""
    if examination.policy is None:
        raise ValueError("no policy")
    machine = set_up(examination.policy, profile, examination.resolution.actions).machine
    return [
        operation
        for operation, prediction in answers
        if operation[0] in "PS" and predict_call(machine, operation) != prediction
    ]


def _policy(random: Random, seed: int, known: list[int]) -> Written:
    firmware = {
        register.key: [bit for bit in register.bits if random.random() < 0.5]
        for register in FIRMWARE_REGISTERS
        if random.random() < 0.3
    }
    target: Written = {
        "capabilities": ["system_suspend"] if random.random() < 0.3 else [],
        "stolen_time": random.random() < 0.3,
    }
    if random.random() < 0.5:
        target["psci"] = random.choice(list(PSCI_VERSIONS))
    default = random.choices(list(Action), (8, 2, 1))[0]
    rules = [_rule(random, known) for _ in range(random.randint(0, 4))]
    head = {"version": 1, "name": f"written-{seed}", "target": target, "firmware": firmware}
    return {**head, "default": default, "rules": rules}


def _rule(random: Random, known: list[int]) -> Written:
    rule: Written = {"action": random.choice(list(Action)), **_selector(random, known)}
    return {**rule, "except": _selector(random, known)} if random.random() < 0.3 else rule


def _selector(random: Random, known: list[int]) -> Written:
    match random.choice(("calls", "ranges", "services")):
        case "calls":
            return {"calls": random.sample(registry.all_names(), random.randint(1, 4))}
        case "ranges":
            return {"ranges": [_range(random, known) for _ in range(random.randint(1, 3))]}
        case _:
            return {"services": random.sample([service.name for service in registry.services()], 1)}


def _range(random: Random, known: list[int]) -> str:
    first = random.choice(known)
    count = min(random.choice((1, 2, 0x20, 0x100, 0x1_0000)), SPACE - first)
    return random.choice((f"0x{first:08X}+{count}", f"0x{first:08X}-0x{first + count - 1:08X}"))
