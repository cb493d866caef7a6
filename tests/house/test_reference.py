"""The reference pages say what the code says, and there is one for whatever it has."""

import tomllib
from pathlib import Path

from smccc_filter.analysis import checks
from smccc_filter.cli import COMMANDS
from smccc_filter.version import DOCUMENTATION, HOME, ISSUES, page_of
from tests.conftest import Golden
from tests.paths import DOCS, ROOT
from tests.programs.reference.__main__ import main
from tests.programs.reference.pages import pages

REFERENCE = DOCS / "reference"


def test_the_pages_are_up_to_date(golden: Golden, tmp_path: Path) -> None:
    written = pages()
    for name, text in written.items():
        golden(REFERENCE / name, text)
    assert {path.relative_to(REFERENCE).as_posix() for path in REFERENCE.rglob("*") if path.is_file()} == set(written)
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "gone.md").touch()
    main(tmp_path)
    assert {path.relative_to(tmp_path).as_posix(): path.read_text() for path in tmp_path.rglob("*.md")} == written


def test_every_check_and_every_command_has_a_page() -> None:
    names = {path.relative_to(REFERENCE).with_suffix("").as_posix() for path in REFERENCE.rglob("*.md")}
    assert {f"checks/{check.CODE}" for check in checks.ALL} <= names
    assert {f"commands/{name}" for name in COMMANDS} <= names


def test_the_addresses_are_those_of_the_project() -> None:
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]
    assert (urls["Homepage"], urls["Documentation"], urls["Issues"]) == (HOME, DOCUMENTATION, ISSUES)
    assert f"{HOME}/blob/main/docs/index.md" == DOCUMENTATION
    assert (DOCS / "index.md").is_file()
    assert page_of("R201") == f"{HOME}/blob/main/docs/reference/checks/R201.md"
