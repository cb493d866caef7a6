"""Findings about guests: gathered over target kernels, placed at the rule that is to blame, and put into words."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import cache
from typing import Final, Generic, TypeVar

from smccc_filter.analysis.examination.guest_view import Guest
from smccc_filter.analysis.examination.subject import SHOWN, Subject
from smccc_filter.language.places import Place
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SMC64, show
from smccc_filter.smccc.intervals import Intervals, intersection, union
from smccc_filter.words import enumerated

K = TypeVar("K", bound=Hashable)
RuleNumber = int | None
"""The number of a rule, ``None`` for the policy's default: a key of groups, as a rule itself may be very large."""


class CallGroup(Generic[K]):
    """Calls of which the same holds, for the same reason and on the same kernels.

    ``on`` says for a message where it holds, and is empty where it holds for every target kernel.
    """

    def __init__(
        self, key: K, calls: tuple[int, ...], guests: tuple[Guest, ...], kernels: tuple[str, ...], on: str
    ) -> None:
        self.key: Final = key
        self.calls: Final = calls
        self.guests: Final = guests
        self.kernels: Final = kernels
        self.on: Final = on

    @property
    def ids(self) -> Intervals:
        """The calls as a set of IDs."""
        return union((call, call + 1) for call in self.calls)


def gather(subject: Subject, find: Callable[[Guest], Iterable[tuple[K, int]]]) -> Iterator[CallGroup[K]]:
    """Yield groups of what ``find`` finds in each guest: why, and for which call."""
    everyone = subject.guests
    found: dict[tuple[K, int], list[Guest]] = {}
    for guest in everyone:
        for key_and_call in dict.fromkeys(find(guest)):
            found.setdefault(key_and_call, []).append(guest)
    groups: dict[tuple[K, tuple[Guest, ...]], list[int]] = {}
    for (key, call), where in found.items():
        groups.setdefault((key, tuple(where)), []).append(call)
    for (key, where_all), calls in groups.items():
        yield CallGroup(key, tuple(sorted(calls)), where_all, *kernels_of(subject, where_all))


def kernels_of(subject: Subject, some: Iterable[Guest]) -> tuple[tuple[str, ...], str]:
    """Return the kernels of some guests in the policy's order, and how a message says which guests they are.

    That is on which kernels, and where it is not known of a stolen-time page, with or without one.
    """
    guests = tuple(some)
    named = {name for guest in guests for name in guest.kernels}
    kernels = tuple(profile.name for profile in subject.profiles if profile.name in named)
    where = "" if len(kernels) == len(subject.profiles) else f" on {enumerated(kernels)}"
    pages = {guest.has_page for guest in guests}
    if len(pages) == 1 and None not in pages:
        where += f" where the vCPUs have {'a' if True in pages else 'no'} stolen-time page"
    return kernels, where


def rule_of(subject: Subject, call: int) -> RuleNumber:
    """Return what decides a call."""
    return subject.resolution.decisions[call].rule_number


def place_of(subject: Subject, rule: RuleNumber, ids: Intervals) -> tuple[Place, tuple[tuple[Place, str], ...]]:
    """Return the selector of ``rule`` that has some of ``ids``, and its further ones; or the default."""
    if rule is None:
        return ("default",), ()
    claims = subject.resolution.claims_of(subject.policy.rules[rule])
    paths = [claim.selector.path for claim in claims if intersection(claim.ids, ids)]
    return paths[0], tuple((path, "and here") for path in paths[1 : SHOWN + 1])


def label(subject: Subject, rule: RuleNumber) -> str:
    """Name what decides, as in "which rule 1 denies"."""
    return "the default" if rule is None else subject.policy.rules[rule].label


def names(calls: Sequence[int]) -> str:
    """Name known calls as a policy does, once where all forms are meant; a few, and how many there are beyond."""
    listed = all_names(calls)
    beyond = len(listed) - SHOWN
    return enumerated(listed if beyond <= 1 else [*listed[:SHOWN], f"{beyond} more calls"])


def all_names(calls: Sequence[int]) -> list[str]:
    """Name every one of some known calls, once where all forms are meant."""
    among = frozenset(calls)
    return list(dict.fromkeys(_name(call, among) for call in calls))


def them(calls: Sequence[int], one: str = "it", many: str = "them") -> str:
    """Return the form of a word that fits the number of names."""
    return one if len(all_names(calls)) == 1 else many


@cache
def twins(services: frozenset[str]) -> tuple[int, ...]:
    """Return the SMC32 form of every call of some services that has both."""
    return tuple(
        fid
        for function in registry.functions_of(*services)
        if function.smc64 is not None
        for start, stop in registry.function_ids(function)
        for fid in range(start, stop)
        if not fid & SMC64
    )


def _name(call: int, among: frozenset[int]) -> str:
    known = registry.by_id(call)[0]
    if all(form in among for form in (known.smc32, known.smc64) if form is not None):
        return known.name
    return registry.name_of(call) or show(call)
