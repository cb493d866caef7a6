"""What a policy asks of its VMM: what to write and when, and which calls to answer, each with what it takes."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from smccc_filter.analysis.map import PolicyMap, named_calls
from smccc_filter.analysis.resolve import Decision
from smccc_filter.artefacts.backends.program import FilterEntry, WrittenRegister, canonical
from smccc_filter.guests.setup import VmSetup, registers_of
from smccc_filter.guests.vmm_answers import vmm_answers
from smccc_filter.kvm.machine import Registers
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.policy.model import Rule
from smccc_filter.smccc import registry
from smccc_filter.smccc.intervals import Intervals, difference
from smccc_filter.smccc.registry.rows import Function
from smccc_filter.smccc.signatures import signature_of
from smccc_filter.smccc.signatures.shape import Signature


class VmmAnswering(StrEnum):
    """How the VMM comes by the answer of a forwarded call, as far as the policy says it."""

    TABLE = "table"
    """The answer follows from the policy."""
    HANDLER = "handler"
    UNSAID = "unsaid"
    """No rule says what the VMM makes of it."""
    REFUSED = "refused"
    """The VMM does not implement the call."""


class ForwardedCall(NamedTuple):
    """A call that the policy forwards, in those of its forms that are alike.

    ``ids`` are ascending; of a block of function numbers there is the first. ``rule`` is ``None`` where the
    default forwards the call. ``registers`` are X0 to X3 where a table
    has one answer. ``signature`` is ``None`` where it is not known what the call takes.
    """

    function: Function
    ids: tuple[int, ...]
    rule: Rule | None
    answering: VmmAnswering
    registers: Registers | None
    signature: Signature | None


class VmmDuties(NamedTuple):
    """What the VMM does: it installs ``entries``, enables ``capabilities``, writes ``registers``, answers ``calls``.

    ``unnamed`` are forwarded IDs that no specification names; ``refused`` those of them that rules say are not
    implemented.
    """

    entries: tuple[FilterEntry, ...]
    capabilities: tuple[str, ...]
    registers: tuple[WrittenRegister, ...]
    calls: tuple[ForwardedCall, ...]
    unnamed: Intervals
    refused: Intervals

    @property
    def forwards(self) -> bool:
        """Whether anything is forwarded."""
        return bool(self.calls or self.unnamed)


def vmm_duties(policy_map: PolicyMap) -> VmmDuties:
    """Return what the VMM of a policy does, forwarded calls by their IDs."""
    policy, resolution = policy_map.policy, policy_map.examination.resolution
    forwarded = resolution.actions.where(lambda action: action is Action.FORWARD)
    setup = policy_map.setups[0] if policy_map.setups else None
    unnamed = difference(forwarded, registry.known_ids())
    made = setup.vmm.made if setup and setup.vmm else None
    refused = () if made is None else difference(unnamed, made.where(lambda it: it is not False))
    return VmmDuties(
        canonical(resolution.actions),
        policy.target.capabilities,
        tuple(WrittenRegister(reg_id, value) for _, reg_id, value in registers_of(policy)),
        tuple(_calls(policy_map, setup)),
        unnamed,
        refused,
    )


def _calls(policy_map: PolicyMap, setup: VmSetup | None) -> Iterator[ForwardedCall]:
    """Yield forwarded calls; the forms of one that differ in nothing are one."""
    found: dict[tuple[object, ...], ForwardedCall] = {}
    answered = _answered(setup)
    decisions = policy_map.examination.resolution.decisions
    seen: set[str] = set()
    for func_id, name in named_calls():
        decision = decisions[func_id]
        if decision.action is not Action.FORWARD or name in seen:
            continue
        seen.add(name)
        call = _call(func_id, decision, setup, answered)
        key = call.function.name, decision.rule_number, call.answering, call.registers
        same = found.get(key)
        found[key] = same._replace(ids=(*same.ids, func_id)) if same else call
    yield from found.values()


def _call(
    func_id: int, decision: Decision, setup: VmSetup | None, answered: dict[int, Sequence[Registers | None]]
) -> ForwardedCall:
    function = registry.by_id(func_id)[0]
    made = setup.vmm.made[func_id] if setup and setup.vmm else None
    rows = answered.get(func_id)
    if made is None:
        answering = VmmAnswering.UNSAID
    elif not made:
        answering = VmmAnswering.REFUSED
    else:
        answering = VmmAnswering.TABLE if rows and None not in rows else VmmAnswering.HANDLER
    registers = rows[0] if rows and len(rows) == 1 else None
    rule = decision.claim and decision.claim.rule
    return ForwardedCall(function, (func_id,), rule, answering, registers, signature_of(function))


def _answered(setup: VmSetup | None) -> dict[int, Sequence[Registers | None]]:
    """Return what tables answer, by ID."""
    found: dict[int, list[Registers | None]] = {}
    for func_id, _, registers in vmm_answers(setup) if setup else ():
        found.setdefault(func_id, []).append(registers)
    return dict(found)
