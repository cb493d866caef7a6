from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from junitparser import JUnitXml

from smccc_filter.analysis.diagnostics import FileReport, Severity
from smccc_filter.reports.findings import junit
from tests.reports.findings import strategies
from tests.reports.findings.cases import CLEAR, MIXED


def read(reports: list[FileReport], fail_on: Severity = Severity.ERROR) -> JUnitXml:
    return JUnitXml.fromstring(junit.render(reports, fail_on).encode())


@given(strategies.reports, st.sampled_from(Severity))
def test_what_fails_the_run_fails_a_case(reports: list[FileReport], fail_on: Severity) -> None:
    rendered = junit.render(reports, fail_on)
    assert rendered.replace("\n", "").isprintable()
    counted = fail_on.and_worse()
    failing = [found.kind for report in reports for found in report.diagnostics if found.suppressed is None] + [
        left.kind for report in reports for left in report.left_out if not left.kind.allowed
    ]
    read_back = read(reports, fail_on)
    assert read_back.failures == sum(kind.severity in counted for kind in failing)
    root = ET.fromstring(rendered)  # noqa: S314 (our own)
    assert len(root) == len(reports)
    for suite in root:
        assert int(suite.attrib["tests"]) == len(suite)
        assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure"))
    assert int(root.attrib["tests"]) == len(root.findall("testsuite/testcase"))
    assert int(root.attrib["failures"]) == len(root.findall("testsuite/testcase/failure"))


def test_a_clear_file_is_a_case_that_passes() -> None:
    suites = list(read([*CLEAR]))
    assert [(suite.name, [case.name for case in suite]) for suite in suites] == [
        (report.path, ["every check"]) for report in CLEAR
    ]
    assert all(case.is_passed for suite in suites for case in suite)


@pytest.mark.parametrize("fail_on", Severity)
def test_what_does_not_fail_is_said_all_the_same(fail_on: Severity) -> None:
    rendered = junit.render(MIXED, fail_on)
    for report in MIXED:
        for found in report.diagnostics:
            assert f"{found.severity}[{found.code}] {found.name}" in rendered
            assert not found.suppressed or f"allowed: {found.suppressed}" in rendered


def test_a_file_that_could_not_be_used_is_an_error() -> None:
    told = ["gone.yaml: No such file or directory", 'a"<&\x1b: Permission denied']
    read_back = JUnitXml.fromstring(junit.render([*CLEAR], Severity.ERROR, told).encode())
    assert (read_back.tests, read_back.failures, read_back.errors) == (len(CLEAR) + 2, 0, 2)
    *_, last = read_back
    assert [case.name for case in last] == [told[0], 'a"<&\\x1b: Permission denied']


def test_nothing_is_a_report_too() -> None:
    assert list(read([])) == []
