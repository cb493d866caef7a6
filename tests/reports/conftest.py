"""Pages in the browser that note everything that should not happen."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Open = Callable[..., "Page"]


@pytest.fixture
def opened(browser: "Browser") -> Iterator[Open]:
    """Return a function that opens a file; at the end nothing may have gone wrong in it."""
    wrong: list[str] = []
    contexts = []

    def on_request(address: str) -> None:
        if not address.startswith("file:///"):
            wrong.append(f"request: {address}")

    def open_page(
        file: Path, *, at: str = "", scheme: str = "light", width: int = 1200, bypass_csp: bool = False
    ) -> "Page":
        context = browser.new_context(
            color_scheme="dark" if scheme == "dark" else "light",
            viewport={"width": width, "height": 1000},
            bypass_csp=bypass_csp,
            reduced_motion="reduce",
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: on_request(request.url))
        page.goto(file.as_uri() + at)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []
