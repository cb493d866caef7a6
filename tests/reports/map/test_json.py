import json
from typing import Any

from smccc_filter.analysis.decision import decide
from smccc_filter.analysis.map import PolicyMap
from smccc_filter.reports import query
from smccc_filter.reports.map import json as map_json
from smccc_filter.smccc.function_id import SPACE
from tests.policies.shipped import each_policy
from tests.reports.map import cases as maps

POLICY = f"""{maps.HEAD}target: {{kernels: ["6.12", "7.3"]}}
default: deny
firmware: {{vendor_hyp_2: []}}
rules:
  - {{name: cpus, action: forward, calls: [PSCI_CPU_ON]}}
  - {{action: handle, ranges: [0x84000008-0x84000009]}}
"""


def document(drawn: PolicyMap) -> Any:  # noqa: ANN401
    return json.loads("".join(map_json.render(drawn)))


def test_the_shape_is_as_promised() -> None:
    written = document(maps.of(POLICY))
    assert {key: written[key] for key in ("version", "name", "default", "kernels")} == {
        "version": 1,
        "name": "a",
        "default": "deny",
        "kernels": ["6.12", "7.3"],
    }
    assert set(written) == {"version", "name", "default", "kernels", "stretches", "refusals"}
    assert written["refusals"] == [{"kernel": "6.12", "key": "vendor_hyp_2", "value": "0x0", "errno": "ENOENT"}]
    by_start = {stretch["range"][0]: stretch for stretch in written["stretches"]}
    assert by_start["0x84000003"] == {
        "range": ["0x84000003", "0x84000003"],
        "action": "forward",
        "rule": "cpus",
        "selector": {"kind": "calls", "text": "PSCI_CPU_ON"},
        "span": {"start": {"line": 7, "column": 43}, "end": {"line": 7, "column": 54}},
        "reserved_by_kvm": False,
        "kind": "calls",
        "service": "psci",
        "holder": "Power State Coordination Interface: CPUs and the system on and off",
        "calls": [{"id": "0x84000003", "name": "PSCI_CPU_ON/32"}],
        "outcomes": {"6.12": "forwarded", "7.3": "forwarded"},
    }
    assert by_start["0x84000008"]["rule"] == "rule 2"
    assert by_start["0x84000008"]["range"] == ["0x84000008", "0x84000009"]
    reserved = by_start["0x80000000"]
    assert (reserved["reserved_by_kvm"], reserved["rule"], reserved["selector"], reserved["span"]) == (
        True,
        None,
        None,
        None,
    )
    assert by_start["0x88000000"]["service"] is None


@each_policy
def test_ranges_are_inclusive_and_leave_nothing_out(name: str) -> None:
    ranges = [[int(end, 16) for end in stretch["range"]] for stretch in document(maps.of_shipped(name))["stretches"]]
    at = 0
    for first, last in ranges:
        assert first == at <= last
        at = last + 1
    assert at == SPACE


@each_policy
def test_a_stretch_says_what_query_says_in_json(name: str) -> None:
    drawn = maps.of_shipped(name)
    stretches = document(drawn)["stretches"]
    decisions = [decide(drawn.examination, drawn.setups, segment.start) for segment in drawn.segments]
    results = json.loads(query.render_json(decisions, drawn.setups))["results"]
    keys = ("action", "rule", "span", "outcomes")
    assert [[stretch[key] for key in keys] for stretch in stretches] == [
        [result[key] for key in keys] for result in results
    ]
