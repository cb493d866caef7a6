"""What a check looks at, and the few questions that several checks ask."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from smccc_filter.analysis.diagnostics import Problem, Remedy
from smccc_filter.analysis.examination.guest_models import GuestModels
from smccc_filter.analysis.examination.guest_view import Guest
from smccc_filter.analysis.resolve import Claim, Resolution
from smccc_filter.kvm.profiles import Profile
from smccc_filter.language.places import KeyOf, Path, Place
from smccc_filter.language.policy.model import Allowance, Policy, Rule
from smccc_filter.smccc.function_id import FAST_CALL, FUNCTIONS, OWNER_BLOCK, show_range
from smccc_filter.smccc.intervals import Intervals, size, union
from smccc_filter.smccc.registry import owners
from smccc_filter.words import counted, enumerated

if TYPE_CHECKING:
    from smccc_filter.language.changes import Change
    from smccc_filter.language.policy.vmm_part import VmmPart

SHOWN = 4
"""Ranges, rules or places that a finding lists before it counts the others."""

OWNERS: tuple[int, ...] = tuple(
    sorted(
        first
        for row in owners.OWNERS
        if row.first > 0 and row.status not in owners.NOBODY
        for first, _ in owners.calls_of(row.first, row.last)
    )
)
"""First ID of every owner that SMCCC allocates, less the Arm Architecture, which KVM keeps to itself."""

CPU_SERVICE: Intervals = ((0x8100_0000, 0x8100_0000 + FUNCTIONS), (0xC100_0000, 0xC100_0000 + FUNCTIONS))
"""Owner 1 in both calling conventions, half-open. Source: Arm DEN0028, tables 6-1 and 6-2."""

VENDOR_DEFINED = frozenset(
    {
        "cpu",
        "sip",
        "oem",
        "vendor-hyp",
        "vendor-el3",
        "trusted-app",
        "trusted-os",
        "trusted-os-yielding",
        "armv7-legacy",
    }
)
"""Services whose numbers are their owner's to define, so that no specification could."""


RECORDED = frozenset({"G604"})
"""Codes of checks that speak of recorded calls, and so not where there are none."""


class HotCall(NamedTuple):
    """A call that one VM was recorded to make often: how often in a second."""

    func_id: int
    rate: float


class Subject:
    """One policy under examination.

    ``profiles`` are the kernels that it is for, none where there is no policy. ``allowable`` says of every code whether
    it may be allowed. ``used`` has the paths of the allowances that suppress something, for the check that is asked
    last. ``hot`` are the calls that guests were recorded to make often, ``None`` where nothing was recorded.
    """

    def __init__(  # noqa: PLR0913 -- one for each thing that is known
        self,
        policy: Policy,
        resolution: Resolution,
        profiles: tuple[Profile, ...],
        allowable: Mapping[str, bool],
        models: GuestModels,
        *,
        used: frozenset[Path] = frozenset(),
        hot: tuple[HotCall, ...] | None = None,
    ) -> None:
        self.policy: Final = policy
        self.resolution: Final = resolution
        self.profiles: Final = profiles
        self.allowable: Final = allowable
        self.models: Final = models
        self.used: Final = used
        self.hot: Final = hot

    @cached_property
    def guests(self) -> tuple[Guest, ...]:
        """The guests of the policy, oldest target kernel first."""
        return self.models.guests(self.policy, self.profiles, self.resolution.actions)

    @cached_property
    def vmm_rules(self) -> "tuple[tuple[Rule, VmmPart], ...]":
        """The rules that say what the VMM makes of what they forward, each with that."""
        return tuple((rule, rule.vmm) for rule in self.policy.rules if rule.vmm)

    def knowing(self, used: frozenset[Path]) -> "Subject":
        """Return the same policy, of which it is known which allowances suppress something."""
        known = (self.policy, self.resolution, self.profiles, self.allowable, self.models)
        return Subject(*known, used=used, hot=self.hot)

    def with_hot(self, hot: tuple[HotCall, ...]) -> "Subject":
        """Return the same policy, of which it is known what guests call often."""
        known = (self.policy, self.resolution, self.profiles, self.allowable, self.models)
        return Subject(*known, used=self.used, hot=hot)

    def allowances(self) -> Iterator[Allowance]:
        """Yield every allowance, the policy's first."""
        yield from self.policy.allow
        for rule in self.policy.rules:
            yield from rule.allow

    def allowance(self, code: str, place: Place) -> Allowance | None:
        """Return what allows a finding: its rule's, else the policy's, but never the one it is about. O(1)."""
        path = place.path if isinstance(place, KeyOf) else place
        candidates = (*self._allowing.get((path[:2], code), ()), *self._allowing.get(((), code), ()))
        return next((one for one in candidates if one.path != place), None)

    @cached_property
    def kernel_names(self) -> tuple[str, ...]:
        """The names of the target kernels."""
        return tuple(known.name for known in self.profiles)

    @cached_property
    def _allowing(self) -> dict[tuple[Path, str], tuple[Allowance, ...]]:
        """The first two allowances of each code, by the path of their rule: at most one is what is asked of."""
        found: dict[tuple[Path, str], tuple[Allowance, ...]] = {}
        for allowance in self.allowances():
            owner, code = allowance.path[:-2], allowance.code
            before = found.get((owner, code), ())
            if len(before) < 2:
                found[owner, code] = (*before, allowance)
        return found


def found_by_reading(subject: Subject) -> Iterator[Problem]:  # noqa: ARG001 -- a check like any other
    """Yield nothing: the check for a code under which reading the document finds all that there is."""
    return iter(())


def instead(place: Place, text: str, *, safe: bool = False) -> Remedy:
    """Return the remedy that writes something else in one place."""
    from smccc_filter.language.changes import Replace

    return Remedy(f"write `{text}`", safe, (Replace(place, (text,)),))


def unsafe(message: str, changes: "tuple[Change, ...] | None") -> Remedy | None:
    """Return a remedy that changes what the policy decides, if there are changes that make it."""
    return Remedy(message, safe=False, changes=changes) if changes else None


def by_rule(
    claims: Sequence[Claim], touched: Callable[[Claim], Intervals]
) -> Iterator[tuple[Rule, Claim, Intervals, list[tuple[Path, str]]]]:
    """Gather per rule what ``touched`` finds in its claims, which depends on nothing but what they select and do.

    Yields the rule, its first claim concerned, all IDs, and the places of its other claims concerned.
    """
    found: dict[int, list[tuple[Claim, Intervals]]] = {}
    of_names: dict[tuple[str, str], Intervals] = {}
    for claim in claims:
        selector = claim.selector
        if selector.written or claim.ids is not selector.ids:
            ids = touched(claim)
        else:
            name = (selector.text, claim.rule.action)
            if name not in of_names:
                of_names[name] = touched(claim)
            ids = of_names[name]
        if ids:
            found.setdefault(claim.rule.number, []).append((claim, ids))
    for pieces in found.values():
        first, ids = pieces[0]
        if len(pieces) > 1:
            ids = union(interval for _, piece in pieces for interval in piece)
        others = [(claim.selector.path, "and here") for claim, _ in pieces[1 : SHOWN + 1]]
        yield first.rule, first, ids, others


def crossing(ids: Intervals) -> Intervals:
    """Return the intervals that run from one owner, calling convention or call type into another.

    Stretches that are allocated to nobody have no owners, so an interval within one crosses nothing.
    """
    return tuple(
        (start, stop)
        for start, stop in ids
        if stop > FAST_CALL
        and start // OWNER_BLOCK != (stop - 1) // OWNER_BLOCK
        and not any(first <= start and stop <= end for first, end in owners.UNALLOCATED)
    )


def show_ids(ids: Intervals) -> str:
    """Write a set of IDs for a message: the first few ranges, and how many IDs there are beyond."""
    shown = [show_range(*interval) for interval in ids[:SHOWN]]
    if beyond := size(ids[SHOWN:]):
        shown.append(counted(beyond, "more ID"))
    return enumerated(shown)


def agree(ids: Intervals, one: str, many: str) -> str:
    """Return the form of a word that fits the number of IDs."""
    return one if size(ids) == 1 else many
