"""Which calls a guest makes to find out how its filter works: at the edges of ranges, and about everything.

A probe is an operation of agent.py, ``P`` by HVC or ``S`` by SMC.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from random import Random

from smccc_filter.guests.relations import relations
from smccc_filter.smccc.function_id import SPACE

PSCI_FEATURES = 0x8400_000A
SMCCC_ARCH_FEATURES = 0x8000_0001
TRNG_FEATURES = 0x8400_0051
PV_TIME_FEATURES = 0xC500_0020
ASKING = (PSCI_FEATURES, SMCCC_ARCH_FEATURES, TRNG_FEATURES, PV_TIME_FEATURES)
"""Discovery calls that ask about a function, in X1."""

TELLING = (0x8400_0000, 0x8000_0000, 0x8400_0050, 0x8600_FF01, 0x8600_0000)
"""Discovery calls without an argument: PSCI, SMCCC and TRNG versions, vendor UID and vendor features."""

MIN_PROBES = 24
MAX_RANGES = 3
QUESTIONS = 8
"""How many of the questions that KVM has answers to a random policy's guest asks."""

DIRT = 1 << 32
"""A bit above the 32 that KVM looks at, in X0 and in most calls' X1."""

Interval = tuple[int, int]


@cache
def questions() -> tuple[Interval, ...]:
    """Return X0 and X1 of every question to KVM: each discovery call about each function that it can be asked about."""
    asked = {relation.discovery: relation.asked for relation in relations()}
    return (*((fid, about) for fid in ASKING for about in asked[fid]), *((fid, 0) for fid in TELLING))


def random_probes(random: Random, ranges: Sequence[Interval], known: Sequence[int]) -> list[str]:
    """Call at the edges of some half-open ``ranges``, ask all discovery calls something, fill up with known calls.

    Every discovery call that asks is asked about such an edge, too, and about any known call.
    """
    chosen = edges(random.sample(ranges, min(MAX_RANGES, len(ranges))))
    calls = [(edge, random.choice(known)) for edge in chosen]
    calls += [(fid, random.choice(chosen or known)) for fid in ASKING]
    calls += [(fid, random.choice(known)) for fid in ASKING]
    calls += random.sample(questions(), QUESTIONS)
    calls += [(fid, 0) for fid in TELLING]
    while len(calls) < MIN_PROBES:
        calls.append((random.choice(known), random.choice((0, random.choice(known)))))
    random.shuffle(calls)
    return [_random_probe(random, x0, x1) for x0, x1 in calls]


def all_probes(ranges: Iterable[Interval], serviced: Iterable[int]) -> list[str]:
    """Ask every question, call at every edge, and make every call of ``serviced``, by HVC and by SMC."""
    calls = [*questions(), *((fid, 0) for fid in edges(ranges)), *((fid, 0) for fid in serviced)]
    return [probe(word, *call) for call in dict.fromkeys(calls) for word in "PS"]


def edges(ranges: Iterable[Interval]) -> list[int]:
    """Return the first and last ID of each range, and the ones beside it."""
    around = (edge for start, stop in ranges for edge in (start - 1, start, stop - 1, stop))
    return sorted({edge for edge in around if 0 <= edge < SPACE})


def probe(word: str, x0: int, x1: int) -> str:
    """Write one down."""
    return f"{word} {x0:x} {x1:x}"


def _random_probe(random: Random, x0: int, x1: int) -> str:
    return probe(random.choice("PS"), x0 | _dirt(random), x1 | _dirt(random))


def _dirt(random: Random) -> int:
    return DIRT if random.random() < 0.05 else 0
