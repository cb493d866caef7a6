"""The language server: documents that open, change and close, and when an editor is told what is wrong with them."""

import asyncio
import gc
import logging
import threading
from functools import partial

from lsprotocol import types
from pygls.io_ import run_async

from smccc_filter.commands.serving import features
from smccc_filter.commands.serving.analysis import is_policy, path_of
from smccc_filter.commands.serving.documents import OpenPolicy
from smccc_filter.commands.serving.host import LOGGER, PolicyHost
from smccc_filter.commands.serving.products import PolicyProducts
from smccc_filter.commands.serving.wire import InputStream, OutputStream
from smccc_filter.commands.serving.worker import Worker
from smccc_filter.commands.serving.workspace import WATCHED, WorkspacePolicies
from smccc_filter.commands.status import FINDINGS, OK
from smccc_filter.editor.annotations import COMPILE, SHOW_PAGE
from smccc_filter.editor.text import EditorText


class PolicyServer(PolicyHost):
    """A server of one client. Documents that are no policies are not looked at."""

    def __init__(self, *, isolated: bool) -> None:
        """Register what it answers."""
        super().__init__(isolated=isolated)
        self._others = WorkspacePolicies(self)
        self._is_shut_down = False
        self.answer(types.INITIALIZED, self._initialized)
        self.answer(types.SHUTDOWN, self._shut_down)
        self.answer(types.TEXT_DOCUMENT_DID_OPEN, self._opened)
        self.answer(types.TEXT_DOCUMENT_DID_CHANGE, self._changed)
        self.answer(types.TEXT_DOCUMENT_DID_CLOSE, self._closed)
        self.answer(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, self._files_changed)
        self.answer(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, self._folders_changed)
        features.register(self)
        self._products = PolicyProducts(self)
        self.command(COMPILE)(partial(self._products.compile))
        self.command(SHOW_PAGE)(partial(self._products.show_page))

    def serve(self, source: int, target: int) -> int:
        """Serve the client on two file descriptors until it says so or is gone; return the exit status."""
        gc.enable()  # the command line switched the collector off
        try:
            asyncio.run(self._serve(source, target))
        except SystemExit:  # how pygls ends at `exit`
            pass
        finally:
            self._products.remove()
        return OK if self._is_shut_down else FINDINGS

    async def _serve(self, descriptor: int, target: int) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: self.log(context.get("exception")))
        source = InputStream(descriptor)
        self.worker = Worker()
        self.protocol.set_writer(OutputStream(target, source))
        await run_async(threading.Event(), source, self.protocol, logging.getLogger(LOGGER), self.report_server_error)

    def _initialized(self, params: types.InitializedParams) -> None:  # noqa: ARG002
        workspace = self.client_capabilities.workspace
        files = workspace and workspace.did_change_watched_files
        if files and files.dynamic_registration:
            options = types.DidChangeWatchedFilesRegistrationOptions(
                [types.FileSystemWatcher(each) for each in WATCHED]
            )
            method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
            wanted = types.Registration(id="watched", method=method, register_options=options)
            self.client_register_capability(types.RegistrationParams([wanted]))
        self._others.look()

    def _shut_down(self, params: None) -> None:  # noqa: ARG002
        self._is_shut_down = True

    def _opened(self, params: types.DidOpenTextDocumentParams) -> None:
        item = params.text_document
        path = path_of(item.uri)
        if path and is_policy(path, self.folders, isolated=self.isolated):
            policy = OpenPolicy(item, path, EditorText(item.text, self.encoding), isolated=self.isolated)
            self.policies[item.uri] = policy
            self._soon(policy, 0)

    def _changed(self, params: types.DidChangeTextDocumentParams) -> None:
        if policy := self.policies.get(params.text_document.uri):
            policy.change(params)
            self._soon(policy)

    def _closed(self, params: types.DidCloseTextDocumentParams) -> None:
        if policy := self.policies.pop(params.text_document.uri, None):
            policy.stop()
            self.publish(policy.uri, [])
            self._others.look()

    def _files_changed(self, params: types.DidChangeWatchedFilesParams) -> None:  # noqa: ARG002
        self._look_again()

    def _folders_changed(self, params: types.DidChangeWorkspaceFoldersParams) -> None:  # noqa: ARG002
        self._look_again()

    def _look_again(self) -> None:
        """Examine every policy anew: settings may have changed, and files may have come or gone."""
        for policy in self.policies.values():
            policy.forget()
            self._soon(policy)
        self._others.look()

    def _soon(self, policy: OpenPolicy, delay: float | None = None) -> None:
        policy.soon(lambda: self.start(self._publish(policy)), delay)

    async def _publish(self, policy: OpenPolicy) -> None:
        """Send the findings of the newest text."""
        analysis = await policy.analysis(self.worker)
        if self.policies.get(policy.uri) is policy and policy.text is analysis.text:
            self._others.tell(analysis, policy.uri, policy.version)
