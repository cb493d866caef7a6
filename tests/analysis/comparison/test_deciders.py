"""Who decides on an ID, on both sides of where that turns."""

import pytest

from smccc_filter.analysis.comparison.compared import (
    KVM,
    ComparedSide,
    Decider,
    key_of,
    side_of_reading,
    side_without_filter,
    troubles,
)
from smccc_filter.artefacts.readers import ReadEntry, Reading, ReadRegister
from smccc_filter.kvm.uapi import Action
from tests.analysis.comparison.inputs import HEAD, side

RESERVED_EDGES = [(0x7FFF_FFFF, False), (0x8000_0000, True), (0x8000_FFFF, True), (0x8001_0000, False)]
RESERVED_EDGES += [(fid | 1 << 30, is_reserved) for fid, is_reserved in RESERVED_EDGES[1:]]
ENTRIES = (
    ReadEntry(0x8400_0003, 2, Action.DENY, "entry 2 at byte 32"),
    ReadEntry(0x8400_0000, 1, Action.FORWARD, "entry 1 at byte 16"),
)


def labels(one: ComparedSide) -> dict[int, Decider]:
    return {fid: one.by(fid) for fid in (0x8400_0000, 0x8400_0001, 0x8400_0002, 0x8400_0003, 0x8400_0004, 0x8400_0005)}


@pytest.mark.parametrize(("fid", "is_reserved"), RESERVED_EDGES)
def test_kvm_decides_what_it_reserves(fid: int, *, is_reserved: bool) -> None:
    policy, artefact = side(f"{HEAD}default: deny\n"), side_of_reading("x.bin", Reading("blob", None, ENTRIES, None))
    assert (policy.by(fid) == KVM) is is_reserved
    assert (artefact.by(fid) == KVM) is is_reserved
    if not is_reserved:
        assert policy.by(fid).label == "the default"
        assert artefact.by(fid) == Decider("no entry")


def test_a_default_is_placed_where_it_is_written() -> None:
    written, left_out = (side(HEAD + text).by(0x8400_0000) for text in ("default: deny\n", ""))
    assert (written.label, written.place) == ("the default", "3:10")
    assert written.span
    assert written.span.start.line == 3
    assert left_out == Decider("the default")


def test_a_rule_decides_what_its_selector_has() -> None:
    rules = ("{action: deny, ranges: [0x84000003+2]}", "{name: b, action: deny, calls: [TRNG_RND]}")
    one = side(HEAD + "rules:\n" + "".join(f"  - {rule}\n" for rule in rules))
    by = labels(one)
    assert {fid & 0xF: decider.label for fid, decider in by.items()} == {
        **dict.fromkeys((0, 1, 2, 5), "the default"),
        **dict.fromkeys((3, 4), "rule 1"),
    }
    assert (by[0x8400_0003].rule, by[0x8400_0003].text, by[0x8400_0003].place) == (
        "rule 1",
        "ranges: 0x84000003+2",
        "4:29",
    )
    named = one.by(0x8400_0053)
    assert (named.label, named.rule, named.text) == ("rule `b`", "b", "calls: TRNG_RND")


def test_an_entry_decides_what_it_covers_in_whatever_order_the_file_has_them() -> None:
    by = labels(side_of_reading("x.bin", Reading("blob", None, ENTRIES, None)))
    assert {fid & 0xF: decider.place for fid, decider in by.items()} == {
        **dict.fromkeys((1, 2, 5)),
        **dict.fromkeys((3, 4), "entry 2 at byte 32"),
        0: "entry 1 at byte 16",
    }
    assert (by[0x8400_0004].label, by[0x8400_0004].text, by[0x8400_0004].rule) == ("entry", "0x84000003", None)


def test_without_a_file_nobody_decides() -> None:
    one = side_without_filter("x")
    assert (one.path, one.registers, one.by(0x8000_0000)) == ("x", (), Decider("no filter"))


def test_registers_are_called_as_the_language_does_or_by_their_ids() -> None:
    registers = (ReadRegister(0x6030_0000_0014_0000, 0, "line 1"), ReadRegister(0x6030_0000_0099_0000, 1, "line 2"))
    found = side_of_reading("x", Reading("regs", None, None, registers))
    keys = [(key, reg_id) for key, reg_id, _ in found.registers or ()]
    assert keys[1] == ("0x6030000000990000", 0x6030_0000_0099_0000)
    assert key_of(0x6030_0000_0014_0000) == keys[0][0]
    assert found.decisions is None
    assert found.by(0x8000_0000) == KVM
    assert troubles(Reading("regs", None, None, registers)) == ()
