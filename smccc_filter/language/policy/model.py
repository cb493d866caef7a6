"""A policy whose every part knows its place in the document: what the rest of the tool works on."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from smccc_filter.kvm.uapi import Action
from smccc_filter.language.places import Path
from smccc_filter.language.policy.selector import Selector
from smccc_filter.smccc.intervals import Intervals
from smccc_filter.words import cut

if TYPE_CHECKING:
    from smccc_filter.language.policy.vmm_part import VmmPart


class Allowance(NamedTuple):
    """A finding that is known and right."""

    code: str
    reason: str
    path: Path


class Rule(NamedTuple):
    """What happens to a union of selectors, less the exceptions.

    ``number`` is the rule's place in ``Policy.rules``; ``ordinal`` counts the rules of the file, from 1 and with those
    that are too misshapen to be in the policy. Where ``vmm`` is ``None``, nobody here knows what the VMM answers.
    """

    number: int
    ordinal: int
    name: str | None
    action: Action
    selectors: tuple[Selector, ...]
    exceptions: tuple[Selector, ...]
    reason: str | None
    allow: tuple[Allowance, ...]
    vmm: "VmmPart | None" = None

    @property
    def path(self) -> Path:
        """Where the rule stands."""
        return ("rules", self.number)

    @property
    def label(self) -> str:
        """What findings and comments call the rule."""
        return f"rule `{cut(self.name)}`" if self.name else f"rule {self.ordinal}"


class Expectation(NamedTuple):
    """One entry of ``tests``."""

    call: str
    ids: Intervals
    expect: Action
    path: Path


class Target(NamedTuple):
    """Where the policy runs; ``kernels`` as written, empty for the newest known."""

    kernels: tuple[str, ...] = ()
    psci: str | None = None
    capabilities: tuple[str, ...] = ()
    stolen_time: bool | None = None
    protected: bool = False
    nested: bool = False
    aarch32: bool = False


class Policy(NamedTuple):
    """A whole policy; ``firmware`` has the bits of each register that the VMM writes, by key."""

    name: str
    description: str | None
    target: Target
    firmware: Mapping[str, tuple[str, ...]]
    default: Action
    rules: tuple[Rule, ...]
    allow: tuple[Allowance, ...]
    tests: tuple[Expectation, ...]
