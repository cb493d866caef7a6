"""Findings as JSON for programs, in a versioned shape of their own.

The shape is a promise, so it is written out here instead of following the classes: these may change, it may not.
"""

import json
import re
from collections.abc import Iterable

from smccc_filter.analysis.diagnostics import Diagnostic, FileReport, Severity
from smccc_filter.language.places import Position, Span
from smccc_filter.smccc.function_id import show
from smccc_filter.smccc.intervals import Intervals

VERSION = 1

_BEYOND_ASCII = re.compile("[^\n -~]+")


def render(reports: Iterable[FileReport]) -> str:
    """Write all findings, allowed ones too; the summary counts only what no allowance covers."""
    files: list[object] = []
    counts = dict.fromkeys(Severity, 0)
    for report in reports:
        files.append({"path": report.path, "diagnostics": [_diagnostic(d) for d in report.diagnostics]})
        for severity in Severity:
            counts[severity] += report.count(severity)
    summary = {"files": len(files)} | {f"{severity}s": count for severity, count in counts.items()}
    return dumps({"version": VERSION, "files": files, "summary": summary})


def dumps(value: object) -> str:
    r"""Write JSON, indented by two, letters as they are and everything that does not print as ``\u001b``."""
    return _BEYOND_ASCII.sub(_escape, json.dumps(value, ensure_ascii=False, indent=2)) + "\n"


def id_ranges(ids: Intervals) -> list[list[str]]:
    """Write a set of IDs as inclusive pairs."""
    return [[show(start), show(stop - 1)] for start, stop in ids]


def _diagnostic(diagnostic: Diagnostic) -> dict[str, object]:
    return {
        "code": diagnostic.code,
        "name": diagnostic.name,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
        "errno": diagnostic.errno,
        "kernels": diagnostic.kernels,
        "span": _span(diagnostic.span),
        "ids": id_ranges(diagnostic.ids),
        "related": [{"span": _span(related.span), "message": related.message} for related in diagnostic.related],
        "suppressed": diagnostic.suppressed,
    }


def _span(span: Span) -> dict[str, object]:
    return {"start": _position(span.start), "end": _position(span.end)}


def _position(position: Position) -> dict[str, int]:
    return {"line": position.line, "column": position.column}


def _escape(match: re.Match[str]) -> str:
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in match[0])
