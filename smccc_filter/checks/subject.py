"""What a check looks at, and the few questions that several of them ask."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

from smccc_filter.diagnostics import Problem, Severity
from smccc_filter.function_id import show_range
from smccc_filter.intervals import Intervals, size, union
from smccc_filter.kernel.profiles import Profile
from smccc_filter.places import Path
from smccc_filter.policy.model import Allowance, Policy, Rule
from smccc_filter.resolve import Claim, Resolution
from smccc_filter.source import Fault

SHOWN = 4
"""Ranges or names that a message lists before it counts the others."""


class Subject(NamedTuple):
    """One policy under examination.

    ``profiles`` are the target kernels that are known and have a filter. ``faults`` are what reading found, by code.
    ``allowable`` says of every code whether it may be allowed, ``used`` which allowances suppressed something.
    """

    policy: Policy
    resolution: Resolution
    profiles: tuple[Profile, ...]
    faults: dict[str, list[Fault]]
    allowable: dict[str, bool]
    used: frozenset[Path] = frozenset()

    def allowances(self) -> Iterator[Allowance]:
        """Yield every allowance, the policy's first."""
        yield from self.policy.allow
        for rule in self.policy.rules:
            yield from rule.allow


class Check(Protocol):
    """A module of this package. ``WHOLE`` is set where a policy with parts missing would give false findings."""

    CODE: str
    NAME: str
    SEVERITY: Severity
    WHOLE: bool
    ALLOWABLE: bool
    __doc__: str | None

    @staticmethod
    def check(subject: Subject) -> Iterator[Problem]:
        """Yield what is wrong."""


def manual(check: Check) -> tuple[str, str]:
    """Return the first line of a check's docstring and the rest of it."""
    summary, _, rest = (check.__doc__ or "").partition("\n")
    return summary, rest.strip()


def faults(subject: Subject, code: str) -> Iterator[Problem]:
    """Yield what reading the document found of one code."""
    for fault in subject.faults.get(code, ()):
        yield Problem(fault.place, fault.message, fault.hint, related=fault.related)


def by_rule(
    claims: Sequence[Claim], touched: Callable[[Claim], Intervals]
) -> Iterator[tuple[Rule, Claim, Intervals, list[tuple[Path, str]]]]:
    """Gather per rule what ``touched`` finds in its claims.

    Yields the rule, its first claim concerned, all IDs, and the places of its other claims concerned.
    """
    found: dict[int, list[tuple[Claim, Intervals]]] = {}
    for claim in claims:
        if ids := touched(claim):
            found.setdefault(claim.rule.number, []).append((claim, ids))
    for pieces in found.values():
        first = pieces[0][0]
        others = [(claim.selector.path, "and here") for claim, _ in pieces[1 : SHOWN + 1]]
        yield first.rule, first, union(interval for _, ids in pieces for interval in ids), others


def show_ids(ids: Intervals) -> str:
    """Write a set of IDs for a message: the first few ranges, and how many IDs there are beyond."""
    shown = ", ".join(show_range(*interval) for interval in ids[:SHOWN])
    return shown if len(ids) <= SHOWN else f"{shown} and {size(ids[SHOWN:]):,} more"
