import pytest

from smccc_filter.analysis import checks
from smccc_filter.analysis.reference.manuals import errnos, manual

OVERLAP = next(check for check in checks.ALL if check.NAME == "overlap")


def test_of_a_program_without_docstrings_the_manuals_are_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    assert errnos(OVERLAP)
    monkeypatch.setattr(OVERLAP, "__doc__", None)  # as `python -OO` does
    assert manual(OVERLAP) == ("", "")
    assert errnos(OVERLAP) == ()
