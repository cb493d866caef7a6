"""Findings as SARIF 2.1.0, which code scanning services and editors read.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0 plus Errata 01; the sections are its.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from smccc_filter.analysis.diagnostics import Diagnostic, FileReport, LeftOutFindings, Severity
from smccc_filter.analysis.fixes import Fix, Replacement
from smccc_filter.language.places import Span
from smccc_filter.reports.findings.identity import ReportedFile, SourceTree
from smccc_filter.reports.findings.line_hashes import line_hashes
from smccc_filter.reports.findings.text import more_alike
from smccc_filter.reports.paper.json import dumps, id_ranges
from smccc_filter.version import DOCUMENTATION, __version__, page_of

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "SRCROOT"
ROOT_MEANS = "The root of the repository, or outside of any the folder in which smccc-filter ran."
FINGERPRINT = "smcccFilterFinding/v1"
LINE_HASH = "primaryLocationLineHash"
"""The one partial fingerprint that GitHub's code scanning goes by."""
CATEGORY = "smccc-filter/"
"""The analysis that a run belongs to (section 3.17.3): code scanning closes those of its alerts that are gone."""
GROUPS = {
    "P": "policy-language",
    "R": "kernel-interface",
    "A": "allocation",
    "K": "kernel-version",
    "F": "discovery",
    "G": "guest",
    "V": "vmm",
}
"""What a check is about, by the first letter of its code, as a tag to filter alerts by."""
PROBLEM = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}


class SarifRule(NamedTuple):
    """What SARIF says about a check; ``manual`` is its docstring, ``summary`` the first sentence of that."""

    code: str
    name: str
    severity: Severity
    summary: str
    manual: str


def render(reports: Iterable[FileReport], rules: Mapping[str, SarifRule], tree: SourceTree) -> str:
    """Write one run with all findings.

    What an allowance covers is marked as suppressed in source, what settings ignore as suppressed elsewhere.
    ``rules`` is by code, and KeyError tells of one that it lacks. Files in the tree get a URI relative to its root,
    which is the same on every machine and from every working folder, others an absolute one.
    """
    indices: dict[str, int] = {}
    results: list[object] = []
    left_out: list[object] = []
    for report in reports:
        file = _File(report, tree)
        for diagnostic in report.diagnostics:
            index = indices.setdefault(diagnostic.code, len(indices))
            results.append(_result(file, diagnostic, index))
        left_out += [_notification(file, left) for left in report.left_out]
    driver = {
        "name": "smccc-filter",
        "version": __version__,
        "informationUri": DOCUMENTATION,
        "rules": [_rule(rules[code]) for code in indices],
    }
    run = {
        "tool": {"driver": driver},
        # Section 3.14.14: without its URI, for that would differ from machine to machine.
        "originalUriBaseIds": {ROOT: {"description": {"text": ROOT_MEANS}}},
        "automationDetails": {"id": CATEGORY},
        "columnKind": "unicodeCodePoints",
        **({"invocations": [_invocation(left_out)]} if left_out else {}),
        "results": results,
    }
    return dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


class _File:
    """Where a report's file is, and what its lines and findings are known by."""

    def __init__(self, report: FileReport, tree: SourceTree) -> None:
        self.location = location(report.path, tree)
        self._reported = ReportedFile(report, tree)
        self._hashes = line_hashes(report.text, (found.span.start.line for found in report.diagnostics))

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

    def fingerprints(self, diagnostic: Diagnostic) -> dict[str, str]:
        """Say by what a finding is known again (section 3.27.16): our own, and GitHub's of its line."""
        line_hash = self._hashes[diagnostic.span.start.line]
        return {FINGERPRINT: self._reported.fingerprint(diagnostic), LINE_HASH: line_hash}


def location(path: str, tree: SourceTree) -> dict[str, str]:
    """Write a path as an ``artifactLocation`` (section 3.4)."""
    return {"uri": tree.uri(path)} | ({} if tree.below(path) is None else {"uriBaseId": ROOT})


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


def _result(file: _File, diagnostic: Diagnostic, index: int) -> dict[str, object]:
    text = f"{diagnostic.message}\nhelp: {diagnostic.hint}" if diagnostic.hint else diagnostic.message
    related = enumerate(diagnostic.related, start=1)
    reason, kind = diagnostic.suppressed, "external" if diagnostic.settings else "inSource"
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
        "partialFingerprints": file.fingerprints(diagnostic),
        # Section 3.27.23: an array for each result of a run or for none.
        "suppressions": [] if reason is None else [{"kind": kind, "justification": reason}],
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
        "helpUri": page_of(rule.code),
        "help": {"text": _message(rule.manual), "markdown": rule.manual},
        "defaultConfiguration": {"level": rule.severity},
        "properties": {
            "tags": ["arm64", "kvm", "smccc", GROUPS[rule.code[0]]],
            "precision": "very-high",
            "problem.severity": PROBLEM[rule.severity],
        },
    }


def _message(text: str) -> str:
    """Take the meaning from what would be a placeholder (section 3.11.5) or a link (section 3.11.6)."""
    return text.replace("{", "{{").replace("}", "}}").replace("](", "\\](")
