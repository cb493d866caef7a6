"""The machine that the tool runs on: whether it can have KVM/arm64 guests, and as which kernel it is predicted."""

import os
import re

from smccc_filter.kvm.profiles import Profile, profile

MACHINE = "aarch64"
"""What ``uname -m`` says of a 64-bit process on arm64."""
_RELEASE = re.compile(r"(\d+\.\d+)(?:\.0(?!\d)|(\.\d+))?")


class UnavailableError(Exception):
    """This host can't be asked; the message says why, and what to do."""


def require_arm64() -> None:
    """Raise UnavailableError on another architecture."""
    machine = os.uname().machine
    if machine != MACHINE:
        raise UnavailableError(
            f"this machine is {machine}, and KVM has an SMCCC filter on arm64: run it on such a host"
        )


def running() -> str:
    """Return what the running kernel calls itself, ``6.12.95+deb12-arm64``."""
    return os.uname().release


def profile_of(release: str) -> Profile | None:
    """Return the profile of a kernel that calls itself so; ``None`` where no release with a filter is known by it.

    Distributions put their own words behind upstream's number, and some leave the stable number at 0 for good; what
    they changed below is not told.
    """
    match = _RELEASE.match(release)
    return profile("".join(part or "" for part in match.groups())) if match else None
