"""The site of the documents: made without a warning, so that every link leads somewhere; whole without a network."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.house.once import once
from tests.house.tree import IN_CI, SCRIPTS, environment, run
from tests.paths import DOCS

SPHINX = SCRIPTS / "sphinx-build"
FETCHED = re.compile(r"""<(?:script|img|link|iframe)\b[^>]*?(?:src|href)=["'](?:https?:)?//[^"']*""")
SEARCHES = {
    "R201": "R201 overlap",
    "TRNG": "Give the guest your own entropy",
    "stolen": "What KVM does with a filter",
    "whole policy": "What KVM does with a filter",
}
"""What somebody looks for, and a page that must be among those that are found."""


def build(folder: Path) -> None:
    """Make the site, in which a warning is an error."""
    options = ("-W", "-q", "-d", folder.with_suffix(".kept"))
    said = run(SPHINX, *options, DOCS, folder, cwd=folder.parent, env=environment(folder.parent))
    assert said == ""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not SPHINX.exists():
        (pytest.fail if IN_CI else pytest.skip)("Sphinx is not installed: it is in the extra `docs`")
    return once(tmp_path_factory, "site", build)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Return a page in which nothing may go wrong, and from which nothing may be fetched but files."""
    wrong: list[str] = []
    opened = browser.new_page()
    opened.on("console", lambda message: wrong.append(message.text))
    opened.on("pageerror", lambda error: wrong.append(f"{error}"))
    opened.on("request", lambda request: wrong.extend([request.url] * (not request.url.startswith("file:///"))))
    yield opened
    opened.close()
    assert wrong == []


def test_the_site_has_every_page_and_asks_nobody_for_more(site: Path) -> None:
    pages = {path.relative_to(DOCS).with_suffix(".html") for path in DOCS.rglob("*.md")}
    assert {path.relative_to(site) for path in site.rglob("*.html")} >= pages
    assert [(name, found) for name in sorted(pages) for found in FETCHED.findall((site / name).read_text())] == []


def test_what_leaves_the_pages_leads_to_the_repository(site: Path) -> None:
    text = (site / "how-to" / "write.html").read_text()
    assert 'href="https://github.com/smccc-filter/smccc-filter/blob/main/policies/README.md"' in text
    assert "https://github.com" not in (site / "reference" / "checks" / "index.html").read_text().partition("<main")[2]


def test_the_contents_have_every_part(site: Path) -> None:
    margin = (site / "index.html").read_text().partition('class="sidebar-tree"')[2].partition("</aside>")[0]
    assert re.findall(r'class="caption-text">([^<]+)<', margin) == ["Learn", "Do", "Look up", "Understand"]


def test_search_works_offline(site: Path, page: Page) -> None:
    for words, title in SEARCHES.items():
        page.goto(f"{(site / 'search.html').as_uri()}?q={words}")
        expect(page.locator("#search-results li > a").get_by_text(title, exact=True).first).to_be_visible()
