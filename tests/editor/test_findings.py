"""What an editor is told is what ``validate`` says, of every policy that there is here."""

import json
from pathlib import Path
from typing import Any

import pytest

from smccc_filter import cli
from smccc_filter.editor.findings import IDLE
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


def test_places_are_in_the_unit_that_was_agreed_upon(tmp_path: Path) -> None:
    for encoding, column in (("utf-8", 20), ("utf-16", 18), ("utf-32", 17)):
        capabilities = CAPABILITIES | {"general": {"positionEncodings": [encoding, "utf-16"]}}
        with editing(tmp_path, capabilities=capabilities) as client:
            assert client.initialized["capabilities"]["positionEncoding"] == encoding
            uri = client.open(tmp_path / f"a{SUFFIX}", 'version: 1\nname: a\nrules: []\ntests: [{"😀": 1, no: 2}]\n')
            assert column in {each["range"]["start"]["character"] for each in client.findings(uri)}
