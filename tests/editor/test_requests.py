"""The features over the protocol, one by one: that what the pure functions return reaches the editor."""

from pathlib import Path
from typing import Any

import pytest

from smccc_filter import cli
from smccc_filter.commands import status
from tests.editor.client import CAPABILITIES, EditorClient, editing
from tests.paths import SUFFIX

Json = Any
POLICY = """\
version: 1
name: a
rules:
  - action: handle
    calls: [PSCI_CPU_ON]
  - action: deny
    ranges: [0x84000050-0x8400005F]
tests:
  - {call: TRNG_RND/32, expect: deny}
"""
CLEAN = 'version: 1\nname: a\nrules:\n  - {action: forward, calls: [PSCI_SYSTEM_RESET2], reason: "the board"}\n'
EVERYWHERE = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}


def opened(client: EditorClient, text: str = POLICY) -> str:
    return client.open(client.folder / f"a{SUFFIX}", text)


def after(text: str, edits: list[Json]) -> str:
    """Return a text, of ASCII, after edits."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def offset(position: Json) -> int:
        return int(starts[position["line"]] + position["character"])

    for edit in sorted(edits, key=lambda edit: offset(edit["range"]["start"]), reverse=True):
        start, end = offset(edit["range"]["start"]), offset(edit["range"]["end"])
        text = text[:start] + edit["newText"] + text[end:]
    return text


def test_everything_is_offered(tmp_path: Path) -> None:
    with editing(tmp_path) as client:
        offered = client.initialized["capabilities"]
    assert offered["textDocumentSync"]["change"] == 2
    assert offered["codeActionProvider"] == {
        "codeActionKinds": ["quickfix", "quickfix.unsafe", "source.fixAll.smccc-filter"],
        "resolveProvider": True,
    }
    assert sorted(offered["executeCommandProvider"]["commands"]) == ["smccc-filter.compile", "smccc-filter.showPage"]
    assert {
        *("codeActionProvider", "codeLensProvider", "completionProvider", "documentFormattingProvider"),
        *("documentLinkProvider", "documentSymbolProvider", "executeCommandProvider", "foldingRangeProvider"),
        *("hoverProvider", "inlayHintProvider", "selectionRangeProvider"),
    } <= set(offered)


def test_each_feature_answers(tmp_path: Path) -> None:
    with editing(tmp_path) as client:
        uri = opened(client)
        assert [each["name"] for each in client.about("documentSymbol", uri)] == ["version", "name", "rules", "tests"]
        assert {"startLine": 2, "endLine": 6, "kind": "region"} in client.about("foldingRange", uri)
        at = {"line": 4, "character": 15}
        (selection,) = client.about("selectionRange", uri, positions=[at])
        assert selection["range"]["start"] == {"line": 4, "character": 12}
        hints = [each["label"] for each in client.about("inlayHint", uri, range=EVERYWHERE)]
        assert hints == ["16 IDs, 4 known calls", "NOT_SUPPORTED on 7.3"]
        lenses = [each["command"]["title"] for each in client.about("codeLens", uri)]
        assert "16 IDs: NOT_SUPPORTED on 7.3" in lenses
        targets = [each["target"] for each in client.about("documentLink", uri)]
        assert targets == [f"https://developer.arm.com/documentation/den00{number}/latest" for number in (22, 98)]


def test_of_a_document_that_is_no_policy_nothing_is_said(tmp_path: Path) -> None:
    with editing(tmp_path) as client:
        uri = client.open(tmp_path / "a.txt", POLICY)
        for feature in ("documentSymbol", "foldingRange", "codeLens", "documentLink"):
            assert client.about(feature, uri) == []
        assert client.about("inlayHint", uri, range=EVERYWHERE) == []
        at = {"line": 4, "character": 15}
        assert client.about("selectionRange", uri, positions=[at]) is None
        assert client.about("hover", uri, position=at) is None
        assert client.about("completion", uri, position=at) is None


def actions(client: EditorClient, uri: str, only: list[str] | None = None) -> list[Json]:
    context = {"diagnostics": [], **({"only": only} if only else {})}
    found: list[Json] = client.about("codeAction", uri, range=EVERYWHERE, context=context)
    return found


def test_a_fix_is_offered_and_fixes(tmp_path: Path) -> None:
    with editing(tmp_path) as client:
        uri = opened(client)
        fix = next(each for each in actions(client, uri) if each["kind"] == "quickfix")
        assert fix["isPreferred"]
        (change,) = fix["edit"]["documentChanges"]
        assert change["textDocument"] == {"uri": uri, "version": 1}
        fixed = after(POLICY, change["edits"])
        client.change(uri, 2, fixed)
        code = fix["diagnostics"][0]["code"]
        assert code == "R205"
        assert code not in [each["code"] for each in client.findings(uri, 2)]


@pytest.mark.parametrize("capabilities", [CAPABILITIES, {}], ids=["with versions", "without"])
def test_all_fixes_are_those_of_the_command(tmp_path: Path, capabilities: Json) -> None:
    path = tmp_path / f"b{SUFFIX}"
    path.write_text(POLICY)
    assert cli.run(["validate", "--fix", "--isolated", str(path)]) in {status.OK, status.FINDINGS}
    with editing(tmp_path, capabilities=capabilities) as client:
        uri = opened(client)
        (whole,) = actions(client, uri, ["source.fixAll"])
        assert whole["kind"] == "source.fixAll.smccc-filter"
        if "edit" not in whole:
            whole = client.ask("codeAction/resolve", **whole)
        edit = whole["edit"]
        edits = edit["documentChanges"][0]["edits"] if capabilities else edit["changes"][uri]
        assert after(POLICY, edits) == path.read_text()


def test_kinds_are_told_apart(tmp_path: Path) -> None:
    with editing(tmp_path) as client:
        uri = opened(client, POLICY.replace("TRNG_RND/32", "TRNG_RN"))
        kinds = {only: {each["kind"] for each in actions(client, uri, [only])} for only in ("quickfix", "source")}
        (unsafe,) = actions(client, uri, ["quickfix.unsafe"])
        assert kinds["quickfix"] >= {"quickfix.unsafe"}
        assert kinds["source"] <= {"source.fixAll.smccc-filter"}
        assert unsafe["title"].endswith("(changes what the policy decides)")
        assert "isPreferred" not in unsafe


def test_an_action_for_an_older_text_does_nothing(tmp_path: Path) -> None:
    with editing(tmp_path) as client:
        uri = opened(client)
        (whole,) = actions(client, uri, ["source.fixAll"])
        client.change(uri, 2, CLEAN)
        assert "edit" not in client.ask("codeAction/resolve", **whole)
        assert "edit" not in client.ask("codeAction/resolve", title="nonsense")


@pytest.mark.parametrize("text", [POLICY.replace("action: deny\n", "action:   deny\n"), POLICY, CLEAN])
def test_a_text_is_laid_out_as_the_command_does(tmp_path: Path, text: str) -> None:
    path = tmp_path / f"b{SUFFIX}"
    path.write_text(text)
    assert cli.run(["fmt", "--isolated", str(path)]) == status.OK
    with editing(tmp_path) as client:
        uri = opened(client, text)
        edits = client.about("formatting", uri, options={"tabSize": 4, "insertSpaces": True})
        assert after(text, edits) == path.read_text()


def test_a_text_whose_form_is_faulty_stays(tmp_path: Path) -> None:
    with editing(tmp_path) as client:
        uri = opened(client, POLICY.replace("TRNG_RND/32", "TRNG_RN"))
        assert client.about("formatting", uri, options={"tabSize": 2, "insertSpaces": True}) is None


@pytest.mark.parametrize("can_show", [True, False])
def test_a_policy_is_compiled_and_shown(tmp_path: Path, can_show: bool) -> None:  # noqa: FBT001
    capabilities = CAPABILITIES | {"window": {"showDocument": {"support": can_show}}}
    with editing(tmp_path, capabilities=capabilities) as client:
        uri = opened(client, CLEAN)
        for lens in client.about("codeLens", uri):
            command = lens["command"]
            path = Path(
                client.ask("workspace/executeCommand", command=command["command"], arguments=command["arguments"])
            )
            assert path.stat().st_size > 1000
            if can_show:
                assert client.wait_for("window/showDocument", uri=path.as_uri())
            else:
                assert str(path) in client.wait_for("window/showMessage")["message"]
        header = path.with_suffix(".h")
        ours = tmp_path / "a.h"
        (tmp_path / f"b{SUFFIX}").write_text(CLEAN)
        assert cli.run(["compile", "--isolated", str(tmp_path / f"b{SUFFIX}"), "-o", str(ours)]) == status.OK
        assert header.read_text() == ours.read_text()
    assert not path.exists()


@pytest.mark.parametrize("command", ["compile", "showPage"])
@pytest.mark.parametrize("arguments", [[], ["nonsense", "c"], [1, 2, 3]])
def test_what_can_not_be_made_is_told(tmp_path: Path, command: str, arguments: list[Json]) -> None:
    with editing(tmp_path) as client:
        uri = opened(client, POLICY.replace("TRNG_RND/32", "TRNG_RN"))
        for given in (arguments, [uri]):
            assert client.ask("workspace/executeCommand", command=f"smccc-filter.{command}", arguments=given) is None
            assert client.wait_for("window/showMessage")["type"] == 1


def test_a_request_that_is_not_wanted_any_more_is_given_up(tmp_path: Path) -> None:
    with editing(tmp_path) as client:
        uri = opened(client, POLICY + "# \n" * 200_000)
        number = client.request("textDocument/codeLens", textDocument={"uri": uri})
        client.tell("$/cancelRequest", id=number)
        assert client.response(number).get("error", {"code": -32800})["code"] == -32800
        assert client.about("documentSymbol", uri)
