import pytest

from tests.conftest import Golden
from tests.reports.findings.cases import FORMATS, GOLDEN, REPORTS


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("name", REPORTS)
def test_report_is_as_recorded(name: str, suffix: str, golden: Golden) -> None:
    golden(GOLDEN / f"{name}.{suffix}", FORMATS[suffix](REPORTS[name]).encode())


def test_every_golden_belongs_to_a_case() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {f"{name}.{suffix}" for name in REPORTS for suffix in FORMATS}


@pytest.mark.parametrize("suffix", FORMATS)
def test_reports_may_come_one_by_one(suffix: str) -> None:
    assert FORMATS[suffix](iter(REPORTS["mixed"])) == FORMATS[suffix](REPORTS["mixed"])
