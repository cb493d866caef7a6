"""Findings as a JUnit report, which most CI servers show: a suite for each file, a case for each finding.

A finding fails its case where it fails the run; what does not is said in the output of a case that passes, and so is
the reason of what is allowed. A file without findings is a case that passes.

Source: the schema of Jenkins' xUnit plugin, junit-10.xsd, and what GitLab's reader takes.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from smccc_filter.analysis.diagnostics import Diagnostic, FileReport, Severity
from smccc_filter.reports.findings.text import more_alike
from smccc_filter.reports.paper.junit import HEAD, case, quoted, suite_text, text_of
from smccc_filter.words import source_name

CLEAR = "every check"
UNUSABLE = "files that could not be used"


class JunitSuite(NamedTuple):
    """The suite of a file, how many cases it has, and how many of them fail."""

    text: str
    tests: int
    failures: int


def render(reports: Iterable[FileReport], fail_on: Severity, unusable: Sequence[str] = ()) -> str:
    """Write the report; findings from ``fail_on`` on fail, and each message of ``unusable`` is an error."""
    failing = frozenset(fail_on.and_worse())
    suites = [_suite(report, failing) for report in reports]
    if unusable:
        cases = [case(UNUSABLE, message, f"<error message={quoted(message)}/>") for message in unusable]
        counts = f'tests="{len(cases)}" failures="0" errors="{len(cases)}"'
        suites.append(JunitSuite(suite_text(UNUSABLE, counts, cases), len(cases), 0))
    tests, failures = sum(suite.tests for suite in suites), sum(suite.failures for suite in suites)
    counts = f'tests="{tests}" failures="{failures}" errors="{len(unusable)}"'
    body = "".join(suite.text for suite in suites)
    return f'{HEAD}<testsuites name="smccc-filter" {counts}>\n{body}</testsuites>\n'


def _suite(report: FileReport, failing: frozenset[Severity]) -> JunitSuite:
    name = source_name(report.path)
    cases = list(_cases(report, name, failing)) or [case(name, CLEAR, "")]
    failures = sum("<failure " in case for case in cases)
    counts = f'tests="{len(cases)}" failures="{failures}" errors="0"'
    return JunitSuite(suite_text(name, counts, cases), len(cases), failures)


def _cases(report: FileReport, name: str, failing: frozenset[Severity]) -> Iterator[str]:
    for found in report.diagnostics:
        start = found.span.start
        title = f"{found.code} {found.name}, {start.line}:{start.column}"
        fails = found.suppressed is None and found.severity in failing
        yield case(name, title, _said(found, name, fails=fails))
    for left in report.left_out:
        kind, more = left.kind, more_alike(left.number)
        fails = not kind.allowed and kind.severity in failing
        yield case(name, f"{kind.code} {kind.name}, more", _told(f"{kind.code} {kind.name}", more, more, fails=fails))


def _said(found: Diagnostic, name: str, *, fails: bool) -> str:
    start = found.span.start
    lines = [f"{name}:{start.line}:{start.column}: {found.severity}[{found.code}] {found.name}: {found.message}"]
    lines += [f"{name}:{at.span.start.line}:{at.span.start.column}: {at.message}" for at in found.related]
    lines += [f"help: {found.hint}"] if found.hint else []
    where = f"ignored in {found.settings}" if found.settings else "allowed"
    lines += [] if found.suppressed is None else [f"{where}: {found.suppressed}"]
    return _told(f"{found.code} {found.name}", found.message, "\n".join(lines), fails=fails)


def _told(kind: str, message: str, text: str, *, fails: bool) -> str:
    if fails:
        return f"<failure type={quoted(kind)} message={quoted(message)}>{text_of(text)}</failure>"
    return f"<system-out>{text_of(text)}</system-out>"
