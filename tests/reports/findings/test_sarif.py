import json
import os
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft4Validator

from smccc_filter import __version__
from smccc_filter.analysis import checks
from smccc_filter.analysis.diagnostics import FileReport
from smccc_filter.reports.findings import sarif
from smccc_filter.reports.findings.identity import SourceTree
from smccc_filter.version import page_of
from tests.paths import DOCS
from tests.reports.findings import strategies
from tests.reports.findings.cases import MIXED, REPORTS, ROOT, RULES, TREE, finding, span

SCHEMA = Path(__file__).parent / "sarif-schema-2.1.0.json"


@cache
def validator() -> Draft4Validator:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft4Validator.check_schema(schema)
    return Draft4Validator(schema)


def run_of(reports: Iterable[FileReport]) -> Any:  # noqa: ANN401 - JSON as it is read
    return json.loads(sarif.render(reports, RULES, TREE))["runs"][0]


@given(strategies.reports)
def test_any_finding_validates(reports: list[FileReport]) -> None:
    rendered = sarif.render(reports, RULES, TREE)
    validator().validate(json.loads(rendered))
    assert rendered.replace("\n", "").isprintable()


@pytest.mark.parametrize("name", REPORTS)
def test_goldens_validate(name: str) -> None:
    validator().validate(json.loads(sarif.render(REPORTS[name], RULES, TREE)))


def test_the_schema_is_the_one_that_the_log_names() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert schema["id"] == sarif.SCHEMA
    assert not validator().is_valid({"version": "2.1.0", "runs": [{}]})


@given(strategies.reports)
def test_rules_are_those_that_occur(reports: list[FileReport]) -> None:
    run = run_of(reports)
    rules = run["tool"]["driver"]["rules"]
    assert sorted(rule["id"] for rule in rules) == sorted({each.code for file in reports for each in file.diagnostics})
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_the_driver_is_this_version() -> None:
    assert run_of([])["tool"]["driver"]["version"] == __version__


def test_a_rule_that_the_caller_does_not_know_is_a_bug() -> None:
    with pytest.raises(KeyError):
        sarif.render(MIXED, {}, TREE)


@pytest.mark.parametrize(
    ("path", "uri", "relative"),
    [
        ("p.yaml", "p.yaml", True),
        ("./a/../b/p.yaml", "b/p.yaml", True),
        (f"{ROOT}/sub/p.yaml", "sub/p.yaml", True),
        ("a b%c#d?e:f\\g.yaml", "a%20b%25c%23d%3Fe%3Af%5Cg.yaml", True),
        ("漢\udc80\n", "%E6%BC%A2%80%0A", True),
        ("../p.yaml", "file:///home/user/p.yaml", False),
        (f"{ROOT}-other/p.yaml", "file:///home/user/vmm-other/p.yaml", False),
        ("/etc/p q.yaml", "file:///etc/p%20q.yaml", False),
        ("-", "stdin", False),
        ("./-", "-", True),
    ],
)
def test_locations(path: str, uri: str, relative: bool) -> None:  # noqa: FBT001 - a column of the table
    assert sarif.location(path, TREE) == {"uri": uri} | ({"uriBaseId": "SRCROOT"} if relative else {})


def test_a_root_may_be_the_root() -> None:
    assert sarif.location("/etc/p", SourceTree("/home", "/")) == {"uri": "etc/p", "uriBaseId": "SRCROOT"}


@pytest.mark.parametrize("working", [ROOT, f"{ROOT}/sub", f"{ROOT}/sub/deep"])
def test_a_file_is_the_same_from_every_working_folder(working: str) -> None:
    path = os.path.relpath(f"{ROOT}/sub/p.yaml", working)
    assert sarif.location(path, SourceTree(working, ROOT)) == {"uri": "sub/p.yaml", "uriBaseId": "SRCROOT"}


def test_code_scanning_has_what_it_shows_and_sorts_by() -> None:
    run = run_of(MIXED)
    assert run["automationDetails"]["id"].endswith("/")
    for rule in run["tool"]["driver"]["rules"]:
        assert rule["helpUri"] == page_of(rule["id"])
        assert rule["help"]["markdown"]
        assert rule["properties"]["precision"] in {"very-high", "high", "medium", "low"}
        assert rule["properties"]["problem.severity"] in {"error", "warning", "recommendation"}
        assert rule["properties"]["tags"]
    for result in run["results"]:
        assert re.fullmatch("[0-9a-f]{1,16}:[0-9]+", result["partialFingerprints"]["primaryLocationLineHash"])


@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.CODE)
def test_the_page_of_a_rule_is_its_own(check: "checks.Check") -> None:
    assert check.CODE[0] in sarif.GROUPS
    assert page_of(check.CODE).endswith(f"/docs/reference/checks/{check.CODE}.md")
    assert (DOCS / "reference" / "checks" / f"{check.CODE}.md").is_file()


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("`except: {calls: []}`", "`except: {{calls: []}}`"),
        ("{0}", "{{0}}"),
        ("[click](https://example.org)", "[click\\](https://example.org)"),
        ("[PSCI_CPU_ON]", "[PSCI_CPU_ON]"),
    ],
)
def test_messages_are_neither_templates_nor_links(message: str, text: str) -> None:
    run = run_of([FileReport("p", "", (finding("R201", span(1, 1, 1, 1), message),))])
    assert run["results"][0]["message"]["text"] == text


def fingerprints(text: str, *lines: int, path: str = "p.yaml", message: str = "m", code: str = "R201") -> list[str]:
    found = tuple(finding(code, span(line, 1, line, 2), message) for line in lines)
    results = run_of([FileReport(path, text, found)])["results"]
    return [result["partialFingerprints"][sarif.FINGERPRINT] for result in results]


def test_a_fingerprint_survives_edits_elsewhere() -> None:
    assert fingerprints("a\nb\n", 2) == fingerprints("x\ny\na\n  b\r\n", 4)


def test_fingerprints_tell_findings_apart() -> None:
    variants = [
        fingerprints("a\nb\n", 1),
        fingerprints("a\nb\n", 2),
        fingerprints("a\nb\n", 9),
        fingerprints("a\nb\n", 1, path="q.yaml"),
        fingerprints("a\nb\n", 1, message="n"),
        fingerprints("a\nb\n", 1, code="R204"),
    ]
    assert len({each[0] for each in variants}) == len(variants)


def test_equal_findings_are_numbered() -> None:
    first, second, other = fingerprints("a\nb\na\n", 1, 3, 2)
    assert first.endswith(":1")
    assert second == f"{first[:-1]}2"
    assert other.endswith(":1")


@given(strategies.reports)
def test_fixes_are_those_of_the_findings(reports: list[FileReport]) -> None:
    found = [finding for report in reports for finding in report.diagnostics]
    for fixable, result in zip(found, run_of(reports)["results"], strict=True):
        written = [
            [one.get("insertedContent", {"text": ""})["text"] for one in change["replacements"]]
            for fix in result.get("fixes", ())
            for change in fix["artifactChanges"]
        ]
        assert written == ([[one.text for one in fixable.fix.replacements]] if fixable.fix else [])
