"""Every block of README and of every page does what it shows, in the order in which a reader meets it."""

import re
from pathlib import Path

import pytest

from smccc_filter.cli import COMMANDS
from tests.editor.test_editors import EDITORS_PAGE
from tests.house.blocks import README, blocks, pages
from tests.house.reader import Reader
from tests.house.runners import RUNNERS
from tests.house.test_builds import BUILD_PAGE
from tests.paths import DOCS, ROOT

PAGES = [page for page in pages() if page not in {BUILD_PAGE, EDITORS_PAGE}]
"""All but two: each part of one is a project of its own, which ``test_builds`` builds, and editors read the other."""
TEXTS = {page: page.read_text(encoding="utf-8") for page in (*pages(), ROOT / "CONTRIBUTING.md")}
LONGEST = 200
"""Lines of README."""


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=name_of)
def test_a_page_does_what_it_shows(page: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    reader = Reader(tmp_path, page, request.getfixturevalue, update=request.config.getoption("--update"))
    reader.read(RUNNERS)
    assert reader.left_behind() == []


def test_every_runner_is_used() -> None:
    assert {block.language for page in PAGES for block in blocks(page)} == RUNNERS.keys()


def test_the_first_screen_shows_a_broken_policy_and_what_is_said_of_it() -> None:
    policy, output = blocks(README)[:2]
    assert len(policy.text.splitlines()) == 10
    assert output.text.startswith(f"$ smccc-filter validate {policy.file}\nerror[")


def test_readme_is_read_in_one_go() -> None:
    assert len(TEXTS[README].splitlines()) <= LONGEST


@pytest.mark.parametrize("page", TEXTS, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"^```.*?^```$", "", TEXTS[page], flags=re.DOTALL | re.MULTILINE))
    for link in links:
        path, _, anchor = link.partition("#")
        if not path.startswith("https://"):
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page, which GitHub makes of its headings."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_is_in_the_contents() -> None:
    links = re.findall(r"^- \[.*?\]\(([^)]+)\)", (DOCS / "index.md").read_text(encoding="utf-8"), re.MULTILINE)
    names = ("language", "checks/index", "commands/index", "artefacts", "json", "api")
    written = {page.relative_to(DOCS).as_posix() for page in pages() if page.is_relative_to(DOCS)} - {"index.md"}
    assert len(links) == len(set(links))
    assert set(links) == written | {f"reference/{name}.md" for name in names}


def test_the_table_of_readme_names_every_command() -> None:
    assert re.findall(r"^\| `(\w+)(?: \[?[A-Z][^`]*)?` \| \w", TEXTS[README], re.MULTILINE) == list(COMMANDS)


def test_packages_named_are_those_that_ci_installs() -> None:
    section = TEXTS[ROOT / "CONTRIBUTING.md"].partition("With everything from Debian, that is ")[2].partition(".\n")[0]
    named = {"python3-venv", *re.findall(r"`([^`]+)`", section)}
    script = (ROOT / ".ci" / "run").read_text()
    needed = re.findall(r"^ +need '[^\n]*'(?: \\\n)? +([^'\n]+)$", script, re.MULTILINE)
    installed = {package for line in needed for package in line.split()}
    assert named == installed - {"python3", "libc6-dev", "libc6-dev-arm64-cross"}
