"""Findings as an editor shows them: those of ``validate`` that nothing allows or ignores."""

from lsprotocol import types

from smccc_filter.analysis.diagnostics import Diagnostic, FileReport, LeftOutFindings, Severity
from smccc_filter.editor.text import EditorText
from smccc_filter.language.places import Offsets
from smccc_filter.reports.findings.text import more_alike, refusal
from smccc_filter.version import page_of

SOURCE = "smccc-filter"
SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}
IDLE = frozenset({"P107", "R205", "R206"})
"""Codes of what does nothing and can be left out, which an editor may fade."""


def diagnostics(report: FileReport, text: EditorText, uri: str) -> list[types.Diagnostic]:
    """Return the findings of a report on ``text``, which the editor calls ``uri``, in the report's order.

    Findings beyond those that the report has one by one are counted at the start of the text, one for each kind.
    """
    found = [diagnostic(one, text, uri) for one in report.diagnostics if one.suppressed is None]
    return [*found, *(_left_out(left, text) for left in report.left_out if not left.kind.allowed)]


def diagnostic(finding: Diagnostic, text: EditorText, uri: str) -> types.Diagnostic:
    """Return one finding: its message, what the kernel answers, and the hint, a line each."""
    lines = [finding.message, refusal(finding), finding.hint and f"help: {finding.hint}"]
    return types.Diagnostic(
        range=text.range_of(finding.span),
        severity=SEVERITIES[finding.severity],
        code=finding.code,
        code_description=types.CodeDescription(page_of(finding.code)),
        source=SOURCE,
        message="\n".join(filter(None, lines)),
        tags=[types.DiagnosticTag.Unnecessary] if finding.code in IDLE else None,
        related_information=[
            types.DiagnosticRelatedInformation(types.Location(uri, text.range_of(other.span)), other.message)
            for other in finding.related
        ]
        or None,
    )


def _left_out(left: LeftOutFindings, text: EditorText) -> types.Diagnostic:
    kind = left.kind
    return types.Diagnostic(
        range=text.range(Offsets(0, 0)),
        severity=SEVERITIES[kind.severity],
        code=kind.code,
        code_description=types.CodeDescription(page_of(kind.code)),
        source=SOURCE,
        message=f"{kind.name}: {more_alike(left.number)}",
    )
