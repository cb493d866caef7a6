"""The documents that an editor has open, each with its newest text and what is known of that."""

import asyncio
from collections.abc import Callable
from typing import Final

from lsprotocol import types

from smccc_filter.analysis.pipeline import Examination, Examiner
from smccc_filter.commands.serving.analysis import PolicyAnalysis, analyse
from smccc_filter.commands.serving.worker import Worker
from smccc_filter.editor.text import EditorText

DEBOUNCE = 0.1
"""Seconds without a change after which the findings of a text are worked out."""


class OpenPolicy:
    """A policy that is open. Of texts that follow each other fast, only some are examined, and always the last."""

    def __init__(self, item: types.TextDocumentItem, path: str, text: EditorText, *, isolated: bool) -> None:
        """Keep the text that the editor has; nothing is examined yet."""
        self.uri: Final = item.uri
        self.path: Final = path
        self.version = item.version
        self.text = text
        self._isolated: Final = isolated
        self._examiner: Final = Examiner()  # most edits leave the guest as it is, of which this knows the last ones
        self._known: PolicyAnalysis | None = None
        self._running: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def identifier(self) -> types.VersionedTextDocumentIdentifier:
        """What the editor calls the newest text."""
        return types.VersionedTextDocumentIdentifier(version=self.version, uri=self.uri)

    @property
    def examination(self) -> Examination | None:
        """What is known of the last text that was examined."""
        return self._known.examination if self._known else None

    def change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Take the changes of an editor, in the order in which it sends them."""
        self.text = self.text.after(params.content_changes)
        self.version = params.text_document.version

    def forget(self) -> None:
        """Take the text for another one: the project's settings may say something else of it."""
        self.text = EditorText(self.text.written, self.text.encoding)

    def soon(self, publish: Callable[[], None], delay: float | None = None) -> None:
        """Call ``publish`` after a while, unless something changes before."""
        self.stop()
        self._timer = asyncio.get_running_loop().call_later(DEBOUNCE if delay is None else delay, publish)

    def stop(self) -> None:
        """Publish nothing for what changed until now."""
        if self._timer:
            self._timer.cancel()

    async def analysis(self, worker: Worker) -> PolicyAnalysis:
        """Return what is known of the newest text. At most one text of the document is examined at a time."""
        while self._known is None or self._known.text is not self.text:
            self._running = self._running or asyncio.ensure_future(self._examine(worker))
            await asyncio.shield(self._running)
        return self._known

    async def _examine(self, worker: Worker) -> None:
        """Have the text examined that is the newest when the worker comes to it."""
        try:
            self._known = await worker.call(self._analyse)
        finally:  # before the task is done, so that nobody who waits finds a task that will do nothing more
            self._running = None

    def _analyse(self) -> PolicyAnalysis:
        return analyse(self.path, self.text, self._examiner, isolated=self._isolated)
