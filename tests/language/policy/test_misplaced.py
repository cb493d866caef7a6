"""What stands in the wrong list, or is spelled as elsewhere, gets the one answer that was meant."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.language.places import Path
from smccc_filter.language.policy.misplaced import misplaced
from smccc_filter.smccc import registry
from smccc_filter.smccc.spelling import call_meant, service_meant

CALL: Path = ("rules", 0, "calls", 0)
SERVICE: Path = ("rules", 0, "services", 0)
TEST: Path = ("tests", 0, "call")

ANSWERS: dict[tuple[str, Path], tuple[str | None, str | None, str]] = {
    ("psci", CALL): ("psci", "services", "write `services: [psci]`"),
    ("VENDOR_HYP", CALL): ("vendor-hyp", "services", "write `services: [vendor-hyp]`"),
    ("psci", TEST): (None, None, "name one of its calls: see `smccc-filter list calls --service psci`"),
    ("PSCI_CPU_ON", SERVICE): ("PSCI_CPU_ON", "calls", "write `calls: [PSCI_CPU_ON]`"),
    ("psci_cpu_on_64", SERVICE): ("PSCI_CPU_ON/64", "calls", "write `calls: [PSCI_CPU_ON/64]`"),
    ("PSCI", SERVICE): ("psci", None, "did you mean `psci`?"),
    ("vendor_hyp", SERVICE): ("vendor-hyp", None, "did you mean `vendor-hyp`?"),
    ("psci_cpu_off", CALL): ("PSCI_CPU_OFF", None, "did you mean `PSCI_CPU_OFF`?"),
    ("PSCI_CPU_ON_64", CALL): ("PSCI_CPU_ON/64", None, "did you mean `PSCI_CPU_ON/64`?"),
    ("PSCI_CPU_ON_AARCH64", TEST): ("PSCI_CPU_ON/64", None, "did you mean `PSCI_CPU_ON/64`?"),
    ("PSCI_MIGRATE/SMC64", CALL): ("PSCI_MIGRATE/64", None, "did you mean `PSCI_MIGRATE/64`?"),
    ("PSCI_MIGRATE/128", CALL): (
        None,
        None,
        "write `PSCI_MIGRATE/32`, `PSCI_MIGRATE/64` or `PSCI_MIGRATE`: it has 0x84000005 and 0xC4000005",
    ),
    ("PSCI_CPU_OFF/64", CALL): ("PSCI_CPU_OFF", None, "write `PSCI_CPU_OFF`, which is 0x84000002"),
    ("0xC4000003", CALL): ("PSCI_CPU_ON/64", None, "did you mean `PSCI_CPU_ON/64`, which is 0xC4000003?"),
    ("C4000003", CALL): ("PSCI_CPU_ON/64", None, "did you mean `PSCI_CPU_ON/64`, which is 0xC4000003?"),
    ("C4000003", TEST): ("0xC4000003", None, "did you mean `0xC4000003`, which is PSCI_CPU_ON/64?"),
    ("C4000003", SERVICE): ("0xC4000003", "ranges", "write `ranges: [0xC4000003]`"),
    ("84000000-8400001F", CALL): ("0x84000000-0x8400001F", "ranges", "write `ranges: [0x84000000-0x8400001F]`"),
}


@pytest.mark.parametrize(("asked", "answer"), ANSWERS.items(), ids=lambda one: str(one[0]))
def test_what_was_meant_is_the_one_answer(asked: tuple[str, Path], answer: tuple[str | None, str | None, str]) -> None:
    fault = misplaced(*asked)
    assert fault
    assert (fault.instead, fault.under, fault.hint) == answer
    assert not fault.certain


@pytest.mark.parametrize("text", ["", "foo", "PSCI_CPU_ONN", "x" * 5000, "/64", "64", "_64", "psci/64"])
def test_of_any_other_text_nothing_is_said(text: str) -> None:
    assert misplaced(text, CALL) is None


@given(
    st.sampled_from(registry.all_names()),
    st.sampled_from(["/{}", "_{}", "{}", "/SMC{}", "_AARCH{}", "-smc{}"]),
    st.sampled_from([32, 64]),
    st.sampled_from([str.upper, str.lower, str.title]),
)
def test_a_form_in_other_words_means_that_form_and_no_more(
    name: str, way: str, form: int, case: Callable[[str], str]
) -> None:
    ids = registry.by_name(f"{name}/{form}")
    meant = call_meant(case(name + way.format(form)))
    assert (registry.by_name(meant) if meant else None) == ids


@pytest.mark.parametrize("service", registry.services(), ids=lambda service: service.name)
def test_a_service_is_meant_in_any_case_and_with_underscores(service: registry.Service) -> None:
    assert service_meant(service.name.upper().replace("-", "_")) == service.name
    assert call_meant(service.name) is None
