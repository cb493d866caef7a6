import sys
from pathlib import Path

import pytest

from tests.cli.tool import BAD, GOOD, environment, on_terminal, run

IMPATIENT = [
    sys.executable,
    "-c",
    "from smccc_filter.commands import validate\nvalidate.PATIENCE = -1\nfrom smccc_filter.cli import main\nmain()",
]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "smccc"  # in which all YAML is policies
    folder.mkdir()
    (folder / "bad.yaml").write_bytes(BAD)
    (folder / "good.yaml").write_bytes(GOOD)
    return folder


def plain(text: str) -> str:
    return text.replace("\r\n", "\n")


def test_a_terminal_gets_colour_and_a_caret(here: Path) -> None:
    status, out, _ = on_terminal("validate", here / "bad.yaml")
    assert status == 1
    assert "\x1b[1;31merror[P103]\x1b[0m" in out
    assert "\x1b[1;31m^^^^\x1b[0m" in out


@pytest.mark.parametrize(
    "changes", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"NO_COLOR": "1", "FORCE_COLOR": "1"}], ids=str
)
def test_a_terminal_without_colours_gets_what_a_pipe_gets(changes: dict[str, str], here: Path) -> None:
    status, out, _ = on_terminal("validate", here / "bad.yaml", changes=changes)
    assert status == 1
    assert plain(out) == run("validate", here / "bad.yaml").out


def test_colour_can_be_asked_for(here: Path) -> None:
    status, out, _ = run("validate", here / "bad.yaml", env=environment(FORCE_COLOR="1", TERM="xterm-256color"))
    assert status == 1
    assert "\x1b[1;31m^^^^\x1b[0m" in out


def test_a_pipe_gets_no_colour_whatever_the_terminal(here: Path) -> None:
    assert "\x1b" not in run("validate", here / "bad.yaml", env=environment(TERM="xterm-256color")).out


def test_compile_complains_in_colour(here: Path) -> None:
    status, out, _ = on_terminal("compile", here / "bad.yaml", "-o", here / "a.h")
    assert status == 1
    assert "\x1b[1;31merror[P103]\x1b[0m" in out
    assert not (here / "a.h").exists()


def test_a_narrow_encoding_loses_letters_but_not_the_report(here: Path) -> None:
    (here / "words.yaml").write_text("version: 1\nname: \u4e16\n", encoding="utf-8")
    status, out, _ = on_terminal("validate", here / "words.yaml", changes={"PYTHONIOENCODING": "ascii"})
    assert status == 1
    assert "`name` is `\\u4e16`" in out


@pytest.mark.parametrize("artefact_format", ["blob", "regs"])
def test_binary_is_kept_from_a_terminal(artefact_format: str, here: Path) -> None:
    status, out, _ = on_terminal("compile", here / "good.yaml", "--format", artefact_format, "-o", "-")
    assert status == 2
    assert f"{artefact_format} is binary and standard output a terminal" in plain(out).replace("\n", " ")


@pytest.mark.parametrize("artefact_format", ["c", "rust", "json"])
def test_text_may_go_to_a_terminal(artefact_format: str, here: Path) -> None:
    arguments = ("compile", here / "good.yaml", "--format", artefact_format, "-o", "-")
    status, out, _ = on_terminal(*arguments)
    assert status == 0
    assert plain(out).startswith(run(*arguments).out)


def test_long_work_shows_how_far_it_is_and_then_nothing_of_that(here: Path) -> None:
    status, out, _ = on_terminal("validate", here, command=IMPATIENT)
    assert status == 1
    assert "Checking" in out
    bar, _, report = out.rpartition("Checking")
    assert bar
    assert " in 2 files" in report
    assert out.count("\x1b[?25l") == out.count("\x1b[?25h")  # the cursor comes back


def test_short_work_shows_no_progress(here: Path) -> None:
    assert "Checking" not in on_terminal("validate", here).out


def test_a_pipe_gets_no_progress(here: Path) -> None:
    import subprocess

    done = subprocess.run(
        [*IMPATIENT, "validate", here], check=False, capture_output=True, env=environment(TERM="xterm-256color")
    )
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"Checking" not in done.stdout
