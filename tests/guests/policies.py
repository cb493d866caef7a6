"""Policies as values, for tests that have no use for YAML."""

from collections.abc import Iterable, Mapping

from smccc_filter.guests.setup import VmSetup, set_up
from smccc_filter.kvm.filter import RESERVED
from smccc_filter.kvm.profiles import Profile, profile
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.policy.model import Policy, Target
from smccc_filter.smccc.function_id import SPACE
from smccc_filter.smccc.intervals import IntervalMap, difference

HANDLE, DENY, FORWARD = Action.HANDLE, Action.DENY, Action.FORWARD
DEFAULT = Target()
Ranges = Iterable[tuple[int, int, Action]]


def kernel(name: str) -> Profile:
    known = profile(name)
    assert known is not None
    return known


def decisions(ranges: Ranges, default: Action = HANDLE) -> IntervalMap[Action]:
    """Decide as ``ranges`` (first, last, action) say, and for the rest as ``default``, reserved ranges apart."""
    pieces: list[tuple[int, int, Action]] = [(start, stop, HANDLE) for start, stop in RESERVED]
    taken = list(RESERVED)
    for first, last, action in ranges:
        pieces.append((first, last + 1, action))
        taken.append((first, last + 1))
    rest = difference(((0, SPACE),), tuple(sorted(taken)))
    pieces.extend((start, stop, default) for start, stop in rest)
    return IntervalMap.of(sorted(pieces, key=lambda piece: piece[0]), default)


def vm(
    name: str = "7.3",
    ranges: Ranges = (),
    *,
    default: Action = HANDLE,
    target: Target = DEFAULT,
    firmware: Mapping[str, tuple[str, ...]] | None = None,
) -> VmSetup:
    policy = Policy("test", None, target, dict(firmware or {}), default, (), (), ())
    return set_up(policy, kernel(name), decisions(ranges, default))


def deny(*ids: int) -> Ranges:
    return [(fid, fid, DENY) for fid in ids]


def forward(*ids: int) -> Ranges:
    return [(fid, fid, FORWARD) for fid in ids]
