"""What a rule says of the VMM, with the place of each part: few policies have it, and others go without."""

from typing import NamedTuple

from smccc_filter.language.places import Path
from smccc_filter.language.policy.selector import Selector
from smccc_filter.smccc.intervals import Intervals


class StatedVersion(NamedTuple):
    """A version that the VMM answers: of one service, or of every service of the rule where ``service`` is ``None``."""

    service: str | None
    text: str
    path: Path


class StatedFlags(NamedTuple):
    """What the VMM answers of a call instead of plain yes; ``ids`` are the call's forms."""

    text: str
    ids: Intervals
    flags: int
    path: Path


class VmmPart(NamedTuple):
    """What the VMM makes of the calls that a rule forwards.

    ``implements`` are the calls it implements, each as ``calls`` takes them; where the rule says ``all``, they are its
    ``calls``, all with the path of that word.
    """

    implements: tuple[Selector, ...]
    versions: tuple[StatedVersion, ...]
    features: tuple[StatedFlags, ...]
    path: Path
