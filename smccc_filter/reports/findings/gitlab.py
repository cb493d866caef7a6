"""Findings as GitLab's code quality report, from which a merge request shows what it adds and what it mends.

Source: GitLab's documentation, "Code Quality report format"; the severities are Code Climate's.
"""

from collections.abc import Iterable, Iterator

from smccc_filter.analysis.diagnostics import Diagnostic, FileReport, Severity
from smccc_filter.reports.findings.identity import ReportedFile, SourceTree
from smccc_filter.reports.findings.text import more_alike
from smccc_filter.reports.paper.json import dumps

SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.NOTE: "info"}


def render(reports: Iterable[FileReport], tree: SourceTree) -> str:
    """Write an array with an object for each finding, less what an allowance covers: it can't say that.

    Paths are those below the tree's root, which is where GitLab looks for them.
    """
    return dumps([entry for report in reports for entry in _entries(report, tree)])


def _entries(report: FileReport, tree: SourceTree) -> Iterator[dict[str, object]]:
    file = ReportedFile(report, tree)
    below = tree.below(report.path)
    path = report.path if below is None else below.as_posix()
    for found in report.diagnostics:
        if found.suppressed is None:
            check, line = f"{found.code} {found.name}", found.span.start.line
            yield _entry(check, _description(found), found.severity, path, line, file.fingerprint(found))
    for left in report.left_out:
        kind = left.kind
        if not kind.allowed:
            check = f"{kind.code} {kind.name}"
            yield _entry(check, more_alike(left.number), kind.severity, path, 1, f"{kind.code}:{file.uri}:left-out")


def _description(found: Diagnostic) -> str:
    return f"{found.code} {found.message}" + (f" (help: {found.hint})" if found.hint else "")


def _entry(  # noqa: PLR0913, PLR0917 -- one for each member
    check: str, description: str, severity: Severity, path: str, line: int, fingerprint: str
) -> dict[str, object]:
    return {
        "description": description,
        "check_name": check,
        "fingerprint": fingerprint,
        "severity": SEVERITIES[severity],
        "location": {"path": path, "lines": {"begin": line}},
    }
