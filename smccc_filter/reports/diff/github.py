"""A comparison as workflow commands, which GitHub Actions turns into annotations on the lines of NEW.

GitHub shows ten annotations of a level and drops the others, so the verdict comes first, then what widens.
"""

from collections.abc import Iterator

from smccc_filter.analysis.comparison.compared import NO_FILTER
from smccc_filter.analysis.comparison.comparison import Comparison, MapChange
from smccc_filter.analysis.comparison.told import ToldDifference
from smccc_filter.analysis.comparison.verdict import ComparisonVerdict
from smccc_filter.reports.diff.answers import effects, title, told_half, where_told
from smccc_filter.reports.diff.rows import SENTENCES, counts, decided_by, few, ids_of, names_in, outcomes, where
from smccc_filter.reports.findings.github import command
from smccc_filter.words import source_name


def render(comparison: Comparison, *, failed: bool) -> str:
    """Write one line for the verdict and one for each change that a guest can tell or is told, those that widen first.

    What widens is an error where the run ``failed`` for it, and otherwise a warning; the rest are notices.
    """
    lines = [(each.verdict, _change(comparison, each, failed=failed)) for each in comparison.in_guest]
    lines += [(each.verdict, _told(comparison, each, failed=failed)) for each in comparison.told]
    lines.sort(key=lambda line: not line[0].widens)
    return "".join([*_verdict(comparison), *(line for _, line in lines)])


def _verdict(comparison: Comparison) -> Iterator[str]:
    sides = f"{source_name(comparison.old.path)} -> {source_name(comparison.new.path)}"
    on = f"on Linux {', '.join(comparison.kernels)}"
    lines = [f"{sides} {on}: {SENTENCES[comparison.verdict]}"]
    lines += [f"{word}: {total}" for word, total in counts(comparison)]
    yield command("notice", _path(comparison), None, f"diff: {comparison.verdict}", "\n".join(lines))


def _change(comparison: Comparison, change: MapChange, *, failed: bool) -> str:
    old, new = (
        f"{half.action}, {outcomes(comparison, change, half)}, by {decided_by(side, half.by)}"
        for side, half in ((comparison.old, change.old), (comparison.new, change.new))
    )
    heading = f"{change.verdict}{where(comparison, change)}: {ids_of(change)}"
    text = "\n".join([*filter(None, [few(names_in(change))]), f"was: {old}", f"is:  {new}"])
    return command(_level(change.verdict, failed=failed), _path(comparison), change.new.by.span, heading, text)


def _told(comparison: Comparison, found: ToldDifference, *, failed: bool) -> str:
    heading = f"{found.verdict}{where_told(comparison, found)}: {title(found)}"
    halves = (f"was: {told_half(found, found.old)}", f"is:  {told_half(found, found.new)}")
    text = "\n".join([*effects(found), *halves])
    return command(_level(found.verdict, failed=failed), _path(comparison), None, heading, text)


def _level(verdict: ComparisonVerdict, *, failed: bool) -> str:
    return ("error" if failed else "warning") if verdict.widens else "notice"


def _path(comparison: Comparison) -> str | None:
    """Return the file to annotate; one that is not there has no lines."""
    return None if comparison.new.format == NO_FILTER else comparison.new.path
