"""What each Linux release does, one profile a release, with where every fact was read and who saw it happen.

A policy names the kernels that it must load on. What differs between them is a fact of a ``Profile`` and nowhere else,
so that a check can say for which kernels a finding holds and ``list kernels`` can say how sure it is.

Source: Linux arch/arm64/kvm/hypercalls.c and its history; the commits and stable releases are named beside the tables.
"""

from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from smccc_filter.diagnostics import Errno

T = TypeVar("T")


class Evidence(StrEnum):
    """How well a fact of a release is known, best first."""

    RAN = "ran"
    """That exact release was run and asked."""
    READ = "read"
    """Read in that release's source, or in the commit that decides the fact and the release that first carries it."""
    INFERRED = "inferred"
    """Follows from the releases around it. Nobody looked."""


class ReservedInserted(StrEnum):
    """When KVM puts the Arm Architecture ranges into a VM's filter."""

    VM_CREATION = "VM creation"
    FIRST_FILTER_CALL = "first filter call"


class Fact(NamedTuple, Generic[T]):
    """One thing that a release does, the file or commit that says so, and how well it is known for that release."""

    value: T
    source: str
    evidence: Evidence


class Profile(NamedTuple):
    """What one release does with a filter.

    ``name`` is what a policy writes: ``6.12`` is that release as first published, ``6.12.112`` a stable release of it.
    ``empty_range_at_zero`` is the errno for no functions at base 0; at every other base no functions are EINVAL.
    """

    name: str
    empty_range_at_zero: Fact[Errno]
    reserved_inserted: Fact[ReservedInserted]


class Version(NamedTuple):
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

RAN = frozenset({"6.12.43", "6.12.95", "6.12.117", "7.0.10", "7.1.3", "7.2.6", "7.3.4"})
"""The releases that were run with KVM at EL2 and asked what they make of many insertions, the empty range at 0 too."""

NUMBER_DIGITS = 4
"""Longest number in a release's name. The largest that kernel.org has published, a stable one, has three digits."""


class Fix(NamedTuple):
    """The first stable release of a series that carries a commit, and the commit's ID there."""

    stable: int
    commit: str


FIX_OF_EMPTY_RANGE = {
    "6.6": Fix(158, "144d60ed2273"),
    "6.12": Fix(112, "ae09ce390bbb"),
    "6.18": Fix(55, "cb68b5589318"),
    "7.2": Fix(9, "166d27b5908d"),
    "7.3": Fix(0, "64dc6f1db7e6"),
}
"""Where 64dc6f1db7e6 "KVM: arm64: Return -EINVAL for an empty SMCCC filter range at base 0" is.

Mainline took it for 7.3-rc5 (2026-09-26), every series then maintained in its next release (2026-10-03): the commit
stands in the stable tree before "Linux 6.6.158", "Linux 6.12.112", "Linux 6.18.55" and "Linux 7.2.9". That the other
series had ended by then is inferred.
"""

RESERVED_LAZY_SINCE = "6.7"
"""First release with d34b76489ea0 "KVM: arm64: Only insert reserved ranges when SMCCC filter is used"."""

READ_RESERVED = frozenset({"6.4", RESERVED_LAZY_SINCE, "6.12.117", "7.3.4"})
"""The releases whose source, or whose commit that changed this, was read."""


def parse(name: str) -> Version | None:
    """Split a release's name, ``6.12`` or ``6.12.112``; ``None`` for what is not written as one.

    Numbers are plain ASCII digits without a leading zero, at most four of them. ``6.12.0`` is not a name: it is what
    ``uname -r`` says of ``6.12``, and one release with two names would appear twice in a report.
    """
    parts = name.split(".", 3)
    if not 2 <= len(parts) <= 3:
        return None
    for part in parts:
        if not (part.isascii() and part.isdigit() and len(part) <= NUMBER_DIGITS) or (part[0] == "0" and part != "0"):
            return None
    if len(parts) == 3 and parts[2] == "0":
        return None
    return Version(int(parts[0]), int(parts[1]), int(parts[2]) if len(parts) == 3 else 0)


def profile(name: str) -> Profile | None:
    """Return what the release called ``name`` does; ``None`` for a name that is no release with a filter.

    Any stable number of a known release is taken, because kernel.org goes on publishing them; a number later than this
    table was written does what the last release it knows does.
    """
    version = parse(name)
    if version is None or version.release not in RELEASES:
        return None
    return Profile(
        name=name,
        empty_range_at_zero=_empty_range_at_zero(name, version),
        reserved_inserted=_reserved_inserted(name, version),
    )


def predates_filter(name: str) -> bool:
    """Tell whether ``name`` is a release from 3.0 to 6.3, stable number or not: those have no filter."""
    version = parse(name)
    return version is not None and version.minor <= LAST_BEFORE_FILTER.get(version.major, -1)


def _empty_range_at_zero(name: str, version: Version) -> Fact[Errno]:
    fix = FIX_OF_EMPTY_RANGE.get(version.release)
    if fix is not None and version.stable >= fix.stable:
        errno, source = Errno.EINVAL, f"kvm_smccc_set_filter() after {fix.commit}"
    else:
        errno, source = Errno.EEXIST, "kvm_smccc_set_filter() as of 821d935c87bc"
    if name in RAN:
        evidence = Evidence.RAN
    elif fix is not None or name == RELEASES[0]:
        evidence = Evidence.READ
    else:
        evidence = Evidence.INFERRED
    return Fact(errno, source, evidence)


def _reserved_inserted(name: str, version: Version) -> Fact[ReservedInserted]:
    evidence = Evidence.READ if name in READ_RESERVED else Evidence.INFERRED
    if RELEASES.index(version.release) < RELEASES.index(RESERVED_LAZY_SINCE):
        return Fact(ReservedInserted.VM_CREATION, "init_smccc_filter() as of 821d935c87bc", evidence)
    return Fact(ReservedInserted.FIRST_FILTER_CALL, "kvm_smccc_set_filter() after d34b76489ea0", evidence)


PROFILES = tuple(known for known in map(profile, RELEASES) if known is not None)
"""One profile a release as first published, oldest first."""

NEWEST = PROFILES[-1]
"""The kernel of a policy that names none."""
