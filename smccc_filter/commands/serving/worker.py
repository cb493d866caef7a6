"""One thread for what takes long, so that the server goes on listening, and no two analyses fight for a processor."""

import asyncio
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

T = TypeVar("T")


class Worker:
    """Calls functions one after the other on a thread of its own, which dies with the process."""

    def __init__(self) -> None:
        """Start the thread; there must be a running loop."""
        self._loop: Final = asyncio.get_running_loop()
        self._waiting: Final[queue.SimpleQueue[Callable[[], None]]] = queue.SimpleQueue()
        threading.Thread(target=self._work, daemon=True).start()

    async def call(self, function: Callable[[], T]) -> T:
        """Return what a function returns, or raise what it raises. One that nobody waits for any more is not begun."""
        future: asyncio.Future[T] = self._loop.create_future()

        def run() -> None:
            if future.cancelled():
                return
            try:
                result = function()
            except Exception as error:  # noqa: BLE001 -- whoever waits gets it
                self._tell(_fail, future, error)
            else:
                self._tell(_finish, future, result)

        self._waiting.put(run)
        return await future

    def _tell(self, how: Callable[..., None], *arguments: object) -> None:
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(how, *arguments)

    def _work(self) -> None:
        while True:
            self._waiting.get()()


def _finish(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[T], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
