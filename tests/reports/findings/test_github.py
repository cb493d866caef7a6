import re

import pytest
from hypothesis import given

from smccc_filter.analysis.diagnostics import FileReport, FindingKind, Severity
from smccc_filter.language.places import Span
from smccc_filter.reports.findings import github
from smccc_filter.words import visible
from tests.reports.findings import strategies
from tests.reports.findings.cases import finding, span

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def runner_reads(line: str) -> tuple[str, dict[str, str], str]:
    """Parse a command as the runner does, by its first two ``::`` and then by commas."""
    empty, command, data = line.split("::", 2)
    assert empty == ""
    level, _, fields = command.partition(" ")
    properties = dict(field.split("=", 1) for field in fields.split(","))
    return level, {key: undo(value, ":,") for key, value in properties.items()}, undo(data, "")


def undo(text: str, extra: str) -> str:
    for character in f"\r\n{extra}%":
        text = text.replace(f"%{ord(character):02X}", character)
    return text


@given(strategies.reports)
def test_one_line_a_finding_whatever_it_says(reports: list[FileReport]) -> None:
    lines = github.render(reports).splitlines()
    found: list[tuple[FileReport, FindingKind, str, str]] = []
    for report in reports:
        due = [each for each in report.diagnostics if each.suppressed is None]
        found += [(report, each.kind, each.message, each.hint) for each in due]
        counted = [left for left in report.left_out if not left.kind.allowed]
        found += [(report, left.kind, f"{left.number:,} more like ", "") for left in counted]
    for line, (report, kind, message, hint) in zip(lines, found, strict=True):
        assert line.isprintable()
        level, properties, data = runner_reads(line)
        assert level == LEVELS[kind.severity]
        assert properties.get("file", "-") == visible(report.path, keep="\r\n")
        assert properties["title"] == f"{kind.code} {kind.name}"
        assert data.startswith(visible(message, keep="\r\n"))
        assert data.endswith(visible(hint, keep="\r\n"))


@pytest.mark.parametrize(
    ("text", "data", "field"),
    [
        ("plain", "plain", "plain"),
        ("100%", "100%25", "100%25"),
        ("%0A", "%250A", "%250A"),
        ("a\r\nb", "a%0D%0Ab", "a%0D%0Ab"),
        ("\n::error::x", "%0A::error::x", "%0A%3A%3Aerror%3A%3Ax"),
        ("a,line=9", "a,line=9", "a%2Cline=9"),
        ("\x1b[31m\u2028\udc80", "\\x1b[31m\\u2028\\udc80", "\\x1b[31m\\u2028\\udc80"),
        ("漢字", "漢字", "漢字"),
    ],
)
def test_escaping(text: str, data: str, field: str) -> None:
    assert github.escape_data(text) == data
    assert github.escape_property(text) == field


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (span(3, 5, 3, 9), "line=3,endLine=3,col=5,endColumn=8"),
        (span(3, 5, 3, 6), "line=3,endLine=3,col=5,endColumn=5"),
        (span(3, 5, 3, 5), "line=3,endLine=3,col=5,endColumn=5"),
        (span(3, 5, 6, 2), "line=3,endLine=6"),
        (span(3, 5, 6, 1), "line=3,endLine=5"),
        (span(3, 5, 4, 1), "line=3,endLine=3"),
    ],
)
def test_places_are_inclusive(place: Span, expected: str) -> None:
    rendered = github.render([FileReport("p.yaml", "", (finding("R201", place, "m"),))])
    assert rendered == f"::error file=p.yaml,{expected},title=R201 overlap::m\n"


def test_standard_input_is_no_file() -> None:
    assert "file=" not in github.render([FileReport("-", "", (finding("R201", span(1, 1, 1, 1), "m"),))])


def test_an_allowed_finding_is_left_out() -> None:
    report = FileReport("p", "", (finding("R201", span(1, 1, 1, 1), "m", suppressed=""),))
    assert github.render([report]) == ""
    assert re.findall("^::", github.render([report]), re.MULTILINE) == []
