"""The resolved map as a table: one row a segment, or what a person can take in at a glance.

Git compares policies by this table too, so off a terminal it holds nothing but what the policy means: no path, which
git makes up anew each time, and no line, which a comment moves. Nor does one row set the width of the others: the
column that varies most comes last.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from smccc_filter.analysis.map import HolderKind, IdHolder, MapSegment, PolicyMap
from smccc_filter.kvm.machine import Outcome
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.policy.model import Rule
from smccc_filter.reports.guest.tree import refused
from smccc_filter.reports.paper.columns import GAP, LabelledLine, listing, table
from smccc_filter.reports.paper.styles import Piece, Style
from smccc_filter.smccc.function_id import SPACE, show_range
from smccc_filter.words import cut, plural, visible

PLAIN_OUTCOME = {
    Action.HANDLE: Outcome.ANSWERED,
    Action.DENY: Outcome.NOT_SUPPORTED,
    Action.FORWARD: Outcome.FORWARDED,
}
"""What the guest gets for an action where nothing else has a say."""

LEAST = (21, 7, 20, 13, 0)
"""Widths of columns off a terminal, so that few names of rules are too long to leave the other rows as they are."""
AS_SAID = "-"
"""What the guest gets is what the action says."""
NAMED = 4
"""Calls that are named one by one; of more it is the service that tells something."""
AMONG = 32
"""IDs among which so few calls are worth their names."""
SERVICES = 3
"""Services that are named in one row."""
EVERYTHING, THE_REST = "everything", "everything else"

_KINDS = {
    HolderKind.HINT: "calls with the SVE hint",
    HolderKind.INVALID: "invalid IDs",
    HolderKind.RESERVED: "reserved IDs",
}
_STYLES = {Action.HANDLE: Style.CLEAR, Action.DENY: Style.ERROR, Action.FORWARD: Style.WARNING}
"""The colours of findings serve: an action beside its word needs none of its own."""


class TableRow(NamedTuple):
    """Neighbouring segments with one decision."""

    segments: tuple[MapSegment, ...]

    @property
    def action(self) -> Action:
        """What the policy decides."""
        return self.segments[0].action

    @property
    def rule(self) -> Rule | None:
        """Which rule decides."""
        return self.segments[0].rule

    @property
    def size(self) -> int:
        """How many IDs there are."""
        return self.segments[-1].stop - self.segments[0].start


def render(policy_map: PolicyMap, width: int | None, *, every: bool = False, places: bool = False) -> Iterator[Piece]:
    """Yield the table in pieces, wrapped at ``width``, actions styled.

    ``every`` segment has its row, or neighbours alike share one; with ``places`` a rule's row says in which line of the
    file that stands which selects.
    """
    rows = [TableRow((one,)) for one in policy_map.segments] if every else list(_merged(policy_map.segments))
    outcomes = f"on {', '.join(policy_map.kernels)}"
    cells = [("ids", "action", "by", outcomes, "what lives there"), *(_cells(row, policy_map.kernels) for row in rows)]
    if places:
        numbers = ("line", *(_line(policy_map, row) for row in rows))
        cells = [(*cell[:3], number, *cell[3:]) for cell, number in zip(cells, numbers, strict=True)]
    else:
        cells[0] = tuple(title.ljust(least) for title, least in zip(cells[0], LEAST, strict=True))
    lines = table(cells, width).splitlines(keepends=True)
    column = lines[0].index(f"{GAP}action") + len(GAP)
    for line in lines:
        yield from _styled(line, column)
    if refusals := _refusals(policy_map):
        yield from ((line, Style.PLAIN) for line in f"\n{listing(refusals, width)}".splitlines(keepends=True))


def _merged(segments: Sequence[MapSegment]) -> Iterator[TableRow]:
    for _, alike in groupby(segments, key=lambda segment: (segment.action, segment.rule)):
        yield TableRow(tuple(alike))


def _cells(row: TableRow, kernels: Sequence[str]) -> tuple[str, ...]:
    ids = show_range(row.segments[0].start, row.segments[-1].stop)
    return (ids, row.action, _by(row), _guest(row, kernels), _living(row))


def _living(row: TableRow) -> str:
    """Name the calls where they are few, else the services, else say that it is the rest."""
    calls = [call.name for segment in row.segments for call in segment.calls]
    labels = list(dict.fromkeys(_label(segment.holder) for segment in row.segments))
    if 0 < len(calls) <= NAMED and row.size <= AMONG:
        return ", ".join(calls)
    if len(labels) == 1 and calls:
        return f"{labels[0]}, {len(calls)} {plural(len(calls), 'call')}"
    if len(labels) <= SERVICES:
        return ", ".join(labels)
    if row.rule is None:
        return EVERYTHING if row.size == SPACE else THE_REST
    return f"{', '.join(labels[:SERVICES])} and {len(labels) - SERVICES} more"


def _label(holder: IdHolder) -> str:
    return holder.service or _KINDS[holder.kind]


def _by(row: TableRow) -> str:
    if row.rule is None:
        return "KVM" if all(segment.is_reserved_by_kvm for segment in row.segments) else "default"
    return visible(f"`{cut(row.rule.name)}`" if row.rule.name else row.rule.label)


def _line(policy_map: PolicyMap, row: TableRow) -> str:
    """Say in which line of the file that stands which selects the first of the IDs."""
    selector = row.segments[0].selector
    return str(policy_map.span(selector).start.line) if selector else ""


def _guest(row: TableRow, kernels: Sequence[str]) -> str:
    """Say what the guest gets where that is not what the action says; kernels that agree are named once."""
    texts: dict[str, list[str]] = {}
    for number, kernel in enumerate(kernels):
        texts.setdefault(_outcome(row, number), []).append(kernel)
    if len(texts) == 1:
        return next(iter(texts))
    plain = PLAIN_OUTCOME[row.action]
    return "; ".join(f"{', '.join(names)}: {plain if text == AS_SAID else text}" for text, names in texts.items())


def _outcome(row: TableRow, number: int) -> str:
    counts: dict[Outcome, int] = {}
    for segment in row.segments:
        outcome = segment.outcomes[number]
        counts[outcome] = counts.get(outcome, 0) + segment.stop - segment.start
    if row.action is Action.HANDLE and counts.keys() == {Outcome.ANSWERED, Outcome.NOT_SUPPORTED}:
        return f"{counts[Outcome.ANSWERED]:,} answered"
    *fewer, most = sorted(counts, key=lambda outcome: (counts[outcome], outcome))
    if fewer:
        return f"{', '.join(f'{counts[outcome]:,} {outcome}' for outcome in fewer)}, else {most}"
    return AS_SAID if most is PLAIN_OUTCOME[row.action] else most


def _styled(line: str, column: int) -> Iterator[Piece]:
    """Cut a line of the table at its action, which stands at ``column``."""
    for action, style in _STYLES.items():
        if line.startswith(action, column):
            yield line[:column], Style.PLAIN
            yield action, style
            yield line[column + len(action) :], Style.PLAIN
            return
    yield line, Style.PLAIN


def _refusals(policy_map: PolicyMap) -> list[LabelledLine]:
    return [
        LabelledLine(kernel, f"refuses {refused(refusal)}, and keeps its default")
        for kernel, setup in zip(policy_map.kernels, policy_map.setups, strict=True)
        for refusal in setup.refusals
    ]
