from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.analysis import checks, pipeline
from smccc_filter.analysis.diagnostics import Severity, can_leave_doubt
from smccc_filter.analysis.understanding import Understood, understand
from tests.analysis.checks.cases import HERE, POLICIES
from tests.policies.shipped import NAMES, path
from tests.programs.fuzz import strategies

FIXTURES = tuple(HERE / name for name in POLICIES)


def agree(data: bytes) -> None:
    """Hold that the few checks decide as all of them do, and that what they find is what all of them find."""
    found = understand("p.yaml", data)
    examination = pipeline.examine("p.yaml", data)
    assert isinstance(found, Understood) is examination.is_understood
    if isinstance(found, Understood):
        assert found[:2] == (examination.policy, examination.resolution)
        assert found.document.text.text == examination.document.text.text
    else:
        assert found.diagnostics
        assert set(found.diagnostics) <= set(examination.report.diagnostics)


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.relative_to(HERE).as_posix())
def test_of_each_fixture_of_the_checks_as_much_is_understood_as_by_query(fixture: Path) -> None:
    agree(fixture.read_bytes())


def test_other_errors_are_about_kernels_guests_vmms_and_expectations() -> None:
    errors = {check.CODE for check in checks.ALL if check.SEVERITY is Severity.ERROR}
    clear = {code for code in errors if not can_leave_doubt(code)}
    assert clear == {"P106", *(code for code in errors if code[0] in "KFV")}


def test_what_leaves_doubt_can_not_be_allowed() -> None:
    errors = [check for check in checks.ALL if check.SEVERITY is Severity.ERROR and can_leave_doubt(check.CODE)]
    assert errors
    assert not any(check.ALLOWABLE for check in errors)


@given(
    st.one_of(
        st.builds(strategies.write, strategies.flawed(), block=st.booleans()),
        st.builds(strategies.write, strategies.policies, block=st.just(value=True)),
        strategies.mutated(),
    )
)
def test_of_any_policy_as_much_is_understood_as_by_query(data: bytes) -> None:
    agree(data)


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_policy_is_understood(name: str) -> None:
    understood = understand(name, path(name).read_bytes())
    assert isinstance(understood, Understood)
    assert understood.diagnostics is None, "a policy without errors is not checked for what is unwise"
    asked = understand(name, path(name).read_bytes(), findings=True)
    assert isinstance(asked, Understood)
    assert asked.diagnostics == pipeline.examine(name, path(name).read_bytes()).diagnostics


@pytest.mark.parametrize("allowed", ["", "allow: [{code: P106, reason: not yet}]\n"])
def test_a_failed_expectation_leaves_no_doubt(allowed: str) -> None:
    text = f"version: 1\nname: a\ntests: [{{call: PSCI_CPU_ON, expect: deny}}]\n{allowed}"
    understood = understand("p.yaml", text.encode())
    assert isinstance(understood, Understood)
    assert understood.diagnostics is None, "nor need other checks be asked"
