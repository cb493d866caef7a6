import re
import subprocess
import sys
from pathlib import Path

import pytest

import smccc_filter
from smccc_filter.cli import COMMANDS
from tests.cli.tool import BAD, GOOD, WARNED, environment, run

WRONG = {
    "no-files": (["validate"], "Missing argument 'FILE...'."),
    "no-policy": (["compile", "-o", "a.h"], "Missing argument 'FILE'."),
    "no-output": (["compile", "good.yaml"], "Missing option '-o' / '--output'."),
    "two-policies": (["compile", "good.yaml", "good.yaml", "-o", "a.h"], "unexpected extra argument (good.yaml)"),
    "misspelt-command": (["validat"], "no command is called `validat`; did you mean `validate`?"),
    "unknown-command": (["xyzzy"], "no command is called `xyzzy`; there are `validate`, `compile`,"),
    "option-as-command": (["--", "--version"], "no command is called `--version`"),
    "misspelt-option": (
        ["validate", "--fomat", "json", "good.yaml"],
        "no option is called `--fomat`; did you mean `--format`?",
    ),
    "unknown-group-option": (["--frobnicate"], "no option is called `--frobnicate`; `smccc-filter --help` lists"),
    "unknown-report": (["validate", "--format", "xml", "good.yaml"], "'xml' is not one of 'text', 'json', 'sarif'"),
    "unknown-level": (["validate", "--fail-on", "fatal", "good.yaml"], "'fatal' is not one of 'error', 'warning'"),
    "unknown-artefact": (["compile", "--format", "elf", "good.yaml", "-o", "a"], "'elf' is not one of 'blob', 'regs'"),
    "unclear-artefact": (["compile", "good.yaml", "-o", "a.txt"], "the format of `a.txt` is not clear: add --format"),
    "unclear-stdout": (["compile", "good.yaml", "-o", "-"], "the format of `-` is not clear: add --format"),
    "limit-0": (["validate", "--max-bytes", "0", "good.yaml"], "0 is not in the range"),
    "limit-huge": (["validate", "--max-bytes", "9" * 99, "good.yaml"], "is not in the range"),
    "limit-words": (["validate", "--max-bytes", "big", "good.yaml"], "'big' is not a valid integer"),
    "terminal-escape": (["validate", "--\x1b[2J"], "no option is called `--\\x1b[2J`"),
    "not-utf-8": (["validate", b"--\xff"], "no option is called `--\\udcff`"),
    "license-of-lines": (["compile", "good.yaml", "-o", "a.h", "--license", "MIT\n"], "`MIT\\n` is no SPDX licence"),
    "license-of-comment": (["compile", "good.yaml", "-o", "a.h", "--license", "*/ x"], "`*/ x` is no SPDX licence"),
    "license-of-nothing": (["compile", "good.yaml", "-o", "a.h", "--license", ""], "`` is no SPDX licence"),
    "license-of-bytes": (
        ["compile", "good.yaml", "-o", "a.bin", "--license", "MIT"],
        "has no place for a licence",
    ),
    "policy-as-output": (["compile", "good.yaml", "-o", "./good.yaml", "--format", "c"], "is the policy itself"),
}


NOTED = b"version: 1\nname: noted\nrules: [{action: handle, calls: [TRNG_RND]}]\n"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    for name, data in {"good": GOOD, "bad": BAD, "warned": WARNED, "noted": NOTED}.items():
        (tmp_path / f"{name}.yaml").write_bytes(data)
    return tmp_path


@pytest.mark.parametrize(("arguments", "words"), WRONG.values(), ids=WRONG)
def test_wrong_usage_is_explained(arguments: list[str | bytes], words: str, here: Path) -> None:
    before = sorted((path.name, path.read_bytes()) for path in here.iterdir())
    status, out, err = run(*arguments, cwd=here)
    assert (status, out) == (2, "")
    assert words in err
    assert err.count("Error: ") == 1
    assert "\x1b" not in err
    assert sorted((path.name, path.read_bytes()) for path in here.iterdir()) == before


@pytest.mark.parametrize(
    "arguments", [["-h"], ["--help"], *([name, flag] for name in COMMANDS for flag in ("-h", "--help"))]
)
def test_help(arguments: list[str]) -> None:
    status, out, err = run(*arguments)
    assert (status, err) == (0, "")
    assert out.startswith("Usage: smccc-filter ")
    assert all(len(line) <= 120 for line in out.splitlines())


def test_without_arguments_the_help_is_the_complaint() -> None:
    status, out, err = run()
    assert (status, out) == (2, "")
    assert err == run("--help").out
    assert all(f"  {status} " in err for status in (0, 1, 2, 70, 130))


@pytest.mark.parametrize("flag", ["-V", "--version"])
def test_version(flag: str) -> None:
    assert run(flag) == (0, f"smccc-filter {smccc_filter.__version__}\n", "")


@pytest.mark.parametrize(
    ("name", "level", "status"),
    [
        ("good", "error", 0),
        ("good", "warning", 0),
        ("good", "note", 0),
        ("noted", "warning", 0),
        ("noted", "note", 1),
        ("warned", "error", 0),
        ("warned", "warning", 1),
        ("warned", "note", 1),
        ("bad", "error", 1),
        ("bad", "warning", 1),
        ("bad", "note", 1),
    ],
)
def test_the_fail_level_decides_the_status(name: str, level: str, status: int, here: Path) -> None:
    assert run("validate", "--fail-on", level, f"{name}.yaml", cwd=here).status == status


def test_the_tables_to_choose_from_stand_below_each_other(here: Path) -> None:
    status, out, err = run("list", cwd=here)
    assert (status, out) == (2, "")
    assert "\n  calls,\n  services,\n" in err
    assert "\\t" not in err


def test_notes_are_shown_on_request(here: Path) -> None:
    counted = run("validate", "noted.yaml", cwd=here)
    shown = run("validate", "--notes", "noted.yaml", cwd=here)
    assert counted.out == "All clear on Linux 7.3: 1 file (1 note: show with --notes; 1 fixable with --fix).\n"
    assert shown.out.startswith("note[R205] redundant-rule: ")


def test_what_fails_a_run_is_shown_and_said(here: Path) -> None:
    noted = run("validate", "--fail-on", "note", "noted.yaml", cwd=here)
    assert noted.out.startswith("note[R205] redundant-rule: ")
    assert noted.out.endswith("Found 1 note in 1 file (failed by --fail-on note; 1 fixable with --fix).\n")
    warned = run("validate", "--fail-on", "warning", "warned.yaml", cwd=here)
    assert "failed by --fail-on warning" in warned.out.splitlines()[-1]
    for level, name in (("warning", "noted"), ("error", "bad"), ("note", "good")):
        assert "failed" not in run("validate", "--fail-on", level, f"{name}.yaml", cwd=here).out


REFUSED_BEFORE_7_3 = """\
version: 1
name: a
target: {kernels: ["7.3"], psci: "1.3"}
"""
"""No kernel before 6.13 knows PSCI 1.3."""


def test_kernels_of_the_command_line_stand_for_those_of_the_policy(here: Path) -> None:
    (here / "a.yaml").write_text(REFUSED_BEFORE_7_3)
    assert run("validate", "a.yaml", cwd=here).out == "All clear on Linux 7.3: 1 file.\n"
    status, out, _ = run("validate", "--kernel", "7.3", "--kernel", "6.12.0-1-arm64", "a.yaml", cwd=here)
    assert status == 1
    assert "6.12" in out
    assert run("validate", "--kernel", "6.18", "--kernel", "7.3", "a.yaml", "good.yaml", cwd=here).out == (
        "All clear on Linux 6.18 and 7.3: 2 files.\n"
    )
    assert run("compile", "a.yaml", "-o", "a.h", cwd=here).status == 0
    status, _, err = run("compile", "--kernel", "6.12", "a.yaml", "-o", "b.h", cwd=here)
    assert status == 1
    assert "6.12" in err
    assert not (here / "b.h").exists()


def test_files_for_different_kernels_are_clear_each_on_its_own(here: Path) -> None:
    (here / "a.yaml").write_text(REFUSED_BEFORE_7_3.replace("7.3", "6.18"))
    done = run("validate", "a.yaml", "good.yaml", cwd=here)
    assert done.out == "All clear, each on its own kernels: 2 files.\n"


def test_a_fix_is_for_the_kernels_of_the_command_line(here: Path) -> None:
    (here / "a.yaml").write_text(REFUSED_BEFORE_7_3)
    run("validate", "--fix", "--unsafe-fixes", "a.yaml", cwd=here)
    assert (here / "a.yaml").read_text() == REFUSED_BEFORE_7_3
    assert run("validate", "--fix", "--unsafe-fixes", "--kernel", "6.12", "a.yaml", cwd=here).status == 0
    assert (here / "a.yaml").read_text() == REFUSED_BEFORE_7_3.replace("1.3", "1.1")


def test_completion_for_each_shell() -> None:
    for shell in ("bash", "zsh", "fish"):
        status, out, _ = run(env=environment(_SMCCC_FILTER_COMPLETE=f"{shell}_source"))
        assert status == 0
        assert "_SMCCC_FILTER_COMPLETE" in out
    asked = environment(_SMCCC_FILTER_COMPLETE="bash_complete", COMP_WORDS="smccc-filter comp", COMP_CWORD="1")
    assert run(env=asked) == (0, "plain,compile\n", "")
    lost = environment(_SMCCC_FILTER_COMPLETE="bash_complete", COMP_WORDS="smccc-filter nope x", COMP_CWORD="2")
    assert run(env=lost).status == 0


@pytest.mark.parametrize("instruction", ["tcsh_source", "tcsh_complete", "bash", "bash_", "_source", "1", "bash_nope"])
def test_completion_that_no_shell_asks_for(instruction: str) -> None:
    status, out, err = run("--version", env=environment(_SMCCC_FILTER_COMPLETE=instruction))
    assert (status, out) == (2, "")
    assert err.startswith(f"smccc-filter: _SMCCC_FILTER_COMPLETE is `{instruction}`, and a shell sets it to ")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    "words",
    [
        {},
        {"COMP_WORDS": "smccc-filter"},
        {"COMP_CWORD": "1"},
        {"COMP_WORDS": "smccc-filter", "COMP_CWORD": "one"},
        {"COMP_WORDS": "smccc-filter", "COMP_CWORD": ""},
        {"COMP_WORDS": "smccc-filter", "COMP_CWORD": " "},
        {"COMP_WORDS": "", "COMP_CWORD": "-9"},
        {"COMP_WORDS": "'smccc-filter \"", "COMP_CWORD": "99"},
        {"COMP_WORDS": "smccc-filter \udcff", "COMP_CWORD": "1" * 5000},
    ],
    ids=str,
)
def test_completion_of_words_that_no_shell_sends(shell: str, words: dict[str, str]) -> None:
    status, _, err = run(env=environment(_SMCCC_FILTER_COMPLETE=f"{shell}_complete", **words))
    wrong = f"smccc-filter: _SMCCC_FILTER_COMPLETE is `{shell}_complete`, but COMP_WORDS and COMP_CWORD do not hold "
    assert status == 0 or (status == 2 and err.startswith(wrong))
    assert len(words) == 2 or status == 2


def test_a_bug_says_where_it_is_and_where_to_report_it(here: Path) -> None:
    script = (
        "from smccc_filter.analysis import pipeline\n"
        "pipeline.resolve = lambda policy: {}['gone\\x1b']\n"
        "from smccc_filter.cli import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "query", "good.yaml", "0x82000000"], check=False, capture_output=True, cwd=here
    )
    assert (done.returncode, done.stdout) == (70, b"")
    assert re.fullmatch(
        r"smccc-filter: a bug in the tool: KeyError: 'gone\\x1b' \(smccc_filter\.analysis\.pipeline:\d+\)\n"
        r"smccc-filter: please report it with the policy and what `smccc-filter list about` prints at https://\S+/issues\n",
        done.stderr.decode(),
    )


def test_the_module_is_the_tool() -> None:
    done = subprocess.run([sys.executable, "-m", "smccc_filter", "--version"], check=True, capture_output=True)
    assert done.stdout.decode() == run("--version").out
