"""What every part of the server shares: the documents that are open, the worker, and the way to the client."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final

from lsprotocol import types
from pygls.exceptions import FeatureRequestError, JsonRpcException
from pygls.lsp.server import LanguageServer

from smccc_filter.commands.internal_errors import described
from smccc_filter.commands.serving.analysis import path_of
from smccc_filter.commands.serving.documents import OpenPolicy
from smccc_filter.commands.serving.protocol import PolicyProtocol
from smccc_filter.commands.serving.worker import Worker
from smccc_filter.commands.status import PROGRAM
from smccc_filter.version import ISSUES, __version__

LOGGER = "pygls"
_OWN_DOCUMENTS = (
    *(types.TEXT_DOCUMENT_DID_OPEN, types.TEXT_DOCUMENT_DID_CHANGE, types.TEXT_DOCUMENT_DID_CLOSE),
    *(types.NOTEBOOK_DOCUMENT_DID_OPEN, types.NOTEBOOK_DOCUMENT_DID_CHANGE, types.NOTEBOOK_DOCUMENT_DID_CLOSE),
)
"""What pygls would keep, line by line as Python has lines, which are not the protocol's; nobody opens notebooks."""


class PolicyHost(LanguageServer):
    """The server of one client. ``policies`` are the open ones, by URI, and ``isolated`` leaves settings unread."""

    worker: Worker

    def __init__(self, *, isolated: bool) -> None:
        """Begin without documents."""
        super().__init__(PROGRAM, __version__, protocol_cls=PolicyProtocol)
        self.isolated: Final = isolated
        self.policies: Final[dict[str, OpenPolicy]] = {}
        self._tasks: Final[set[asyncio.Task[None]]] = set()
        logging.getLogger(LOGGER).addHandler(logging.NullHandler())  # standard error is the command's own
        for method in _OWN_DOCUMENTS:
            self.protocol.fm.builtin_features.pop(method, None)

    @property
    def encoding(self) -> str:
        """The unit of positions that client and server agreed upon."""
        return self.server_capabilities.position_encoding or types.PositionEncodingKind.Utf16

    @property
    def folders(self) -> tuple[str, ...]:
        """Paths of the folders that the editor has open."""
        uris = list(self.workspace.folders) or ([self.workspace.root_uri] if self.workspace.root_uri else [])
        return tuple(path for path in map(path_of, uris) if path)

    @property
    def markup(self) -> types.MarkupKind:
        """How the editor wants what it shows of a word: Markdown, unless it can't."""
        document = self.client_capabilities.text_document
        kinds = document and document.hover and document.hover.content_format
        return types.MarkupKind.Markdown if kinds and types.MarkupKind.Markdown in kinds else types.MarkupKind.PlainText

    @property
    def takes_versions(self) -> bool:
        """Whether the editor takes edits of a version of a document, and not only of whatever text it has."""
        workspace = self.client_capabilities.workspace
        return bool(workspace and workspace.workspace_edit and workspace.workspace_edit.document_changes)

    @property
    def shows_tooltips(self) -> bool:
        """Whether the editor says where a link leads before somebody follows it."""
        document = self.client_capabilities.text_document
        return bool(document and document.document_link and document.document_link.tooltip_support)

    @property
    def asks_for_edits(self) -> bool:
        """Whether the editor asks for the edit of an action when somebody chooses it."""
        document = self.client_capabilities.text_document
        resolve = document and document.code_action and document.code_action.resolve_support
        return bool(resolve and "edit" in resolve.properties)

    def answer(self, method: str, function: Callable[..., object], options: object = None) -> None:
        """Let ``function``, which may be one of an object, answer a method of the protocol."""
        self.feature(method, options)(partial(function))  # pygls marks what it is given, and methods take no marks

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside what comes from the client."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def publish(self, uri: str, found: list[types.Diagnostic], version: int | None = None) -> None:
        """Replace the findings that the editor shows of a file."""
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found, version))

    def report_server_error(self, error: Exception, source: object) -> None:
        """Log what could not be handled; a request that could not has an answer that says so."""
        if source is JsonRpcException and isinstance(error, (JsonRpcException, ValueError, RecursionError)):
            message = f"passed over what is no message that an editor sends: {error}"
            self.window_log_message(types.LogMessageParams(types.MessageType.Warning, message))
        elif source is not FeatureRequestError:
            self.log(error)

    def log(self, error: BaseException | None) -> None:
        """Let the editor log a bug."""
        if isinstance(error, Exception):
            message = f"{described(error)}; please report it at {ISSUES}"
            self.window_log_message(types.LogMessageParams(types.MessageType.Error, message))

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            self.log(task.exception())
