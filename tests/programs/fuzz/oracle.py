"""What must hold of the tool's answer to any bytes whatever."""

import json
import re
from itertools import pairwise

from smccc_filter.analysis import checks, pipeline
from smccc_filter.analysis.diagnostics import Diagnostic, FileReport, Severity
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.analysis.reference.manuals import manual
from smccc_filter.artefacts.backends import FORMATS
from smccc_filter.language.places import Span
from smccc_filter.reports.findings import github, gitlab, junit, sarif, text
from smccc_filter.reports.findings import json as json_report
from smccc_filter.reports.findings.identity import SourceTree
from smccc_filter.reports.paper.styles import plain
from smccc_filter.smccc.function_id import SPACE

CHECKS = {check.CODE: check for check in checks.ALL}
RULES = {code: sarif.SarifRule(code, check.NAME, check.SEVERITY, *manual(check)) for code, check in CHECKS.items()}
TREE = SourceTree("/", "/")


def hold(data: bytes) -> Examination:
    """Examine, report and, where there is nothing wrong, compile ``data``; fail where the answer is not sound."""
    examination = pipeline.examine("p.yaml", data)
    report = examination.report
    assert examination.document.may_be_quoted or (report.text == "" and len(report.diagnostics) == 1)
    lines = re.split("\r\n|\r|\n", examination.document.text.text)
    for finding in report.diagnostics:
        _finding(finding, lines)
    assert all(_order(first) <= _order(second) for first, second in pairwise(report.diagnostics))
    _reports(report)
    if not examination.has_errors:
        assert examination.policy is not None
        for artefact_format in FORMATS:
            proved = pipeline.build(examination, artefact_format).proved
            assert proved == (0 if artefact_format == "regs" else SPACE)
    return examination


def _order(finding: Diagnostic) -> tuple[Span, str]:
    return finding.span, finding.code


def _finding(finding: Diagnostic, lines: list[str]) -> None:
    check = CHECKS[finding.code]
    assert finding.name == check.NAME
    assert finding.severity.rank <= check.SEVERITY.rank
    assert finding.message
    assert finding.hint
    assert finding.suppressed is None or (check.ALLOWABLE and finding.suppressed and finding.errno is None)
    assert finding.errno is None or finding.severity is Severity.ERROR
    assert all(0 <= start < stop <= SPACE for start, stop in finding.ids)
    assert all(first[1] < second[0] for first, second in pairwise(finding.ids))
    for span in (finding.span, *(related.span for related in finding.related)):
        assert (1, 1) <= span.start <= span.end
        for line, column in span:
            assert line <= len(lines)
            assert column <= len(lines[line - 1]) + 1


def _reports(report: FileReport) -> None:
    found = len(report.diagnostics)
    for notes in (False, True):
        shown = plain(text.render([report], notes=notes))
        assert shown.endswith(".\n")
        _prints(shown)
    as_json = json_report.render([report])
    _prints(as_json)
    assert len(json.loads(as_json)["files"][0]["diagnostics"]) == found
    as_sarif = sarif.render([report], RULES, TREE)
    _prints(as_sarif)
    assert len(json.loads(as_sarif)["runs"][0]["results"]) == found
    for rendered in (junit.render([report], Severity.WARNING), gitlab.render([report], TREE)):
        _prints(rendered)
    as_github = github.render([report])
    _prints(as_github)
    assert as_github.count("\n") == sum(finding.suppressed is None for finding in report.diagnostics)


def _prints(shown: str) -> None:
    """Check that a text can be written as UTF-8, and that nothing in it moves a cursor or forges a line."""
    shown.encode()
    assert shown.replace("\n", "").isprintable()
