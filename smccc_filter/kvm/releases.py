"""Which Linux releases there are with a filter, and what a policy may call them.

A release's name is data that comes out of files, so reading it costs nothing however long it is and takes one spelling
only: a release with two names would appear twice in a report.

Source: kernel.org's release history; commit 821d935c87bc for the first release with a filter.
"""

from typing import NamedTuple


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

NUMBER_DIGITS = 4
"""Longest number in a release's name. The largest that kernel.org has published, a stable one, has three digits."""


def parse(name: str) -> KernelVersion | None:
    """Split a release's name, ``6.12`` or ``6.12.112``; ``None`` for what is not written as one.

    Numbers are plain ASCII digits without a leading zero, at most four of them. ``6.12.0`` is not a name: it is what
    ``uname -r`` says of ``6.12``.
    """
    parts = name.split(".", 3)
    if not 2 <= len(parts) <= 3:
        return None
    for part in parts:
        if not (part.isascii() and part.isdigit() and len(part) <= NUMBER_DIGITS) or (part[0] == "0" and part != "0"):
            return None
    if len(parts) == 3 and parts[2] == "0":
        return None
    return KernelVersion(int(parts[0]), int(parts[1]), int(parts[2]) if len(parts) == 3 else 0)


def predates_filter(name: str) -> bool:
    """Tell whether ``name`` is a release from 3.0 to 6.3, stable number or not: those have no filter."""
    version = parse(name)
    return version is not None and version.minor <= LAST_BEFORE_FILTER.get(version.major, -1)
