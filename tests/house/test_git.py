"""What the page on git says, with git itself: textconv, difftool, and a diff command, for changed and for new files."""

import re
from pathlib import Path

import pytest

from tests.house.tree import commit, environment, need, run
from tests.paths import DOCS

OLD = "version: 1\nname: power\nrules:\n  - {action: forward, calls: [PSCI_CPU_ON]}\n"
NEW = "# a comment\nversion: 1\nname: power\nrules:\n  - {action: deny, ranges: [0x84000003, 0xC4000003]}\n"
SAME = "version: 1\nname: power\nrules:\n  - {action: forward, ranges: [0x84000003, 0xC4000003]}\n"

TEXTCONV = ("-c", 'diff.smccc.textconv=f() { smccc-filter show "$1" 2>/dev/null || cat "$1"; }; f')
COMMAND = (
    "-c",
    'diff.smccc.command=f() { smccc-filter diff -L "a/$1" -L "b/$1" "$2" "$5" || test $? -le 2; }; f',
)
DIFFTOOL = (
    "-c",
    'difftool.smccc.cmd=smccc-filter diff -L "a/$MERGED" -L "b/$MERGED" "$LOCAL" "$REMOTE"',
)


class Clone:
    """A repository with one policy in its only commit, in whose work tree it is another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "clone"
        self.folder.mkdir()
        self.env = environment(folder, GIT_PAGER="cat")
        self.write("power.smccc.yaml", OLD)
        self.write(".gitattributes", "*.smccc.yaml diff=smccc\n")
        commit(self.folder, self.env)
        self.write("power.smccc.yaml", NEW)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def git(self, *arguments: str, status: int = 0) -> str:
        return run("git", *arguments, cwd=self.folder, env=self.env, status=status)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    need("git")
    return Clone(tmp_path)


def test_textconv_shows_the_map_change_in_git_diff_and_log(clone: Clone) -> None:
    shown = clone.git(*TEXTCONV, "diff")
    assert re.search(r"^-0x84000003 .*forward", shown, re.MULTILINE)
    assert re.search(r"^\+0x84000003 .*deny", shown, re.MULTILINE)
    assert "a comment" not in shown
    assert re.search(r"^\+0x84000003 .*forward", clone.git(*TEXTCONV, "log", "-p", "-1"), re.MULTILINE)


def test_textconv_shows_the_text_of_a_policy_that_says_nothing(clone: Clone) -> None:
    clone.write("power.smccc.yaml", "version: 1\nname: power\nrules: [{action: forbid}]\n")
    shown = clone.git(*TEXTCONV, "diff")
    assert "\n-0x84000003 " in shown
    assert "\n+rules: [{action: forbid}]\n" in shown


@pytest.mark.parametrize("setting", [TEXTCONV, COMMAND, DIFFTOOL], ids=lambda setting: setting[1].partition("=")[0])
def test_the_page_has_the_setting(setting: tuple[str, str]) -> None:
    key, _, value = setting[1].partition("=")
    assert f"\ngit config --global {key} '{value}'\n" in (DOCS / "how-to" / "git.md").read_text(encoding="utf-8")


def test_textconv_shows_no_change_where_only_words_changed(clone: Clone) -> None:
    clone.write("power.smccc.yaml", f"# a comment\n{OLD}")
    assert "@@" not in clone.git(*TEXTCONV, "diff")


def test_the_diff_command_shows_the_comparison(clone: Clone) -> None:
    shown = clone.git(*COMMAND, "diff")
    assert shown.startswith("narrower: a/power.smccc.yaml -> b/power.smccc.yaml on Linux ")
    assert "a/power.smccc.yaml:4:31" in shown
    assert "b/power.smccc.yaml:5:29" in shown
    clone.write("power.smccc.yaml", SAME)
    assert clone.git(*COMMAND, "diff").startswith("equivalent: ")


def test_the_diff_command_takes_new_and_removed_files_for_no_filter(clone: Clone) -> None:
    clone.write("new.smccc.yaml", NEW)
    clone.git("add", "--all")
    shown = clone.git(*COMMAND, "diff", "--cached", "--", "new.smccc.yaml")
    assert shown.startswith("narrower: a/new.smccc.yaml -> b/new.smccc.yaml on Linux ")
    assert "a/new.smccc.yaml is empty: no filter" in shown
    clone.git("rm", "--quiet", "--cached", "power.smccc.yaml")
    assert clone.git(*COMMAND, "diff", "--cached", "--", "power.smccc.yaml").startswith("wider: ")


def test_the_diff_command_tells_what_keeps_a_policy_from_being_compared(clone: Clone) -> None:
    clone.write("power.smccc.yaml", "version: 1\n")
    assert "--> b/power.smccc.yaml:1:1" in clone.git(*COMMAND, "diff")


def test_the_environment_can_name_the_diff_command(clone: Clone) -> None:
    clone.env["GIT_EXTERNAL_DIFF"] = COMMAND[1].partition("=")[2]
    assert clone.git("diff", "--", "power.smccc.yaml").startswith("narrower: a/power.smccc.yaml -> ")


def test_difftool_shows_the_comparison(clone: Clone) -> None:
    shown = clone.git(*DIFFTOOL, "difftool", "--no-prompt", "--tool", "smccc", "HEAD")
    assert shown.startswith("narrower: a/power.smccc.yaml -> b/power.smccc.yaml on Linux ")


def test_difftool_can_fail_on_widening(clone: Clone) -> None:
    options = ("difftool", "--no-prompt", "--trust-exit-code", "--extcmd", "smccc-filter diff --fail-on-widening")
    assert "narrower: " in clone.git(*options, "HEAD")
    clone.write("power.smccc.yaml", "version: 1\nname: power\n")
    assert "wider: " in clone.git(*options, "HEAD", status=128)


def test_the_commit_that_a_branch_began_from_can_be_piped_in(clone: Clone) -> None:
    script = "git show HEAD:power.smccc.yaml | smccc-filter diff --format github - power.smccc.yaml"
    shown = run("sh", "-c", script, cwd=clone.folder, env=clone.env, status=1)
    assert "::notice file=power.smccc.yaml,line=5,endLine=5,col=29,endColumn=38,title=narrower" in shown
