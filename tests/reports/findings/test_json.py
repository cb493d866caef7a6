import json as parser
import re

from hypothesis import given

from smccc_filter.analysis.diagnostics import FileReport, Severity
from smccc_filter.language.places import Span
from smccc_filter.reports.findings import json
from tests.reports.findings import strategies
from tests.reports.findings.cases import finding, span


@given(strategies.reports)
def test_every_value_comes_back(reports: list[FileReport]) -> None:
    document = parser.loads(json.render(reports))
    findings = [diagnostic for report in reports for diagnostic in report.diagnostics]
    assert [file["path"] for file in document["files"]] == [report.path for report in reports]
    assert [len(file["diagnostics"]) for file in document["files"]] == [len(report.diagnostics) for report in reports]
    written = [diagnostic for file in document["files"] for diagnostic in file["diagnostics"]]
    for found, expected in zip(written, findings, strict=True):
        for key in ("code", "name", "severity", "message", "hint", "errno", "suppressed"):
            assert found[key] == getattr(expected, key)
        assert found["kernels"] == list(expected.kernels)
        assert found["span"] == _span(expected.span)
        assert [(int(first, 16), int(last, 16) + 1) for first, last in found["ids"]] == list(expected.ids)
        assert found["related"] == [{"span": _span(other.span), "message": other.message} for other in expected.related]


@given(strategies.reports)
def test_summary_counts_what_no_allowance_covers(reports: list[FileReport]) -> None:
    summary = parser.loads(json.render(reports))["summary"]
    found = [(diagnostic.kind, 1) for report in reports for diagnostic in report.diagnostics]
    found += [(left.kind, left.number) for report in reports for left in report.left_out]
    assert summary == {"files": len(reports)} | {
        f"{severity}s": sum(number for kind, number in found if kind.severity is severity and not kind.allowed)
        for severity in Severity
    }


@given(strategies.reports)
def test_what_is_only_counted_comes_back(reports: list[FileReport]) -> None:
    for report, file in zip(reports, parser.loads(json.render(reports))["files"], strict=True):
        assert ("left_out" in file) is bool(report.left_out)
        assert [tuple(left.values()) for left in file.get("left_out", ())] == [
            (*left.kind[:4], left.number) for left in report.left_out
        ]


@given(strategies.reports)
def test_output_prints(reports: list[FileReport]) -> None:
    rendered = json.render(reports)
    assert rendered.endswith("}\n")
    assert rendered.replace("\n", "").isprintable()
    assert all(re.fullmatch("0x[0-9A-F]{8}", quoted) for quoted in re.findall(r'"(0x\w+)"', rendered))


def test_keys_stand_in_the_documented_order() -> None:
    document = parser.loads(json.render([FileReport("p", "", (finding("R201", span(1, 1, 1, 1), "m"),))]))
    assert list(document) == ["version", "files", "summary"]
    assert list(document["summary"]) == ["files", "errors", "warnings", "notes"]
    assert list(document["files"][0]["diagnostics"][0]) == [
        *("code", "name", "severity", "message", "hint", "errno", "kernels", "span", "ids", "related", "suppressed"),
    ]


def _span(value: Span) -> dict[str, dict[str, int]]:
    return {end: {"line": position.line, "column": position.column} for end, position in value._asdict().items()}
