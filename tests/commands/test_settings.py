"""A project's settings: which file has them, what they change and say, and what is wrong with them, with its place."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.analysis import checks
from smccc_filter.analysis.diagnostics import Severity
from smccc_filter.analysis.pipeline import Examiner
from smccc_filter.analysis.project import ProjectChoices
from smccc_filter.commands import reporting
from smccc_filter.commands.settings import reading
from smccc_filter.commands.settings.finding import MAX_BYTES, SettingsFinder
from smccc_filter.commands.settings.reading import MAX_ITEMS, MAX_PARTS
from tests.cli.tool import BAD, GOOD, UNMEASURED, WARNED, environment, run, through_shell
from tests.paths import ROOT

TABLE = "[tool.smccc-filter]\n"
IGNORED = "ignore = { A301 = 'our board' }\n"
SAID = "1 finding ignored: A301 (our board)"
NEWEST = "version: 1\nname: a\ntarget: {kernels: ['7.3']}\nrules: []\n"


def write(here: Path, **files: str | bytes) -> None:
    """Write files, in whose names ``__`` is a slash and ``_`` a dot."""
    for name, contents in files.items():
        put(here / name.replace("__", "/").replace("_", "."), contents)


def put(path: Path, contents: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(contents if isinstance(contents, bytes) else contents.encode())


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Return the root of a repository with a policy that has a warning, in a folder of it."""
    put(tmp_path / ".git" / "HEAD", "ref: refs/heads/main\n")
    put(tmp_path / "sub" / "smccc" / "a.yaml", WARNED)
    return tmp_path


POLICY = "sub/smccc/a.yaml"


def codes(here: Path, *arguments: str, cwd: Path | None = None) -> list[tuple[str, str, str | None]]:
    """Return the file, the code and the reason of every finding."""
    done = run("validate", "--format", "json", *arguments, cwd=cwd or here)
    files = json.loads(done.out)["files"]
    return [(file["path"], each["code"], each["suppressed"]) for file in files for each in file["diagnostics"]]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, None),
        ({"pyproject.toml": f"{TABLE}{IGNORED}"}, "our board"),
        ({"pyproject.toml": "[tool]\nsmccc-filter.ignore.A301 = 'dotted'\n"}, "dotted"),
        ({"pyproject.toml": "tool.smccc-filter.ignore.A301 = 'dotted'\n"}, "dotted"),
        ({"pyproject.toml": "[ 'tool' . \"smccc-filter\" ]\nignore.A301 = 'quoted'\n"}, "quoted"),
        ({"pyproject.toml": "\"tool\" = {smccc-filter = {ignore = {A301 = 'inline'}}}\n"}, "inline"),
        ({"pyproject.toml": "['smccc-filter']\n['t\\u006fol'.smccc-filter]\n"}, None),
        ({"pyproject.toml": "[\"t\\u006fol\".smccc-filter]\nignore.A301 = 'escaped'\n"}, "escaped"),
        ({"pyproject.toml": "[dependency-groups]\ndev = ['smccc-filter']\n[tool.ruff]\n"}, None),
        ({"pyproject.toml": f"[smccc-filter.{'a.' * 20}b]\nignore.A301 = 'of no tool'\n"}, None),
        ({"pyproject.toml": f"\ufeff[project]\r\nname = 'x'\r\n{TABLE}{IGNORED}"}, "our board"),
        ({".smccc-filter.toml": IGNORED}, "our board"),
        ({"smccc-filter.toml": IGNORED}, None),
        ({".smccc-filter.toml": "ignore.A301 = 'own'\n", "pyproject.toml": f"{TABLE}{IGNORED}"}, "own"),
        ({".smccc-filter.toml": "", "pyproject.toml": f"{TABLE}{IGNORED}"}, None),
        ({"sub/pyproject.toml": f"{TABLE}{IGNORED}"}, "our board"),
        ({"sub/smccc/.smccc-filter.toml": IGNORED}, "our board"),
        ({"sub/smccc/.smccc-filter.toml": "", "pyproject.toml": f"{TABLE}{IGNORED}"}, None),
        (
            {"sub/pyproject.toml": "[project]\nname = 'smccc-filter'\n", "pyproject.toml": f"{TABLE}{IGNORED}"},
            "our board",
        ),
        ({"sub/pyproject.toml": "no TOML, but nobody's", "pyproject.toml": f"{TABLE}{IGNORED}"}, "our board"),
        ({"sub/.git": "gitdir: elsewhere", "pyproject.toml": f"{TABLE}{IGNORED}"}, None),
        ({"../pyproject.toml": f"{TABLE}{IGNORED}"}, None),
        ({"other/pyproject.toml": f"{TABLE}{IGNORED}"}, None),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else None,
)
def test_the_nearest_file_upwards_in_the_repository_has_the_settings(
    files: dict[str, str], reason: str | None, tmp_path: Path
) -> None:
    here = tmp_path / "repository"
    put(here / ".git" / "HEAD", "ref: refs/heads/main\n")
    put(here / POLICY, WARNED)
    for name, contents in files.items():
        put(here / name, contents)
    assert codes(here, POLICY) == [(POLICY, "A301", reason)]
    assert codes(here, "a.yaml", cwd=here / "sub" / "smccc") == [("a.yaml", "A301", reason)]
    assert codes(here, "sub") == [(POLICY, "A301", reason)]
    assert codes(here, "--isolated", POLICY) == [(POLICY, "A301", None)]


def test_outside_of_a_repository_the_search_ends_where_everybody_may_write(tmp_path: Path) -> None:
    put(tmp_path / "all" / "mine" / "a.yaml", WARNED)
    put(tmp_path / "all" / ".smccc-filter.toml", IGNORED)
    assert codes(tmp_path, "all/mine/a.yaml") == [("all/mine/a.yaml", "A301", "our board")]
    (tmp_path / "all").chmod(0o1777)
    assert codes(tmp_path, "all/mine/a.yaml") == [("all/mine/a.yaml", "A301", None)]


def test_standard_input_has_the_settings_of_its_name_or_else_of_the_working_folder(here: Path) -> None:
    write(here, sub__pyproject_toml=f"{TABLE}{IGNORED}")
    for cwd, name, is_ignored in (
        (here, (), False),
        (here / "sub", (), True),
        (here, ("--stdin-filename", "sub/b.yaml"), True),
        (here / "sub", ("--stdin-filename", "../b.yaml"), False),
    ):
        done = run("validate", *name, "-", input=WARNED, cwd=cwd)
        assert (SAID in done.out) is is_ignored, (cwd, name)
        assert ("warning[A301]" in done.out) is not is_ignored


def test_each_file_is_read_once_and_each_folder_asked_once(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(here, pyproject_toml=f"{TABLE}{IGNORED}")
    for number in range(20):
        put(here / "sub" / "smccc" / f"{number}.yaml", WARNED)
    asked: list[str] = []
    lexists = os.path.lexists

    def counted(path: str) -> bool:
        asked.append(path)
        return lexists(path)

    monkeypatch.setattr(os.path, "lexists", counted)
    finder = SettingsFinder()
    found = {id(finder.of_file(str(path))) for path in (here / "sub" / "smccc").iterdir()}
    assert len(found) == 1
    assert len(asked) == len(set(asked)) == 3 * 3
    assert len(found | {id(finder.of_folder(str(here)))}) == 1


@pytest.mark.parametrize("settings", [None, "[project]\nname = 'x'\n", f"{TABLE}{IGNORED}"])
def test_a_reader_of_toml_is_loaded_only_for_settings(settings: str | None, here: Path) -> None:
    if settings is not None:
        put(here / "pyproject.toml", settings)
    script = "import sys; from smccc_filter.cli import run; run(sys.argv[1:]); print('tomllib' in sys.modules)"
    command = [sys.executable, "-c", script, "validate", "-q", "--fail-on", "error", POLICY]
    done = subprocess.run(command, capture_output=True, cwd=here, text=True, check=True, env=environment(**UNMEASURED))
    assert done.stdout.splitlines()[-1] == str(settings is not None and TABLE in settings)


def test_the_summary_says_what_settings_left_out(here: Path) -> None:
    put(here / "pyproject.toml", f"{TABLE}kernels = ['6.6']\nexclude = ['old']\n{IGNORED}")
    put(here / "sub" / "smccc" / "b.yaml", WARNED + b"  - {action: deny, ranges: [0x89000000]}\n")
    put(here / "old" / "c.smccc.yaml", BAD)
    done = run("validate", ".", cwd=here)
    said = "2 files checked for Linux 6.6; 3 findings ignored: A301 (our board); 1 path excluded"
    assert done == (0, f"All clear on Linux 6.6: 2 files.\nSettings in pyproject.toml: {said}.\n", "")
    assert run("validate", "-q", ".", cwd=here) == (0, "", "")
    shown = run("validate", "--allowed", POLICY, cwd=here).out
    assert "ignored warning[A301]" in shown
    assert "  = ignored in pyproject.toml: our board\n" in shown
    assert "allowed" not in shown


@pytest.mark.parametrize("report_format", [each for each in reporting.FORMATS if each != "text"])
def test_other_formats_leave_ignored_findings_out_as_allowed_ones_and_say_so_beside(
    report_format: str, here: Path
) -> None:
    put(here / "allowing.yaml", WARNED.replace(b"}\n", b", allow: [{code: A301, reason: our board}]}\n"))
    allowed = run("validate", "--format", report_format, "allowing.yaml", cwd=here)
    put(here / "pyproject.toml", f"{TABLE}{IGNORED}")
    (here / "allowing.yaml").write_bytes(WARNED)
    ignored = run("validate", "--format", report_format, "allowing.yaml", cwd=here)
    assert ignored.err == f"smccc-filter: Settings in pyproject.toml: {SAID}.\n"
    assert (ignored.status, ignored.out) == (allowed.status, allowed.out)
    assert run("validate", "-q", "--format", report_format, "allowing.yaml", cwd=here).err == ""


def test_sarif_says_where_a_finding_is_suppressed(here: Path) -> None:
    put(here / "pyproject.toml", f"{TABLE}{IGNORED}")
    out = run("validate", "--allowed", "--format", "sarif", POLICY, cwd=here).out
    (result,) = json.loads(out)["runs"][0]["results"]
    assert result["suppressions"] == [{"kind": "external", "justification": "our board"}]


def test_more_findings_than_are_shown_are_all_counted_as_ignored(here: Path) -> None:
    rules = b"".join(b"  - {action: deny, ranges: [0x88%06X]}\n" % (2 * number) for number in range(250))
    put(here / POLICY, b"version: 1\nname: many\nrules:\n" + rules)
    put(here / "pyproject.toml", f"{TABLE}{IGNORED}")
    assert "250 findings ignored: A301 (our board)." in run("validate", POLICY, cwd=here).out


def test_an_allowance_of_the_policy_goes_first(here: Path) -> None:
    put(here / POLICY, WARNED.replace(b"}\n", b", allow: [{code: A301, reason: its own}]}\n"))
    put(here / "pyproject.toml", f"{TABLE}{IGNORED}")
    done = run("validate", POLICY, cwd=here)
    assert done == (0, "All clear on Linux 7.3: 1 file (1 allowed).\n", "")


def test_a_finding_that_is_an_error_here_is_not_ignored(here: Path) -> None:
    """K406 is a warning, but an error for a protected VM."""
    policy = "version: 1\nname: a\ntarget: {protected: true}\nrules:\n  - {action: deny, calls: [PSCI_CPU_ON]}\n"
    put(here / POLICY, policy)
    before = codes(here, POLICY)
    put(here / "pyproject.toml", f"{TABLE}ignore = {{ K406 = 'x' }}\n")
    assert codes(here, POLICY) == before
    assert (POLICY, "K406", None) in before
    assert run("validate", POLICY, cwd=here).status == 1


def test_what_is_ignored_is_not_fixed(here: Path) -> None:
    policy = b"version: 1\nname: a\nrules: [{action: handle, calls: [PSCI_VERSION]}]\n"
    put(here / POLICY, policy)
    put(here / "pyproject.toml", f"{TABLE}ignore = {{ R205 = 'spelt out' }}\n")
    run("validate", "--fix", POLICY, cwd=here)
    assert (here / POLICY).read_bytes() == policy
    assert run("validate", "--fix", "--isolated", POLICY, cwd=here).err == "Fixed 1 finding in 1 file.\n"


@pytest.mark.parametrize(
    ("settings", "options", "status", "said"),
    [
        ("", (), 0, "Found 1 warning in 1 file."),
        ("fail-on = 'warning'\n", (), 1, "(failed by fail-on of pyproject.toml)"),
        ("fail-on = 'note'\n", (), 1, "(failed by fail-on of pyproject.toml)"),
        ("fail-on = 'error'\n", (), 0, "Found 1 warning in 1 file."),
        ("fail-on = 'warning'\n", ("--fail-on", "error"), 0, "Found 1 warning in 1 file."),
        ("fail-on = 'error'\n", ("--fail-on", "warning"), 1, "(failed by --fail-on warning)"),
        ("fail-on = 'warning'\n", ("--isolated",), 0, "Found 1 warning in 1 file."),
        (f"fail-on = 'warning'\n{IGNORED}", (), 0, SAID),
    ],
)
def test_fail_on(settings: str, options: tuple[str, ...], status: int, said: str, here: Path) -> None:
    put(here / "pyproject.toml", TABLE + settings)
    done = run("validate", *options, POLICY, cwd=here)
    assert done.status == status
    assert said in done.out


def test_the_strictest_project_says_what_fails(here: Path) -> None:
    put(here / "strict" / ".smccc-filter.toml", "fail-on = 'warning'\n")
    put(here / "strict" / "a.smccc.yaml", GOOD)
    assert run("validate", POLICY, cwd=here).status == 0
    assert run("validate", POLICY, "strict", cwd=here).status == 1


@pytest.mark.parametrize(
    ("policy", "settings", "options", "kernels"),
    [
        (GOOD.decode(), "kernels = ['6.6', '6.12.0-1-amd64', '6.6']\n", (), ["6.6", "6.12"]),
        (GOOD.decode(), "kernels = ['6.6']\n", ("--kernel", "6.12"), ["6.12"]),
        (GOOD.decode(), "kernels = ['6.6']\n", ("--isolated",), ["7.3"]),
        (GOOD.decode(), "", (), ["7.3"]),
        (NEWEST, "kernels = ['6.6']\n", (), ["7.3"]),
    ],
)
def test_kernels(policy: str, settings: str, options: tuple[str, ...], kernels: list[str], here: Path) -> None:
    """An option goes before a policy's targets, these before the project's kernels, and these before the newest."""
    put(here / POLICY, policy)
    put(here / "pyproject.toml", TABLE + settings)
    out = run("validate", *options, POLICY, cwd=here).out
    assert f"All clear on Linux {' and '.join(kernels)}: 1 file" in out
    assert ("checked for" in out) is (bool(settings) and not options and policy != NEWEST)
    asked = json.loads(run("query", "--format", "json", *options, POLICY, "PSCI_VERSION", cwd=here).out)
    assert list(asked["results"][0]["outcomes"]) == kernels
    shown = json.loads(run("show", "--format", "json", *options, POLICY, cwd=here).out)
    assert shown["kernels"] == kernels
    compared = json.loads(run("diff", "--format", "json", *options, POLICY, POLICY, cwd=here).out)
    assert compared["kernels"] == kernels
    guest = json.loads(run("guest", "--format", "json", *options, POLICY, cwd=here).out)
    assert [each["kernel"] for each in guest.get("guests", [guest])] == kernels


def test_a_comparison_looks_at_both_sides_with_the_settings_of_new(here: Path) -> None:
    """OLD is often in a folder of its own, as git's tools put it there."""
    put(here / "pyproject.toml", f"{TABLE}kernels = ['6.6']\n{IGNORED}")
    old = here.parent / f"{here.name}-old.yaml"
    put(old, GOOD)
    for one, other in ((old, POLICY), (POLICY, old)):
        compared = json.loads(run("diff", "--format", "json", one, other, cwd=here).out)
        assert compared["kernels"] == ["6.6"]
        (found,) = (each for each in compared["findings"] if each["code"] == "A301")
        assert found["allowed"] == "our board"
    assert "warning[A301] reserved-owner, ignored" in (out := run("diff", old, POLICY, cwd=here).out)
    assert "; ignored in pyproject.toml: our board" in " ".join(out.split())
    input_side = json.loads(run("diff", "--format", "json", "-", POLICY, input=WARNED, cwd=here).out)
    assert (input_side["verdict"], input_side["findings"]) == ("equivalent", [])


def test_compile_says_what_settings_changed(here: Path) -> None:
    put(here / "pyproject.toml", f"{TABLE}kernels = ['6.6']\n{IGNORED}")
    done = run("compile", POLICY, "-o", "a.h", cwd=here)
    assert done.status == 0
    assert f"smccc-filter: Settings in pyproject.toml: 1 file checked for Linux 6.6; {SAID}.\n" in done.err
    assert "warning" not in done.err
    assert "1 warning; see" in run("compile", "--isolated", POLICY, "-o", "b.h", cwd=here).err
    assert (here / "a.h").read_bytes().replace(b"A_H", b"B_H") == (here / "b.h").read_bytes().replace(b"A_H", b"B_H")


SEARCHED = (
    "a.smccc.yaml",
    "fw/b.yaml",
    "fw/deep/c.yaml",
    "old/d.smccc.yaml",
    "sub/e.smccc.yaml",
    "sub/old/f.smccc.yaml",
)


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ("", [0, 3, 4, 5]),
        ("include = ['fw/*.yaml']\n", [0, 1, 2, 3, 4, 5]),
        ("include = ['b.yaml']\n", [0, 1, 3, 4, 5]),
        ("include = ['./fw/deep/c.yaml']\nexclude = ['old']\n", [0, 2, 4]),
        ("exclude = ['old/']\n", [0, 4]),
        ("exclude = ['sub/old']\n", [0, 3, 4]),
        ("exclude = ['sub']\n", [0, 3]),
        ("exclude = ['*.smccc.yaml', 'old']\n", []),
        ("include = ['*.yaml']\nexclude = ['fw']\n", [0, 3, 4, 5]),
    ],
)
def test_include_and_exclude_are_for_searches(settings: str, found: list[int], tmp_path: Path) -> None:
    here = tmp_path / "project"
    for name in SEARCHED:
        put(here / name, GOOD)
    put(here / "pyproject.toml", TABLE + settings)
    for cwd, folder in ((here, "."), (tmp_path, "project"), (here / "sub", "..")):
        done = run("validate", "--format", "json", folder, cwd=cwd)
        paths = {os.path.relpath(cwd / file["path"], here) for file in json.loads(done.out)["files"]}
        assert paths == {SEARCHED[number] for number in found}
        assert done.status == (0 if found else 2)
        formatted = run("fmt", "--check", folder, cwd=cwd)
        assert formatted.out.count("would reformat") == len(found)
    named = json.loads(run("validate", "--format", "json", *SEARCHED, cwd=here).out)
    assert [file["path"] for file in named["files"]] == list(SEARCHED)


def test_the_settings_of_a_folder_hold_below_it_only(here: Path) -> None:
    for name in ("sub/x/a.smccc.yaml", "x/a.smccc.yaml"):
        put(here / name, GOOD)
    put(here / "sub" / ".smccc-filter.toml", "exclude = ['x']\n")
    done = run("validate", "--format", "json", ".", cwd=here)
    assert [file["path"] for file in json.loads(done.out)["files"]] == [f"./{POLICY}", "./x/a.smccc.yaml"]
    assert "smccc-filter: Settings in sub/.smccc-filter.toml: 1 path excluded.\n" in done.err


def test_a_search_that_settings_leave_nothing_of_says_so(here: Path) -> None:
    put(here / "pyproject.toml", f"{TABLE}exclude = ['sub']\n")
    status, out, err = run("validate", ".", cwd=here)
    assert (status, out) == (2, "")
    assert "no policy in this folder" in err
    assert "; pyproject.toml excludes 1 path\n" in err


WRONG = {
    "kernel = ['6.6']": ("P102", 1, "no setting is called `kernel`", "`kernels`"),
    "fail_on = 'note'": ("P102", 1, "no setting is called `fail_on`", "`fail-on`"),
    "'x\\ty' = 1": ("P102", 1, r"no setting is called `x\ty`", "there are"),
    "kernels = '6.6'": ("P103", 11, "`kernels` is a string", "a list of strings"),
    "kernels = []": ("P103", 11, "`kernels` is empty", "a list of strings"),
    "kernels = [6.10]": ("P103", 12, "an item of `kernels` is a number", "in quotes"),
    "kernels = ['6.6', '']": ("P103", 19, "an item of `kernels` is empty", "in quotes"),
    "kernels = ['6.6', '6.1']": ("P104", 19, "Linux 6.1 has no SMCCC filter", "6.4"),
    "kernels = ['8.9']": ("P104", 12, "no kernel `8.9` is known", "known are"),
    "kernels = ['v6.12']": ("P104", 12, "no kernel `v6.12` is known", "did you mean `6.12`?"),
    "kernels = [[], {}, true, 1979-05-27]": ("P103", 12, "an item of `kernels` is a list", "in quotes"),
    "include = 1": ("P103", 11, "`include` is a number", "a list of strings"),
    "exclude = {a = 1}": ("P103", 11, "`exclude` is a table", "a list of strings"),
    "exclude = ['x', '../y']": ("P103", 17, "`../y` leads out of the folder", "below this folder"),
    "include = ['/etc/*']": ("P103", 12, "`/etc/*` leads out of the folder", "below this folder"),
    "fail-on = 'warnings'": ("P103", 11, "no severity is called `warnings`", "`warning`"),
    "fail-on = 1": ("P103", 11, "`fail-on` is a number", "`error`, `warning` and `note`"),
    "ignore = ['A301']": ("P103", 10, "`ignore` is a list", "ignore = {"),
    "ignore.A999 = 'x'": ("P104", 8, "no check has the code `A999`", ""),
    "ignore.a301 = 'x'": ("P104", 8, "no check has the code `a301`", "did you mean `A301`?"),
    "ignore = { reserved-owner = 'x' }": ("P104", 12, "no check has the code `reserved-owner`", "did you mean `A301`?"),
    "ignore.F501 = 'x'": (
        "P103",
        8,
        "F501 is about errors, and settings can't ignore an error",
        "allow it in the policy",
    ),
    "ignore.R201 = 'x'": ("P103", 8, "R201 is about errors, and settings can't ignore an error", "fix the policy"),
    "ignore.P102 = 'x'": ("P103", 8, "P102 is about errors, and settings can't ignore an error", "fix the policy"),
    "ignore.A301 = ' '": ("P103", 15, "the reason to ignore A301 is empty", "say why"),
    "ignore.A301 = false": ("P103", 15, "the reason to ignore A301 is a boolean", "say why"),
    "kernels = ['6.6'": ("P101", 17, "not TOML: ", "as TOML 1.0 has it"),
    "kernels ['6.6']": ("P101", 9, "not TOML: ", "as TOML 1.0 has it"),
    "kernels = ['6.6']\nkernels = ['6.6']": ("P101", None, "not TOML: ", "as TOML 1.0 has it"),
    f"kernels = [{'1' * 5000}]": ("P101", None, "not TOML: ", "as TOML 1.0 has it"),
}


@pytest.mark.parametrize("wrong", WRONG, ids=lambda text: text[:40])
@pytest.mark.parametrize("name", [".smccc-filter.toml", "pyproject.toml"])
def test_what_is_wrong_is_a_finding_with_its_place(name: str, wrong: str, here: Path) -> None:
    """The policy is checked all the same, and the run fails."""
    head = "" if name.startswith(".") else "[project]\nname = 'é'\n\n[tool.smccc-filter]\n"
    put(here / name, f"{head}{wrong}\n")
    code, column, message, hint = WRONG[wrong]
    done = run("validate", "--format", "json", POLICY, cwd=here)
    settings, policy = json.loads(done.out)["files"]
    found = settings["diagnostics"][0]
    assert (done.status, settings["path"], found["code"], found["severity"]) == (1, name, code, "error")
    assert message in found["message"]
    assert hint in found["hint"]
    if column is not None:
        assert found["span"]["start"] == {"line": head.count("\n") + 1, "column": column}
    assert [each["code"] for each in policy["diagnostics"]] == ["A301"]
    assert policy["diagnostics"][0]["suppressed"] is None


@pytest.mark.parametrize("text", ["[tool]\nsmccc-filter = 1\n", "[[tool.smccc-filter]]\nkernels = ['6.6']\n"])
def test_settings_that_are_no_table_are_wrong(text: str, here: Path) -> None:
    put(here / "pyproject.toml", text)
    assert codes(here, POLICY)[0] == ("pyproject.toml", "P103", None)


def test_the_table_of_one_file_in_the_other_is_said_to_be_out_of_place(here: Path) -> None:
    put(here / ".smccc-filter.toml", f"{TABLE}{IGNORED}")
    out = run("validate", POLICY, cwd=here).out
    assert " --> .smccc-filter.toml:1:2\n" in out
    assert "write the keys without the table `[tool.smccc-filter]`" in out


def test_what_is_right_beside_what_is_wrong_holds(here: Path) -> None:
    put(here / "pyproject.toml", f"{TABLE}fail-on = 'x'\n{IGNORED}")
    status, out, _ = run("validate", POLICY, cwd=here)
    assert status == 1
    assert "Found 1 error in 2 files" in out
    assert SAID in out


@pytest.mark.parametrize("report_format", reporting.FORMATS)
def test_every_format_says_what_is_wrong_with_settings(report_format: str, here: Path) -> None:
    put(here / "pyproject.toml", f"{TABLE}fail-on = 'x'\n")
    done = run("validate", "--format", report_format, POLICY, cwd=here)
    assert done.status == 1
    assert "pyproject.toml" in done.out
    assert "P103" in done.out


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (("query", POLICY, "PSCI_VERSION"), 0),
        (("show", POLICY), 0),
        (("guest", POLICY), 0),
        (("diff", POLICY, POLICY), 0),
        (("compile", POLICY, "-o", "a.h"), 1),
        (("fmt", POLICY), 0),
        (("fmt", "--check", "sub"), 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_other_commands_tell_what_is_wrong_and_answer_all_the_same(
    command: tuple[str, ...], status: int, here: Path
) -> None:
    """But nothing is compiled, as nobody knows for which kernels."""
    put(here / ".smccc-filter.toml", "kernels = ['8.9']\n")
    done = run(*command, cwd=here)
    isolated = run(*command, "--isolated", cwd=here)
    assert done.status == status
    reads = command != ("fmt", POLICY)
    assert ("no kernel `8.9` is known" in done.err) is reads
    assert "8.9" not in isolated.err
    assert done.out == isolated.out
    assert (here / "a.h").exists() is (command[0] == "compile")  # by the isolated run


HOSTILE: dict[str, tuple[bytes, str]] = {
    "large": (b"# smccc-filter\n" * (MAX_BYTES // 15 + 1), "P105"),
    "larger than memory": (b"\0" * (16 << 20), "P105"),
    "nested": (TABLE.encode() + b"kernels = " + b"[" * 100_000, "P105"),
    "nested tables": (TABLE.encode() + b"ignore = " + b"{a=" * 50_000, "P105"),
    "dotted": (TABLE.encode() + b"a." * 400_000 + b"b = 1\n", "P105"),
    "dotted with spaces": (TABLE.encode() + b' \'a\' . "\\"" .' * (MAX_PARTS + 1) + b"b = 1\n", "P105"),
    "dotted inside": (TABLE.encode() + b"ignore = { x = 1, " + b"a." * 400_000 + b"b = 1 }\n", "P105"),
    "dotted in a list": (TABLE.encode() + b"kernels = [{" + b"a . " * 200_000 + b"b = 1 }]\n", "P105"),
    "dotted header": (b"[tool.smccc-filter." + b"a." * 400_000 + b"b]\nc.d = 1\n", "P105"),
    "latin-1": (TABLE.encode() + b"# \xe9\n", "P101"),
    "utf-16": (TABLE.encode() + "kernels = []\n".encode("utf-16"), "P101"),
    "NUL": (TABLE.encode() + b"kernels = ['\0']\n", "P101"),
    "carriage return": (TABLE.encode() + b"kernels = ['6.6']\rinclude = []\r", "P101"),
    "escapes": (TABLE.encode() + b"'\\u001b[2J' = 1\n", "P102"),
    "many keys": (TABLE.encode() + b"".join(b"k%d = 1\n" % number for number in range(8_000)), "P105"),
    "many kernels": (TABLE.encode() + b"kernels = [" + b"'x'," * (MAX_ITEMS + 1) + b"]\n", "P105"),
    "many patterns": (TABLE.encode() + b"exclude = [" + b"'x'," * 20_000 + b"]\n", "P105"),
    "many codes": (TABLE.encode() + b"".join(b"ignore.k%d = 1\n" % number for number in range(5_000)), "P105"),
    "long": (TABLE.encode() + b"fail-on = '" + b"x" * 1_000_000 + b"'\n", "P103"),
    "quotes": (TABLE.encode() + b'"' * 900_000, "P101"),
    "backslashes": (TABLE.encode() + b'a = "' + b"\\" * 900_000, "P101"),
    "spaces": (TABLE.encode() + b" " * 900_000 + b"!", "P101"),
    "keys without end": (TABLE.encode() + b"a\n" * 400_000, "P101"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_a_finding(name: str, here: Path) -> None:
    data, code = HOSTILE[name]
    put(here / "pyproject.toml", data)
    done = run("validate", POLICY, cwd=here)
    assert set(re.findall(r"^error\[(\w+)\]", done.out, re.MULTILINE)) == {code}
    assert "warning[A301]" in done.out
    assert " --> pyproject.toml:" in done.out
    assert done.status == 1
    assert "\x1b" not in done.out
    assert len(done.out) < 100_000


HEADERS = (
    "[tool.smccc-filter]\n",
    "[tool.smccc-filter.ignore]\n",
    "[[tool.smccc-filter.ignore]]\n",
    "\n",
    "\r\n",
    "# x\n",
)
KEYS = ("kernels", "include", "exclude", "fail-on", "ignore", "kernel", "A301", "F501", "a301", "é", '"x\\u0041"')
VALUES = ('"6.6"', "'note'", '"""', "'''", "6.10", "true", "1979-05-27", "\\", "\0")
SIGNS = (" = ", ".", ",", "[", "]", "{", "}", " ")
PIECES = st.lists(st.sampled_from([*HEADERS, *KEYS, *VALUES, *SIGNS]), max_size=30).map("".join)


@given(PIECES, st.sampled_from([".smccc-filter.toml", "pyproject.toml"]))
def test_nothing_in_a_file_raises_and_faults_are_inside_of_it(text: str, name: str) -> None:
    settings = reading.read(name, "/", f"{TABLE if name == 'pyproject.toml' else ''}{text}".encode())
    assert settings is not None
    assert not set(settings.choices.ignored) & {"F501", "a301"}
    if settings.faults:
        lines = settings.faults.text.splitlines() or [""]
        for found in settings.faults.diagnostics:
            assert found.span.start <= found.span.end
            assert found.span.start.line <= len(lines) + 1
            assert found.severity is Severity.ERROR


EVERYTHING = ProjectChoices("pyproject.toml", (), {check.CODE: "all of it" for check in checks.ALL})
FIRING = sorted(ROOT.glob("tests/analysis/checks/*/fires/*.yaml"))[::4]


@pytest.mark.parametrize("path", FIRING, ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_a_project_that_ignores_everything_ignores_no_error_and_nothing_that_a_kernel_refuses(path: Path) -> None:
    data = path.read_bytes()
    plain, ignoring = Examiner().examine("p", data), Examiner().examine("p", data, EVERYTHING)
    assert len(plain.diagnostics) == len(ignoring.diagnostics)
    for before, after in zip(plain.diagnostics, ignoring.diagnostics, strict=True):
        is_right = before.suppressed is None and before.severity is not Severity.ERROR and before.errno is None
        expected = before._replace(suppressed="all of it", settings="pyproject.toml", remedy=None)
        assert after == (expected if is_right else before)


def test_what_is_no_regular_file_is_a_finding_and_blocks_nothing(here: Path) -> None:
    for make in (os.mkfifo, os.mkdir):
        for name in (".smccc-filter.toml", "pyproject.toml"):
            make(here / name)
            assert codes(here, POLICY) == [(name, "P101", None), (POLICY, "A301", None)]
            (here / name).rename(here / f"{make.__name__}{name}")


def test_a_working_folder_that_is_gone_has_no_settings_but_a_policy_with_a_whole_path_has(here: Path) -> None:
    put(here / "pyproject.toml", f"{TABLE}{IGNORED}")
    gone = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
    done = through_shell(gone, "validate", "-", input=WARNED, cwd=here)
    assert (done.status, "Found 1 warning" in done.out) == (0, True)
    asked = through_shell(gone, "query", here / POLICY, "PSCI_VERSION", cwd=here)
    assert (asked.status, asked.err) == (0, "")
    compiled = through_shell(gone, "compile", here / POLICY, "--format", "json", "-o", "-", cwd=here)
    assert f"Settings in {here / 'pyproject.toml'}: {SAID}." in compiled.err


def test_a_link_leads_to_settings_in_the_repository_only(here: Path) -> None:
    outside = here.parent / f"{here.name}-outside.toml"
    put(outside, "password = 'hunter2'\n# smccc-filter\n[tool.smccc-filter]\nx = 1\n")
    put(here / "shared.toml", IGNORED)
    link = here / "sub" / ".smccc-filter.toml"
    for target, found in (
        (Path("../shared.toml"), [(POLICY, "A301", "our board")]),
        (outside, [("sub/.smccc-filter.toml", "P101", None), (POLICY, "A301", None)]),
        (Path("gone"), [("sub/.smccc-filter.toml", "P101", None), (POLICY, "A301", None)]),
        (Path(".smccc-filter.toml"), [("sub/.smccc-filter.toml", "P101", None), (POLICY, "A301", None)]),
    ):
        link.symlink_to(target)
        assert codes(here, POLICY) == found
        assert "hunter2" not in run("validate", POLICY, cwd=here).out
        link.unlink()
    link.with_name("pyproject.toml").symlink_to("gone")
    assert codes(here, POLICY) == [(POLICY, "A301", None)]
    link.with_name("pyproject.toml").unlink()
    link.with_name("pyproject.toml").symlink_to(outside)
    assert codes(here, POLICY)[0] == ("sub/pyproject.toml", "P101", None)
