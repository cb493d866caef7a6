"""What an editor is told is what ``validate`` says, of every policy that there is here."""

import json
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from smccc_filter import cli
from smccc_filter.analysis.api import examine
from smccc_filter.analysis.diagnostics import FindingKind, LeftOutFindings, Severity
from smccc_filter.editor.findings import IDLE, diagnostics
from smccc_filter.editor.text import EditorText
from smccc_filter.reports.findings.text import more_alike
from smccc_filter.version import page_of
from tests.editor.client import CAPABILITIES, editing
from tests.editor.policies import FIXTURES, SHIPPED
from tests.paths import SUFFIX

Json = Any
SEVERITIES = {"error": 1, "warning": 2, "note": 3}


def place(span: Json, lines: list[str]) -> Json:
    """Return a span as the protocol has it, in units of UTF-16."""

    def position(at: Json) -> Json:
        line = lines[at["line"] - 1] if at["line"] <= len(lines) else ""
        before = line[: at["column"] - 1]
        return {"line": at["line"] - 1, "character": len(before.encode("utf-16-le")) // 2}

    return {"start": position(span["start"]), "end": position(span["end"])}


def expected(finding: Json, path: Path) -> Json:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    refusal = f"{finding['errno']} on {', '.join(finding['kernels'])}" if finding["kernels"] else finding["errno"]
    said = [
        finding["message"],
        *([refusal] if finding["errno"] else []),
        *([f"help: {finding['hint']}"] if finding["hint"] else []),
    ]
    result = {
        "code": finding["code"],
        "codeDescription": {"href": page_of(finding["code"])},
        "message": "\n".join(said),
        "range": place(finding["span"], lines),
        "severity": SEVERITIES[finding["severity"]],
        "source": "smccc-filter",
    }
    related = [
        {"location": {"uri": path.as_uri(), "range": place(each["span"], lines)}, "message": each["message"]}
        for each in finding["related"]
    ]
    return (
        result
        | ({"relatedInformation": related} if related else {})
        | ({"tags": [1]} if finding["code"] in IDLE else {})
    )


def test_an_editor_is_told_what_validate_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of each policy, while it is open and while it is not."""
    paths = [tmp_path / f"{number}{SUFFIX}" for number, _ in enumerate([*FIXTURES, *SHIPPED])]
    for path, original in zip(paths, [*FIXTURES, *SHIPPED], strict=True):
        path.write_bytes(original.read_bytes())
    cli.run(["validate", "--format", "json", *map(str, paths)])
    files = json.loads(capsys.readouterr().out)["files"]
    wanted = {
        path.as_uri(): [expected(each, path) for each in file["diagnostics"] if each["suppressed"] is None]
        for path, file in zip(paths, files, strict=True)
    }
    assert {each["code"] for found in wanted.values() for each in found} > IDLE
    with editing(tmp_path) as client:
        for uri, found in wanted.items():
            assert client.findings(uri, None) == found
        for path in paths[:: len(paths) // 20]:
            uri = client.open(path, path.read_text(encoding="utf-8"), 7)
            assert client.findings(uri, 7) == wanted[uri]


def test_a_finding_is_shown_with_what_belongs_to_it() -> None:
    rules = "  - {action: deny, calls: [TRNG_RND]}\n  - {action: forward, calls: [TRNG_RND]}\n"
    policy = f"version: 1\nname: a\nrules:\n{rules}"
    text = EditorText(policy)
    (found,) = (each for each in diagnostics(examine(policy.encode()).report, text, "uri") if each.code == "R201")
    assert found.severity == types.DiagnosticSeverity.Error
    assert found.tags is None
    assert policy[text.offset(found.range.start) : text.offset(found.range.end)] == "TRNG_RND"
    (other,) = found.related_information or ()
    assert (other.location.uri, other.location.range.start.line) == ("uri", 3)
    idle = f"version: 1\nname: a\nrules:\n{rules.splitlines()[0].replace('deny', 'handle')}\n"
    tags = {each.code: each.tags for each in diagnostics(examine(idle.encode()).report, EditorText(idle), "uri")}
    assert tags["R205"] == [types.DiagnosticTag.Unnecessary]


def test_findings_beyond_the_first_are_counted_at_the_start() -> None:
    """Those that are allowed are not."""
    report = examine(b"version: 1\nname: a\nrules: []\n").report._replace(diagnostics=())
    kind = FindingKind("R205", "redundant-rule", Severity.WARNING, allowed=False)
    left_out = (LeftOutFindings(kind, 7), LeftOutFindings(kind._replace(allowed=True), 9))
    (found,) = diagnostics(report._replace(left_out=left_out), EditorText("version: 1"), "uri")
    assert (found.code, found.severity) == ("R205", types.DiagnosticSeverity.Warning)
    assert found.message == f"redundant-rule: {more_alike(7)}"
    assert found.range == types.Range(types.Position(0, 0), types.Position(0, 0))


def test_places_are_in_the_unit_that_was_agreed_upon(tmp_path: Path) -> None:
    for encoding, column in (("utf-8", 20), ("utf-16", 18), ("utf-32", 17)):
        capabilities = CAPABILITIES | {"general": {"positionEncodings": [encoding, "utf-16"]}}
        with editing(tmp_path, capabilities=capabilities) as client:
            assert client.initialized["capabilities"]["positionEncoding"] == encoding
            uri = client.open(tmp_path / f"a{SUFFIX}", 'version: 1\nname: a\nrules: []\ntests: [{"😀": 1, no: 2}]\n')
            assert column in {each["range"]["start"]["character"] for each in client.findings(uri)}
