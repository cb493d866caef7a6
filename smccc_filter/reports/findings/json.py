"""Findings as JSON for programs, in a versioned shape of their own.

The shape is a promise, so it is written out here instead of following the classes: these may change, it may not.
"""

from collections.abc import Iterable

from smccc_filter.analysis.diagnostics import Diagnostic, FileReport, LeftOutFindings, Severity
from smccc_filter.reports.paper.json import VERSION, dumps, id_ranges, span_object


def render(reports: Iterable[FileReport]) -> str:
    """Write all findings, allowed and ignored ones too; the summary counts only the others.

    A file of which findings are only counted has ``left_out``.
    """
    files: list[object] = []
    counts = dict.fromkeys(Severity, 0)
    for report in reports:
        file = {"path": report.path, "diagnostics": [_diagnostic(d) for d in report.diagnostics]}
        if report.left_out:
            file["left_out"] = list(map(_left_out, report.left_out))
        files.append(file)
        for severity in Severity:
            counts[severity] += report.number_of(severity)
    summary = {"files": len(files)} | {f"{severity}s": count for severity, count in counts.items()}
    return dumps({"version": VERSION, "files": files, "summary": summary})


def _diagnostic(diagnostic: Diagnostic) -> dict[str, object]:
    return {
        "code": diagnostic.code,
        "name": diagnostic.name,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
        "errno": diagnostic.errno,
        "kernels": diagnostic.kernels,
        "span": span_object(diagnostic.span),
        "ids": id_ranges(diagnostic.ids),
        "related": [{"span": span_object(related.span), "message": related.message} for related in diagnostic.related],
        "suppressed": diagnostic.suppressed,
    }


def _left_out(left: LeftOutFindings) -> dict[str, object]:
    kind = left.kind
    return {
        "code": kind.code,
        "name": kind.name,
        "severity": kind.severity,
        "suppressed": kind.allowed,
        "number": left.number,
    }
