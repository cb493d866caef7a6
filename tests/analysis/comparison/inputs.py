"""Policies to compare: from text, and drawn so that no two rules claim an ID."""

from itertools import pairwise
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from smccc_filter.analysis.comparison.compared import ComparedSide, side_of_policy
from smccc_filter.analysis.comparison.comparison import PERMISSIVENESS, Comparison, compare
from smccc_filter.analysis.comparison.verdict import ComparisonVerdict
from smccc_filter.analysis.understanding import Understood, understand
from smccc_filter.kvm.filter import RESERVED
from smccc_filter.kvm.outcomes import SERVICED
from smccc_filter.kvm.profiles import profile
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.policy.language import ACTIONS
from smccc_filter.smccc.function_id import SPACE, show
from smccc_filter.smccc.intervals import difference
from tests.programs.fuzz import strategies

HEAD = "version: 1\nname: a\n"
MIRRORED = {
    ComparisonVerdict.WIDER: ComparisonVerdict.NARROWER,
    ComparisonVerdict.NARROWER: ComparisonVerdict.WIDER,
    ComparisonVerdict.EQUIVALENT: ComparisonVerdict.EQUIVALENT,
    ComparisonVerdict.INCOMPARABLE: ComparisonVerdict.INCOMPARABLE,
}


def understood(text: str | bytes, path: str = "p.yaml", *, findings: bool = False) -> Understood:
    found = understand(path, text.encode() if isinstance(text, str) else text, findings=findings)
    assert isinstance(found, Understood), found
    return found


def side(text: str | bytes, path: str = "p.yaml", *, findings: bool = False) -> ComparedSide:
    return side_of_policy(path, understood(text, path, findings=findings))


def compared(old: str, new: str, *kernels: str, order: tuple[Action, ...] = PERMISSIVENESS) -> Comparison:
    """Compare two policies, whose first two lines are ``HEAD``."""
    profiles = [found for name in kernels if (found := profile(name))]
    return compare(side(HEAD + old, "old.yaml"), side(HEAD + new, "new.yaml"), profiles, order)


@st.composite
def policies(draw: st.DrawFn) -> bytes:
    """Draw a policy that can be understood: any target and firmware, and rules of ranges that do not meet."""
    tree: dict[str, Any] = draw(strategies.policies)
    for key in ("tests", "allow"):
        tree.pop(key, None)
    bounds = draw(st.sets(strategies.ids | st.sampled_from(SERVICED), max_size=24))
    edges = sorted({edge for func_id in bounds for edge in (func_id, func_id + 1)} | {SPACE})
    rules = []
    for start, stop in pairwise(edges):
        action = draw(st.sampled_from((None, *ACTIONS)))
        ranges = [f"{show(first)}-{show(end - 1)}" for first, end in difference(((start, stop),), RESERVED)]
        if action and ranges:
            rules.append({"action": action, "ranges": ranges})
    data = strategies.write(tree | {"rules": rules}, block=True)
    assume(isinstance(understand("p.yaml", data), Understood))
    return data
