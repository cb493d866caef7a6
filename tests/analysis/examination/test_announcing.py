"""What else a guest loses with a call that a register hides."""

from smccc_filter.analysis.examination.announcing import gated_with

PTP, DISCOVER_IMPL_VER = 0x8600_0001, 0xC600_0040


def test_a_call_that_its_register_announces_and_does_not_gate_takes_no_other_with_it() -> None:
    assert gated_with([PTP]) == {PTP}
    assert gated_with([PTP, DISCOVER_IMPL_VER]) == frozenset()
