"""A client of the language server that speaks the protocol as it is on the wire, and nothing that is not written here.

It knows no types of the server's libraries, so that a mistake of theirs shows, too.
"""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from smccc_filter.commands.serving.server import PolicyServer

Json = Any
PATIENCE = 60
"""Seconds after which a server that says nothing is taken for dead, on a machine that does other things."""
CAPABILITIES: Json = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "codeAction": {"resolveSupport": {"properties": ["edit"]}},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
    },
    "workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}, "workspaceEdit": {"documentChanges": True}},
}


class EditorClient:
    """The other end of a server that works on a folder, and what the server said."""

    initialized: Json

    def __init__(self, folder: Path, source: int, target: int) -> None:
        self.folder = folder
        self._source = os.fdopen(source, "rb")
        self._target = os.fdopen(target, "wb", buffering=0)
        self._said: queue.SimpleQueue[Json] = queue.SimpleQueue()
        self._requests = 0
        self._answers: dict[int, Json] = {}
        self.notified: list[Json] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def initialize(self, capabilities: Json = CAPABILITIES) -> None:
        """Begin, as an editor with some capabilities."""
        root = self.folder.as_uri()
        self.initialized = self.ask(
            "initialize",
            processId=None,
            rootUri=root,
            capabilities=capabilities,
            workspaceFolders=[{"uri": root, "name": self.folder.name}],
        )
        self.tell("initialized")

    def end(self) -> None:
        """Let the server end as an editor does."""
        self.ask("shutdown")
        self.tell("exit")

    def close(self) -> None:
        """Be gone."""
        self._target.close()

    def send(self, message: Mapping[str, Json]) -> None:
        body = json.dumps(message).encode()
        self.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._target.write(view) :]

    def tell(self, method: str, **params: Json) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def request(self, method: str, **params: Json) -> int:
        """Ask something, and return the number of the request."""
        self._requests += 1
        message = {"jsonrpc": "2.0", "id": self._requests, "method": method}
        self.send(message if method == "shutdown" else message | {"params": params})
        return self._requests

    def response(self, number: int) -> Json:
        """Wait for the whole answer to a request."""
        while number not in self._answers:
            self._next()
        return self._answers.pop(number)

    def ask(self, method: str, **params: Json) -> Json:
        """Ask something, and return the result."""
        answer = self.response(self.request(method, **params))
        assert "error" not in answer, answer
        return answer["result"]

    def wait_for(self, method: str, **params: Json) -> Json:
        """Return the first notification of a method that has such parameters, and forget it."""
        seen = 0
        while True:
            for message in self.notified[seen:]:
                said = message.get("params", {})
                if message["method"] == method and all(said.get(key) == value for key, value in params.items()):
                    self.notified.remove(message)
                    return said
            seen = len(self.notified)
            self._next()

    def open(self, path: Path, text: str, version: int = 1) -> str:
        """Open a document, which need not exist; return its URI."""
        uri = path.as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": version, "text": text}
        self.tell("textDocument/didOpen", textDocument=document)
        return uri

    def change(self, uri: str, version: int, *changes: Json) -> None:
        """Change a document, each change a new text or a range of the old one and what to write there."""
        self.tell(
            "textDocument/didChange",
            textDocument={"uri": uri, "version": version},
            contentChanges=[{"text": change} if isinstance(change, str) else change for change in changes],
        )

    def findings(self, uri: str, version: int | None = 1) -> Sequence[Json]:
        """Wait for the findings of one version of a document, ``None`` for a file that is not open."""
        wanted = {"uri": uri} if version is None else {"uri": uri, "version": version}
        found: Sequence[Json] = self.wait_for("textDocument/publishDiagnostics", **wanted)["diagnostics"]
        return found

    def about(self, feature: str, uri: str, **params: Json) -> Json:
        """Ask something about a document."""
        return self.ask(f"textDocument/{feature}", textDocument={"uri": uri}, **params)

    def _next(self) -> None:
        message = self._said.get(timeout=PATIENCE)
        assert message is not None, "the server ended"
        if "method" not in message:
            self._answers[message["id"]] = message
            return
        self.notified.append(message)
        if "id" in message:
            self.send({"jsonrpc": "2.0", "id": message["id"], "result": None})

    def _listen(self) -> None:
        length = 0
        while line := self._source.readline():
            name, _, value = line.decode().partition(":")
            if name == "Content-Length":
                length = int(value)
            elif not line.strip():
                self._said.put(json.loads(self._source.read(length)))
        self._source.close()
        self._said.put(None)


Served = tuple[EditorClient, "Future[int]"]


@contextmanager
def serving(
    folder: Path, *, isolated: bool = False, capabilities: Json = CAPABILITIES, initialize: bool = True
) -> Iterator[Served]:
    """Have a server at work on a folder, on a thread, and its exit status once it has ended."""
    ours, theirs = os.pipe(), os.pipe()
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(_serve, theirs[0], ours[1], isolated=isolated)
        client = EditorClient(folder, ours[0], theirs[1])
        try:
            if initialize:
                client.initialize(capabilities)
            yield client, done
        finally:
            client.close()  # the server's end stays open: a thread of it may still be reading


@contextmanager
def editing(folder: Path, *, isolated: bool = False, capabilities: Json = CAPABILITIES) -> Iterator[EditorClient]:
    """Have a server at work on a folder, which must end as it should."""
    with serving(folder, isolated=isolated, capabilities=capabilities) as (client, done):
        yield client
        client.end()
        assert done.result(PATIENCE) == 0


def _serve(source: int, target: int, *, isolated: bool) -> int:
    try:
        return PolicyServer(isolated=isolated).serve(source, target)
    finally:
        os.close(target)


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[tuple["subprocess.Popen[bytes]", EditorClient]]:
    """Have a server at work in a process of its own."""
    command = (sys.executable, "-m", "smccc_filter", "server", *arguments)
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, cwd=folder) as process:
        assert process.stdin
        assert process.stdout
        source, target = os.dup(process.stdout.fileno()), os.dup(process.stdin.fileno())
        process.stdin.close()
        process.stdout.close()
        client = EditorClient(folder, source, target)
        try:
            client.initialize()
            yield process, client
        finally:
            client.close()
            process.kill()
