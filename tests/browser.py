"""The browser of the tests. Who asks for none needs no Playwright, either."""

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.house.tree import need

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

ARGUMENTS = (
    "--no-sandbox",  # CI is root, and the pages are our own
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-ipc-flooding-protection",  # else twenty steps a second is all that it takes
)


@contextmanager
def launched() -> "Iterator[Browser]":
    """Have a Chromium at work. Its loop runs in this thread until the end, so that no other can."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=need("chromium"), args=list(ARGUMENTS))
        yield browser
        browser.close()
