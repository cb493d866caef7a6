"""How a guest reads what a discovery call answers, on both sides of where yes turns into no."""

import pytest

from smccc_filter.guests.relations import kvms_relations, relations
from smccc_filter.kvm.machine import NOT_SUPPORTED, Registers, signed
from smccc_filter.smccc import registry

READ = {relation.discovery: relation.read for relation in kvms_relations()}
REFUSED = signed(-1)
NEGATIVE = 0x8000_0000
"""The sign of 32 bits, as which a guest reads X0."""

PSCI_VERSION, FEATURES, CPU_ON = 0x8400_0000, 0x8400_000A, 0xC400_0003
VERSION, ARCH, TRNG, UID, KVM = 0x8000_0000, 0x8000_0001, 0x8400_0050, 0x8600_FF01, 0x8600_0000
FUNCTIONS_OF_KVM = {1: (0, 1), 2: (0, 2), 31: (0, 31), 32: (1, 0), 0x40: (2, 0), 0x41: (2, 1), 127: (3, 31)}
"""The register and the bit of function numbers."""


@pytest.mark.parametrize(
    ("discovery", "asked", "announced", "denied"),
    [
        (PSCI_VERSION, FEATURES, (0x1_0000, 0x1_0003), (0x2, 0xFFFF, REFUSED)),
        (PSCI_VERSION, CPU_ON, (0x2, 0x1_0000), (0x1, REFUSED)),
        (FEATURES, CPU_ON, (0, 1, signed(-2)), (REFUSED,)),
        (VERSION, ARCH, (0x1_0001, 0x1_0002), (0x1_0000, REFUSED, NEGATIVE | 0x1_0001)),
        (ARCH, 0x8000_8000, (0, 1), (REFUSED, NEGATIVE)),
        (0xC500_0020, 0xC500_0021, (0,), (1, REFUSED)),
        (TRNG, 0x8400_0053, (0x1_0000, 0x1_0001), (0xFFFF, REFUSED, NEGATIVE | 0x1_0000)),
        (0x8400_0051, 0x8400_0053, (0,), (1, REFUSED)),
    ],
)
def test_what_x0_says(discovery: int, asked: int, announced: tuple[int, ...], denied: tuple[int, ...]) -> None:
    read = READ[discovery]
    assert [read((x0, 0, 0, 0), asked) for x0 in (*announced, *denied)] == [True] * len(announced) + [False] * len(
        denied
    )


def test_kvms_uid_is_all_four_words() -> None:
    uid: Registers = (0xB66F_B428, 0xE911_C52E, 0x564B_CAA9, 0x743A_004D)
    assert READ[UID](uid, KVM)
    for word in range(4):
        other = tuple(value ^ (number == word) for number, value in enumerate(uid))
        assert not READ[UID](other, KVM)  # type: ignore[arg-type] # four words again


@pytest.mark.parametrize("number", FUNCTIONS_OF_KVM)
def test_kvms_features_have_a_bit_for_each_function(number: int) -> None:
    word, bit = FUNCTIONS_OF_KVM[number]
    only = [0, 0, 0, 0]
    only[word] = 1 << bit
    others = [0xFFFF_FFFF ^ value for value in only]
    assert READ[KVM]((only[0], only[1], only[2], only[3]), KVM + number)
    assert not READ[KVM]((others[0], others[1], others[2], others[3]), KVM + number)


def test_of_other_services_kvm_says_nothing() -> None:
    others = [relation for relation in relations() if relation not in kvms_relations()]
    assert others
    refused: Registers = (NOT_SUPPORTED, 0, 0, 0)
    assert not any(relation.read(refused, asked) for relation in others for asked in relation.asked)


@pytest.mark.parametrize(
    ("discovery", "x0", "asked", "announced"),
    [
        ("SDEI_VERSION", 1 << 48, "SDEI_EVENT_REGISTER", True),
        ("SDEI_VERSION", 1 << 48, "SDEI_FEATURES", False),
        ("SDEI_VERSION", 1 << 48 | 1 << 32, "SDEI_FEATURES", True),
        ("MM_VERSION", 0x1_0000, "MM_COMMUNICATE/64", True),
        ("EM_VERSION", 0x1_0000, "EM_FEATURES", True),
        ("EM_FEATURES", 0, "EM_CPU_ERRATUM_FEATURES", True),
        ("PCI_FEATURES", NOT_SUPPORTED, "PCI_READ", False),
        ("LFA_FEATURES", 0, "LFA_CANCEL", True),
    ],
)
def test_what_the_vmm_says_of_services_that_kvm_has_not(discovery: str, x0: int, asked: str, announced: bool) -> None:  # noqa: FBT001
    ((first, _),), ((call, _),) = registry.by_name(discovery) or (), registry.by_name(asked) or ()
    (relation,) = (each for each in relations() if each.discovery == first and call in each.asked)
    assert relation.read((x0, 0, 0, 0), call) is announced


def test_what_is_called_features_takes_the_id_that_it_is_asked_about() -> None:
    asked = {registry.name_of(relation.discovery): relation.argument for relation in relations()}
    by_id = {name for name in asked if name and name.endswith("_FEATURES")} - {"VENDOR_HYP_KVM_FEATURES"}
    assert {name for name, argument in asked.items() if argument} == by_id
