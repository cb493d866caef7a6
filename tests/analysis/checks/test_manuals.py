"""Every check's docstring is its manual: what is found, why it matters, what to write instead."""

import re
from pathlib import Path

import pytest

from smccc_filter.analysis import checks
from smccc_filter.analysis.checks import empty_range, limit
from smccc_filter.analysis.reference.manuals import manual
from smccc_filter.kvm.profiles import FIX_OF_EMPTY_RANGE, RELEASES
from smccc_filter.language.policy.faults import MAX_CUTS
from smccc_filter.language.policy.language import MAX_RULES
from smccc_filter.language.source.compose import MAX_DEPTH, MAX_NODES

MODULES = {path.stem: path for path in Path(checks.__file__).parent.glob("[a-z]*.py")}
GROUPS = "PRAKFGV"
"""First letters of codes, in the order in which a policy is looked at."""
all_checks = pytest.mark.parametrize("check", checks.ALL, ids=[check.NAME for check in checks.ALL])


def test_every_module_is_a_check_that_is_named_as_its_file() -> None:
    assert {check.NAME.replace("-", "_") for check in checks.ALL} == set(MODULES)
    assert all(vars(check)["__name__"].endswith("." + check.NAME.replace("-", "_")) for check in checks.ALL)


@pytest.mark.parametrize("module", MODULES)
def test_no_check_leans_on_another(module: str) -> None:
    assert "smccc_filter.analysis.checks" not in MODULES[module].read_text(encoding="utf-8")


def test_codes_and_names_are_unique_and_in_order() -> None:
    codes = [check.CODE for check in checks.ALL]
    assert all(re.fullmatch(f"[{GROUPS}][1-9][0-9]{{2}}", code) for code in codes)
    assert codes == sorted(set(codes), key=lambda code: (GROUPS.index(code[0]), code))
    assert len({check.NAME for check in checks.ALL}) == len(codes)


@all_checks
def test_a_manual_says_what_why_and_what_instead(check: "checks.Check") -> None:
    summary, rest = manual(check)
    assert summary
    assert summary.endswith(".")
    why, instead, after = rest.partition("\n\nInstead: ")
    assert instead
    assert len(why.split()) >= 12
    assert after.split("\n\nSource: ")[0].rstrip().endswith(".")
    assert "``" not in rest


@all_checks
def test_a_kernel_finding_names_its_source(check: "checks.Check") -> None:
    assert (check.CODE[0] in "AK" or "EINVAL" in str(check.__doc__) or "EEXIST" in str(check.__doc__)) <= (
        "\nSource: " in str(check.__doc__) or check.CODE == "A305"
    )


@all_checks
def test_a_manual_cites_codes_that_exist(check: "checks.Check") -> None:
    assert set(re.findall(r"\b[A-Z][0-9]{3}\b", str(check.__doc__))) <= set(checks.ALLOWABLE) - {check.CODE}


def test_the_fixed_kernels_are_those_of_the_profiles() -> None:
    fixed = {f"{release}.{stable}" if stable else release for release, (stable, _) in FIX_OF_EMPTY_RANGE.items()}
    (said,) = re.findall(r"The fix is in ([^\n]+?)\. ", str(empty_range.__doc__))
    assert set(re.split(", | and ", said)) == fixed
    assert RELEASES[-1] in fixed


def test_the_limits_are_those_that_hold() -> None:
    assert f"{MAX_RULES:,} rules" in str(limit.__doc__)
    assert f"{MAX_DEPTH} levels" in str(limit.__doc__)
    assert f"{MAX_NODES:,} values" in str(limit.__doc__)
    assert f"{MAX_CUTS:,} pieces" in str(limit.__doc__)
