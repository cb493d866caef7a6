"""R202's prediction of ARCH_WORKAROUND calls against the facts, and against the A64 encodings themselves."""

from collections.abc import Iterable
from typing import TypedDict, cast

import pytest

from smccc_filter.analysis.checks.reserved_range import ONE_INSTRUCTION, predictable
from smccc_filter.kvm.filter import RESERVED
from smccc_filter.smccc.function_id import SMC64
from smccc_filter.smccc.registry import by_id, by_name
from tests.smccc.registry.facts import facts

ARCH = [fid for start, stop in RESERVED for fid in range(start, stop)]
SMC32 = {fid for fid in ARCH if not fid & SMC64}


class Candidate(TypedDict):
    id: str


class WorkaroundRule(TypedDict):
    ids: list[Candidate]
    smc64_ids: list[str]
    unallocated_candidates: list[str]


def _rule() -> WorkaroundRule:
    return cast("WorkaroundRule", cast("dict[str, object]", facts())["workaround_rule"])


def _numbers(ids: Iterable[str]) -> set[int]:
    return {int(fid, 16) for fid in ids}


def _rotations(pattern: int, width: int) -> set[int]:
    mask = (1 << width) - 1
    return {(pattern >> by | pattern << (width - by)) & mask for by in range(width)}


def _bitmask_immediates() -> set[int]:
    """Return every 32-bit logical immediate: a rotated run of ones, repeated. Arm DDI0487, DecodeBitMasks()."""
    found = set()
    for width in (2, 4, 8, 16, 32):
        for ones in range(1, width):
            for element in _rotations((1 << ones) - 1, width):
                found.add(sum(element << shift for shift in range(0, 32, width)))
    return found


def test_one_instruction_is_what_a64_can_load() -> None:
    logical = _bitmask_immediates()
    assert len(logical) == 1302
    movz = {value << shift for shift in (0, 16) for value in range(0x1_0000)}
    movn = {0xFFFF_FFFF ^ value for value in movz}
    assert set(ARCH) & (logical | movz | movn) == ONE_INSTRUCTION


def test_the_facts_list_the_same() -> None:
    assert _numbers(row["id"] for row in _rule()["ids"]) == ONE_INSTRUCTION & SMC32
    assert _numbers(_rule()["smc64_ids"]) == ONE_INSTRUCTION - SMC32


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_workaround_that_is_called_is_one_instruction(number: int) -> None:
    ((fid, _),) = by_name(f"SMCCC_ARCH_WORKAROUND_{number}") or ()
    assert fid in ONE_INSTRUCTION
    assert fid not in predictable()


def test_the_facts_know_the_same_candidates() -> None:
    assert SMC32 & set(predictable()) == _numbers(_rule()["unallocated_candidates"])


def test_the_twin_of_an_allocated_number_is_no_candidate() -> None:
    assert not {fid ^ SMC64 for fid in ONE_INSTRUCTION if by_id(fid)} & set(predictable())
