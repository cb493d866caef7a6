import io
import json
import os
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from smccc_filter.analysis import pipeline
from smccc_filter.commands import output, reporting
from tests.cli.tool import BAD, GOOD, environment, run, run_process, through_shell

FULL = "smccc-filter: can't write standard output: No space left on device\n"
CLOSED = "smccc-filter: can't write standard output: Bad file descriptor\n"
REPORTS = reporting.FORMATS
ODD_NAME = b"a\xff\n[red]\x1b[2J:,%.yaml"
LOCALES: tuple[dict[str, str], ...] = (
    {},
    {"LC_ALL": "C"},
    {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "latin-1"},
)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "bad.yaml").write_bytes(BAD)
    (tmp_path / "good.yaml").write_bytes(GOOD)
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["--help"],
        ["validate", "--help"],
        *(["validate", "--format", name, "bad.yaml"] for name in REPORTS),
        ["compile", "good.yaml", "--format", "c", "-o", "-"],
        ["compile", "good.yaml", "--format", "blob", "-o", "-"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("forced", [None, "1"], ids=["plain", "coloured"])
def test_a_full_disk_behind_standard_output(arguments: list[str], forced: str | None, here: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        status, _, err = run_process(*arguments, cwd=here, stdout=full, env=environment(FORCE_COLOR=forced))
    assert (status, err) == (2, FULL)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--version"], 0),
        (["--help"], 0),
        (["validate", "bad.yaml"], 1),
        (["validate", "good.yaml"], 0),
        (["validate", "--format", "json", "bad.yaml"], 1),
        (["validate", "bad.yaml", "gone.yaml"], 2),
        (["compile", "good.yaml", "--format", "c", "-o", "-"], 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
@pytest.mark.parametrize("forced", [None, "1"], ids=["plain", "coloured"])
def test_a_reader_that_has_gone_changes_nothing(
    arguments: list[str], status: int, forced: str | None, here: Path
) -> None:
    kept, closed = os.pipe()
    os.close(kept)
    with os.fdopen(closed, "wb") as pipe:
        done = run_process(*arguments, cwd=here, stdout=pipe, env=environment(FORCE_COLOR=forced))
    with_reader = run(*arguments, cwd=here)
    assert done.status == with_reader.status == status
    assert done.err == with_reader.err


def test_head(here: Path) -> None:
    rules = "".join(f"  - {{action: dney, ranges: [0x{0x82000000 + number:X}]}}\n" for number in range(900))
    (here / "many.yaml").write_text(f"version: 1\nname: many\nrules:\n{rules}")
    done = through_shell('{ "$@"; echo $? >status; } | head -n 1', "validate", "many.yaml", cwd=here)
    assert done == (0, "error[P103] invalid-value: `action` is `dney`\n", "")
    assert (here / "status").read_text() == "1\n"


@pytest.mark.parametrize(
    ("script", "arguments", "expected"),
    [
        ('exec "$@" >&-', ["validate", "bad.yaml"], (2, "", CLOSED)),
        ('exec "$@" >&-', ["validate", "--format", "json", "good.yaml"], (2, "", CLOSED)),
        ('exec "$@" >&-', ["compile", "good.yaml", "--format", "blob", "-o", "-"], (2, "", CLOSED)),
        ('exec "$@" <&-', ["validate", "-"], (2, "", "smccc-filter: -: Bad file descriptor\n")),
        ('exec "$@" <&-', ["compile", "-", "-o", "a.h"], (2, "", "smccc-filter: -: Bad file descriptor\n")),
        ('exec "$@" 2>&-', ["validate", "gone.yaml"], (2, "", "")),
        ('exec "$@" 2>&-', ["validate", "--frobnicate"], (2, "", "")),
        ('exec "$@" 2>&-', ["compile", "bad.yaml", "-o", "a.h"], (1, "", "")),
        ('exec "$@" 2>/dev/full', ["validate", "gone.yaml"], (2, "", "")),
        ('exec "$@" 2>/dev/full', ["validate", "--frobnicate"], (2, "", "")),
        ('exec "$@" 2>/dev/full', ["compile", "bad.yaml", "-o", "a.h"], (1, "", "")),
        ('FORCE_COLOR=1 exec "$@" 2>/dev/full', ["compile", "bad.yaml", "-o", "a.h"], (1, "", "")),
        ('exec "$@" <&- >&- 2>&-', ["validate", "bad.yaml"], (2, "", "")),
        ('exec "$@" <&- >&- 2>&-', ["compile", "good.yaml", "-o", "a.h"], (0, "", "")),
    ],
)
def test_missing_streams(script: str, arguments: list[str], expected: tuple[int, str, str], here: Path) -> None:
    assert through_shell(script, *arguments, cwd=here) == expected
    assert (here / "a.h").exists() == (arguments[:2] == ["compile", "good.yaml"] and expected[0] == 0)


def test_standard_output_may_be_something_of_the_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with redirect_stdout(io.StringIO()) as stdout:
        output.write_text_report([pipeline.examine("bad.yaml", BAD).report], notes=False)
    assert "\x1b[1;31merror[P103]" in stdout.getvalue()


def test_standard_input_may_be_a_file(here: Path) -> None:
    with (here / "bad.yaml").open("rb") as file:
        done = run_process("validate", "-", stdin=file)
    assert done.status == 1
    assert " --> <stdin>:4:14\n" in done.out


@pytest.mark.parametrize("changes", LOCALES, ids=lambda changes: ",".join(changes) or "own")
@pytest.mark.parametrize("report_format", REPORTS)
@pytest.mark.parametrize("forced", [None, "1"], ids=["plain", "coloured"])
def test_reports_are_utf8_whatever_the_locale(
    report_format: str, changes: dict[str, str], forced: str | None, here: Path
) -> None:
    (here / "words.yaml").write_text("version: 1\nname: \u00fc \u4e16 \U0001f642\n", encoding="utf-8")
    arguments = ("validate", "--format", report_format, "words.yaml")
    status, out, err = run_process(*arguments, cwd=here, env=environment(**changes, FORCE_COLOR=forced))
    assert (status, err) == (1, "")
    assert out == run(*arguments, cwd=here, env=environment(FORCE_COLOR=forced)).out
    assert "\u00fc \u4e16 \U0001f642" in out
    assert ("\x1b[" in out) == (forced is not None and report_format == "text")


@pytest.mark.parametrize("changes", LOCALES, ids=lambda changes: ",".join(changes) or "own")
def test_odd_file_names_cannot_forge_output(changes: dict[str, str], here: Path) -> None:
    (here / "gone.yaml").unlink(missing_ok=True)
    name = os.fsdecode(ODD_NAME)
    (here / name).write_bytes(BAD)
    for report_format in REPORTS:
        status, out, err = run_process(
            "validate", "--format", report_format, ODD_NAME, cwd=here, env=environment(**changes)
        )
        assert (status, err) == (1, "")
        assert "\x1b" not in out
        assert all(character.isprintable() for character in out.replace("\n", ""))
        if report_format == "json":
            assert json.loads(out)["files"][0]["path"] == name
        elif report_format == "sarif":
            location = json.loads(out)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
            assert location["artifactLocation"]["uri"] == "a%FF%0A%5Bred%5D%1B%5B2J%3A%2C%25.yaml"
        elif report_format == "github":
            assert len(out.splitlines()) == 1
        elif report_format == "gitlab":
            assert json.loads(out)[0]["location"]["path"] == os.fsdecode(ODD_NAME)
        elif report_format == "junit":
            assert '<testsuite name="a\\udcff\\n[red]\\x1b[2J:,%.yaml"' in out
        else:
            assert " --> a\\udcff\\n[red]\\x1b[2J:,%.yaml:4:14\n" in out


@pytest.mark.parametrize("changes", LOCALES, ids=lambda changes: ",".join(changes) or "own")
def test_odd_file_names_in_messages(changes: dict[str, str], here: Path) -> None:
    env = environment(**changes)
    shown = "a\\udcff\\n[red]\\x1b[2J:,%.yaml"
    assert run_process("validate", ODD_NAME, cwd=here, env=env) == (
        2,
        "",
        f"smccc-filter: {shown}: No such file or directory\n",
    )
    (here / os.fsdecode(ODD_NAME)).write_bytes(GOOD)
    done = run_process("compile", ODD_NAME, "-o", ODD_NAME + b".h", cwd=here, env=env)
    assert done == (0, "", f"smccc-filter: {shown}.h: c, proved over 4,294,967,296 IDs\n")
    assert (here / os.fsdecode(ODD_NAME + b".h")).exists()
