"""Findings for people: what is wrong, the line it stands in, a caret under it, and what to do."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING

from smccc_filter.analysis.diagnostics import Diagnostic, FileReport, FindingKind, LeftOutFindings, Severity
from smccc_filter.language.places import Span
from smccc_filter.reports.paper.styles import Piece, Style
from smccc_filter.words import enumerated, plural, source_name, visible

if TYPE_CHECKING:
    from smccc_filter.reports.paper.excerpt import Excerpt

_END: Piece = ("\n", Style.PLAIN)


class FixOffer(StrEnum):
    """Which fixes the line that counts speaks of."""

    NONE = "none"
    SAFE = "safe"
    ALL = "all"


def render(  # noqa: PLR0913 -- one for each wish of who reads it
    reports: Iterable[FileReport],
    *,
    notes: bool,
    allowed: bool = False,
    summary: bool = True,
    offer: FixOffer = FixOffer.NONE,
    fail_on: Severity = Severity.ERROR,
    failed_by: str = "",
) -> Iterator[Piece]:
    """Yield every finding as it comes, then a line that counts, unless no ``summary`` is wanted.

    Notes are only counted unless ``notes``, and what is allowed unless ``allowed``.

    What can be fixed is counted as ``offer`` says: with the safe fixes, it is said how many more there are. Findings of
    ``fail_on`` fail a run, so that notes which do are shown, and the line says of what would not do so unasked
    ``failed_by`` whom it does.
    """
    files = suppressed = safe = unsafe = 0
    is_cut = False
    notes = notes or fail_on is Severity.NOTE
    kernels: set[tuple[str, ...]] = set()
    counts = dict.fromkeys(Severity, 0)
    for report in reports:
        files += 1
        kernels.add(report.kernels)
        if offer is not FixOffer.NONE:
            safe += report.fixable(safe=True)
            unsafe += report.fixable(safe=False)
            is_cut |= bool(report.left_out)
        lines: list[str] | None = None
        for diagnostic in report.diagnostics:
            if diagnostic.suppressed is None:
                counts[diagnostic.severity] += 1
            else:
                suppressed += not diagnostic.settings
            if diagnostic.kind.is_shown(notes=notes, allowed=allowed):
                from smccc_filter.reports.paper.excerpt import split_lines

                lines = split_lines(report.text) if lines is None else lines
                yield from _finding(report.path, lines, diagnostic)
        for left in report.left_out:
            if left.kind.allowed:
                suppressed += 0 if left.kind.settings else left.number
            else:
                counts[left.kind.severity] += left.number
            if left.kind.is_shown(notes=notes, allowed=allowed):
                yield from _left_out(report.path, left)
    hidden = 0 if notes else counts.pop(Severity.NOTE)
    is_failed = fail_on is not Severity.ERROR and any(counts[severity] for severity in fail_on.and_worse())
    asides = [
        f"failed by {failed_by or f'--fail-on {fail_on}'}" if is_failed else "",
        f"{hidden} {plural(hidden, 'note')}: show with --notes" if hidden else "",
        ("at least " if is_cut and safe + unsafe else "") + _fixable(safe, unsafe, offer),
        f"{suppressed} allowed" if suppressed else "",
    ]
    if summary:
        yield from _summary(files, counts, kernels, "; ".join(filter(None, asides)))


def below(lines: Iterable[str]) -> Iterator[Piece]:
    """Yield lines that stand below the findings."""
    for line in lines:
        yield line, Style.PLAIN
        yield _END


def _finding(path: str, lines: list[str], diagnostic: Diagnostic) -> Iterator[Piece]:
    style = Style(diagnostic.severity)
    last = max(diagnostic.span.start.line, *(related.span.start.line for related in diagnostic.related), 0)
    gutter = len(str(last))
    yield f"{_allowed(diagnostic.kind)}{diagnostic.severity}[{diagnostic.code}]", style
    yield f" {diagnostic.name}: {visible(diagnostic.message)}", Style.MESSAGE
    yield _END
    yield f"{'':{gutter}}--> ", Style.GUTTER
    yield from _place(path, lines, diagnostic.span, gutter, ("^", refusal(diagnostic), style))
    for related in diagnostic.related:
        yield f"{'':{gutter}}::: ", Style.GUTTER
        yield from _place(path, lines, related.span, gutter, ("-", visible(related.message), Style.RELATED))
    if diagnostic.hint:
        yield f"{'':{gutter}} = ", Style.GUTTER
        yield f"help: {visible(diagnostic.hint)}", Style.HINT
        yield _END
    if diagnostic.suppressed is not None:
        yield f"{'':{gutter}} = ", Style.GUTTER
        where = f"ignored in {visible(diagnostic.settings)}" if diagnostic.settings else "allowed"
        yield f"{where}: {visible(diagnostic.suppressed)}", Style.HINT
        yield _END
    yield _END


def _allowed(kind: FindingKind) -> str:
    if kind.settings:
        return "ignored "
    return "allowed " if kind.allowed else ""


def _left_out(path: str, left: LeftOutFindings) -> Iterator[Piece]:
    """Count the findings that are not shown."""
    kind = left.kind
    yield f"{_allowed(kind)}{kind.severity}[{kind.code}]", Style(kind.severity)
    yield f" {kind.name}: {more_alike(left.number)}", Style.MESSAGE
    yield _END
    yield " --> ", Style.GUTTER
    yield source_name(path), Style.PLAIN
    yield _END
    yield _END


def more_alike(number: int) -> str:
    """Say of how many findings there is only the number."""
    return f"{number:,} more like {'this' if number == 1 else 'these'}"


def refusal(diagnostic: Diagnostic) -> str:
    """Say what the kernel answers. A finding without an errno gets no label: its message says what it is about."""
    if diagnostic.errno is None:
        return ""
    return f"{diagnostic.errno} on {', '.join(diagnostic.kernels)}" if diagnostic.kernels else diagnostic.errno


def _place(path: str, lines: list[str], span: Span, gutter: int, mark: tuple[str, str, Style]) -> Iterator[Piece]:
    sign, label, style = mark
    line, column = span.start
    shown = _excerpt(lines, span)
    yield f"{source_name(path)}:{line}:{column}", Style.PATH
    if shown is None:
        if label:
            yield f": {label}", style
        yield _END
        return
    yield _END
    yield f"{'':{gutter}} |", Style.GUTTER
    yield _END
    yield f"{line:>{gutter}} |", Style.GUTTER
    if shown.line:
        yield f" {shown.line}", Style.CODE
    yield _END
    yield f"{'':{gutter}} |", Style.GUTTER
    yield " " * (shown.indent + 1), Style.PLAIN
    yield sign * shown.width + (f" {label}" if label else ""), style
    yield _END


def _excerpt(lines: list[str], span: Span) -> "Excerpt | None":
    """Find the first line of a span, ``None`` where the text has no such place."""
    from smccc_filter.reports.paper.excerpt import excerpt

    number, column = span.start
    if number > len(lines) or column > len(lines[number - 1]) + 1:
        return None
    line = lines[number - 1]
    return excerpt(line, column - 1, span.end.column - 1 if span.end.line == number else len(line))


def _fixable(safe: int, unsafe: int, offer: FixOffer) -> str:
    if offer is FixOffer.ALL or not safe:
        return f"{safe + unsafe} fixable with --fix --unsafe-fixes" if safe + unsafe else ""
    return f"{safe} fixable with --fix" + (f", {unsafe} more with --unsafe-fixes" if unsafe else "")


def _on(kernels: set[tuple[str, ...]]) -> str:
    """Say for which kernels the files were checked, each for those of one of the tuples."""
    if len(kernels) > 1:
        return ", each on its own kernels"
    names = next(iter(kernels), ())
    return f" on Linux {enumerated(names, 'and')}" if names else ""


def _summary(files: int, counts: dict[Severity, int], kernels: set[tuple[str, ...]], aside: str) -> Iterator[Piece]:
    found = ", ".join(f"{count} {plural(count, severity)}" for severity, count in counts.items() if count)
    if found:
        worst = next(severity for severity, count in counts.items() if count)
        yield f"Found {found}", Style(worst)
        yield f" in {files} {plural(files, 'file')}", Style.PLAIN
    else:
        yield "All clear", Style.CLEAR
        yield f"{_on(kernels)}: {files} {plural(files, 'file')}", Style.PLAIN
    yield f" ({aside})." if aside else ".", Style.PLAIN
    yield _END
