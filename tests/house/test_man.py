"""The man pages are what the commands say of themselves, and what real readers of man pages take without a word."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import smccc_filter
from smccc_filter.cli import COMMANDS, cli
from smccc_filter.man import roff
from smccc_filter.man.__main__ import main
from smccc_filter.man.pages import pages
from tests.conftest import Golden
from tests.house.tree import environment, need, run
from tests.paths import ROOT

FOLDER = ROOT / "smccc_filter" / "man" / "man1"
NAMES = ("smccc-filter.1", *(f"smccc-filter-{name}.1" for name in COMMANDS))
WIDTH = "200"
"""Columns in which no choice of an option is broken."""

each_page = pytest.mark.parametrize("name", NAMES)


def command_of(page: str) -> click.Command:
    name = page.removeprefix("smccc-filter").removesuffix(".1").removeprefix("-")
    command = cli.get_command(click.Context(cli, **cli.context_settings), name) if name else cli
    assert command is not None
    return command


def options_of(page: str) -> Iterator[str]:
    for param in command_of(page).params:
        if isinstance(param, click.Option):
            yield from (*param.opts, *param.secondary_opts)
            if isinstance(param.type, click.Choice):
                yield from map(str, param.type.choices)
    yield from ("-h", "--help")


def shown(page: Path, home: Path) -> str:
    """Return what ``man`` shows of a page."""
    return run(need("man"), "-l", page, cwd=home, env=environment(home, MANWIDTH=WIDTH, MANPAGER="cat", MANOPT=""))


@each_page
def test_a_page_is_up_to_date(name: str, golden: Golden) -> None:
    golden(FOLDER / name, pages()[name])


def test_there_is_a_page_for_every_command_and_nothing_else() -> None:
    assert tuple(pages()) == NAMES
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(NAMES)


def test_the_pages_are_written_as_they_are_compared(tmp_path: Path) -> None:
    main(str(tmp_path))
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == pages()


@each_page
def test_a_page_is_plain_ascii_with_the_version_and_no_day_of_its_own(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="ascii")
    days = {re.findall(r"\d{4}-\d\d-\d\d", page)[0] for page in pages().values()}
    assert len(days) == 1
    assert f'.TH "{name.removesuffix(".1").upper()}"'.replace("-", r"\-") in text
    assert f'"smccc-filter {smccc_filter.__version__}"' in text


@each_page
def test_mandoc_has_nothing_to_say(name: str, tmp_path: Path) -> None:
    assert (
        run(need("mandoc"), "-T", "lint", "-W", "warning", FOLDER / name, cwd=tmp_path, env=environment(tmp_path)) == ""
    )


@each_page
def test_groff_has_nothing_to_say(name: str, tmp_path: Path) -> None:
    assert run(need("groff"), "-man", "-ww", "-z", FOLDER / name, cwd=tmp_path, env=environment(tmp_path)) == ""


@each_page
def test_man_shows_every_option_and_every_example(name: str, tmp_path: Path) -> None:
    page = shown(FOLDER / name, tmp_path)
    words = set(re.split(r"[\s,|\[\]{}]+", page))
    assert {option for option in options_of(name) if option not in words} == set()
    epilog = command_of(name).epilog or ""
    examples = [line.strip() for line in epilog.splitlines() if line.startswith("  ")]
    assert len(examples) >= 2
    lines = {" ".join(line.split()) for line in page.splitlines()}
    for example in examples:
        spoken = " ".join(example.split()).removesuffix(".")
        assert any(spoken.casefold() in line.casefold() for line in lines), example


@each_page
def test_man_shows_the_sections_in_their_order(name: str, tmp_path: Path) -> None:
    headings = re.findall(r"^[A-Z][A-Z ]+$", shown(FOLDER / name, tmp_path), re.MULTILINE)
    known = [
        "NAME",
        "SYNOPSIS",
        "DESCRIPTION",
        "COMMANDS",
        "OPTIONS",
        "EXIT STATUS",
        "ENVIRONMENT",
        "FILES",
        "EXAMPLES",
    ]
    required = {"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"}
    assert required <= set(headings)
    assert [heading for heading in headings if heading in known] == [each for each in known if each in headings]
    assert headings[-1] == "SEE ALSO"


def test_the_pages_refer_to_pages_that_are_there() -> None:
    referred = {
        found.replace(r"\-", "-") for text in pages().values() for found in re.findall(r"\\fB(\S+?)\\fR\(1\)", text)
    }
    assert referred == {name.removesuffix(".1") for name in NAMES}


HOSTILE = [
    ".so /etc/passwd",
    "'br",
    r"\fBbold\fR \n[.F] \e \\",
    "--long-option and -s, not-an-option -",
    "a `b-c` ^ ~ ' \" end",
    "`.literal` first",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_every_character_stands_for_itself(text: str, tmp_path: Path) -> None:
    page = tmp_path / "page.1"
    head = ('.TH X 1 2000-01-01 "x"', ".SH NAME", r"x \- y", ".SH DESCRIPTION")
    page.write_text(
        "\n".join((*head, roff.prose(text), roff.literal([text]), roff.tagged(roff.bold(text), "body"), ""))
    )
    lines = [" ".join(line.split()) for line in shown(page, tmp_path).splitlines()]
    literal, running = (" ".join(spoken.split()) for spoken in (text, text.replace("`", "")))
    assert any(line.startswith(running) for line in lines)
    assert sum(line.startswith(literal) for line in lines) == 3 - (running != literal)
