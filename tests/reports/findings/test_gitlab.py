import json
from typing import Any

from hypothesis import given
from jsonschema import Draft202012Validator

from smccc_filter.analysis.diagnostics import FileReport
from smccc_filter.reports.findings import gitlab
from smccc_filter.reports.findings.identity import SourceTree
from tests.reports.findings import strategies
from tests.reports.findings.cases import MIXED, TREE

ENTRY = {
    "type": "object",
    "required": ["description", "check_name", "fingerprint", "severity", "location"],
    "properties": {
        "description": {"type": "string", "minLength": 1},
        "check_name": {"type": "string", "minLength": 1},
        "fingerprint": {"type": "string", "minLength": 1},
        "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
        "location": {
            "type": "object",
            "required": ["path", "lines"],
            "properties": {
                "path": {"type": "string", "not": {"pattern": r"^\./"}},
                "lines": {"type": "object", "required": ["begin"], "properties": {"begin": {"type": "integer"}}},
            },
        },
    },
}
"""What GitLab's documentation says of an entry."""


def entries(reports: list[FileReport], tree: SourceTree = TREE) -> Any:  # noqa: ANN401 - JSON as it is read
    return json.loads(gitlab.render(reports, tree))


@given(strategies.reports)
def test_any_finding_is_an_entry_unless_it_is_allowed(reports: list[FileReport]) -> None:
    found = entries(reports)
    Draft202012Validator({"type": "array", "items": ENTRY}).validate(found)
    shown = [each for report in reports for each in report.diagnostics if each.suppressed is None]
    left = [left for report in reports for left in report.left_out if not left.kind.allowed]
    assert len(found) == len(shown) + len(left)


def test_entries_are_told_apart() -> None:
    found = entries([*MIXED])
    assert len({entry["fingerprint"] for entry in found}) == len(found) > 1


def test_paths_are_those_of_the_repository() -> None:
    report = next(report for report in MIXED if report.diagnostics)._replace(path="p.yaml")
    (path,) = {entry["location"]["path"] for entry in entries([report], SourceTree(f"{TREE.root}/sub", TREE.root))}
    assert path == "sub/p.yaml"
