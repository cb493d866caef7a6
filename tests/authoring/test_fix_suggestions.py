"""What a word or a number that is wrong was certainly meant to be, and where nobody can know."""

import pytest

from smccc_filter.language.policy.malformed import malformed
from smccc_filter.smccc import registry
from smccc_filter.words import suggest

CALLS = registry.all_names()
ACTIONS = ("handle", "deny", "forward")


@pytest.mark.parametrize(
    ("word", "choices", "meant"),
    [
        ("dney", ACTIONS, "deny"),
        ("dny", ACTIONS, "deny"),
        ("denny", ACTIONS, "deny"),
        ("dent", ACTIONS, "deny"),
        ("Deny", ACTIONS, "deny"),
        ("dnny", ACTIONS, "deny"),
        ("dyen", ACTIONS, None),
        ("block", ACTIONS, None),
        ("", ACTIONS, None),
        ("TRNG_RMD", CALLS, "TRNG_RND"),
        ("psci_cpu_on", CALLS, "PSCI_CPU_ON"),
        ("PSCI_CPU_OFN", CALLS, None),
        ("PSCI_CPU_O", CALLS, "PSCI_CPU_ON"),
        ("calls", ("call",), "call"),
        ("c" * 10_000, ("call",), None),
    ],
)
def test_one_slip_is_certain(word: str, choices: tuple[str, ...], meant: str | None) -> None:
    assert suggest(word, choices, "")[1] == meant


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("2214592515", "0x84000003"),
        ("2_214_592_515", "0x84000003"),
        ("2214592515+4", "0x84000003+4"),
        ("2214592515+0x20", "0x84000003+0x20"),
        ("2214592512-2214592543", "0x84000000-0x8400001F"),
        ("0x84000000-2214592543", "0x84000000-0x8400001F"),
        ("2214592512-0x8400001F", "0x84000000-0x8400001F"),
        ("7", "0x00000007"),
        ("84000003", None),
        ("0x84000000-8400001F", None),
        ("0x84000000-84000010", None),
        ("0x84000000-4294967296", None),
    ],
)
def test_a_decimal_id_is_certain_unless_it_may_lack_its_prefix(written: str, instead: str | None) -> None:
    wrong = malformed(written)
    assert (wrong.instead if wrong.certain else None) == instead


@pytest.mark.parametrize("number", [-1, 1 << 32, 95200000])
def test_a_number_that_is_no_certain_id_stays(number: int) -> None:
    assert malformed(str(number)).instead is None
