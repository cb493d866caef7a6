"""A language client: speaks the Language Server Protocol with a server over its streams, as an editor does."""

import json
import os
import select
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

PATIENCE = 60
"""Seconds after which a server is taken to hang."""
BLOCK = 65536
CAPABILITIES = {
    "textDocument": {
        "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown", "plaintext"]}},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "publishDiagnostics": {},
    },
    "workspace": {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": True}},
}

Json = dict[str, Any]


class Place(NamedTuple):
    """A place in a text as the protocol counts: both from 0."""

    line: int
    character: int


class Item(NamedTuple):
    """One offer of a completion list; ``about`` is what an editor shows beside it."""

    label: str
    about: str
    text: str


class Finding(NamedTuple):
    """One diagnostic; ``line`` counts from 1, as people do."""

    line: int
    message: str


def nested(settings: Iterable[Mapping[str, Any]]) -> Json:
    """Turn ``{"yaml.hover": true}``, as settings files have it, into ``{"yaml": {"hover": true}}``, as servers do.

    Later settings are added to earlier ones.
    """
    result: Json = {}
    for name, value in (item for one in settings for item in one.items()):
        *rooms, last = name.split(".")
        inner = result
        for room in rooms:
            inner = inner.setdefault(room, {})
        inner[last] = value
    return result


class Editor:
    """An editor in a folder, with its settings, that has a language server running. A context manager."""

    def __init__(self, command: tuple[str | Path, ...], folder: Path, *settings: Mapping[str, Any]) -> None:
        self.folder = folder
        self.settings = nested(settings)
        self._command = command
        self._last = 0
        self._opened = 0
        self._configured = False
        self._published: dict[str, list[Json]] = {}
        self._pending = b""

    def __enter__(self) -> Self:
        """Start the server and wait until it has asked for the settings."""
        self._server = subprocess.Popen(self._command, cwd=self.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        root = self.folder.as_uri()
        about = {"processId": os.getpid(), "rootUri": root, "workspaceFolders": [{"uri": root, "name": "folder"}]}
        self.request("initialize", {**about, "capabilities": CAPABILITIES})
        self.notify("initialized", {})
        self.notify("workspace/didChangeConfiguration", {"settings": self.settings})
        while not self._configured:
            self._serve(self._receive())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Have the server end, by itself where the tests went well."""
        try:
            if kind is None:
                self.request("shutdown", None)
                self.notify("exit", None)
                self._server.wait(PATIENCE)
        finally:
            self._server.kill()
            self._server.wait()
            for stream in (self._server.stdin, self._server.stdout):
                if stream:
                    stream.close()

    def findings(self, name: str, text: str) -> list[Finding]:
        """Open a file with ``text`` and return what the server says of it, by place."""
        with self.opened(name, text) as uri:
            while uri not in self._published:
                self._serve(self._receive())
            found = self._published.pop(uri)
        return sorted(Finding(item["range"]["start"]["line"] + 1, item["message"]) for item in found)

    def offers(self, name: str, text: str, place: Place) -> list[Item]:
        """Return what the server offers at ``place``, in its order."""
        answer = self._ask("textDocument/completion", name, text, place)
        items = answer["items"] if isinstance(answer, dict) else answer or []
        ordered = sorted(items, key=lambda item: item.get("sortText") or item["label"])
        return [Item(item["label"], _about(item), _inserted(item)) for item in ordered]

    def hover(self, name: str, text: str, place: Place) -> str:
        """Return what the server shows for the word at ``place``, empty where it shows nothing."""
        answer = self._ask("textDocument/hover", name, text, place)
        return _text(answer["contents"]) if answer else ""

    @contextmanager
    def opened(self, name: str, text: str) -> Iterator[str]:
        """Have a file open that need not exist, its name after a number that no other had; gives its URI."""
        self._opened += 1
        path = self.folder / name
        uri = path.with_name(f"{self._opened}-{path.name}").as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})
        yield uri
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def request(self, method: str, params: object) -> Any:  # noqa: ANN401 -- whatever the server answers
        """Ask the server and return its answer. An error of its fails the test."""
        self._last += 1
        self._send({"id": self._last, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == self._last and "method" not in message:
                assert "error" not in message, message["error"]
                return message["result"]
            self._serve(message)

    def notify(self, method: str, params: object) -> None:
        """Tell the server."""
        self._send({"method": method, "params": params})

    def _ask(self, method: str, name: str, text: str, place: Place) -> Any:  # noqa: ANN401 -- the server's answer
        with self.opened(name, text) as uri:
            return self.request(method, {"textDocument": {"uri": uri}, "position": place._asdict()})

    def _serve(self, message: Json) -> None:
        """Do what the server asks of an editor."""
        if message.get("method") == "textDocument/publishDiagnostics":
            self._published[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif message.get("method") == "workspace/configuration":
            sections = (item.get("section", "") for item in message["params"]["items"])
            self._send({"id": message["id"], "result": [self.settings.get(section, {}) for section in sections]})
            self._configured = True
        elif "method" in message and "id" in message:
            self._send({"id": message["id"], "result": None})

    def _send(self, message: Json) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._server.stdin
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._server.stdin.flush()

    def _receive(self) -> Json:
        head = self._read(lambda: self._pending.find(b"\r\n\r\n") + len(b"\r\n\r\n"), b"\r\n\r\n")
        fields = dict(line.split(": ") for line in head.decode().split("\r\n") if line)
        length = int(fields["Content-Length"])
        message: Json = json.loads(self._read(lambda: length))
        return message

    def _read(self, length: Callable[[], int], until: bytes = b"") -> bytes:
        """Take bytes off the server's output: ``length()`` of them, once ``until`` is among them."""
        assert self._server.stdout
        deadline = time.monotonic() + PATIENCE
        while until not in self._pending or len(self._pending) < length():
            ready, _, _ = select.select([self._server.stdout], [], [], max(deadline - time.monotonic(), 0))
            assert ready, f"{self._command} says nothing"
            read = os.read(self._server.stdout.fileno(), BLOCK)
            assert read, f"{self._command} has ended"
            self._pending += read
        taken, self._pending = self._pending[: length()], self._pending[length() :]
        return taken


def _about(item: Json) -> str:
    return "\n".join(filter(None, (item.get("detail", ""), _text(item.get("documentation", "")))))


def _inserted(item: Json) -> str:
    text: str = item.get("textEdit", {}).get("newText") or item.get("insertText") or item["label"]
    return text


def _text(content: Any) -> str:  # noqa: ANN401 -- the protocol has three shapes for it
    if isinstance(content, list):
        return "\n".join(map(_text, content))
    return str(content["value"] if isinstance(content, dict) else content)
