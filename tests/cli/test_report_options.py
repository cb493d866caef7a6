"""Where the report of ``validate`` goes, what it calls standard input, and what it leaves out unless asked."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from smccc_filter.commands import reporting
from tests.cli.tool import BAD, GOOD, run, run_process

ALLOWED = b"""\
version: 1
name: a
rules:
  - action: handle
    calls: [PSCI_CPU_ON]
  - action: deny
    services: [psci]
    except: {calls: [PSCI_CPU_ON]}
    allow:
      - {code: F507, reason: no Linux}
      - {code: F501, reason: no Linux}
      - {code: G602, reason: one CPU}
"""
"""Has findings of every severity, some of them allowed."""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return tmp_path


def results(here: Path, *options: str) -> list[Any]:
    out = run("validate", "--format", "sarif", *options, "a.yaml", cwd=here).out
    found: list[Any] = json.loads(out)["runs"][0]["results"]
    return found


@pytest.mark.parametrize("report_format", reporting.FORMATS)
def test_a_report_is_written_to_a_file_as_to_standard_output(report_format: str, here: Path) -> None:
    (here / "bad.yaml").write_bytes(BAD)
    (here / "report").write_text("old")
    (here / "report").chmod(0o640)
    shown = run("validate", "--format", report_format, "bad.yaml", cwd=here)
    for out in ("report", "new"):
        written = run("validate", "--format", report_format, "-o", out, "bad.yaml", cwd=here)
        assert (written.status, written.out, written.err) == (shown.status, "", shown.err)
        assert (here / out).read_text() == shown.out
    assert stat.S_IMODE((here / "report").stat().st_mode) == 0o640
    assert run("validate", "--format", report_format, "-o", "-", "bad.yaml", cwd=here) == shown


def test_a_report_overwrites_no_policy(here: Path) -> None:
    (here / "tree").mkdir()
    for name in ("a.yaml", "tree/b.smccc.yaml"):
        (here / name).write_bytes(GOOD)
    (here / "link").symlink_to("a.yaml")
    for out, files in (("a.yaml", ["a.yaml"]), ("link", ["a.yaml"]), ("tree/b.smccc.yaml", ["tree"])):
        status, _, err = run("validate", "-o", out, *files, cwd=here)
        assert status == 2
        assert "is a policy itself: write to another file" in err
        assert (here / out).read_bytes() == GOOD


def test_a_report_that_can_not_be_written_is_told_and_fixes_stay(here: Path) -> None:
    (here / "a.yaml").write_text("version: 1\nname: a\nrules: [{action: handle, calls: [PSCI_VERSION]}]\n")
    status, out, err = run("validate", "--fix", "-o", "gone/report", "a.yaml", cwd=here)
    assert (status, out) == (2, "")
    assert err == "Fixed 1 finding in 1 file.\nsmccc-filter: gone/report: No such file or directory\n"


@pytest.mark.parametrize("report_format", reporting.FORMATS)
def test_standard_input_is_called_what_it_is(report_format: str) -> None:
    done = run_process("validate", "--format", report_format, "--stdin-filename", "sub/p.yaml", "-", input=BAD)
    assert done.status == 1
    assert "sub/p.yaml" in done.out
    assert "stdin" not in done.out


def test_a_name_for_standard_input_that_is_not_read_is_a_mistake(here: Path) -> None:
    (here / "a.yaml").write_bytes(GOOD)
    status, _, err = run("validate", "--stdin-filename", "b.yaml", "a.yaml", cwd=here)
    assert status == 2
    assert "--stdin-filename is for standard input, which is not read: add - to the files" in err


def test_quiet_leaves_findings_alone(here: Path) -> None:
    (here / "good.yaml").write_bytes(GOOD)
    (here / "bad.yaml").write_bytes(BAD)
    assert run("validate", "--quiet", "good.yaml", cwd=here) == (0, "", "")
    loud = run("validate", "bad.yaml", cwd=here).out
    assert run("validate", "-q", "bad.yaml", cwd=here).out == loud[: loud.rindex("Found ")]


def test_sarif_has_what_is_allowed_and_notes_only_for_who_asks(here: Path) -> None:
    (here / "a.yaml").write_bytes(ALLOWED)
    plain = results(here)
    assert plain
    assert not [each for each in plain if each["suppressions"] or each["level"] == "note"]
    noted, allowed = results(here, "--notes"), results(here, "--allowed")
    assert {each["level"] for each in noted} - {each["level"] for each in plain} == {"note"}
    assert [each for each in allowed if each["suppressions"]]
    assert [each for each in allowed if not each["suppressions"]] == [
        {**each, "ruleIndex": allowed_each["ruleIndex"]}
        for each, allowed_each in zip(plain, [one for one in allowed if not one["suppressions"]], strict=True)
    ]
    assert results(here, "--fail-on", "note") == noted


def test_what_is_allowed_is_shown_to_who_asks(here: Path) -> None:
    (here / "a.yaml").write_bytes(ALLOWED)
    assert "no Linux" not in run("validate", "a.yaml", cwd=here).out.replace("reason: no Linux", "")
    shown = run("validate", "--allowed", "a.yaml", cwd=here).out
    assert "allowed error[F507] broken-chain: " in shown
    assert " = allowed: no Linux\n" in shown
    assert shown.splitlines()[-1] == run("validate", "a.yaml", cwd=here).out.splitlines()[-1]


def test_sarif_names_files_from_the_root_of_the_repository(here: Path) -> None:
    (here / ".git").mkdir()
    (here / "sub").mkdir()
    (here / "sub/a.yaml").write_bytes(BAD)
    for cwd, path in ((here, "sub/a.yaml"), (here / "sub", "a.yaml"), (here / "sub", "../sub/a.yaml")):
        done = run("validate", "--format", "sarif", path, cwd=cwd)
        (result,) = json.loads(done.out)["runs"][0]["results"]
        place = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert place == {"uri": "sub/a.yaml", "uriBaseId": "SRCROOT"}


def test_outside_of_any_repository_files_are_named_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    for working in (tmp_path, below):
        monkeypatch.chdir(working)
        assert reporting.source_tree() == (str(working), str(working))
    (tmp_path / ".git").write_text("gitdir: elsewhere\n")
    assert reporting.source_tree() == (str(below), str(tmp_path))
