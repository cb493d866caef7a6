"""What is known of a release, where it was read, and how sure anybody is of it.

A model of KVM that only claims is worth little to somebody who has to ship a policy for a kernel that they cannot run.
So every fact says where it comes from, and whether that release was asked, read, or lies between two that were.
"""

from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from smccc_filter.kvm.releases import RELEASES, KernelVersion

T = TypeVar("T")


class Evidence(StrEnum):
    """How well a fact of a release is known, best first."""

    RAN = "ran"
    """That exact release was run and asked."""
    READ = "read"
    """Read in that release's source, or in the commit that decides the fact and the release that first carries it."""
    INFERRED = "inferred"
    """Follows from the releases around it. Nobody looked."""


class Fact(NamedTuple, Generic[T]):
    """One thing that a release does, the file or commit that says so, and how well it is known for that release."""

    value: T
    source: str
    evidence: Evidence


class LanguageWords(tuple[str, ...]):
    """Several words of the policy language, shown with commas."""

    __slots__ = ()

    def __str__(self) -> str:
        """Join the words, or say that there are none."""
        return ", ".join(self) or "none"


RAN = frozenset(
    {
        *("6.12.43", "6.12.95", "6.12.117", "6.16.12", "6.18.15"),
        *("7.0.10", "7.0.13", "7.1.3", "7.1.13", "7.2.6", "7.2.11", "7.3.4"),
    }
)
"""The releases that were run with KVM at EL2: asked what they make of many insertions and register values, the empty
range at 0 too, and what a guest gets from thousands of calls under random filters and under every firmware register."""

SOURCE_READ = frozenset({"6.12.117", "7.2.12", "7.3.4"})
"""The releases of which arch/arm64/kvm was read as a whole."""


class ChangedFact(NamedTuple, Generic[T]):
    """A fact that one release changed: what held before ``first``, and from it on.

    ``read`` and ``ran`` name the releases, stable number and all, where somebody looked.
    """

    first: str
    before: T
    after: T
    source_before: str
    source: str
    read: frozenset[str] = frozenset()
    ran: frozenset[str] = frozenset()

    def of(self, name: str, version: KernelVersion) -> Fact[T]:
        """Return what holds in the release called ``name``, whose parts are ``version``."""
        evidence = Evidence.RAN if name in self.ran else Evidence.READ if name in self.read else Evidence.INFERRED
        if RELEASES.index(version.release) < RELEASES.index(self.first):
            return Fact(self.before, self.source_before, evidence)
        return Fact(self.after, self.source, evidence)
