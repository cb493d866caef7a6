"""A policy that does not say whether its vCPUs have a stolen-time page is checked for both cases."""

from hypothesis import given

from smccc_filter.analysis.diagnostics import Diagnostic
from tests.analysis.checks.guest_policies import Source, examine, sources


def found(source: Source, target: dict[str, object]) -> set[tuple[str, int, str]]:
    """Return code, ID and kernel of everything that is said of single calls."""
    diagnostics: tuple[Diagnostic, ...] = examine({**source, "target": target}).examination.diagnostics
    return {
        (each.code, fid, kernel)
        for each in diagnostics
        for start, stop in each.ids
        if stop - start < 1 << 16
        for fid in range(start, stop)
        for kernel in each.kernels
    }


@given(sources())
def test_what_is_wrong_in_either_case_is_said_and_nothing_else(source: Source) -> None:
    target = {key: value for key, value in source["target"].items() if key != "stolen_time"}
    cases = [found(source, {**target, "stolen_time": case}) for case in (False, True)]
    assert found(source, target) == cases[0] | cases[1]
