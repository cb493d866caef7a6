"""Loops of asyncio for tests: in threads of their own, as the browser's may run in that of the tests."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, and return or raise what it does."""
    return in_a_thread(lambda: asyncio.run(work))


def in_a_thread(function: Callable[[], T]) -> T:
    """Call what runs a loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(function).result()
