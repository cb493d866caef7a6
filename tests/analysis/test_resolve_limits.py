"""However many selectors overlap, each finding stays small, and each selector is looked at only briefly."""

import pytest

from smccc_filter.analysis.resolve import MAX_CONFLICTS, Resolution, resolve
from smccc_filter.kvm.uapi import Action
from smccc_filter.smccc.function_id import show_range
from smccc_filter.smccc.intervals import union
from tests.language.policy.documents import policy_of

pytestmark = pytest.mark.no_cover


def one(ranges: list[str]) -> Resolution:
    return resolve(policy_of([{"action": "deny", "ranges": ranges}]))


MANY = 20_000


@pytest.mark.parametrize(
    ("ranges", "overlaps"),
    [
        pytest.param(["0x1-0x5"] * MANY, MANY - 1, id="identical"),
        pytest.param([show_range(n, 2 * MANY - n) for n in range(MANY)], MANY - 1, id="nested, widest first"),
        pytest.param([show_range(MANY - n, MANY + n) for n in range(1, MANY)], MANY - 2, id="nested, narrowest first"),
        pytest.param([show_range(n, n + MANY) for n in range(MANY)], MANY - 1, id="stairs"),
        pytest.param([*[show_range(2 * n, 2 * n + 1) for n in range(MANY)], "0x0-0xFFFF"], 1, id="one over all"),
        pytest.param(["0x0-0xFFFF", *[show_range(2 * n, 2 * n + 1) for n in range(MANY)]], MANY, id="all in one"),
        pytest.param([show_range(2 * n, 2 * n + 1) for n in range(MANY)], 0, id="apart"),
    ],
)
def test_hostile_overlaps_are_bounded(ranges: list[str], overlaps: int) -> None:
    resolution = one(ranges)
    assert resolution.actions.where(lambda said: said is Action.DENY) == union(
        interval for claim in resolution.claims for interval in claim.ids
    )
    assert len(list(resolution.overlaps)) == overlaps
    assert all(1 <= len(overlap.earlier) <= MAX_CONFLICTS for overlap in resolution.overlaps)
    assert sum(len(overlap.ids) for overlap in resolution.overlaps) <= 2 * MANY
