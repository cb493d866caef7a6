"""A kernel for the seam between prediction and /dev/kvm: it does as the model says, and lies where it is told."""

from typing import NamedTuple

from smccc_filter.kvm.handle_exit import call_of
from smccc_filter.kvm.machine import Call, Conduit
from smccc_filter.kvm.profiles import Profile, profile
from smccc_filter.probe.observation import CallEnd, Observation, predicted
from smccc_filter.probe.plan import ProbePlan, ProbeStep, of_policy
from tests.policies.shipped import examine, policy

HOSTS_OWN = (0x1234, 0, 0, 0)
"""What this host says where the model leaves it the choice."""


def known(name: str) -> Profile:
    found = profile(name)
    assert found is not None
    return found


def plan_of(name: str, kernel: str = "7.3") -> ProbePlan:
    """Plan a policy that is shipped."""
    examination = examine(name)
    return of_policy(policy(name), examination.resolution, known(kernel))


class Made(NamedTuple):
    """A call, and how many VMs there had been by then."""

    vm: int
    conduit: Conduit
    call: Call


class ModelKernel:
    """A ``session.AskedKernel`` that follows the model of ``plan``, but for ``lies`` (by conduit and function ID)."""

    def __init__(self, plan: ProbePlan, lies: dict[tuple[Conduit, int], Observation] | None = None) -> None:
        self.plan = plan
        self.lies = lies or {}
        self.answers = tuple(step.predicted for step in plan.steps)
        self.vms = 0
        self.spoiled = True
        self.made: list[Made] = []

    def set_up(self, steps: tuple[ProbeStep, ...]) -> tuple[str, ...]:
        assert steps == self.plan.steps
        self.vms += 1
        self.spoiled = False
        return self.answers

    def call(self, conduit: Conduit, call: Call) -> Observation:
        assert not self.spoiled, "a call in a VM that the one before spoiled"
        self.made.append(Made(self.vms, conduit, call))
        seen = self.lies.get((conduit, call.func_id))
        if seen is None:
            seen = predicted(call.func_id, call_of(self.plan.machine, conduit, call))
            if seen.registers is None and seen.end in {CallEnd.RETURNED, CallEnd.EVENT}:
                seen = seen._replace(registers=HOSTS_OWN)
        self.spoiled = seen.spoils
        return seen


def small(plan: ProbePlan, *calls: tuple[int, int]) -> ProbePlan:
    """Keep of a plan's calls these: function ID and argument."""
    return plan._replace(calls=tuple(call for call in plan.calls if (call.func_id, call.x1) in calls))
