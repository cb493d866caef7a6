"""Which Linux releases there are with a filter, what a policy may call them, and how well they are known.

A release's name is data that comes out of files, so reading it costs nothing however long it is and takes one spelling
only: a release with two names would appear twice in a report.

A model of KVM that only claims is worth little to somebody who has to ship a policy for a kernel that they cannot run.
So every fact says where it comes from, and whether that release was asked, read, or lies between two that were.

Source: kernel.org's release history; commit 821d935c87bc for the first release with a filter.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class KernelVersion(NamedTuple):
    """The parts of a release's name. ``stable`` is 0 for the release as first published."""

    major: int
    minor: int
    stable: int

    @property
    def release(self) -> str:
        """The release that this is a stable release of."""
        return f"{self.major}.{self.minor}"


RELEASES = (
    *("6.4", "6.5", "6.6", "6.7", "6.8", "6.9", "6.10", "6.11", "6.12", "6.13", "6.14", "6.15", "6.16", "6.17"),
    *("6.18", "6.19", "7.0", "7.1", "7.2", "7.3"),
)
"""Every release with a filter, oldest first. The filter came with 6.4, commit 821d935c87bc."""

LAST_BEFORE_FILTER = {3: 19, 4: 20, 5: 19, 6: 3}
"""The last minor number of each major version without a filter, from 3 on: arm64 came with 3.7."""

MAX_DIGITS = 4
"""The longest number that kernel.org has published, a stable one, has three digits."""


def parse(name: str) -> KernelVersion | None:
    """Split a release's name, ``6.12`` or ``6.12.112``; ``None`` for what is not written as one.

    Numbers are plain ASCII digits without a leading zero, at most four of them. ``6.12.0`` is not a name: it is what
    ``uname -r`` says of ``6.12``.
    """
    parts = name.split(".", 3)
    if len(parts) not in {2, 3} or parts[2:] == ["0"] or not all(map(_is_number, parts)):
        return None
    return KernelVersion(int(parts[0]), int(parts[1]), int(parts[2]) if parts[2:] else 0)


def _is_number(part: str) -> bool:
    is_plain = part.isascii() and part.isdigit() and len(part) <= MAX_DIGITS
    return is_plain and (part == "0" or not part.startswith("0"))


def predates_filter(name: str) -> bool:
    """Tell whether ``name`` is a release from 3.0 to 6.3, stable number or not: those have no filter."""
    version = parse(name)
    return version is not None and version.minor <= LAST_BEFORE_FILTER.get(version.major, -1)


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
        *("6.4.6", "6.6.150", "6.8.1", "6.12.43", "6.12.95", "6.12.117", "6.12.118", "6.16.12", "6.18.15"),
        *("7.0.10", "7.0.13", "7.1.3", "7.1.13", "7.2.6", "7.2.11", "7.3.4"),
    }
)
"""The releases that were run with KVM at EL2: asked what they make of many insertions and register values, and what a
guest gets from thousands of calls under random filters and under firmware registers."""

SOURCE_READ = frozenset({"6.12.117", "7.2.12", "7.3.4"})
"""The releases of which arch/arm64/kvm was read as a whole."""


def changed(  # noqa: PLR0913 -- what is known of a change
    *,
    first: str,
    before: T,
    after: T,
    source_before: str,
    source: str,
    read: frozenset[str] = frozenset(),
    ran: frozenset[str] = frozenset(),
) -> Callable[[str, KernelVersion], Fact[T]]:
    """Return a fact that one release changed, as a function of a release's name and its parts.

    ``before`` holds in the releases before ``first``, and ``after`` from it on. ``read`` and ``ran`` name the releases,
    stable number and all, where somebody looked.
    """

    def fact(name: str, version: KernelVersion) -> Fact[T]:
        evidence = Evidence.RAN if name in ran else Evidence.READ if name in read else Evidence.INFERRED
        if RELEASES.index(version.release) < RELEASES.index(first):
            return Fact(before, source_before, evidence)
        return Fact(after, source, evidence)

    return fact
