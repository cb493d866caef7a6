"""A comparison as workflow commands, which GitHub Actions turns into annotations on the lines of NEW.

GitHub shows ten annotations of a level and drops the others, so the verdict comes first, then what widens.
"""

from collections.abc import Iterator

from smccc_filter.analysis.comparison.compared import NO_FILTER
from smccc_filter.analysis.comparison.comparison import Comparison, MapChange
from smccc_filter.analysis.comparison.findings import FindingChange
from smccc_filter.analysis.comparison.told import ToldDifference
from smccc_filter.analysis.comparison.verdict import ComparisonVerdict
from smccc_filter.analysis.diagnostics import Severity
from smccc_filter.reports.diff.answers import effects, title, told_half, where_told
from smccc_filter.reports.diff.findings import heading, said_of
from smccc_filter.reports.diff.rows import SENTENCES, counts, decided_by, few, ids_of, names_in, outcomes, where
from smccc_filter.reports.findings.github import command
from smccc_filter.words import source_name

LEVELS = ("::error", "::warning", "::notice")
SEVERITIES = dict(zip(Severity, ("error", "warning", "notice"), strict=True))


def render(comparison: Comparison, *, failed: bool, page: str | None = None) -> str:
    """Write one line for the verdict, one for each change that a guest can tell or is told, and one for a new finding.

    What widens is an error where the run ``failed`` for it, and otherwise a warning; the rest are notices. New
    findings that nothing allows have the level of their severity. Errors come first, then warnings.
    """
    findings = (each for each in comparison.findings if each.is_new and each.finding.suppressed is None)
    lines = [
        *(_change(comparison, each, failed=failed) for each in comparison.in_guest),
        *(_told(comparison, each, failed=failed) for each in comparison.told),
        *(_finding(comparison, each) for each in findings),
    ]
    lines.sort(key=lambda line: LEVELS.index(line.partition(" ")[0]))
    return "".join([*_verdict(comparison, page), *lines])


def _verdict(comparison: Comparison, page: str | None) -> Iterator[str]:
    sides = f"{source_name(comparison.old.path)} -> {source_name(comparison.new.path)}"
    on = f"on Linux {', '.join(comparison.kernels)}"
    lines = [f"{sides} {on}: {SENTENCES[comparison.verdict]}"]
    lines += [f"{word}: {total}" for word, total in counts(comparison)]
    lines += [f"as one page with its map: {page}"] if page else []
    yield command("notice", _path(comparison), None, f"diff: {comparison.verdict}", "\n".join(lines))


def _change(comparison: Comparison, change: MapChange, *, failed: bool) -> str:
    old, new = (
        f"{half.action}, {outcomes(comparison, change, half)}, by {decided_by(side, half.by)}"
        for side, half in ((comparison.old, change.old), (comparison.new, change.new))
    )
    shown = f"{change.verdict}{where(comparison, change)}: {ids_of(change)}"
    text = "\n".join([*filter(None, [few(names_in(change))]), f"was: {old}", f"is:  {new}"])
    return command(_level(change.verdict, failed=failed), _path(comparison), change.new.by.span, shown, text)


def _told(comparison: Comparison, found: ToldDifference, *, failed: bool) -> str:
    shown = f"{found.verdict}{where_told(comparison, found)}: {title(found)}"
    halves = (f"was: {told_half(found, found.old)}", f"is:  {told_half(found, found.new)}")
    text = "\n".join([*effects(found), *halves])
    return command(_level(found.verdict, failed=failed), _path(comparison), None, shown, text)


def _finding(comparison: Comparison, change: FindingChange) -> str:
    level = SEVERITIES[change.finding.severity]
    return command(level, _path(comparison), change.finding.span, f"new: {heading(change)}", said_of(change))


def _level(verdict: ComparisonVerdict, *, failed: bool) -> str:
    return ("error" if failed else "warning") if verdict.widens else "notice"


def _path(comparison: Comparison) -> str | None:
    """Return the file to annotate; one that is not there has no lines."""
    return None if comparison.new.format == NO_FILTER else comparison.new.path
