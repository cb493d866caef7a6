import io
import os
import re
from collections.abc import Iterator

import pytest

from smccc_filter.analysis.diagnostics import FileReport
from smccc_filter.reports.findings.text import render
from smccc_filter.reports.paper import hyperlinks, terminal
from smccc_filter.reports.paper.styles import Style, plain
from smccc_filter.version import page_of
from tests.reports.findings.cases import HOSTILE, MIXED, finding, span

SEQUENCE = re.compile("\x1b\\[[0-9;]*m")
LINK = re.compile("\x1b\\]8;;([!-~]*)\x1b\\\\")
WIDE = FileReport("p.yaml", "x" * 150, (finding("A302", span(1, 140, 1, 150), "[bold]m[/bold] :smile: " * 30),))


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    unset = ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS", "FORCE_HYPERLINK")
    for name in (*unset, "VTE_VERSION", "TERM_PROGRAM", *hyperlinks.MARKS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def chunks(descriptor: int) -> Iterator[bytes]:
    """Read a terminal's other side until it is closed, which Linux reports as EIO."""
    try:
        while chunk := os.read(descriptor, 4096):
            yield chunk
    except OSError:
        return


def on_a_terminal(reports: tuple[FileReport, ...]) -> str:
    ours, theirs = os.openpty()
    with open(theirs, "w", encoding="utf-8") as stream:  # noqa: PTH123 - a descriptor, not a path
        terminal.write(render(reports, notes=True), stream)
    shown = b"".join(chunks(ours)).decode()
    os.close(ours)
    return shown.replace("\r\n", "\n")


@pytest.mark.parametrize("reports", [MIXED, (WIDE,)])
def test_a_terminal_gets_colour_and_the_same_words(reports: tuple[FileReport, ...]) -> None:
    shown = on_a_terminal(reports)
    assert SEQUENCE.sub("", shown) == plain(render(reports, notes=True))
    assert "\x1b[1;33mwarning[A302]\x1b[0m" in shown


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_a_terminal_that_wants_no_colour_gets_none(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    assert on_a_terminal(MIXED) == plain(render(MIXED, notes=True))


SHOWING = [
    {"VTE_VERSION": "5000"},
    {"TERM_PROGRAM": "WezTerm"},
    {"TERM": "xterm-kitty"},
    {"WT_SESSION": "0"},
    {"FORCE_HYPERLINK": "1"},
]
HIDING = [
    {},
    {"VTE_VERSION": "4999"},
    {"VTE_VERSION": "new"},
    {"TERM_PROGRAM": "Apple_Terminal"},
    {"WT_SESSION": ""},
    {"FORCE_HYPERLINK": ""},
    {"FORCE_HYPERLINK": "0", "VTE_VERSION": "7600"},
    {"NO_COLOR": "1", "FORCE_HYPERLINK": "1"},
    {"TERM": "dumb", "FORCE_HYPERLINK": "1"},
]


@pytest.mark.parametrize("changes", SHOWING, ids=str)
def test_each_code_leads_to_its_page_on_a_terminal_with_links(
    changes: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plainly = on_a_terminal(MIXED)
    for name, value in changes.items():
        monkeypatch.setenv(name, value)
    shown = on_a_terminal(MIXED)
    assert LINK.sub("", shown) == plainly
    codes = re.findall(r"\w\[([A-Z]\d+)\]", SEQUENCE.sub("", plainly))
    assert codes
    assert LINK.findall(shown) == [address for code in codes for address in (page_of(code), "")]


@pytest.mark.parametrize("changes", HIDING, ids=str)
def test_other_terminals_get_no_link(changes: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in changes.items():
        monkeypatch.setenv(name, value)
    assert "\x1b]" not in on_a_terminal(MIXED)


def test_a_file_gets_no_link_for_its_terminal_s_sake(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("VTE_VERSION", "7600")
    terminal.write(render(MIXED, notes=True), stream)
    assert "\x1b[" in stream.getvalue()
    assert "\x1b]" not in stream.getvalue()


def test_nothing_but_a_code_is_a_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_HYPERLINK", "1")
    hostile = FileReport(
        "error[R201]", "error[R201]\n", (finding("A302", span(1, 1, 1, 6), "error[R201]", "note[R201]"),)
    )
    assert set(LINK.findall(on_a_terminal((hostile,)))) == {page_of("A302"), ""}


def test_a_file_gets_no_colour_unless_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    quiet, loud = io.StringIO(), io.StringIO()
    terminal.write(render(HOSTILE, notes=True), quiet)
    monkeypatch.setenv("FORCE_COLOR", "1")
    terminal.write(render(HOSTILE, notes=True), loud)
    assert quiet.getvalue() == plain(render(HOSTILE, notes=True))
    assert loud.getvalue() != quiet.getvalue()
    assert SEQUENCE.sub("", loud.getvalue()) == quiet.getvalue()


@pytest.mark.parametrize("forced", ["", "1"])
def test_a_closed_pipe_is_for_the_caller(monkeypatch: pytest.MonkeyPatch, forced: str) -> None:
    monkeypatch.setenv("FORCE_COLOR", forced)
    reading, writing = os.pipe()
    os.close(reading)
    stream = io.TextIOWrapper(io.FileIO(writing, "w"), encoding="utf-8", write_through=True)
    with pytest.raises(BrokenPipeError):
        terminal.write(render(MIXED, notes=True), stream)
    stream.close()


def test_every_style_has_a_colour_or_none() -> None:
    stream = io.StringIO()
    terminal.write([(style.value, style) for style in Style], stream)
    assert stream.getvalue() == "".join(Style)
