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
    left_out = tuple(LeftOutFindings(kind, 10) for kind in kinds)
    assert report._replace(left_out=left_out).number_of(severity) == 12
