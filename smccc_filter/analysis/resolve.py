"""A policy as a map over the whole ID space that remembers which claim decided.

KVM takes a filter one range at a time and refuses a range that touches an earlier one. So of two selectors that claim
an ID the first in the file decides, and the second is noted: the map is total and the same whatever is wrong.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from itertools import pairwise
from operator import attrgetter, itemgetter
from typing import Final, NamedTuple

from smccc_filter.kvm.filter import RESERVED
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.policy.model import Policy, Rule
from smccc_filter.language.policy.selector import Selector
from smccc_filter.smccc.intervals import IntervalMap, Intervals, difference, in_span_of, union

MAX_CONFLICTS = 64
"""Pieces of other selectors that are named inside one selector; more would tell nobody anything new."""


class Claim(NamedTuple):
    """What one selector selects once its rule's exceptions are taken out."""

    rule: Rule
    selector: Selector
    ids: Intervals


class Overlap(NamedTuple):
    """A selector that claims IDs which earlier ones have: the later claim, the earlier ones, and the IDs in common.

    Of the earlier ones, those of the first ``MAX_CONFLICTS`` pieces; ``has_more`` says that there are more pieces, and
    ``is_alike`` that all have the later one's action.
    """

    later: Claim
    earlier: tuple[Claim, ...]
    ids: Intervals
    has_more: bool
    is_alike: bool


class Overlaps:
    """The overlaps of a policy, one for each claim in conflict, in the order of the file; worked out when asked for.

    ``owners`` has the number of the claim that decides on each ID, as many as there are claims where none does, or is
    ``None`` where no two claims meet.
    """

    __slots__ = ("_claims", "_owners")

    def __init__(self, claims: tuple[Claim, ...], owners: IntervalMap[int] | None) -> None:
        self._claims: Final = claims
        self._owners: Final = owners

    def __eq__(self, other: object) -> bool:
        """Tell whether two are of the same claims."""
        return isinstance(other, Overlaps) and (self._claims, self._owners) == (other._claims, other._owners)

    def __hash__(self) -> int:
        """Agree with ``==``."""
        return hash((self._claims, self._owners))

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return self._owners is not None

    def __iter__(self) -> Iterator[Overlap]:
        """Yield them. O(n log n) in the intervals of all claims."""
        if self._owners is None:
            return
        decided = (*(claim.rule.action for claim in self._claims), None)
        actions = self._owners.map(lambda owner: decided[owner])
        owned = iter(sorted((owner, start, stop) for start, stop, owner in self._owners.segments()))
        piece = next(owned, None)
        for number, claim in enumerate(self._claims):
            own = []
            while piece and piece[0] == number:
                own.append(piece[1:])
                piece = next(owned, None)
            if ids := difference(claim.ids, tuple(own)):
                owners: list[int] = []
                for interval in ids:
                    owners += self._owners.first_values(*interval, MAX_CONFLICTS + 1 - len(owners))
                    if len(owners) > MAX_CONFLICTS:
                        break
                earlier = tuple(self._claims[owner] for owner in sorted(set(owners[:MAX_CONFLICTS])))
                has_more = len(owners) > MAX_CONFLICTS
                said = (action for interval in ids for _, _, action in actions.within(*interval))
                is_alike = all(action is claim.rule.action for action in said)
                yield Overlap(claim, earlier, ids, has_more, is_alike)


class NumberedAction(NamedTuple):
    """An action, and the number of the rule, or of an artefact's entry, that says so; ``None`` where none does."""

    action: Action
    number: int | None


class Decision(NamedTuple):
    """What happens to a call, and the claim that says so; ``None`` where the default or KVM decides."""

    action: Action
    claim: Claim | None

    @property
    def rule_number(self) -> int | None:
        """Number of the rule that decides."""
        return None if self.claim is None else self.claim.rule.number


class Resolution(NamedTuple):
    """A policy's meaning: one claim a selector, in the order of the file, and who decides on each ID.

    ``actions`` is what the policy decides, without the reasons.
    """

    claims: tuple[Claim, ...]
    overlaps: Overlaps
    decisions: IntervalMap[Decision]
    actions: IntervalMap[Action]

    @property
    def numbered(self) -> IntervalMap[NumberedAction]:
        """What the policy decides, with the numbers of rules alone. O(n)."""
        return self.decisions.map(lambda decision: NumberedAction(decision.action, decision.rule_number))

    def claims_of(self, rule: Rule) -> tuple[Claim, ...]:
        """Return the claims of a rule, one a selector. O(log n)."""
        first = bisect_left(self.claims, rule.number, key=lambda claim: claim.rule.number)
        return self.claims[first : first + len(rule.selectors)]


Segment = tuple[int, int, int]
"""Start, stop, and the number of the claim."""


def resolve(policy: Policy) -> Resolution:
    """Return what ``policy`` says of each ID. Ranges that KVM reserves are its own (HANDLE), whatever claims them."""
    claims = tuple(_claims(policy.rules))
    segments = sorted((start, stop, number) for number, claim in enumerate(claims) for start, stop in claim.ids)
    owners = None
    if any(left[1] > right[0] for left, right in pairwise(segments)):
        segments = list(first_claims(segments))
        owners = IntervalMap.of(segments, len(claims))
    decided = [Decision(claim.rule.action, claim) for claim in claims]
    pieces = [(start, stop, decided[number]) for start, stop, number in segments]
    for start, stop in RESERVED:
        _reserve(pieces, start, stop)
    decisions = IntervalMap.of(pieces, Decision(policy.default, None))
    return Resolution(claims, Overlaps(claims, owners), decisions, decisions.map(attrgetter("action")))


def _claims(rules: Iterable[Rule]) -> Iterator[Claim]:
    for rule in rules:
        excepted = union(interval for exception in rule.exceptions for interval in exception.ids)
        for selector in rule.selectors:
            removed = in_span_of(selector.ids, excepted) if excepted else ()
            yield Claim(rule, selector, difference(selector.ids, removed) if removed else selector.ids)


def _reserve(pieces: list[tuple[int, int, Decision]], start: int, stop: int) -> None:
    """Give ``[start, stop)`` to KVM, and cut the pieces, ascending and disjoint, that reach into it."""
    low = bisect_right(pieces, start, key=itemgetter(1))
    high = bisect_left(pieces, stop, lo=low, key=itemgetter(0))
    touched = pieces[low:high]
    cut = [(first, min(end, start), decision) for first, end, decision in touched if first < start]
    rest = [(max(first, stop), end, decision) for first, end, decision in touched if end > stop]
    pieces[low:high] = [*cut, (start, stop, Decision(Action.HANDLE, None)), *rest]


def first_claims(segments: list[Segment]) -> Iterator[Segment]:
    """Cut overlapping segments, ascending, so that every ID is left with the lowest claim. O(n log n)."""
    bounds = sorted({bound for start, stop, _ in segments for bound in (start, stop)})
    live: list[tuple[int, int]] = []
    upcoming = 0
    for start, stop in pairwise(bounds):
        while upcoming < len(segments) and segments[upcoming][0] <= start:
            _, end, number = segments[upcoming]
            heappush(live, (number, end))
            upcoming += 1
        while live and live[0][1] <= start:
            heappop(live)
        if live:
            yield start, stop, live[0][0]
