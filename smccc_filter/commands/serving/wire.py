"""Standard input and output as the server's loop reads and writes them, whatever is on the other end.

A client may send anything, stop reading, or die. What it sends is bounded before it is kept, and a pipe that nobody
reads any more ends the loop as the end of the input does.
"""

import asyncio
import os
import threading
from typing import Final

CHUNK = 1 << 16
MAX_HEADER = 1 << 12
MAX_BODY = 1 << 28
"""Bytes of one message: a text of 16 MiB may take six bytes a character, and an editor sends others besides."""
NO_MESSAGE = b"null"
"""What is read in place of a message that is too large."""


class InputStream:
    """Reads lines and bodies of messages from a file descriptor, on a thread that dies with the process.

    The end of the input comes in place of what could not be read whole.
    """

    def __init__(self, descriptor: int) -> None:
        """Begin to read at once; there must be a running loop."""
        self._loop: Final = asyncio.get_running_loop()
        self._stream: Final = asyncio.StreamReader(MAX_HEADER)
        self._is_open = True
        threading.Thread(target=self._pump, args=(descriptor,), daemon=True).start()

    async def readline(self) -> bytes:
        """Return a line with its end, a part of one that is too long, or nothing at the end."""
        try:
            line = await self._stream.readuntil(b"\n")
        except asyncio.IncompleteReadError as end:
            line = end.partial
        except asyncio.LimitOverrunError:
            line = await self._stream.read(MAX_HEADER)
        return line

    async def readexactly(self, n: int) -> bytes:
        """Return the body of a message; one that is too large is passed over."""
        try:
            if n <= MAX_BODY:
                return await self._stream.readexactly(n)
            while n > 0:
                n -= len(await self._stream.readexactly(min(n, CHUNK)))
        except asyncio.IncompleteReadError:
            return b""
        return NO_MESSAGE

    def end(self) -> None:
        """Let the loop find the end of the input."""
        if self._is_open:
            self._is_open = False
            self._stream.feed_eof()

    def _feed(self, data: bytes) -> None:
        if self._is_open:
            self._stream.feed_data(data)

    def _pump(self, descriptor: int) -> None:
        try:
            while data := self._read(descriptor):
                self._loop.call_soon_threadsafe(self._feed, data)
            self._loop.call_soon_threadsafe(self.end)
        except RuntimeError:  # the loop is closed
            return

    def _read(self, descriptor: int) -> bytes:
        """Wait for some bytes; none come from the end, or from what can't be read."""
        try:
            return os.read(descriptor, CHUNK)
        except OSError:
            return b""


class OutputStream:
    """Writes messages to a file descriptor; when nobody reads them any more, it ends the input and keeps quiet."""

    def __init__(self, descriptor: int, source: InputStream) -> None:
        self._descriptor: Final = descriptor
        self._source: Final = source
        self._is_open = True

    def write(self, data: bytes) -> None:
        """Write all of a message."""
        view = memoryview(data)
        try:
            while self._is_open and view:
                view = view[os.write(self._descriptor, view) :]
        except OSError:
            self._is_open = False
            self._source.end()

    def close(self) -> None:
        """Write nothing more."""
        self._is_open = False
