"""Findings as SARIF 2.1.0, which code scanning services and editors read.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0 plus Errata 01; the sections are its.
"""

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import PurePath
from typing import NamedTuple

from smccc_filter.analysis.diagnostics import Diagnostic, FileReport, LeftOutFindings, Severity
from smccc_filter.analysis.fixes import Fix, Replacement
from smccc_filter.language.places import Span
from smccc_filter.reports.findings.text import more_alike
from smccc_filter.reports.paper.excerpt import split_lines
from smccc_filter.reports.paper.json import dumps, id_ranges
from smccc_filter.version import __version__
from smccc_filter.words import DASH

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
INFORMATION = "https://github.com/smccc-filter/smccc-filter"
ROOT = "SRCROOT"
FINGERPRINT = "smcccFilterFinding/v1"

_URI_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")
"""The unreserved characters of RFC 3986, section 2.3, and the slash between segments."""


class SarifRule(NamedTuple):
    """What SARIF says about a check; ``manual`` is its docstring, ``summary`` the first sentence of that."""

    code: str
    name: str
    severity: Severity
    summary: str
    manual: str


def render(reports: Iterable[FileReport], rules: Mapping[str, SarifRule], *, root: str) -> str:
    """Write one run with all findings; what an allowance covers is marked as suppressed in source.

    ``rules`` is by code, and KeyError tells of one that it lacks. ``root`` is the absolute path of the working folder:
    files under it get a URI relative to it, which is the same on every machine, others an absolute one.
    """
    indices: dict[str, int] = {}
    occurrences: Counter[str] = Counter()
    results: list[object] = []
    left_out: list[object] = []
    for report in reports:
        file = _File(report, root)
        for diagnostic in report.diagnostics:
            index = indices.setdefault(diagnostic.code, len(indices))
            digest = file.digest(diagnostic)
            occurrences[digest] += 1
            results.append(_result(file, diagnostic, index, f"{digest}:{occurrences[digest]}"))
        left_out += [_notification(file, left) for left in report.left_out]
    driver = {
        "name": "smccc-filter",
        "version": __version__,
        "informationUri": INFORMATION,
        "rules": [_rule(rules[code]) for code in indices],
    }
    run = {
        "tool": {"driver": driver},
        # Section 3.14.14: without its URI, for that would differ from machine to machine.
        "originalUriBaseIds": {ROOT: {"description": {"text": "The folder in which smccc-filter ran."}}},
        "columnKind": "unicodeCodePoints",
        **({"invocations": [_invocation(left_out)]} if left_out else {}),
        "results": results,
    }
    return dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


class _File:
    """Where a report's file is, and digests of its lines."""

    def __init__(self, report: FileReport, root: str) -> None:
        self.location = location(report.path, root)
        self._lines = split_lines(report.text) if report.diagnostics else []
        self._digests: dict[int, str] = {}

    def place(self, span: Span) -> dict[str, object]:
        return {"artifactLocation": self.location, "region": _region(span)}

    def fix(self, fix: Fix) -> dict[str, object]:
        """Write a fix (section 3.55), whose replacements are made all at once."""
        change = {"artifactLocation": self.location, "replacements": [_replacement(one) for one in fix.replacements]}
        return {
            "description": {"text": _message(fix.message)},
            "artifactChanges": [change],
            "properties": {"safe": fix.safe},
        }

    def digest(self, diagnostic: Diagnostic) -> str:
        """Identify a finding by what it is, not by its line's number, so that it survives edits elsewhere."""
        line = self._line(diagnostic.span.start.line)
        return _digest("\0".join((diagnostic.code, self.location["uri"], diagnostic.message, line)))

    def _line(self, number: int) -> str:
        if number not in self._digests:
            text = self._lines[number - 1] if number <= len(self._lines) else ""
            self._digests[number] = _digest(text.strip())
        return self._digests[number]


def location(path: str, root: str) -> dict[str, str]:
    """Write a path as an ``artifactLocation`` (section 3.4), by its bytes, percent-encoded."""
    if path == DASH:
        return {"uri": "stdin"}
    absolute = PurePath(os.path.normpath(PurePath(root, path)))
    folder = PurePath(os.path.normpath(root))
    if absolute.is_relative_to(folder):
        return {"uri": _encode(absolute.relative_to(folder)), "uriBaseId": ROOT}
    return {"uri": "file:///" + _encode(absolute).lstrip("/")}


def _encode(path: PurePath) -> str:
    return "".join(chr(b) if b in _URI_SAFE else f"%{b:02X}" for b in os.fsencode(path.as_posix()))


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.start.line,
        "startColumn": span.start.column,
        "endLine": span.end.line,
        "endColumn": span.end.column,
    }


def _replacement(replacement: Replacement) -> dict[str, object]:
    """Write a replacement (section 3.57); one that only deletes has no content."""
    content = {"insertedContent": {"text": replacement.text}} if replacement.text else {}
    return {"deletedRegion": _region(replacement.span), **content}


def _result(file: _File, diagnostic: Diagnostic, index: int, fingerprint: str) -> dict[str, object]:
    text = f"{diagnostic.message}\nhelp: {diagnostic.hint}" if diagnostic.hint else diagnostic.message
    related = enumerate(diagnostic.related, start=1)
    reason = diagnostic.suppressed
    fix = diagnostic.fix
    return {
        "ruleId": diagnostic.code,
        "ruleIndex": index,
        "level": diagnostic.severity,
        "message": {"text": _message(text)},
        "locations": [{"physicalLocation": file.place(diagnostic.span)}],
        "relatedLocations": [
            {"id": number, "physicalLocation": file.place(other.span), "message": {"text": _message(other.message)}}
            for number, other in related
        ],
        **({"fixes": [file.fix(fix)]} if fix else {}),
        "partialFingerprints": {FINGERPRINT: fingerprint},
        # Section 3.27.23: an array for each result of a run or for none.
        "suppressions": [] if reason is None else [{"kind": "inSource", "justification": reason}],
        "properties": {
            "errno": diagnostic.errno,
            "kernels": diagnostic.kernels,
            "ids": id_ranges(diagnostic.ids),
        },
    }


def _invocation(notifications: list[object]) -> dict[str, object]:
    """Write what was only counted (sections 3.20.14 and 3.20.21)."""
    return {"executionSuccessful": True, "toolExecutionNotifications": notifications}


def _notification(file: _File, left: LeftOutFindings) -> dict[str, object]:
    """Write how many findings of one kind are no results (section 3.58)."""
    kind = left.kind
    text = f"{kind.code} {kind.name}: {more_alike(left.number)}{' that are allowed' if kind.allowed else ''}"
    return {
        "level": kind.severity,
        "message": {"text": text},
        "locations": [{"physicalLocation": {"artifactLocation": file.location}}],
        "associatedRule": {"id": kind.code},
    }


def _rule(rule: SarifRule) -> dict[str, object]:
    description = rule.manual.partition("\n\nInstead:")[0]
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": _message(rule.summary)},
        "fullDescription": {"text": _message(description)},
        "help": {"text": _message(rule.manual)},
        "defaultConfiguration": {"level": rule.severity},
    }


def _message(text: str) -> str:
    """Take the meaning from what would be a placeholder (section 3.11.5) or a link (section 3.11.6)."""
    return text.replace("{", "{{").replace("}", "}}").replace("](", "\\](")


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
