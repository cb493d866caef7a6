"""The ID space as rows for the picture and the pages: services magnified, owners, and yielding calls.

A row has a bar for each form of call, and of each policy that is drawn a block a bar: pieces in the order of their IDs,
each decided by a rule or by nobody. Owners that share a fate share a row, so that what is alike is said once.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from smccc_filter.analysis.map import HolderKind, NamedId, PolicyMap, holders, named_calls
from smccc_filter.analysis.resolve import NumberedAction
from smccc_filter.kvm.machine import Outcome
from smccc_filter.kvm.uapi import Action
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import FAST_CALL, FUNCTIONS, OWNER_BLOCK, OWNER_SHIFT, SMC64, SPACE, show_range
from smccc_filter.smccc.intervals import IntervalMap, Intervals, difference, intersection, size, union
from smccc_filter.smccc.registry.owners import NOBODY, OWNERS, YIELDING, OwnerRange

HALVES: Intervals = ((FAST_CALL, FAST_CALL | SMC64), (FAST_CALL | SMC64, SPACE))
"""The fast calls of each calling convention, SMC32 before SMC64."""
REST = "std"
MAGNIFIED = (
    *("psci", "sdei", "mm", "trng", "ffa", "errata", "drtm", "pci", "rmi", "rsi", "rmm-el3", "lfa", "firme", REST),
    *("pv-time", "kvm", "psci-0-1"),
)
"""What deserves a closer look: the Standard Secure range, service by service, and what KVM has elsewhere."""
YIELDING_TITLES = ("Armv7 devices", "not allocated", "Trusted OS", "reserved for Trusted OS")
"""Short names of the rows of ``YIELDING``."""

Decisions = IntervalMap[NumberedAction]


class GridPiece(NamedTuple):
    """Neighbouring IDs of a block that one action gets, of rules or of nobody.

    ``offset`` counts the IDs of the block before it. ``decided`` tells whether a rule, or an entry of an artefact, says
    so; where none does, it is the default, or KVM.
    """

    offset: int
    size: int
    action: Action
    decided: bool


class GridBlock(NamedTuple):
    """What one policy makes of the IDs of a bar: pieces without gap, and the numbers of the rules that decide."""

    pieces: tuple[GridPiece, ...]
    rules: tuple[int, ...]

    @property
    def shares(self) -> tuple[GridPiece, ...]:
        """The pieces, those alike as one: what rules decide first, by action, then what nobody does."""
        sums: dict[tuple[bool, Action], int] = {}
        for piece in self.pieces:
            key = not piece.decided, piece.action
            sums[key] = sums.get(key, 0) + piece.size
        order = list(Action)
        found, offset = [], 0
        for undecided, action in sorted(sums, key=lambda key: (key[0], order.index(key[1]))):
            found.append(GridPiece(offset, sums[undecided, action], action, not undecided))
            offset += found[-1].size
        return tuple(found)


class GridMark(NamedTuple):
    """A known call, how many IDs of the bar are before it, and whether some kernel answers it."""

    offset: int
    call: NamedId
    answered: bool


class GridBar(NamedTuple):
    """IDs that are drawn as one bar, and a block for each policy that is drawn.

    ``reserved`` is set where SMCCC allocates most of them to nobody.
    """

    ids: Intervals
    blocks: tuple[GridBlock, ...]
    marks: tuple[GridMark, ...]
    reserved: bool

    @property
    def is_decided(self) -> bool:
        """Whether any rule decides here."""
        return any(block.rules for block in self.blocks)


class GridRow(NamedTuple):
    """A row: ``label`` and ``title`` say who lives there.

    ``bars`` are SMC32 and SMC64, ``None`` for a form without IDs; a row of yielding calls has one. ``rest`` has the IDs
    of owners with bits 23:16 set, which no conforming call has, in both forms.
    """

    label: str
    title: str
    bars: tuple[GridBar | None, ...]
    rest: tuple[GridBar, ...] = ()

    @property
    def all_bars(self) -> tuple[GridBar, ...]:
        """Every bar that there is."""
        return (*filter(None, self.bars), *self.rest)

    @property
    def is_decided(self) -> bool:
        """Whether any rule decides on any of its IDs."""
        return any(bar.is_decided for bar in self.all_bars)

    def rules(self, side: int = 0) -> tuple[int, ...]:
        """Return the numbers of the rules of one policy that decide here, ascending."""
        return tuple(sorted({number for bar in self.all_bars for number in bar.blocks[side].rules}))


class PolicyGrid(NamedTuple):
    """The rows of all services that are magnified, of all owners, and of all yielding calls, by their IDs."""

    services: tuple[GridRow, ...]
    owners: tuple[GridRow, ...]
    yielding: tuple[GridRow, ...]


def grid_of(policy_map: PolicyMap) -> PolicyGrid:
    """Return the rows of one policy."""
    serviced = (segment for segment in policy_map.segments if Outcome.ANSWERED in segment.outcomes)
    answered = frozenset(call.func_id for segment in serviced for call in segment.calls)
    return grid((policy_map.examination.resolution.numbered,), answered)


def grid(sides: Sequence[Decisions], answered: frozenset[int] = frozenset()) -> PolicyGrid:
    """Return the rows of some policies, each with a block for each; ``answered`` are calls that some kernel answers."""
    return PolicyGrid(
        tuple(_services(sides, answered)),
        tuple(row for owners in OWNERS for row in _owners(sides, owners)),
        tuple(_yielding(sides)),
    )


def is_mostly_nobodys(ids: Intervals) -> bool:
    """Tell whether SMCCC allocates more than half of some IDs to nobody."""
    nobodys = sum(
        stop - start
        for interval in ids
        for start, stop, holder in holders().within(*interval)
        if holder.kind is not HolderKind.CALLS
    )
    return nobodys * 2 > size(ids)


def _services(sides: Sequence[Decisions], answered: frozenset[int]) -> Iterator[GridRow]:
    """Yield the services of ``MAGNIFIED``; ``std`` is what the others leave of the Standard Secure range."""
    services = tuple(filter(None, map(registry.service, MAGNIFIED)))
    ids = {row.name: union((first, last + 1) for first, last in row.ranges) for row in services}
    others = union(interval for name, intervals in ids.items() if name != REST for interval in intervals)
    ids[REST] = difference(ids[REST], others)
    for service in services:
        forms = [intersection(ids[service.name], (half,)) for half in HALVES]
        label = f"{service.name}, the rest" if service.name == REST else service.name
        bars = (_bar(sides, form, _marks(form, answered)) if form else None for form in forms)
        yield GridRow(label, service.title, tuple(bars))


def _owners(sides: Sequence[Decisions], owners: OwnerRange) -> Iterator[GridRow]:
    """Yield a row for each run of owners that are alike."""
    rows = [(owner, _owner_row(sides, owners, owner, owner)) for owner in range(owners.first, owners.last + 1)]
    for _, run in groupby(rows, key=lambda each: _fate(each[1])):
        (first, row), *others = run
        yield _owner_row(sides, owners, first, others[-1][0]) if others else row


def _owner_row(sides: Sequence[Decisions], owners: OwnerRange, first: int, last: int) -> GridRow:
    calls, rest = [], []
    for half, _ in HALVES:
        bases = [half + (owner << OWNER_SHIFT) for owner in range(first, last + 1)]
        calls.append(_bar(sides, tuple((base, base + FUNCTIONS) for base in bases)))
        rest.append(_bar(sides, tuple((base + FUNCTIONS, base + OWNER_BLOCK) for base in bases)))
    label = f"{first}" if first == last else f"{first}-{last}"
    return GridRow(label, owners.title, tuple(calls), tuple(rest))


def _fate(row: GridRow) -> object:
    """Return what owners have in common that can be drawn as one: in each bar one action, by the same rules."""
    if any(len(block.pieces) > 1 for bar in row.all_bars for block in bar.blocks):
        return row.label
    return tuple((piece.action, block.rules) for bar in row.all_bars for block in bar.blocks for piece in block.pieces)


def _yielding(sides: Sequence[Decisions]) -> Iterator[GridRow]:
    for (first, last, _, status, *_), title in zip(YIELDING, YIELDING_TITLES, strict=True):
        bar = _bar(sides, ((first, last + 1),))._replace(reserved=status in NOBODY)
        yield GridRow(show_range(first, last + 1), title, (bar,))


def _bar(sides: Sequence[Decisions], ids: Intervals, marks: Iterable[GridMark] = ()) -> GridBar:
    return GridBar(ids, tuple(_block(side, ids) for side in sides), tuple(marks), is_mostly_nobodys(ids))


def _block(decisions: Decisions, ids: Intervals) -> GridBlock:
    pieces: list[GridPiece] = []
    rules = set()
    offset = 0
    for interval in ids:
        for start, stop, (action, number) in decisions.within(*interval):
            decided = number is not None
            if number is not None:
                rules.add(number)
            if pieces and pieces[-1][2:] == (action, decided):
                pieces[-1] = pieces[-1]._replace(size=pieces[-1].size + stop - start)
            else:
                pieces.append(GridPiece(offset, stop - start, action, decided))
            offset += stop - start
    return GridBlock(tuple(pieces), tuple(sorted(rules)))


def _marks(ids: Intervals, answered: frozenset[int]) -> Iterator[GridMark]:
    offset = 0
    for start, stop in ids:
        for call in named_calls():
            if start <= call.func_id < stop:
                yield GridMark(offset + call.func_id - start, call, call.func_id in answered)
        offset += stop - start
