"""A comparison for people: the verdict, what differs of the VM, then each change with both sides below each other."""

from collections.abc import Iterator, Sequence

from smccc_filter.analysis.comparison.comparison import Comparison, MapChange
from smccc_filter.analysis.comparison.told import ToldDifference
from smccc_filter.analysis.comparison.verdict import ComparisonVerdict
from smccc_filter.analysis.diagnostics import Severity
from smccc_filter.reports.diff.answers import effects, title, told_half, where_told
from smccc_filter.reports.diff.findings import heading, place, said_of, status
from smccc_filter.reports.diff.rows import (
    SENTENCES,
    alike,
    counts,
    decided_by,
    few,
    ids_of,
    names_in,
    outcomes,
    ranges_of,
    services_in,
    setting_key,
    setting_value,
    totals,
    where,
)
from smccc_filter.reports.guest.tree import refused
from smccc_filter.reports.paper.columns import LabelledLine, listing
from smccc_filter.reports.paper.styles import Piece, Style
from smccc_filter.smccc.function_id import show
from smccc_filter.words import counted, source_name, visible

STYLES = {
    ComparisonVerdict.EQUIVALENT: Style.CLEAR,
    ComparisonVerdict.WIDER: Style.WARNING,
    ComparisonVerdict.NARROWER: Style.NOTE,
    ComparisonVerdict.INCOMPARABLE: Style.WARNING,
}


def render(comparison: Comparison, width: int | None) -> Iterator[Piece]:
    """Yield the report in pieces; only the lists of settings wrap at ``width``, as changes are made of long places."""
    sides = f"{source_name(comparison.old.path)} -> {source_name(comparison.new.path)}"
    yield comparison.verdict, STYLES[comparison.verdict]
    yield f": {sides} on Linux {', '.join(comparison.kernels)}: {SENTENCES[comparison.verdict]}\n", Style.PLAIN
    for sentence in comparison.assumed:
        yield f"{visible(sentence)}\n", Style.PLAIN
    if lines := [*_settings(comparison), *_refusals(comparison)]:
        yield f"\n{listing(lines, width)}", Style.PLAIN
    for change in comparison.in_guest:
        yield from _change(comparison, change)
    for found in comparison.told:
        yield from _told(comparison, found)
    if comparison.in_words:
        yield "\n", Style.PLAIN
        yield "no change in the guest", Style.CLEAR
        yield ", only in the policy's words\n", Style.PLAIN
    for group in alike(comparison.in_words):
        yield from _words(comparison, group)
    yield from _findings(comparison)
    if totals_of_each := counts(comparison):
        yield f"\n{'; '.join(f'{word}: {total}' for word, total in totals_of_each)}\n", Style.PLAIN


def _settings(comparison: Comparison) -> list[LabelledLine]:
    return [
        LabelledLine(setting_key(each), f"{setting_value(each.key, each.old)} -> {setting_value(each.key, each.new)}")
        for each in comparison.settings
    ]


def _refusals(comparison: Comparison) -> Iterator[LabelledLine]:
    for side, setups in ((comparison.old, comparison.old_setups), (comparison.new, comparison.new_setups)):
        for setup in setups:
            for row in setup.refusals:
                text = f"refuses {refused(row)}, as {source_name(side.path)} asks, and keeps its default"
                yield LabelledLine(setup.machine.profile.name, text)


def _change(comparison: Comparison, change: MapChange) -> tuple[Piece, ...]:
    """Return a blank line, what changes, and both sides, aligned."""
    names = names_in(change)
    ids = " ".join([ids_of(change), *names]) if change.size == 1 else ids_of(change)
    size = f"{change.size:,} IDs, " if change.size > 1 else ""
    facts = f"{where(comparison, change)}: {size}{few(services_in(change), 'no service')}"
    such = f"\n  such as {show(change.witness)}: {few(names, 'no specification names it')}" if change.size > 1 else ""
    return (
        ("\n", Style.PLAIN),
        (f"{ids} ", Style.MESSAGE),
        (change.verdict, STYLES[change.verdict]),
        (f"{facts}{such}\n", Style.PLAIN),
        *_halves(comparison, change),
    )


def _told(comparison: Comparison, found: ToldDifference) -> Iterator[Piece]:
    """Yield the same for a discovery call that answers something else."""
    yield "\n", Style.PLAIN
    yield f"{title(found)} ", Style.MESSAGE
    yield found.verdict, STYLES[found.verdict]
    yield f"{where_told(comparison, found)}: {'; '.join(effects(found))}\n", Style.PLAIN
    yield f"  - {told_half(found, found.old)}", Style.ERROR
    yield "\n", Style.PLAIN
    yield f"  + {told_half(found, found.new)}", Style.CLEAR
    yield "\n", Style.PLAIN


def _findings(comparison: Comparison) -> Iterator[Piece]:
    """Yield the findings that are new or gone, and count the notes among them, as ``validate`` does."""
    if not comparison.findings:
        return
    yield "\nfindings that are new or gone, which the verdict does not count\n", Style.PLAIN
    shown = [each for each in comparison.findings if each.finding.severity is not Severity.NOTE]
    for each in shown:
        yield f"  {status(each):4}  ", Style.PLAIN
        yield heading(each), Style.MESSAGE
        yield f": {said_of(each)}, {place(comparison, each)}\n", Style.PLAIN
    if notes := len(comparison.findings) - len(shown):
        yield f"  {counted(notes, 'note')}: see `--format json`\n", Style.PLAIN


def _words(comparison: Comparison, group: Sequence[MapChange]) -> Iterator[Piece]:
    """Yield the same for changes that no guest can tell, those that are alike as one."""
    yield "\n", Style.PLAIN
    yield ranges_of(group), Style.MESSAGE
    yield f": {totals(group)}\n", Style.PLAIN
    yield from _halves(comparison, group[0])


def _halves(comparison: Comparison, change: MapChange) -> tuple[Piece, ...]:
    old, new = (outcomes(comparison, change, half) for half in (change.old, change.new))
    actions, outcome = max(len(change.old.action), len(change.new.action)), max(len(old), len(new))
    return (
        (f"  - {change.old.action:{actions}}  {old:{outcome}}", Style.ERROR),
        (f"  {decided_by(comparison.old, change.old.by)}\n", Style.PLAIN),
        (f"  + {change.new.action:{actions}}  {new:{outcome}}", Style.CLEAR),
        (f"  {decided_by(comparison.new, change.new.by)}\n", Style.PLAIN),
    )
