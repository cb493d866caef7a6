"""What is said of an overlap with more rules than are looked at."""

import pytest

from smccc_filter.analysis import pipeline


@pytest.mark.parametrize(
    ("count", "last"),
    [
        (3, " and rule 3"),
        (4, ", rule 3 and rule 4"),
        (64, ", rule 3 and 61 more rules"),
        (65, ", rule 3 and at least 61 more rules"),
    ],
)
def test_rules_that_are_not_counted_are_not_left_out_in_silence(count: int, last: str) -> None:
    rules = [f"  - {{action: deny, ranges: [0x{0xC600_0100 + 2 * n:X}]}}\n" for n in range(count)]
    policy = f"version: 1\nname: p\nrules:\n{''.join(rules)}  - {{action: deny, services: [vendor-hyp]}}\n"
    (finding,) = (one for one in pipeline.examine("p", policy.encode()).report.diagnostics if one.code == "R201")
    assert finding.message.endswith(f" are already selected by rule 1, rule 2{last}")
