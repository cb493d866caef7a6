"""Findings as workflow commands, which GitHub Actions turns into annotations of a pull request.

A command is one line, and its fields come from policies and file names, so everything that could end the field or the
line is escaped as the runner (actions/runner, ``ActionCommand.cs``) undoes it.
"""

from collections.abc import Iterable, Iterator

from smccc_filter.analysis.diagnostics import Diagnostic, FileReport, Severity
from smccc_filter.language.places import Span
from smccc_filter.reports.findings.text import more_alike
from smccc_filter.words import DASH, visible

_COMMAND = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(reports: Iterable[FileReport]) -> str:
    """Write one line a finding, less what an allowance covers: an annotation can't say that it is allowed."""
    return "".join(line for report in reports for line in _lines(report))


def _lines(report: FileReport) -> Iterator[str]:
    yield from (_finding(report.path, found) for found in report.diagnostics if found.suppressed is None)
    for left in report.left_out:
        kind = left.kind
        if not kind.allowed:
            title = f"{kind.code} {kind.name}"
            yield command(_COMMAND[kind.severity], report.path, None, title, more_alike(left.number))


def escape_data(text: str) -> str:
    """Escape a message: percent sign, CR and LF."""
    return visible(text, keep="\r\n").replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """Escape a property, which a colon or a comma would end as well."""
    return escape_data(text).replace(":", "%3A").replace(",", "%2C")


def command(level: str, path: str | None, span: Span | None, title: str, text: str) -> str:
    """Write one command, a line: ``level`` is ``error``, ``warning`` or ``notice``; ``None`` for what has no place."""
    properties = {} if path in {None, DASH} else {"file": str(path)}
    properties |= _place(span) if span else {}
    properties["title"] = title
    fields = ",".join(f"{key}={escape_property(value)}" for key, value in properties.items())
    return f"::{level} {fields}::{escape_data(text)}\n"


def _finding(path: str, diagnostic: Diagnostic) -> str:
    text = f"{diagnostic.message}\nhelp: {diagnostic.hint}" if diagnostic.hint else diagnostic.message
    return command(_COMMAND[diagnostic.severity], path, diagnostic.span, f"{diagnostic.code} {diagnostic.name}", text)


def _place(span: Span) -> dict[str, str]:
    """Turn a span into properties, all inclusive, with columns only where it stays on one line.

    The manual (actions/toolkit, ``packages/core``, ``AnnotationProperties``) lets ``endColumn`` default to the start
    column, which says that it names the last character, and forbids columns where the lines differ; the runner
    (``ValidateLinesAndColumns``) drops both columns where the end is less than the start.
    """
    start, end = span
    if start.line == end.line:
        columns = {"col": str(start.column), "endColumn": str(max(start.column, end.column - 1))}
        return {"line": str(start.line), "endLine": str(end.line)} | columns
    last = end.line - 1 if end.column == 1 else end.line
    return {"line": str(start.line), "endLine": str(last)}
