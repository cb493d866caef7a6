import pytest

from smccc_filter.analysis.reference.search import SearchMatches, search


def names(phrase: str) -> list[str]:
    found = search(phrase)
    return [match.name for match in found.found] if isinstance(found, SearchMatches) else []


@pytest.mark.parametrize(
    ("phrase", "first"),
    [
        ("version", ["SMCCC_VERSION", "PSCI_VERSION", "MM_VERSION", "TRNG_VERSION"]),
        ("hyper", ["hyper-v", "HYPERV_HVCALL", "kvm"]),
        ("power", ["psci", "PSCI_CPU_OFF", "PSCI_CPU_ON"]),
        ("rese", ["PSCI_SYSTEM_RESET", "PSCI_SYSTEM_RESET2", "SDEI_PRIVATE_RESET"]),
        ("component", ["LFA_GET_INVENTORY", "LFA_GET_INFO"]),
        ("mitigation work", [*(f"SMCCC_ARCH_WORKAROUND_{number}" for number in (3, 2, 1)), "G603 mitigation-call"]),
        ("time stolen", ["G601 stolen-time", "pv-time", "PV_TIME_ST"]),
    ],
)
def test_names_come_before_meanings_and_words_before_beginnings(phrase: str, first: list[str]) -> None:
    assert names(phrase)[: len(first)] == first


@pytest.mark.parametrize("phrase", ["cp", "re", "ps cpu", "", "-"])
def test_two_letters_begin_too_many_words(phrase: str) -> None:
    assert search(phrase) is None


def test_a_phrase_may_be_so_long_and_no_longer() -> None:
    phrase = "stolen time"
    assert names(phrase.ljust(200)) == names(phrase) != []
    assert search(phrase.ljust(201)) is None
