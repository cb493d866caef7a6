"""The verdict: whether the policy may be compiled, and every finding with its source line, the worst first."""

from collections.abc import Callable, Iterator, Sequence

from smccc_filter.analysis.diagnostics import Diagnostic, FileReport, FindingKind, LeftOutFindings, Severity
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.reports.findings.text import more_alike, refusal
from smccc_filter.reports.paper.excerpt import excerpt, split_lines
from smccc_filter.reports.paper.html import Markup, folded, joined, stranger, tag
from smccc_filter.smccc.function_id import show, show_range
from smccc_filter.words import counted, source_name, visible

IN_SIGHT = 20
"""Errors and warnings that are in sight before the others are folded."""
LINKED = 8
"""Ranges of one finding that lead to the map."""
CLEAR = "No findings: every check is content."


def section(path: str, examination: Examination) -> Markup:
    """Write the verdict in one line, then errors and warnings; notes and what is allowed are folded."""
    report = examination.report
    lines = split_lines(report.text)
    shown = [found for found in report.diagnostics if _is_open(found.kind)]
    quiet = [found for found in report.diagnostics if not _is_open(found.kind)]
    left_open = [left for left in report.left_out if _is_open(left.kind)]
    left_quiet = [left for left in report.left_out if not _is_open(left.kind)]
    said, worst = verdict(report)
    cards = list(_cards(path, shown, lines, left_open))
    notes = list(_cards(path, quiet, lines, left_quiet))
    return tag(
        "section",
        tag("h2", said, id="findings-title"),
        *cards[:IN_SIGHT],
        folded(f"Show {len(cards) - IN_SIGHT:,} more", *cards[IN_SIGHT:]) if len(cards) > IN_SIGHT else None,
        folded(f"Show {_counted(quiet, left_quiet)}", *notes) if notes else None,
        id="findings",
        class_=f"verdict is-{worst}",
        aria_labelledby="findings-title",
    )


def verdict(report: FileReport) -> tuple[str, str]:
    """Say in one sentence how the policy stands, and name the worst severity, or ``clear``."""
    counts = {severity: report.number_of(severity) for severity in Severity}
    found = [counted(number, severity) for severity, number in counts.items() if number]
    allowed = _number(report.diagnostics, report.left_out, lambda kind: kind.allowed)
    beside = f", {allowed:,} allowed" if allowed else ""
    if not found:
        return f"{CLEAR if not allowed else 'No findings'}{beside}", "clear"
    worst = next(severity for severity, number in counts.items() if number)
    what = {
        Severity.ERROR: "Must not be compiled",
        Severity.WARNING: "Can be compiled, and hardly does what was meant",
        Severity.NOTE: "Can be compiled",
    }[worst]
    return f"{what}: {', '.join(found)}{beside}", worst


def _is_open(kind: FindingKind) -> bool:
    return not kind.allowed and kind.severity is not Severity.NOTE


def _number(
    findings: Sequence[Diagnostic], left_out: Sequence[LeftOutFindings], wanted: Callable[[FindingKind], bool]
) -> int:
    found = sum(wanted(each.kind) for each in findings)
    return found + sum(left.number for left in left_out if wanted(left.kind))


def _counted(findings: Sequence[Diagnostic], left_out: Sequence[LeftOutFindings]) -> str:
    notes = _number(findings, left_out, lambda kind: not kind.allowed)
    allowed = _number(findings, left_out, lambda kind: kind.allowed)
    words = [counted(notes, "note")] if notes else []
    return " and ".join([*words, *([f"{allowed:,} allowed"] if allowed else [])])


def _cards(
    path: str, findings: Sequence[Diagnostic], lines: Sequence[str], left_out: Sequence[LeftOutFindings]
) -> Iterator[Markup]:
    for found in sorted(findings, key=lambda found: (found.suppressed is not None, found.severity.rank)):
        yield _card(path, found, lines)
    for left in left_out:
        yield tag("article", _title(left.kind, more_alike(left.number)), class_=_classes(left.kind))


def _card(path: str, found: Diagnostic, lines: Sequence[str]) -> Markup:
    start = found.span.start
    related = (
        tag("p", f"{source_name(path)}:{other.span.start.line}:{other.span.start.column}: {visible(other.message)}")
        for other in found.related
    )
    where = "ignored" if found.settings else "allowed"
    return tag(
        "article",
        _title(found.kind, found.message),
        tag("p", f"{source_name(path)}:{start.line}:{start.column}", class_="place"),
        _quoted(found, lines),
        *related,
        tag("p", "help: ", found.hint, class_="help") if found.hint else None,
        tag("div", f"{where}: ", stranger(found.suppressed)) if found.suppressed is not None else None,
        _ids(found),
        class_=_classes(found.kind),
    )


def _title(kind: FindingKind, message: str) -> Markup:
    allowed = ("ignored " if kind.settings else "allowed ") if kind.allowed else ""
    code = tag("span", f"{allowed}{kind.severity}[{kind.code}]", class_=f"severity {kind.severity}")
    return tag("h3", code, f" {kind.name}: {message}")


def _classes(kind: FindingKind) -> str:
    return f"card is-{'allowed' if kind.allowed else kind.severity}"


def _quoted(found: Diagnostic, lines: Sequence[str]) -> Markup | None:
    """Quote the line, and mark in it what is meant."""
    start, end = found.span
    line = lines[start.line - 1] if start.line <= len(lines) else ""
    answer = refusal(found)
    if not line and not answer:
        return None
    stop = end.column if end.line == start.line else len(line) + 1
    quoted = excerpt(line, min(start.column - 1, len(line)), max(stop, start.column) - 1)
    under = " " * quoted.indent + "^" * quoted.width + (f" {answer}" if answer else "")
    return tag("pre", f"{quoted.line}\n{under}", tabindex="0", role="group", aria_label="source line")


def _ids(found: Diagnostic) -> Markup | None:
    """Name the IDs, which a script makes links to the map."""
    if not found.ids:
        return None
    shown = (tag("span", show_range(*ids), class_="id", data_id=show(ids[0])) for ids in found.ids[:LINKED])
    more = len(found.ids) - LINKED
    return tag("p", "IDs: ", joined(*shown, between=", "), f" and {counted(more, 'more range')}" if more > 0 else None)
