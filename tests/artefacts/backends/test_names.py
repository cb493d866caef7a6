import pytest

from smccc_filter.artefacts.backends.names import WIDTH, CallNames, register_meaning
from smccc_filter.artefacts.backends.program import WrittenRegister
from smccc_filter.kvm.uapi import REGISTER_OF_KEY
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SPACE

NAMES = CallNames(((0, SPACE),))


@pytest.mark.parametrize(
    ("start", "stop", "text"),
    [
        (0x8400_0003, 0x8400_0004, "PSCI_CPU_ON/32"),
        (0xC400_0003, 0xC400_0004, "PSCI_CPU_ON/64"),
        (0x8400_0002, 0x8400_0004, "PSCI_CPU_OFF, PSCI_CPU_ON/32"),
        (0x8400_0000, 0x8400_0003, "PSCI_VERSION, PSCI_CPU_SUSPEND/32 and 1 more"),
        (0x8400_0000, 0x8400_0004, "PSCI_VERSION, PSCI_CPU_SUSPEND/32 and 2 more"),
        (0x8400_0008, 0x8400_000A, "PSCI_SYSTEM_OFF, PSCI_SYSTEM_RESET"),
        (0x8400_006B, 0x8400_006E, "FFA_MSG_WAIT, FFA_YIELD, FFA_RUN"),
        (0xC400_040D, 0xC400_040E, "FIRME_ATTEST_PAT_EXT_CLAIMS_FINALISE"),
        (0xC400_0001, 0xC400_0004, "PSCI_CPU_SUSPEND/64 and 1 more"),
        (0x8700_0018, 0x8700_0022, "VEN_EL3_DEBUGFS/32 and 1 more"),
        (0x8400_0055, 0x8400_0057, "no known call of trng"),
        (0x8600_5000, 0x8600_5001, "no known call of vendor-hyp"),
        (0x8400_001F, 0x8400_0020, "no known call of psci"),
        (0x8500_0000, 0x8500_0001, "no known call of std-hyp"),
        (0x8800_0000, 0x8800_0010, "no known call"),
        (0x8400_001F, 0x8400_0022, "no known call"),  # of psci and of sdei
    ],
)
def test_an_entry_is_named_by_its_calls(start: int, stop: int, text: str) -> None:
    assert NAMES.within(start, stop) == CallNames(((start, stop),)).within(start, stop) == text


@pytest.mark.parametrize(
    ("key", "value", "meaning"),
    [
        ("psci", 0x1_0003, "PSCI 1.3"),
        ("std", 0, "nothing"),
        ("vendor_hyp", 3, "func_feat, ptp"),
        ("vendor_hyp_2", 2, "discover_impl_cpus"),
    ],
)
def test_a_register_is_told_in_words(key: str, value: int, meaning: str) -> None:
    assert register_meaning(WrittenRegister(REGISTER_OF_KEY[key].id, value)) == meaning


@pytest.mark.parametrize(("key", "value"), [("psci", 0), ("std", 2)])
def test_a_value_that_kvm_does_not_know_has_no_meaning(key: str, value: int) -> None:
    with pytest.raises(ValueError, match="KVM_REG_ARM"):
        register_meaning(WrittenRegister(REGISTER_OF_KEY[key].id, value))


def test_nothing_known_is_left_out_or_counted_twice() -> None:
    ids = {fid for row in registry.functions() for start, stop in registry.function_ids(row) for fid in (start, stop)}
    names = {registry.name_of(fid) for fid in ids} - {None}
    text = NAMES.within(0, SPACE)
    shown, _, more = text.partition(" and ")
    assert len(shown.split(", ")) + int(more.split()[0]) == len(names)


def test_names_fit_their_width_wherever_an_entry_begins() -> None:
    starts = {start for row in registry.functions() for start, _ in registry.function_ids(row)}
    for start in starts:
        shown = NAMES.within(start, SPACE).partition(" and ")[0]
        assert len(shown) <= WIDTH or ", " not in shown
