import pytest

from smccc_filter.analysis.diagnostics import Diagnostic, FileReport, Severity
from smccc_filter.language.places import Position, Span

SPAN = Span(Position(1, 1), Position(1, 2))


def finding(severity: Severity, suppressed: str | None = None) -> Diagnostic:
    return Diagnostic(
        span=SPAN, code="A305", name="name", severity=severity, message="m", hint="h", suppressed=suppressed
    )


def test_an_error_ranks_before_a_warning_and_that_before_a_note() -> None:
    assert [severity.rank for severity in (Severity.ERROR, Severity.WARNING, Severity.NOTE)] == [0, 1, 2]


@pytest.mark.parametrize("severity", Severity)
def test_what_is_allowed_does_not_count(severity: Severity) -> None:
    others = [finding(other) for other in Severity if other is not severity]
    found = (finding(severity), finding(severity, "known"), finding(severity), *others)
    assert FileReport("p.yaml", "", found).number_of(severity) == 2
