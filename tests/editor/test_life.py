"""A server from its start to its end, with clients that do what none should."""

import json
import os
import shlex
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from smccc_filter import cli
from smccc_filter.commands import files, status
from smccc_filter.commands.server import HINT
from smccc_filter.commands.serving import documents
from smccc_filter.commands.serving.analysis import PolicyAnalysis, analyse
from smccc_filter.commands.serving.server import PolicyServer
from tests.cli.tool import TOOL, on_terminal
from tests.editor import loops
from tests.editor.client import PATIENCE, EditorClient, editing, running, serving
from tests.paths import SUFFIX

Json = Any
WARNING = 2
"""A type of messages."""
GOOD = "version: 1\nname: a\nrules:\n  - action: deny\n    calls: [TRNG_VERSION]\n"
BAD = GOOD.replace("VERSION", "VERSIO")


def codes(client: EditorClient, uri: str, version: int | None = 1) -> list[str]:
    return [each["code"] for each in client.findings(uri, version)]


def test_it_ends_when_the_editor_says_so(tmp_path: Path) -> None:
    with running(tmp_path) as (process, client):
        client.end()
        assert process.wait(PATIENCE) == status.OK
        assert process.stderr
        assert process.stderr.read() == b""


@pytest.mark.parametrize(
    "last",
    [
        pytest.param(lambda client: client.tell("exit"), id="exit unasked"),
        pytest.param(lambda client: client.close(), id="closes"),
        pytest.param(
            lambda client: (client.write(b"Content-Length: 99\r\n\r\n{"), client.close()), id="half a message"
        ),
        pytest.param(lambda client: (client.write(b"\x00\xff" * 9999), client.close()), id="garbage"),
        pytest.param(lambda client: (client.write(b"Content-Length: 9\r\n"), client.close()), id="half a header"),
    ],
)
def test_an_editor_that_is_gone_ends_it(tmp_path: Path, last: Callable[[EditorClient], None]) -> None:
    with serving(tmp_path) as (client, done):
        client.open(tmp_path / f"a{SUFFIX}", BAD)
        last(client)
        assert done.result(PATIENCE) == status.FINDINGS


def test_an_editor_that_dies_leaves_no_trace(tmp_path: Path) -> None:
    with running(tmp_path) as (process, client):
        client.open(tmp_path / f"a{SUFFIX}", BAD)
        client.write(b"garbage\r\nContent-Length: 9\r\n\r\n{")
        client.close()
        assert process.wait(PATIENCE) == status.FINDINGS
        assert process.stderr
        assert process.stderr.read() == b""


def test_who_types_it_by_hand_is_told_what_it_is() -> None:
    status_of, out, _ = on_terminal("server", typed="\x04")
    assert status_of == status.FINDINGS
    assert out.replace("\r\n", "\n").replace("^D\b\b", "") == f"smccc-filter: {HINT}\n"


@pytest.mark.parametrize(("closed", "ends"), [("<&-", status.USAGE), (">&-", status.USAGE), ("0>/dev/null", 1)])
def test_streams_that_are_closed_are_told(tmp_path: Path, closed: str, ends: int) -> None:
    """And an input that can't be read ends as one that is over."""
    command = f"{shlex.join(TOOL)} server {closed}"
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=tmp_path, stdin=subprocess.PIPE, capture_output=True, text=True, check=False
    )
    said = "smccc-filter: standard input or output is closed: an editor speaks to the server over them\n"
    assert (done.returncode, done.stdout, done.stderr) == (ends, "", said if ends == status.USAGE else "")


def test_an_editor_that_does_not_read_ends_it(tmp_path: Path) -> None:
    """Although it goes on writing."""
    mine, theirs = os.pipe(), os.pipe()
    os.close(mine[0])
    params: dict[str, object] = {"processId": None, "rootUri": tmp_path.as_uri(), "capabilities": {}}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}).encode()
    os.write(theirs[1], b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    server = PolicyServer(isolated=False)
    assert loops.in_a_thread(lambda: server.serve(theirs[0], mine[1])) == status.FINDINGS


@pytest.mark.parametrize(
    "data",
    [
        b"Content-Length: 3\r\n\r\n{]}",
        b"Content-Length: 4\r\n\r\nnull",
        b"Content-Length: 2\r\n\r\n[]",
        b"Content-Length: 2\r\n\r\n\xff\xfe",
        b"Content-Length: 60000\r\n\r\n" + b"[" * 60_000,
        b"Content-Length: 17\r\n\r\n" + b'{"jsonrpc":"2.0"}',
        b"Content-Length: x\r\n" * 2000,
        b"no header" * 2000 + b"\r\n",
        b'Content-Length: 49\r\n\r\n{"jsonrpc":"2.0","method":"textDocument/didOpen"}',
    ],
)
def test_what_is_no_message_is_passed_over(tmp_path: Path, data: bytes) -> None:
    """And never taken for a bug."""
    with editing(tmp_path) as client:
        client.write(data)
        assert codes(client, client.open(tmp_path / f"a{SUFFIX}", BAD)) == ["P104"]
        told = [each["params"] for each in client.notified if each["method"] == "window/logMessage"]
        assert all(each["type"] == WARNING and "no message that an editor sends" in each["message"] for each in told)
        assert len(told) == (b"\r\n\r\n" in data)


def test_a_message_that_is_too_large_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smccc_filter.commands.serving.wire.MAX_BODY", 9999)
    with editing(tmp_path) as client:
        client.write(b"Content-Length: 999999\r\n\r\n" + b"x" * 999_999)
        assert codes(client, client.open(tmp_path / f"a{SUFFIX}", BAD)) == ["P104"]


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("textDocument/nonsense", {}, -32601),
        ("textDocument/hover", {}, -32602),
        ("textDocument/hover", {"textDocument": 1, "position": []}, -32602),
        ("textDocument/selectionRange", {"textDocument": {"uri": "a"}}, -32602),
        ("initialize", {"processId": None, "rootUri": None, "capabilities": {}}, -32600),
    ],
)
def test_a_request_that_can_not_be_answered_is_refused(tmp_path: Path, method: str, params: Json, code: int) -> None:
    with editing(tmp_path) as client:
        assert client.response(client.request(method, **params))["error"]["code"] == code


def test_a_request_at_a_wrong_time_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path, initialize=False) as (client, done):
        uri = client.open(tmp_path / f"a{SUFFIX}", BAD)
        early = client.request("textDocument/documentSymbol", textDocument={"uri": uri})
        assert client.response(early)["error"]["code"] == -32002
        client.initialize()
        assert client.about("documentSymbol", uri) == []
        client.ask("shutdown")
        late = client.request("textDocument/documentSymbol", textDocument={"uri": uri})
        assert client.response(late)["error"]["code"] == -32600
        client.tell("exit")
        assert done.result(PATIENCE) == status.OK


def test_a_document_that_was_not_opened_is_not_changed(tmp_path: Path) -> None:
    uri = (tmp_path / f"a{SUFFIX}").as_uri()
    with editing(tmp_path) as client:
        client.change(uri, 2, GOOD)
        client.tell("textDocument/didClose", textDocument={"uri": uri})
        assert client.about("formatting", uri, options={"tabSize": 2, "insertSpaces": True}) is None
        assert codes(client, client.open(tmp_path / f"a{SUFFIX}", BAD)) == ["P104"]
        assert not [each for each in client.notified if each["method"].startswith("window")]


@pytest.mark.parametrize("name", ["a.txt", "a.yaml", ".a.smccc.yaml", "left-out.smccc.yaml", ".hidden/a.smccc.yaml"])
def test_only_policies_are_looked_at(tmp_path: Path, name: str) -> None:
    (tmp_path / ".smccc-filter.toml").write_text('exclude = ["left-out*"]\n')
    with editing(tmp_path) as client:
        uri = client.open(tmp_path / name, BAD)
        at = {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}}
        assert client.about("codeAction", uri, range=at, context={"diagnostics": []}) == []
        assert codes(client, client.open(tmp_path / f"a{SUFFIX}", BAD)) == ["P104"]
        assert all(each["params"].get("uri") != uri for each in client.notified)


@pytest.mark.parametrize("uri", ["untitled:a.smccc.yaml", "nonsense", "file:", "http://example.org/a.smccc.yaml"])
def test_what_is_no_file_is_not_looked_at(tmp_path: Path, uri: str) -> None:
    with editing(tmp_path) as client:
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": BAD}
        client.tell("textDocument/didOpen", textDocument=document)
        assert client.about("formatting", uri, options={"tabSize": 2, "insertSpaces": True}) is None


def test_versions_out_of_order_are_taken_as_they_come(tmp_path: Path) -> None:
    with editing(tmp_path) as client:
        uri = client.open(tmp_path / f"a{SUFFIX}", GOOD, 9)
        client.change(uri, 3, BAD)
        assert codes(client, uri, 3) == ["P104"]


def test_of_many_changes_the_last_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one text is examined at a time, and far fewer than there are."""
    under_way, most, examined = 0, 0, 0

    def counting(*given: Any, **options: Any) -> PolicyAnalysis:  # noqa: ANN401
        nonlocal under_way, most, examined
        under_way, examined = under_way + 1, examined + 1
        most = max(most, under_way)
        analysis = analyse(*given, **options)
        under_way -= 1
        return analysis

    monkeypatch.setattr(documents, "analyse", counting)
    with editing(tmp_path) as client:
        uri = client.open(tmp_path / f"a{SUFFIX}", GOOD)
        start = {"line": 0, "character": 0}
        for version in range(2, 1002):
            client.change(uri, version, {"range": {"start": start, "end": start}, "text": "#"})
        client.change(uri, 1002, BAD)
        assert codes(client, uri, 1002) == ["P104"]
        told = [each for each in client.notified if each["method"] == "textDocument/publishDiagnostics"]
        assert len(told) < 100
    assert 0 < examined < 100
    assert (most, under_way) == (1, 0)


def test_a_text_that_is_too_large_is_told_so(tmp_path: Path) -> None:
    with editing(tmp_path) as client:
        uri = client.open(tmp_path / f"a{SUFFIX}", GOOD + "#" * files.MAX_BYTES)
        (finding,) = client.findings(uri)
        assert finding["code"] == "P105"
        assert f"more than {files.MAX_BYTES:,} bytes" in finding["message"]
        client.change(uri, 2, BAD)
        assert codes(client, uri, 2) == ["P104"]


def test_a_document_that_is_closed_is_as_on_the_disk(tmp_path: Path) -> None:
    path = tmp_path / f"a{SUFFIX}"
    path.write_text(BAD)
    with editing(tmp_path) as client:
        uri = client.open(path, GOOD, 1)
        assert "P104" not in codes(client, uri, 1)
        client.tell("textDocument/didClose", textDocument={"uri": uri})
        while "P104" not in codes(client, uri, None):
            pass


def test_a_bug_is_logged_and_the_next_text_is_examined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from smccc_filter.analysis.checks import unknown_name

    def broken(path: str, *_: object, **__: object) -> None:
        raise ZeroDivisionError(path)

    with editing(tmp_path) as client:
        with monkeypatch.context() as patch:
            patch.setattr(files, "examined", broken)
            uri = client.open(tmp_path / f"a{SUFFIX}", BAD)
            logged = client.wait_for("window/logMessage")
        assert logged["type"] == 1
        assert "a bug in the tool: ZeroDivisionError" in logged["message"]
        client.change(uri, 2, BAD)
        assert codes(client, uri, 2) == [unknown_name.CODE]


def test_settings_are_read_and_watched(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    settings = tmp_path / ".smccc-filter.toml"
    with editing(tmp_path) as client:
        wanted = client.wait_for("client/registerCapability")["registrations"][0]
        assert wanted["method"] == "workspace/didChangeWatchedFiles"
        assert "**/.smccc-filter.toml" in json.dumps(wanted["registerOptions"])
        uri = client.open(tmp_path / f"a{SUFFIX}", GOOD)
        assert codes(client, uri) == ["F504"]
        for text, found, faults in (('ignore = {F504 = "known"}', [], []), ("kernels = 1", ["F504"], ["P103"])):
            settings.write_text(text)
            client.tell("workspace/didChangeWatchedFiles", changes=[{"uri": settings.as_uri(), "type": 2}])
            assert codes(client, uri) == found
            if faults:
                assert codes(client, settings.as_uri(), None) == faults
        settings.unlink()
        client.tell("workspace/didChangeWatchedFiles", changes=[{"uri": settings.as_uri(), "type": 3}])
        assert codes(client, settings.as_uri(), None) == []


def test_settings_are_left_unread_where_they_should(tmp_path: Path) -> None:
    (tmp_path / ".smccc-filter.toml").write_text('ignore = {F504 = "known"}')
    with editing(tmp_path, isolated=True) as client:
        assert codes(client, client.open(tmp_path / f"a{SUFFIX}", GOOD)) == ["F504"]


def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def found(name: str) -> object:
        return None if name == "pygls" else find_spec(name)

    monkeypatch.setattr("smccc_filter.commands.server.find_spec", found)
    assert cli.run(["server"]) == status.USAGE
    assert capsys.readouterr() == (
        "",
        "smccc-filter: the language server needs more packages: pip install 'smccc-filter[server]'\n",
    )
