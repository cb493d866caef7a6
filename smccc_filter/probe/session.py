"""Prediction and truth, call by call, whatever the truth comes from."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from smccc_filter.kvm.handle_exit import call_of
from smccc_filter.kvm.machine import Call, Conduit
from smccc_filter.kvm.psci import SMCCC_VERSION
from smccc_filter.probe.observation import CallEnd, Observation, agrees, predicted
from smccc_filter.probe.plan import ProbePlan, ProbeStep


class AskedKernel(Protocol):
    """Something that makes VMs and lets their guests call: the kernel of this machine, or a model of one."""

    def set_up(self, steps: tuple[ProbeStep, ...]) -> tuple[str, ...]:
        """Make a VM in place of the one before; say of each step that it was accepted, or the errno's name."""

    def call(self, conduit: Conduit, call: Call) -> Observation:
        """Let the VM's guest make a call."""


class StepResult(NamedTuple):
    """How one step ended, as predicted and as observed."""

    name: str
    predicted: str
    observed: str

    @property
    def agrees(self) -> bool:
        """Whether the prediction was right."""
        return self.predicted == self.observed


class CallResult(NamedTuple):
    """How one call ended by one conduit, as predicted and as observed."""

    call: Call
    conduit: Conduit
    predicted: Observation
    observed: Observation

    @property
    def agrees(self) -> bool:
        """Whether the prediction was right."""
        return agrees(self.call.func_id, self.predicted, self.observed)


class ProbeResult(NamedTuple):
    """Everything that was observed; where a step differs, no call was made.

    ``undefined`` are the conduits that are undefined instructions on the host's CPUs, so that no call was made by them.
    """

    set_up: tuple[StepResult, ...]
    probes: tuple[CallResult, ...]
    undefined: tuple[Conduit, ...] = ()

    @property
    def differing(self) -> tuple[StepResult | CallResult, ...]:
        """What was predicted wrong."""
        rows: tuple[StepResult | CallResult, ...] = (*self.set_up, *self.probes)
        return tuple(row for row in rows if not row.agrees)


def run(plan: ProbePlan, truth: AskedKernel) -> ProbeResult:
    """Set up the VM, then make every call of ``plan`` by every conduit, in a new VM after any that spoils one."""
    observed = truth.set_up(plan.steps)
    steps = tuple(StepResult(step.name, step.predicted, seen) for step, seen in zip(plan.steps, observed, strict=True))
    if not all(step.agrees for step in steps):
        return ProbeResult(steps, ())
    conduits = []
    for conduit in plan.conduits:
        seen = truth.call(conduit, Call(SMCCC_VERSION))
        if seen.end is not CallEnd.UNDEFINED:
            conduits.append(conduit)
        if seen.spoils:
            truth.set_up(plan.steps)
    undefined = tuple(conduit for conduit in plan.conduits if conduit not in conduits)
    return ProbeResult(steps, tuple(_probes(plan, truth, conduits)), undefined)


def _probes(plan: ProbePlan, truth: AskedKernel, conduits: list[Conduit]) -> Iterator[CallResult]:
    spoiled = False
    for call in plan.calls:
        for conduit in conduits:
            if spoiled:
                truth.set_up(plan.steps)
            prediction = predicted(call.func_id, call_of(plan.machine, conduit, call))
            observed = truth.call(conduit, call)
            spoiled = observed.spoils
            yield CallResult(call, conduit, prediction, observed)
