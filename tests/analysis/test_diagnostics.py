import pytest

from smccc_filter.analysis.diagnostics import Diagnostic, FileReport, FindingKind, LeftOutFindings, Severity
from smccc_filter.language.places import Position, Span

SPAN = Span(Position(1, 1), Position(1, 2))


def finding(severity: Severity, suppressed: str | None = None) -> Diagnostic:
    return Diagnostic(
        span=SPAN, code="A305", name="name", severity=severity, message="m", hint="h", suppressed=suppressed
    )


def test_an_error_ranks_before_a_warning_and_that_before_a_note() -> None:
    assert [severity.rank for severity in (Severity.ERROR, Severity.WARNING, Severity.NOTE)] == [0, 1, 2]
    assert Severity.ERROR.and_worse() == [Severity.ERROR]
    assert Severity.NOTE.and_worse() == [Severity.ERROR, Severity.WARNING, Severity.NOTE]


@pytest.mark.parametrize("severity", Severity)
def test_what_is_allowed_does_not_count(severity: Severity) -> None:
    others = [finding(other) for other in Severity if other is not severity]
    found = (finding(severity), finding(severity, "known"), finding(severity), *others)
    report = FileReport("p.yaml", "", found)
    assert report.number_of(severity) == 2
    kinds = [FindingKind("A305", "name", one, allowed=allowed) for one in Severity for allowed in (False, True)]
    left_out = tuple(LeftOutFindings(kind, 100 if kind.allowed else 10) for kind in kinds)
    assert report._replace(left_out=left_out).number_of(severity) == 12


@pytest.mark.parametrize("severity", Severity)
def test_notes_and_what_is_allowed_are_shown_to_who_wants_them(severity: Severity) -> None:
    kind = FindingKind("A305", "name", severity, allowed=False)
    assert kind.is_shown(notes=False, allowed=False) is (severity is not Severity.NOTE)
    assert kind.is_shown(notes=True, allowed=False)
    assert kind._replace(allowed=True).is_shown(notes=False, allowed=True)
    assert not kind._replace(allowed=True).is_shown(notes=True, allowed=False)


def test_a_report_of_some_kinds_has_those_that_are_told_and_those_that_are_counted() -> None:
    found = tuple(finding(severity) for severity in Severity)
    left_out = tuple(LeftOutFindings(each.kind, 10) for each in found)
    some = FileReport("p.yaml", "", found, left_out).only(lambda kind: kind.severity is Severity.ERROR)
    assert (some.diagnostics, some.left_out) == (found[:1], left_out[:1])
