import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.analysis.reference import id_range
from smccc_filter.analysis.reference.id_range import IdRange
from smccc_filter.kvm.filter import RESERVED
from smccc_filter.kvm.outcomes import SERVICED
from smccc_filter.reports.explain import json as facts
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import FAST_CALL, MUST_BE_ZERO, SPACE
from smccc_filter.smccc.intervals import size

LENGTH = 200
EDGES = sorted(
    {edge for start, stop in registry.known_ids() for edge in (start, stop)}
    | {0x7FFFFFFF, 0x80000000, 0x8001FFFF, 0x80020000, 0x80FFFFFF, 0x81000000, 0xFFFFFF00}
)
starts = st.integers(0, SPACE - LENGTH) | st.sampled_from(EDGES).map(lambda edge: max(edge - LENGTH // 2, 0))
stretches = st.builds(lambda start, length: IdRange(start, start + length), starts, st.integers(2, LENGTH))


@given(stretches)
def test_every_answer_is_what_the_single_ids_say(asked: IdRange) -> None:
    fids = range(asked.start, min(asked.stop, SPACE))
    asked = IdRange(fids.start, fids.stop)
    assert id_range.nonconforming(asked) == sum(bool(fid & FAST_CALL and fid & MUST_BE_ZERO) for fid in fids)
    assert id_range.allocations(asked) == tuple(dict.fromkeys(registry.allocation_of(fid) for fid in fids))
    assert {function for function, _ in id_range.calls(asked)} == {one for fid in fids for one in registry.by_id(fid)}
    assert size(id_range.serviced(asked)) == len(set(fids) & set(SERVICED))
    kept = {fid for fid in fids if any(start <= fid < stop for start, stop in RESERVED)}
    assert size(id_range.reserved(asked)) == len(kept)
    assert size(id_range.selectable(asked)) == len(fids) - len(kept)
    narrowest = [registry.service_of(fid) for fid in fids]
    assert {one for one in narrowest if one} <= {row for row, _, _ in id_range.services(asked)}


def test_over_the_whole_space_the_counts_are_those_of_the_layout() -> None:
    whole = IdRange(0, SPACE)
    per_owner = 2**24 - 2**17
    assert id_range.nonconforming(whole) == 128 * per_owner
    assert [row for row, *_ in id_range.services(whole)][-1].name == "trusted-os-yielding"
    assert all(common == count for _, common, count in id_range.services(whole))
    assert size(id_range.serviced(whole)) == len(SERVICED)


@pytest.mark.parametrize(
    ("start", "stop", "allowed"), [(0x7FFFFFFF, 0x80000001, False), (0x80010000, 0x8001000F, True)]
)
def test_json_says_whether_a_filter_may_select_it(start: int, stop: int, *, allowed: bool) -> None:
    described = facts.id_range(IdRange(start, stop))
    assert described["filterable"] is allowed
    assert (described["errno"] is None) is allowed
