"""Policies resolved for the reports that draw maps."""

from pathlib import Path

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.map import PolicyMap
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.guests.setup import VmSetup, set_up
from smccc_filter.kvm.profiles import NEWEST, profile
from tests.policies import shipped

RECORDED = Path(__file__).parent / "golden"
"""Tables and pictures as they were when somebody last looked at them."""
HEAD = "version: 1\nname: a\n"


def setups(examination: Examination) -> tuple[VmSetup, ...]:
    """Set the policy up on its targets, whatever is wrong with it."""
    assert examination.policy is not None
    names = dict.fromkeys(examination.policy.target.kernels)
    kernels = tuple(filter(None, map(profile, names))) or (NEWEST,)
    return tuple(set_up(examination.policy, kernel, examination.resolution.actions) for kernel in kernels)


def of(data: bytes | str) -> PolicyMap:
    """Return the map of a policy's text."""
    examination = pipeline.examine("p.yaml", data.encode() if isinstance(data, str) else data)
    return PolicyMap.of(examination, setups(examination))


def of_shipped(name: str) -> PolicyMap:
    """Return the map of a policy that the project ships."""
    return PolicyMap.of(shipped.examine(name), setups(shipped.examine(name)))


def many_rules(count: int) -> str:
    """Write a policy in which as many rules alternate as one service has room for, and more."""
    rules = (
        f"  - {{name: r{n}, action: {('deny', 'forward')[n % 2]}, ranges: [0x{0x84000000 + 2 * n:08X}]}}\n"
        for n in range(count)
    )
    return f"{HEAD}rules:\n{''.join(rules)}"
