"""What axe-core says of a page in the browser."""

from pathlib import Path

from playwright.sync_api import Page

AXE = """(part) => axe.run(part || document).then((result) =>
    result.violations.map((one) => [one.id, one.nodes[0].html]))"""


def check(page: Page, node_modules: Path, part: str | None = None) -> None:
    """Check that axe finds nothing, and that nothing is wider than the window."""
    if not page.evaluate("'axe' in window"):
        page.evaluate((node_modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    assert page.evaluate(AXE, part) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("innerWidth")
